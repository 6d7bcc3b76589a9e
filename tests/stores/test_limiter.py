"""The limiter in memory against the pure reference."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.adapters.stores.memory import MemoryLimiter
from facade.admission import CONCURRENCY, Charge, GateState, draw_of, period_end, period_start, take_all
from facade.kernel import (
    DAY,
    SECOND,
    Counted,
    CredentialKind,
    Micros,
    Period,
    Principal,
    Quota,
    RateLimit,
    Tenant,
    TenantRecord,
    Tier,
)
from facade.testing.clock import START
from tests.requirements import requirement

REQUESTS = RateLimit(name="requests", counts=Counted.REQUESTS, rate=3, per=Micros(SECOND), burst=5)
WRITES = RateLimit(name="writes", counts=Counted.WRITES, rate=7, per=Micros(60 * SECOND), burst=2)
DAILY = Quota(name="daily", counts=Counted.REQUESTS, amount=20, period=Period.DAY)
MONTHLY = Quota(name="monthly", counts=Counted.CALLS, amount=30, period=Period.MONTH)
TIER = Tier(name="free", rates=(REQUESTS, WRITES), quotas=(DAILY, MONTHLY))


def tenant(name: str = "acme", tier: Tier = TIER) -> Tenant:
    principal = Principal(
        issuer="https://id.example",
        subject="ada",
        user="ada",
        roles=frozenset(),
        tenants=(name,),
        tier_claim=None,
        credential_kind=CredentialKind.JWT,
        credential_id="0" * 64,
        expires_at=None,
    )
    return Tenant(id=name, principal=principal, record=TenantRecord(id=name, tier=tier.name), tier=tier, rights=())


units = st.dictionaries(st.sampled_from(Counted), st.integers(1, 6), min_size=1)
takes = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), units, st.integers(0, 3 * SECOND)), max_size=60)


@requirement("invariant:limits:exact", "invariant:tenant:isolated")
@given(asked=takes, leaps=st.sampled_from([1, 10_000, 2_000_000]))
async def test_the_limiter_agrees_with_the_reference_however_much_it_forgets(
    asked: list[tuple[str, dict[Counted, int], int]], leaps: int
) -> None:
    limiter, kept, now = MemoryLimiter(), dict[str, dict[str, GateState]](), START
    for name, cost, wait in asked:
        now = Micros(now + wait * leaps)
        states = kept.setdefault(name, {})
        changed, expected = take_all(states, draw_of(TIER, cost), Charge(units=cost), in_flight=0, now=now)
        states.update(changed)
        assert await limiter.take(tenant(name), cost, now) == expected
        if expected.admitted and Counted.REQUESTS in cost:
            limiter.release(name)


async def test_a_tier_that_keeps_its_name_and_changes_its_limits_is_a_new_one() -> None:
    limiter, one, none = MemoryLimiter(), replace(DAILY, amount=1), replace(DAILY, amount=0)
    for quota, admitted in ((one, True), (none, False), (DAILY, True)):
        verdict = await limiter.take(tenant(tier=Tier(name="free", quotas=(quota,))), {Counted.REQUESTS: 1}, START)
        assert (verdict.admitted, [s.amount for s in verdict.standing]) == (admitted, [quota.amount])


@requirement("invariant:limits:exact", "limits:rate:bounded", "limits:rate:generous")
@pytest.mark.parametrize(("rate", "burst"), [(1, 1), (50, 10), (500, 100)])
async def test_sixty_four_tasks_at_once_get_the_allowance_and_no_more(rate: int, burst: int) -> None:
    limit = RateLimit(name="requests", counts=Counted.REQUESTS, rate=rate, per=Micros(SECOND), burst=burst)
    limiter, who = MemoryLimiter(), tenant(tier=Tier(name="one", rates=(limit,)))
    stride, moments = SECOND // (10 * rate), 200

    async def ask(moment: int) -> bool:
        verdict = await limiter.take(who, {Counted.REQUESTS: 1}, Micros(START + moment * stride))
        return verdict.admitted

    async def client() -> int:
        granted = 0
        for moment in range(moments + 1):
            granted += await ask(moment)
            await asyncio.sleep(0)
        return granted

    granted = sum(await asyncio.gather(*(client() for _ in range(64))))
    assert granted == burst + rate * moments * stride // SECOND


@requirement("limits:clock:back", "limits:retry_after:true")
@given(
    asked=st.lists(st.tuples(st.integers(-30 * SECOND, 30 * SECOND), st.integers(1, 5)), max_size=40),
    last=st.integers(-30 * SECOND, 30 * SECOND),
)
async def test_a_jumping_clock_grants_nothing_extra_and_the_told_wait_is_enough(
    asked: list[tuple[int, int]], last: int
) -> None:
    tier = replace(TIER, rates=(REQUESTS,), quotas=())
    limiter, admitted = MemoryLimiter(), 0
    for offset, cost in asked:
        verdict = await limiter.take(tenant(tier=tier), {Counted.REQUESTS: cost}, Micros(START + offset))
        admitted += cost if verdict.admitted else 0
    offsets = [offset for offset, _ in asked] or [0]
    assert admitted * SECOND <= REQUESTS.burst * SECOND + REQUESTS.rate * (max(offsets) - min(offsets))
    now = Micros(START + last)
    refused = await limiter.take(tenant(tier=tier), {Counted.REQUESTS: 5}, now)
    if not refused.admitted:
        later = Micros(now + refused.retry_after)
        assert (await limiter.take(tenant(tier=tier), {Counted.REQUESTS: 5}, later)).admitted


@requirement("limits:slots:returned")
@given(ends=st.lists(st.booleans(), max_size=40))
async def test_requests_in_flight_never_pass_the_cap_and_come_back_to_zero(ends: list[bool]) -> None:
    limiter, held = MemoryLimiter(), 0
    crowd = tenant(tier=Tier(name="small", concurrency=3))
    for ended in ends:
        if ended and held:
            limiter.release(crowd.id)
            held -= 1
            continue
        verdict = await limiter.take(crowd, {Counted.REQUESTS: 1}, START)
        assert (verdict.admitted, verdict.violated) == ((True, ()) if held < 3 else (False, (CONCURRENCY,)))
        held += verdict.admitted
        assert limiter.in_flight(crowd.id) == held
    for _ in range(held):
        limiter.release(crowd.id)
    assert limiter.in_flight(crowd.id) == 0


async def test_a_call_holds_no_slot() -> None:
    limiter = MemoryLimiter()
    crowd = tenant(tier=Tier(name="small", concurrency=1))
    await limiter.take(crowd, {Counted.REQUESTS: 1}, START)
    assert (await limiter.take(crowd, {Counted.CALLS: 1}, START)).admitted
    assert limiter.in_flight(crowd.id) == 1


async def test_a_release_without_a_request_is_no_allowance() -> None:
    limiter = MemoryLimiter()
    limiter.release("nobody")
    crowd = tenant(tier=Tier(name="small", concurrency=1))
    await limiter.take(crowd, {Counted.REQUESTS: 1}, START)
    limiter.release(crowd.id)
    limiter.release(crowd.id)
    verdicts = [await limiter.take(crowd, {Counted.REQUESTS: 1}, START) for _ in range(2)]
    assert [v.admitted for v in verdicts] == [True, False]


@requirement("limits:quota:reloaded")
@pytest.mark.parametrize("times", [1, 2])
async def test_quotas_go_on_from_what_the_ledger_says_was_charged(times: int) -> None:
    limiter = MemoryLimiter()
    for _ in range(times):
        limiter.preload({"acme": {Counted.REQUESTS: 19, Counted.TURNS: 3}}, period=Period.DAY, now=START)
        limiter.preload({"acme": {Counted.CALLS: 30}, "else": {}}, period=Period.MONTH, now=START)
    first = await limiter.take(tenant(), {Counted.REQUESTS: 1}, START)
    second = await limiter.take(tenant(), {Counted.REQUESTS: 1}, START)
    calls = await limiter.take(tenant(), {Counted.CALLS: 1}, START)
    other = await limiter.take(tenant("else"), {Counted.CALLS: 1}, START)
    assert (first.admitted, second.violated, calls.violated, other.admitted) == (True, ("daily",), ("monthly",), True)


@requirement("limits:quota:reloaded")
async def test_reloading_forgets_nothing_that_was_charged_since() -> None:
    limiter = MemoryLimiter()
    for waited in range(4):
        await limiter.take(tenant(), {Counted.REQUESTS: 5}, Micros(START + waited * 10 * SECOND))
    limiter.preload({"acme": {Counted.REQUESTS: 5}}, period=Period.DAY, now=START)
    assert (await limiter.take(tenant(), {Counted.REQUESTS: 1}, Micros(START + 60 * SECOND))).violated == ("daily",)


@requirement("limits:tier:change")
async def test_going_back_and_forth_between_tiers_grants_each_burst_once() -> None:
    limiter = MemoryLimiter()
    free = tenant(tier=Tier(name="free", rates=(REQUESTS,)))
    paid = tenant(tier=Tier(name="paid", rates=(replace(REQUESTS, rate=10, burst=8),)))
    verdicts = [await limiter.take(who, {Counted.REQUESTS: 1}, START) for _ in range(20) for who in (free, paid)]
    assert sum(v.admitted for v in verdicts) == 5 + 8


async def test_tenants_whose_limits_are_full_again_are_forgotten() -> None:
    limiter = MemoryLimiter()
    tier = Tier(name="rates", rates=(REQUESTS,))
    for number in range(500):
        await limiter.take(tenant(f"t{number}", tier), {Counted.REQUESTS: 1}, Micros(START + number * SECOND))
        limiter.release(f"t{number}")
    assert len(limiter) <= 4


@requirement("limits:quota:reloaded")
async def test_a_used_quota_is_remembered_for_its_month_and_no_longer() -> None:
    limiter = MemoryLimiter()
    tier = Tier(name="monthly", quotas=(MONTHLY,))
    month_end = period_end(period_start(START, Period.MONTH), Period.MONTH)
    await limiter.take(tenant("acme", tier), {Counted.CALLS: 30}, START)
    for number in range(10):
        await limiter.take(tenant(f"t{number}", tier), {Counted.CALLS: 1}, Micros(month_end - DAY))
    assert not (await limiter.take(tenant("acme", tier), {Counted.CALLS: 1}, Micros(month_end - 1))).admitted
    for number in range(20):
        await limiter.take(tenant(f"n{number}", tier), {Counted.CALLS: 1}, month_end)
    assert len(limiter) == 20
