"""What reading one operation needs at hand, and what it hands back beside its result."""

from dataclasses import dataclass, field

from facade.contract.cards import CardSchemas
from facade.contract.document import Document
from facade.contract.naming import Route
from facade.contract.schemas import SchemaCompiler
from facade.contract.settings import ContractSettings, Override
from facade.kernel import Finding, JsonObject, Location, OperationKey, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Shared by all operations of one compilation.

    Attributes:
        credentials: parameters that the description's own security schemes fill.
    """

    api: str
    document: Document
    settings: ContractSettings
    schemas: SchemaCompiler
    cards: CardSchemas
    credentials: frozenset[tuple[Location, str]]

    def pinned(self, location: Location, name: str) -> bool:
        """True for what the tenant context fills; header names have no case."""
        fold = str.lower if location is Location.HEADER else str
        return any(at is location and fold(pin) == fold(name) for at, pin in self.settings.pins)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One operation where it stands in the description.

    Attributes:
        item: the Path Item Object around it, with its place.
        remarks: findings so far; reading adds to them.
        risks: those of them that keep the operation from agents unless the settings allow it.
    """

    key: OperationKey
    route: Route
    operation: JsonObject
    item: JsonObject
    item_place: str
    settings: Override
    remarks: list[Finding] = field(default_factory=list)
    risks: list[Finding] = field(default_factory=list)

    def remark_risk(self, code: str, place: str, message: str) -> None:
        """Keep the operation from agents, or tell that the settings allow it all the same."""
        allowed = self.settings.allow
        line = f"`{self.key.operation_id}: {{allow: true}}` under the API's `operations` allows it"
        mend = "the settings allow it" if allowed else f"kept from agents; {line}"
        severity = Severity.INFO if allowed else Severity.WARNING
        finding = Finding(code=code, place=place, message=f"{message}; {mend}", severity=severity)
        self.remarks.append(finding)
        if not allowed:
            self.risks.append(finding)
