"""One limit, one cost: the reference that every store agrees with exactly."""

from facade.admission.calendar import period_end, period_start
from facade.admission.records import Decision, Gate, GateState
from facade.kernel import SECOND, Counted, Micros, Period, Quota, RateLimit, Standing


def gate_key(gate: Gate) -> str:
    """Under what a tenant's state of this limit is kept.

    A rate's numbers are part of it: other numbers start full once, and the old debt waits should they come back. A
    quota's are not: what was used in a period counts whatever the tier is called or grants now.
    """
    if isinstance(gate, Quota):
        return quota_key(gate.counts, gate.period)
    return f"rate:{gate.counts}:{gate.name}:{gate.rate}/{gate.per}+{gate.burst}"


def quota_key(counts: Counted, period: Period) -> str:
    """The key of every quota that counts this over such periods."""
    return f"quota:{counts}:{period}"


def take(state: GateState, gate: Gate, *, cost: int, now: Micros) -> tuple[GateState, Decision]:
    """Charge `cost` units against one limit.

    Args:
        state: what was stored; `GateState()` for a new key.
        cost: whole units, at least 1. With `rate`, `burst` and `per` it keeps `cost * per` below 2^53.
        now: may be earlier than before; then nothing is granted that was not left.

    Returns:
        The state to store and the decision. A refusal leaves the state as it was.

    Source: GCRA of ITU-T I.371 (virtual scheduling), with the burst as its tolerance; calendar quotas in UTC.
    """
    return _take_quota(state, gate, cost, now) if isinstance(gate, Quota) else _take_rate(state, gate, cost, now)


def standing_of(state: GateState, gate: Gate, *, now: Micros) -> Standing:
    """Where one limit stands now, nothing charged."""
    return _quota_standing(state, gate, now) if isinstance(gate, Quota) else _rate_standing(state, gate, now)


def idle(state: GateState, *, now: Micros) -> bool:
    """True when forgetting the state at `now` or later changes no decision.

    A quota's state is kept until its calendar month is over, whatever its own period.
    """
    if state.paid_until >= now:
        return False
    return state.used == 0 or period_end(period_start(state.window, Period.MONTH), Period.MONTH) <= now


def _take_rate(state: GateState, gate: RateLimit, cost: int, now: Micros) -> tuple[GateState, Decision]:
    debt = _debt(state, gate, now) + cost * gate.per
    excess = debt - gate.burst * gate.per
    if excess > 0:
        wait = excess if cost <= gate.burst else gate.burst * gate.per
        return state, Decision(
            admitted=False, retry_after=Micros(_up(wait, gate.rate)), standing=_rate_standing(state, gate, now)
        )
    whole, part = divmod(debt, gate.rate)
    charged = GateState(paid_until=Micros(now + whole), part=part)
    return charged, Decision(admitted=True, retry_after=Micros(0), standing=_owing(gate, debt))


def _debt(state: GateState, gate: RateLimit, now: Micros) -> int:
    """Time already paid for ahead of `now`, in microseconds / rate."""
    return max(0, (state.paid_until - now) * gate.rate + state.part)


def _rate_standing(state: GateState, gate: RateLimit, now: Micros) -> Standing:
    return _owing(gate, _debt(state, gate, now))


def _owing(gate: RateLimit, debt: int) -> Standing:
    used = _up(debt, gate.per)
    until_more = debt - (min(used, gate.burst) - 1) * gate.per if debt else 0
    return Standing(
        name=gate.name,
        amount=gate.burst,
        window=_up(gate.burst * gate.per, gate.rate * SECOND),
        remaining=max(0, gate.burst - used),
        reset=_up(until_more, gate.rate * SECOND),
    )


def _take_quota(state: GateState, gate: Quota, cost: int, now: Micros) -> tuple[GateState, Decision]:
    window, used = _in_period(state, gate, now)
    if used + cost > gate.amount:
        wait = Micros(period_end(window, gate.period) - now)
        return state, Decision(admitted=False, retry_after=wait, standing=_counted(gate, window, used, now))
    charged = GateState(window=window, used=used + cost)
    standing = _counted(gate, window, used + cost, now)
    return charged, Decision(admitted=True, retry_after=Micros(0), standing=standing)


def _in_period(state: GateState, gate: Quota, now: Micros) -> tuple[Micros, int]:
    """The period that counts now and what is used of it; a clock that went back stays in the later period."""
    start = period_start(now, gate.period)
    return (state.window, state.used) if state.window >= start else (start, 0)


def _quota_standing(state: GateState, gate: Quota, now: Micros) -> Standing:
    return _counted(gate, *_in_period(state, gate, now), now)


def _counted(gate: Quota, window: Micros, used: int, now: Micros) -> Standing:
    end = period_end(window, gate.period)
    return Standing(
        name=gate.name,
        amount=gate.amount,
        window=(end - window) // SECOND,
        remaining=max(0, gate.amount - used),
        reset=_up(end - now, SECOND) if used else 0,
    )


def _up(value: int, unit: int) -> int:
    return -(-value // unit)
