"""All limits of a tier together."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.admission import CONCURRENCY, Charge, Draw, GateState, Verdict, draw_of, gate_key, take_all
from facade.kernel import DAY, SECOND, Counted, Micros, Period, Quota, RateLimit, Standing, Tier
from tests.requirements import requirement

START = Micros(1_700_000_000 * SECOND)
REQUESTS = RateLimit(name="requests", counts=Counted.REQUESTS, rate=2, per=Micros(SECOND), burst=4)
WRITES = RateLimit(name="writes", counts=Counted.WRITES, rate=1, per=Micros(SECOND), burst=1)
DAILY = Quota(name="daily", counts=Counted.REQUESTS, amount=6, period=Period.DAY)
TIER = Tier(name="free", rates=(REQUESTS, WRITES), quotas=(DAILY,), concurrency=2)
OPEN = Tier(name="open")


def charge(**units: int) -> Charge:
    return Charge(units={Counted(name): cost for name, cost in units.items()})


def taken(
    states: Mapping[str, GateState], tier: Tier, charge: Charge, *, in_flight: int, now: Micros
) -> tuple[dict[str, GateState], Verdict]:
    return take_all(states, draw_of(tier, charge.units), charge, in_flight=in_flight, now=now)


def test_a_tier_without_limits_admits() -> None:
    assert taken({}, OPEN, charge(requests=1), in_flight=1_000, now=START) == (
        {},
        Verdict(admitted=True, retry_after=Micros(0), violated=(), standing=()),
    )


def test_a_charge_draws_on_the_limits_that_count_it_and_on_no_other() -> None:
    both = draw_of(TIER, {Counted.REQUESTS})
    assert ([gate for _, gate in both.gates], both.slots) == ([REQUESTS, DAILY], 2)
    assert draw_of(TIER, {Counted.WRITES, Counted.CALLS}) == Draw(gates=((gate_key(WRITES), WRITES),), slots=0)


def test_an_admitted_request_tells_where_every_limit_it_drew_on_stands() -> None:
    changed, verdict = taken({}, TIER, charge(requests=1), in_flight=0, now=START)
    assert verdict == Verdict(
        admitted=True,
        retry_after=Micros(0),
        violated=(),
        standing=(
            Standing(name="requests", amount=4, window=2, remaining=3, reset=1),
            Standing(name="daily", amount=6, window=86_400, remaining=5, reset=(DAY - START % DAY) // SECOND),
            Standing(name=CONCURRENCY, amount=2, window=0, remaining=1, reset=1),
        ),
    )
    assert changed == {
        "rate:requests:requests:2/1000000+4": GateState(paid_until=Micros(START + SECOND // 2)),
        "quota:requests:day": GateState(window=Micros(START - START % DAY), used=1),
    }


@requirement("invariant:limits:exact")
def test_one_limit_that_refuses_keeps_every_other_uncharged() -> None:
    changed, _ = taken({}, TIER, charge(writes=1), in_flight=0, now=START)
    after, verdict = taken(changed, TIER, charge(requests=1, writes=1), in_flight=0, now=START)
    assert after == {}
    assert (verdict.admitted, verdict.violated, verdict.retry_after) == (False, ("writes",), SECOND)
    assert [(s.name, s.remaining) for s in verdict.standing] == [
        ("requests", 4), ("writes", 0), ("daily", 6), (CONCURRENCY, 2),
    ]  # fmt: skip


def test_a_request_without_a_free_slot_is_refused_and_charges_nothing() -> None:
    after, verdict = taken({}, TIER, charge(requests=1), in_flight=2, now=START)
    assert after == {}
    assert (verdict.admitted, verdict.violated, verdict.retry_after) == (False, (CONCURRENCY,), SECOND)


def test_the_calls_of_a_request_need_no_slot_of_their_own() -> None:
    _, verdict = taken({}, TIER, charge(calls=1), in_flight=2, now=START)
    assert verdict == Verdict(admitted=True, retry_after=Micros(0), violated=(), standing=())


def test_every_limit_that_refuses_is_named_in_the_tier_order() -> None:
    _, verdict = taken({}, TIER, charge(requests=7, writes=2), in_flight=2, now=START)
    assert verdict.violated == ("requests", "writes", "daily", CONCURRENCY)


states = st.dictionaries(
    st.sampled_from(["rate:requests:requests:2/1000000+4", "rate:writes:writes:1/1000000+1"]),
    st.builds(GateState, paid_until=st.integers(START - SECOND, START + 2 * SECOND).map(Micros)),
)


@requirement("limits:retry_after:true")
@given(states=states, requests=st.integers(1, 4), writes=st.integers(1, 1), in_flight=st.integers(0, 3))
def test_waiting_retry_after_satisfies_all_limits_at_once(
    states: Mapping[str, GateState], requests: int, writes: int, in_flight: int
) -> None:
    asked = charge(requests=requests, writes=writes)
    changed, verdict = taken(states, TIER, asked, in_flight=in_flight, now=START)
    if verdict.admitted:
        assert verdict.retry_after == 0
        return
    assert changed == {}
    later = Micros(START + verdict.retry_after)
    assert taken(states, TIER, asked, in_flight=0, now=later)[1].admitted


@pytest.mark.parametrize(("left", "refused"), [(1, ()), (0, ("monthly",))])
def test_two_quotas_that_count_the_same_share_what_was_used(left: int, refused: tuple[str, ...]) -> None:
    monthly = Quota(name="monthly", counts=Counted.TURNS, amount=5, period=Period.MONTH)
    roomy = Quota(name="roomy", counts=Counted.TURNS, amount=50, period=Period.MONTH)
    tier = Tier(name="both", quotas=(monthly, roomy))
    used, _ = taken({}, tier, charge(turns=5 - left), in_flight=0, now=START)
    assert taken(used, tier, charge(turns=1), in_flight=0, now=START)[1].violated == refused
