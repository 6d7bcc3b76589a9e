"""All limits of one decision: taken together or not at all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from facade.admission.gates import gate_key, standing_of, take
from facade.admission.records import Charge, Decision, Gate, GateState, Verdict
from facade.kernel import SECOND, Counted, Micros, Standing, Tier

CONCURRENCY: Final = "concurrency"
"""The name under which the cap on requests in flight appears among a tenant's limits."""

CONCURRENCY_WAIT: Final = Micros(SECOND)
"""What a refusal for concurrency asks to wait: when a slot comes free depends on work in flight, not on the clock."""

_FULL: Final = GateState()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What a spend of certain kinds draws on in one tier; the same for every spend of those kinds.

    Attributes:
        gates: the tier's limits that count, under their `gate_key`; rates, then quotas.
        slots: the tier's cap on requests in flight, 0 where none applies.
    """

    gates: tuple[tuple[str, Gate], ...]
    slots: int


def draw_of(tier: Tier, counted: Collection[Counted]) -> Draw:
    """Which limits of a tier count any of these, in the tier's order."""
    gates: tuple[Gate, ...] = (*tier.rates, *tier.quotas)
    return Draw(
        gates=tuple((gate_key(gate), gate) for gate in gates if gate.counts in counted),
        slots=tier.concurrency if Counted.REQUESTS in counted else 0,
    )


def take_all(
    states: Mapping[str, GateState], draw: Draw, charge: Charge, *, in_flight: int, now: Micros
) -> tuple[dict[str, GateState], Verdict]:
    """Charge every limit that counts a charged unit; a request also asks for a concurrency slot.

    Args:
        states: what was stored for this tenant, by `gate_key`; absent ones are full.
        draw: `draw_of` the tenant's tier and the charged kinds.
        in_flight: requests that hold a slot of this tenant now.

    Returns:
        The states to store, only those that changed, and the verdict. A refusal changes nothing. A client that waits
        `retry_after`, with nothing else charged meanwhile and a slot free, is admitted.
    """
    taken = [take(states.get(key, _FULL), g, cost=charge.units[g.counts], now=now) for key, g in draw.gates]
    refused = [decision for _, decision in taken if not decision.admitted]
    crowded = 0 < draw.slots <= in_flight
    if not refused and not crowded:
        standing = (*(decision.standing for _, decision in taken), *slots_left(draw, in_flight + 1))
        admitted = Verdict(admitted=True, retry_after=Micros(0), violated=(), standing=standing)
        return {key: state for (key, _), (state, _) in zip(draw.gates, taken, strict=True)}, admitted
    standing = tuple(standing_of(states.get(key, _FULL), gate, now=now) for key, gate in draw.gates)
    return {}, Verdict(
        admitted=False,
        retry_after=_wait(refused, crowded),
        violated=_violated(refused, crowded),
        standing=(*standing, *slots_left(draw, in_flight)),
    )


def holds_slot(charge: Charge) -> bool:
    """True when the spend counts as in flight: a request does, the calls it makes on its way do not."""
    return Counted.REQUESTS in charge.units


def slots_left(draw: Draw, held: int) -> tuple[Standing, ...]:
    """Where the cap on requests in flight stands, as one limit; nothing where there is no cap."""
    if draw.slots == 0:
        return ()
    left = max(0, draw.slots - held)
    reset = 0 if held == 0 else CONCURRENCY_WAIT // SECOND
    return (Standing(name=CONCURRENCY, amount=draw.slots, window=0, remaining=left, reset=reset),)


def _wait(refused: list[Decision], crowded: bool) -> Micros:
    waits = [decision.retry_after for decision in refused]
    return max([*waits, CONCURRENCY_WAIT] if crowded else waits)


def _violated(refused: list[Decision], crowded: bool) -> tuple[str, ...]:
    return tuple(d.standing.name for d in refused) + ((CONCURRENCY,) if crowded else ())
