"""One limit: GCRA and calendar quotas, exactly."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.admission import (
    Charge,
    Decision,
    GateState,
    gate_key,
    idle,
    period_end,
    period_start,
    standing_of,
    take,
)
from facade.kernel import DAY, SECOND, Counted, Micros, Period, Quota, RateLimit, Standing
from tests.requirements import requirement

MINUTE = 60 * SECOND
START = Micros(1_700_000_000 * SECOND)


def rate(rate: int = 50, per: int = SECOND, burst: int = 10) -> RateLimit:
    return RateLimit(name="steady", counts=Counted.REQUESTS, rate=rate, per=Micros(per), burst=burst)


def quota(amount: int = 100, period: Period = Period.DAY) -> Quota:
    return Quota(name="daily", counts=Counted.REQUESTS, amount=amount, period=period)


rates = st.builds(rate, st.integers(1, 3_000_000), st.sampled_from([SECOND, MINUTE, 3_600 * SECOND, DAY, 7]),
                  st.integers(1, 500))  # fmt: skip
quotas = st.builds(quota, st.integers(1, 50), st.sampled_from(Period))
steps = st.lists(st.tuples(st.integers(0, 5 * SECOND), st.integers(1, 12)), max_size=60)


def admitted_units(gate: RateLimit, moments: list[tuple[Micros, int]]) -> list[tuple[int, int]]:
    """(moment, cost) of everything that was admitted."""
    state, admitted = GateState(), []
    for now, cost in moments:
        state, decision = take(state, gate, cost=cost, now=now)
        if decision.admitted:
            admitted.append((now, cost))
    return admitted


def most_over_allowance(gate: RateLimit, admitted: list[tuple[int, int]]) -> Fraction:
    """The worst window's units above rate x time + burst."""
    worst = Fraction(-gate.burst)
    for first in range(len(admitted)):
        units = 0
        for moment, cost in admitted[first:]:
            units += cost
            allowance = gate.burst + Fraction(gate.rate * (moment - admitted[first][0]), gate.per)
            worst = max(worst, units - allowance)
    return worst


@requirement("invariant:limits:exact", "limits:rate:bounded")
@given(gate=rates, steps=steps)
def test_no_window_holds_more_than_rate_times_time_plus_burst(gate: RateLimit, steps: list[tuple[int, int]]) -> None:
    now, moments = START, []
    for wait, cost in steps:
        now = Micros(now + wait)
        moments.append((now, cost))
    assert most_over_allowance(gate, admitted_units(gate, moments)) <= 0


@requirement("limits:clock:back")
@given(gate=rates, moments=st.lists(st.tuples(st.integers(0, 10 * SECOND), st.integers(1, 5)), max_size=40))
def test_a_clock_that_jumps_about_grants_no_more_than_the_span_it_covered(
    gate: RateLimit, moments: list[tuple[int, int]]
) -> None:
    admitted = admitted_units(gate, [(Micros(START + at), cost) for at, cost in moments])
    span = max((at for at, _ in moments), default=0) - min((at for at, _ in moments), default=0)
    assert sum(cost for _, cost in admitted) <= gate.burst + Fraction(gate.rate * span, gate.per)


@requirement("limits:rate:bounded", "limits:rate:generous")
@pytest.mark.parametrize(("per_second", "burst"), [(1, 1), (50, 10), (500, 100), (7, 3), (300_000, 10)])
def test_saturation_is_granted_the_whole_allowance(per_second: int, burst: int) -> None:
    gate = rate(per_second, SECOND, burst)
    # At most 60 simulated seconds, asked a hundred times as often as the rate allows where microseconds let us.
    horizon = min(60 * SECOND, 300 * SECOND // per_second)
    stride = max(1, SECOND // (100 * per_second) - 1)
    asked = [(Micros(START + at), 1) for at in range(0, horizon + 1, stride) for _ in range(1 + burst * (at == 0))]
    granted = sum(cost for _, cost in admitted_units(gate, asked))
    allowance = burst + Fraction(per_second * horizon, SECOND)
    assert allowance * Fraction(97, 100) <= granted <= allowance


@requirement("limits:retry_after:true")
@given(gate=rates, used=st.integers(0, 500), cost=st.integers(1, 500))
def test_a_rate_admits_after_exactly_retry_after(gate: RateLimit, used: int, cost: int) -> None:
    state = GateState()
    if 0 < used <= gate.burst:
        state, _ = take(state, gate, cost=used, now=START)
    same, refused = take(state, gate, cost=cost, now=START)
    if refused.admitted:
        assert refused.retry_after == 0
        return
    assert same == state
    _, early = take(state, gate, cost=cost, now=Micros(START + refused.retry_after - 1))
    _, after = take(state, gate, cost=cost, now=Micros(START + refused.retry_after))
    assert (early.admitted, after.admitted) == (False, cost <= gate.burst)


@requirement("limits:retry_after:true")
@given(gate=quotas, used=st.integers(0, 60), cost=st.integers(1, 60), at=st.integers(0, 2**51))
def test_a_quota_admits_after_exactly_retry_after(gate: Quota, used: int, cost: int, at: int) -> None:
    state, now = GateState(), Micros(at)
    if 0 < used <= gate.amount:
        state, _ = take(state, gate, cost=used, now=now)
    same, refused = take(state, gate, cost=cost, now=now)
    if refused.admitted:
        assert refused.retry_after == 0
        return
    assert same == state
    _, early = take(state, gate, cost=cost, now=Micros(now + refused.retry_after - 1))
    _, after = take(state, gate, cost=cost, now=Micros(now + refused.retry_after))
    assert (early.admitted, after.admitted) == (False, cost <= gate.amount)


@requirement("invariant:limits:exact", "limits:clock:back")
@given(gate=quotas, asked=st.lists(st.tuples(st.integers(0, 70 * DAY), st.integers(1, 20)), max_size=40))
def test_a_quota_is_never_exceeded_in_its_period_whatever_the_clock_does(
    gate: Quota, asked: list[tuple[int, int]]
) -> None:
    state, used = GateState(), {}
    for at, cost in asked:
        state, decision = take(state, gate, cost=cost, now=Micros(START + at))
        if decision.admitted:
            used[state.window] = used.get(state.window, 0) + cost
    assert all(units <= gate.amount for units in used.values())


@given(at=st.integers(0, 2**53 - 32 * DAY), period=st.sampled_from(Period))
def test_periods_tile_time_without_gap_or_overlap(at: int, period: Period) -> None:
    start = period_start(Micros(at), period)
    end = period_end(start, period)
    assert start <= at < end
    assert period_start(Micros(end - 1), period) == start
    assert period_start(end, period) == end


def test_months_follow_the_calendar_over_a_leap_year() -> None:
    january = Micros(1_704_067_200 * SECOND)  # 2024-01-01T00:00:00Z
    starts = [january]
    for _ in range(12):
        starts.append(period_end(starts[-1], Period.MONTH))
    days = [(later - earlier) // DAY for earlier, later in pairwise(starts)]
    assert days == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_a_rate_tells_where_it_stands() -> None:
    gate = rate(1, SECOND, 10)
    state, decision = take(GateState(), gate, cost=4, now=START)
    assert decision == Decision(
        admitted=True,
        retry_after=Micros(0),
        standing=Standing(name="steady", amount=10, window=10, remaining=6, reset=1),
    )
    assert standing_of(state, gate, now=Micros(START + 4 * SECOND)) == Standing(
        name="steady", amount=10, window=10, remaining=10, reset=0
    )


def test_a_rate_tells_that_nothing_comes_back_until_a_clock_that_went_back_has_caught_up() -> None:
    gate = rate(1, SECOND, 10)
    state, _ = take(GateState(), gate, cost=10, now=START)
    assert standing_of(state, gate, now=Micros(START - 100 * SECOND)) == Standing(
        name="steady", amount=10, window=10, remaining=0, reset=101
    )


def test_a_quota_tells_where_it_stands() -> None:
    gate = quota(100, Period.DAY)
    midnight = period_start(START, Period.DAY)
    state, decision = take(GateState(), gate, cost=30, now=Micros(midnight + DAY - SECOND // 2))
    assert decision == Decision(
        admitted=True,
        retry_after=Micros(0),
        standing=Standing(name="daily", amount=100, window=86_400, remaining=70, reset=1),
    )
    assert standing_of(state, gate, now=Micros(midnight + DAY)) == Standing(
        name="daily", amount=100, window=86_400, remaining=100, reset=0
    )


@requirement("limits:tier:change")
def test_a_rate_with_other_numbers_is_kept_apart_and_a_quota_is_not() -> None:
    assert gate_key(rate(1)) != gate_key(rate(2))
    assert gate_key(quota(1)) == gate_key(quota(2))
    assert gate_key(quota(1, Period.DAY)) != gate_key(quota(1, Period.MONTH))


@given(gate=st.one_of(rates, quotas), cost=st.integers(1, 10), later=st.integers(0, 40 * DAY), again=st.integers(1, 10))
def test_an_idle_state_decides_like_a_forgotten_one(gate: RateLimit | Quota, cost: int, later: int, again: int) -> None:
    state, _ = take(GateState(), gate, cost=cost, now=START)
    now = Micros(START + later)
    if idle(state, now=now):
        assert take(state, gate, cost=again, now=now)[1] == take(GateState(), gate, cost=again, now=now)[1]


def test_a_used_quota_is_not_idle_before_its_month_is_over() -> None:
    state, _ = take(GateState(), quota(), cost=1, now=START)
    end = period_end(period_start(START, Period.MONTH), Period.MONTH)
    assert (idle(state, now=Micros(end - 1)), idle(state, now=end)) == (False, True)


@pytest.mark.parametrize("cost", [0, -1])
def test_a_charge_that_would_hand_allowance_out_is_refused(cost: int) -> None:
    with pytest.raises(ValueError, match="from 1 up"):
        Charge(units={Counted.CALLS: cost})
