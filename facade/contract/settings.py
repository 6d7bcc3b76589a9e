"""What the provider's settings say about one description (D4, D7, D13)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from facade.kernel import Location, WriteClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What the provider says of one operation; None leaves what the description says.

    Attributes:
        hide: keep it from agents; the proxy still knows it.
        allow: hand it to agents although a rule calls it risky.
        idempotency_header: header in which the application honours an idempotency key (D9).
    """

    write_class: WriteClass | None = None
    title: str | None = None
    description: str | None = None
    hide: bool = False
    allow: bool = False
    idempotency_header: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How large a description and its traffic may be.

    Attributes:
        operations: more refuse the whole description.
        schema_depth: nesting of one schema, references not counted.
        eager_references: a schema that reaches more others is compiled at first use.
        large_validators: so many of those are kept compiled.
        schema_references: other schemas that one schema may reach.
        schema_weight: schemas that one value may have to meet at once, references expanded.
        card_depth, card_nodes: how far, and to how many nodes, schemas are inlined into a card.
        target_bytes: the longest request target that is built.
        findings: the most findings that one check reports.
        checked_bytes: larger answers of agents' calls are not held against their schemas; a finding says so.
    """

    operations: int = 5_000
    schema_depth: int = 64
    eager_references: int = 100
    large_validators: int = 64
    schema_references: int = 2_000
    schema_weight: int = 5_000
    card_depth: int = 6
    card_nodes: int = 400
    target_bytes: int = 8_000
    findings: int = 10
    checked_bytes: int = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSettings:
    """Everything but the document that shapes a contract.

    Attributes:
        overrides: by operation id or `METHOD /path`.
        others: for every operation that `overrides` does not name.
        base_path: put before every path on the wire, such as `/api/v1`; the description's `servers` are never read.
        pins: parameters and top-level body fields that the tenant context fills, in every operation that has them.
    """

    overrides: Mapping[str, Override] = field(default_factory=dict)
    others: Override = Override()
    base_path: str = ""
    pins: tuple[tuple[Location, str], ...] = ()
    bounds: Bounds = Bounds()


class Dialect(StrEnum):
    """Which schema language the description speaks."""

    V3_0 = "3.0"
    V3_1 = "3.1"
