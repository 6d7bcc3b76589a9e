"""A compiled description, and all of them together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from facade.kernel import Finding, NotFound, Operation, OperationKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A request target that belongs to an operation; `path` holds the decoded path values by name."""

    operation: Operation
    path: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One loaded, compiled description.

    Attributes:
        version: SHA-256 hex of the description and the settings that shape it.
        operations: by operation id; only those within agents' reach.
        findings: what is wrong with the description, each with its JSON pointer.
    """

    api: str
    version: str
    title: str
    operations: Mapping[str, Operation] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every contract behind this facade, by API name."""

    contracts: Mapping[str, Contract]

    def operation(self, key: OperationKey) -> Operation:
        """The card under a key.

        Raises:
            NotFound: no such operation within agents' reach.
        """
        contract = self.contracts.get(key.api)
        operation = contract.operations.get(key.operation_id) if contract else None
        if operation is None:
            raise NotFound(f"There is no operation {key.operation_id!r} in {key.api!r}.")
        return operation

    def __iter__(self) -> Iterator[Operation]:
        for contract in self.contracts.values():
            yield from contract.operations.values()
