"""A compiled description, and all of them together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from facade.contract.compiled import Compiled
from facade.contract.trie import Branch
from facade.kernel import Finding, NotFound, Operation, OperationKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A request target that belongs to an operation.

    Attributes:
        path: the path values by name, decoded once.
        raw: the same as they stand on the wire.
        reachable: agents may call it; a broken or hidden operation is still known to the proxy.
        suspicious: some segment decodes to `.` or `..`, or holds a slash, a backslash, a control character or a
            malformed escape. What to do about it is the caller's choice.
    """

    operation: Operation
    path: Mapping[str, str]
    raw: Mapping[str, str] = field(default_factory=dict)
    reachable: bool = True
    suspicious: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One loaded, compiled description. Safe to share between threads: nothing in it changes after compilation.

    Attributes:
        version: SHA-256 hex of the description and the settings that shape it.
        operations: by operation id; only those within agents' reach.
        findings: what is wrong with the description, each with its JSON pointer.
        kept: by operation id, why a rule keeps it from agents until the settings allow it.
        compiled: serialisers and validators by operation id, hidden operations included.
        routes: every operation whose path can be read, broken ones included.
    """

    api: str
    version: str
    title: str
    operations: Mapping[str, Operation] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    kept: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    compiled: Mapping[str, Compiled] = field(default_factory=dict, repr=False, compare=False)
    routes: Branch = field(default_factory=Branch, repr=False, compare=False)


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
