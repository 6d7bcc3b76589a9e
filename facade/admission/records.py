"""What a store keeps per limit, and what a decision says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from facade.kernel import Counted, Micros, Quota, RateLimit, Standing

Gate: TypeAlias = RateLimit | Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """Stored state of one limit of one tenant.

    Attributes:
        paid_until: GCRA's theoretical arrival time, microseconds since the epoch; 0 for a new key. Rates only.
        window: start of the calendar period that `used` counts in. Quotas only.
        used: units used in that period. Quotas only.
    """

    paid_until: Micros = Micros(0)
    window: Micros = Micros(0)
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one spend asks for: whole units by what is counted, all at least 1."""

    units: Mapping[Counted, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision over all limits of a tenant.

    Attributes:
        retry_after: 0 when admitted; otherwise until the whole charge fits every limit. A charge that can never fit
            (cost above the burst) is refused with the time of a full refill.
        violated: names of the limits that refused, in the tier's order.
        standing: each limit that counts any of the charged units, after the decision.
    """

    admitted: bool
    retry_after: Micros
    violated: tuple[str, ...]
    standing: tuple[Standing, ...]
