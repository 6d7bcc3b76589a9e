"""Limits in memory: the pure reference behind a dictionary."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from facade.admission import (
    Charge,
    Draw,
    GateState,
    Verdict,
    draw_of,
    holds_slot,
    idle,
    period_start,
    quota_key,
    slots_left,
    standing_of,
    take_all,
)
from facade.kernel import Counted, Micros, Period, Standing, Tenant, Tier

_SWEEP: Final = 2
"""Oldest tenants looked at per decision. Two keep up with one new tenant a decision."""


@dataclass(slots=True)
class _Allowance:
    """What one tenant has used. Mutable, and never leaves this module."""

    states: dict[str, GateState] = field(default_factory=dict)
    in_flight: int = 0


class MemoryLimiter:
    """`Limiter` for one process.

    A decision reads and writes without an await between, so it is atomic on the loop. A tenant is forgotten only when
    none of its requests is in flight and every limit of it is full again, which changes no later decision; with quotas
    that is at the end of the calendar month, so memory is bounded by the tenants of a month.
    """

    def __init__(self) -> None:
        self._tenants: OrderedDict[str, _Allowance] = OrderedDict()
        self._draws: dict[tuple[str, ...], tuple[Tier, Draw]] = {}
        self._latest = Micros(0)

    def __len__(self) -> int:
        """Tenants remembered."""
        return len(self._tenants)

    async def take(self, tenant: Tenant, units: Mapping[Counted, int], now: Micros) -> Verdict:
        """See `ports.Limiter`."""
        return self.decide(tenant.id, tenant.tier, units, now)

    def decide(self, tenant_id: str, tier: Tier, units: Mapping[Counted, int], now: Micros) -> Verdict:
        """Charge all limits or none; an admitted request also holds one concurrency slot.

        A clock that goes back stands still here until it has caught up, and the wait that is told includes that.
        """
        behind = self._advance(now)
        kept = self._tenants.get(tenant_id) or _Allowance()
        charge = Charge(units=units)
        draw = self._draw(tier, units)
        changed, verdict = take_all(kept.states, draw, charge, in_flight=kept.in_flight, now=self._latest)
        if verdict.admitted:
            kept.states.update(changed)
            kept.in_flight += holds_slot(charge)
            self._tenants[tenant_id] = kept
        self._sweep()
        return verdict if verdict.admitted or not behind else _later(verdict, behind)

    def release(self, tenant_id: str) -> None:
        """Give one concurrency slot back."""
        kept = self._tenants.get(tenant_id)
        if kept is not None and kept.in_flight > 0:
            kept.in_flight -= 1

    async def standing(self, tenant: Tenant, now: Micros) -> tuple[Standing, ...]:
        """See `ports.Limiter`."""
        return self.look(tenant.id, tenant.tier, now)

    def look(self, tenant_id: str, tier: Tier, now: Micros) -> tuple[Standing, ...]:
        """Where every limit of the tier stands; charges nothing."""
        kept = self._tenants.get(tenant_id) or _Allowance()
        at = max(self._latest, now)
        draw = self._draw(tier, dict.fromkeys(Counted, 1))
        gates = (standing_of(kept.states.get(key, GateState()), gate, now=at) for key, gate in draw.gates)
        return (*gates, *slots_left(draw, kept.in_flight))

    def preload(self, charged: Mapping[str, Mapping[Counted, int]], *, period: Period, now: Micros) -> None:
        """Take over what the ledger says was charged since the period began, before the first decision.

        Loading twice changes nothing, and nothing that was charged since is forgotten.
        """
        self._advance(now)
        start = period_start(self._latest, period)
        for tenant_id, units in charged.items():
            states = self._tenants.setdefault(tenant_id, _Allowance()).states
            for counted, used in units.items():
                key = quota_key(counted, period)
                known = states.get(key, GateState())
                used_here = known.used if known.window == start else 0
                states[key] = GateState(window=start, used=max(used, used_here))

    def in_flight(self, tenant_id: str) -> int:
        """Concurrency slots that the tenant holds now; for metrics and tests."""
        kept = self._tenants.get(tenant_id)
        return kept.in_flight if kept is not None else 0

    def _draw(self, tier: Tier, units: Mapping[Counted, int]) -> Draw:
        """What this tier's spends of these kinds draw on, made once for as long as the tier is the same."""
        named = (tier.name, *units)
        known = self._draws.get(named)
        if known is None or known[0] is not tier:
            known = self._draws[named] = (tier, draw_of(tier, units))
        return known[1]

    def _advance(self, now: Micros) -> Micros:
        """Move to `now` unless it lies behind; return how far behind it lies."""
        self._latest = max(self._latest, now)
        return Micros(self._latest - now)

    def _sweep(self) -> None:
        for _ in range(min(_SWEEP, len(self._tenants))):
            oldest = next(iter(self._tenants))
            if self._forgettable(self._tenants[oldest]):
                del self._tenants[oldest]
            else:
                self._tenants.move_to_end(oldest)

    def _forgettable(self, kept: _Allowance) -> bool:
        return kept.in_flight == 0 and all(idle(state, now=self._latest) for state in kept.states.values())


def _later(refused: Verdict, behind: Micros) -> Verdict:
    return Verdict(
        admitted=False,
        retry_after=Micros(refused.retry_after + behind),
        violated=refused.violated,
        standing=refused.standing,
    )
