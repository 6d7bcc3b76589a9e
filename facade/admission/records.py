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
        paid_until: GCRA's theoretical arrival time, whole microseconds since the epoch; 0 for a new key. Rates only.
        part: the rest of `paid_until`, in microseconds / rate, below the rate: no allowance is lost to rounding.
        window: start of the calendar period that `used` counts in. Quotas only.
        used: units used in that period. Quotas only.
    """

    paid_until: Micros = Micros(0)
    part: int = 0
    window: Micros = Micros(0)
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one spend asks for: whole units by what is counted, all at least 1.

    Raises:
        ValueError: a cost below 1, which would hand allowance out.
    """

    units: Mapping[Counted, int]

    def __post_init__(self) -> None:
        if min(self.units.values(), default=1) < 1:
            raise ValueError(f"a charge counts whole units from 1 up: {dict(self.units)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one limit says to one cost.

    Attributes:
        retry_after: 0 when admitted; otherwise the shortest wait after which the same cost fits, or the time of a
            full refill when it can never fit.
        standing: where the limit stands after the decision.
    """

    admitted: bool
    retry_after: Micros
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision over all limits of a tenant.

    Attributes:
        retry_after: 0 when admitted; otherwise until the whole charge fits every limit. A charge that can never fit
            (cost above the burst) is refused with the time of a full refill.
        violated: names of the limits that refused, in the tier's order; `concurrency` last.
        standing: each limit that counts any of the charged units, after the decision, in the tier's order.
    """

    admitted: bool
    retry_after: Micros
    violated: tuple[str, ...]
    standing: tuple[Standing, ...]
