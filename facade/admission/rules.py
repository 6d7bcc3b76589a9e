"""All limits of one decision: taken together or not at all."""

from collections.abc import Mapping
from typing import Final

from facade.admission.gates import gate_key, standing_of, take
from facade.admission.records import Charge, Decision, Gate, GateState, Verdict
from facade.kernel import SECOND, Counted, Micros, Standing, Tier

CONCURRENCY: Final = "concurrency"
"""The name under which the cap on requests in flight appears among a tenant's limits."""

CONCURRENCY_WAIT: Final = Micros(SECOND)
"""What a refusal for concurrency asks to wait: when a slot comes free depends on work in flight, not on the clock."""

_FULL: Final = GateState()


def take_all(
    states: Mapping[str, GateState], tier: Tier, charge: Charge, *, in_flight: int, now: Micros
) -> tuple[dict[str, GateState], Verdict]:
    """Charge every limit of the tier that counts a charged unit; a request also asks for a concurrency slot.

    Args:
        states: what was stored for this tenant, by `gate_key`; absent ones are full.
        in_flight: requests that hold a slot of this tenant now.

    Returns:
        The states to store, only those that changed, and the verdict. A refusal changes nothing. A client that waits
        `retry_after`, with nothing else charged meanwhile and a slot free, is admitted.
    """
    gates = counting(tier, charge)
    taken = [take(states.get(gate_key(g), _FULL), g, cost=charge.units[g.counts], now=now) for g in gates]
    decisions = [decision for _, decision in taken]
    refused = [d for d in decisions if not d.admitted]
    capped = holds_slot(charge) and tier.concurrency > 0
    crowded = capped and in_flight >= tier.concurrency
    if not refused and not crowded:
        standing = tuple(d.standing for d in decisions) + (_slots(tier, in_flight + 1) if capped else ())
        admitted = Verdict(admitted=True, retry_after=Micros(0), violated=(), standing=standing)
        return {gate_key(gate): state for gate, (state, _) in zip(gates, taken, strict=True)}, admitted
    standing = tuple(standing_of(states.get(gate_key(g), _FULL), g, now=now) for g in gates)
    return {}, Verdict(
        admitted=False,
        retry_after=_wait(refused, crowded),
        violated=_violated(refused, crowded),
        standing=standing + (_slots(tier, in_flight) if capped else ()),
    )


def counting(tier: Tier, charge: Charge) -> tuple[Gate, ...]:
    """The limits that a charge draws on, in the tier's order: rates, then quotas."""
    gates: tuple[Gate, ...] = (*tier.rates, *tier.quotas)
    return tuple(gate for gate in gates if gate.counts in charge.units)


def holds_slot(charge: Charge) -> bool:
    """True when the spend counts as in flight: a request does, the calls it makes on its way do not."""
    return Counted.REQUESTS in charge.units


def _slots(tier: Tier, held: int) -> tuple[Standing, ...]:
    left = max(0, tier.concurrency - held)
    reset = 0 if held == 0 else CONCURRENCY_WAIT // SECOND
    return (Standing(name=CONCURRENCY, amount=tier.concurrency, window=0, remaining=left, reset=reset),)


def _wait(refused: list[Decision], crowded: bool) -> Micros:
    waits = [decision.retry_after for decision in refused]
    return max([*waits, CONCURRENCY_WAIT] if crowded else waits)


def _violated(refused: list[Decision], crowded: bool) -> tuple[str, ...]:
    return tuple(d.standing.name for d in refused) + ((CONCURRENCY,) if crowded else ())
