"""What a converter hands back: the plain description, its findings, and where each part of it came from."""

from dataclasses import dataclass, field, replace

from facade.kernel import Finding, JsonObject


@dataclass(slots=True)
class Moves:
    """Where the parts of a converted description stand in the original: JSON pointer there, by JSON pointer here.

    A part that is not listed stands below its nearest listed ancestor as it does in the original.
    """

    origins: dict[str, str] = field(default_factory=dict)

    def add(self, here: str, origin: str) -> None:
        """Note where something came from."""
        self.origins[here] = origin

    def origin_of(self, here: str) -> str:
        """The pointer into the original."""
        prefix = here
        while prefix:
            if prefix in self.origins:
                return self.origins[prefix] + here[len(prefix) :]
            prefix = prefix.rpartition("/")[0]
        return here

    def original(self, finding: Finding) -> Finding:
        """The finding as the provider's own document shows it."""
        if not self.origins or not finding.place.startswith("/"):
            return finding
        return replace(finding, place=self.origin_of(finding.place))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A description in plain OpenAPI.

    Attributes:
        findings: what the conversion could not keep, with pointers into the original.
    """

    root: JsonObject
    moves: Moves = field(default_factory=Moves)
    findings: tuple[Finding, ...] = ()
