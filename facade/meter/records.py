"""The ledger's records. Append-only: an intent before an attempt leaves, a settlement after, a decision for the rest.

Units that were charged stand on the first attempt's intent or, when nothing left, on the decision; so the sum of
`units` over both is what was charged, and quotas reload from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from facade.kernel import Counted, Entrance, Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An attempt is about to leave. Without a settlement it stays `unknown`, also after a crash.

    Attributes:
        id: UUIDv7 of the attempt; the store's primary key, so that a second delivery changes nothing.
        spend: UUIDv7 of the spend; several attempts share it.
        attempt: 1 for the first.
        wire: False for a spend that sends nothing itself (a turn, an approval): its ticket names no method.
        what: operation id, `METHOD /path-template` of a passage, or `turn`.
    """

    id: str
    spend: str
    attempt: int
    tenant: str
    user: str
    entrance: Entrance
    api: str
    what: str
    method: str
    wire: bool
    units: Mapping[Counted, int]
    price_list: str
    plan: str | None
    approval: str | None
    request_id: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """How an attempt ended. `outcome` is `ok` or an error code; `status` the application's, or None."""

    id: str
    outcome: str
    status: int | None
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Something was decided and nothing left: a refusal, a consent given, declined or misused.

    Attributes:
        outcome: error code, `proposed`, `approved` or `declined`.
    """

    id: str
    tenant: str
    user: str
    entrance: Entrance
    api: str
    what: str
    outcome: str
    units: Mapping[Counted, int]
    request_id: str
    at: Micros


LedgerRecord: TypeAlias = Intent | Settle | Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageKey:
    """What usage rows are grouped by; a field is '' when not grouped by it."""

    tenant: str = ""
    operation: str = ""
    day: str = ""
    entrance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """Usage of one group.

    Attributes:
        attempts: those on the wire; each is one of `ok`, `failed` and `unknown`.
        unknown: without a settlement, or settled as a write whose answer was lost.
        refused: decisions that let nothing leave; consents given or declined are none.
        requests, calls, writes, turns: units charged, attempts and decisions together.
    """

    key: UsageKey
    attempts: int
    ok: int
    failed: int
    unknown: int
    refused: int
    requests: int
    calls: int
    writes: int
    turns: int
