"""Who may hold how much of one application at once."""

import asyncio
from contextlib import suppress

import pytest

from facade.adapters.upstream.breaker import UNVOUCHED
from facade.adapters.upstream.shares import Claim, ShareRules, Shares
from facade.kernel import LimitExceeded, Overloaded
from tests.requirements import requirement

RULES = ShareRules(places=8, per_tenant=3, unvouched=6, wait_s=30.0, waiting=8)


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def waiting(shares: Shares, claim: Claim) -> asyncio.Task[None]:
    return asyncio.create_task(shares.enter(claim))


async def taken(shares: Shares, claim: Claim, count: int) -> None:
    for _ in range(count):
        await shares.enter(claim)


@requirement("upstream:shares:tenant")
async def test_a_tenant_waits_behind_its_own_requests_and_the_others_do_not() -> None:
    shares = Shares(RULES)
    acme, beta = shares.claim("passages", "acme", 0), shares.claim("passages", "beta", 0)
    await taken(shares, acme, 3)
    fourth = waiting(shares, acme)
    await turn()
    await taken(shares, beta, 3)
    assert not fourth.done()
    shares.leave(beta)
    await turn()
    assert not fourth.done()
    shares.leave(acme)
    await fourth


@requirement("upstream:shares:tenant")
async def test_a_tiers_own_number_stands_in_for_the_default() -> None:
    shares = Shares(RULES)
    assert [shares.claim("calls", who, n).most for who, n in (("a", 0), ("a", 5), (UNVOUCHED, 5))] == [3, 5, 6]


@requirement("upstream:shares:tenant")
async def test_a_tenants_calls_and_passages_count_together() -> None:
    shares = Shares(RULES)
    await taken(shares, shares.claim("passages", "acme", 0), 3)
    call = waiting(shares, shares.claim("calls", "acme", 0))
    await turn()
    assert not call.done()
    shares.leave(shares.claim("passages", "acme", 0))
    await call


@requirement("upstream:shares:paths")
@pytest.mark.parametrize(("filling", "other"), [("passages", "calls"), ("calls", "passages")])
async def test_each_path_keeps_a_quarter_that_the_other_cannot_take(filling: str, other: str) -> None:
    shares = Shares(RULES)
    for number in range(6):
        await shares.enter(shares.claim(filling, f"t{number}", 0))
    seventh = waiting(shares, shares.claim(filling, "t6", 0))
    await turn()
    assert not seventh.done()
    await taken(shares, shares.claim(other, "t7", 0), 2)
    third = waiting(shares, shares.claim(other, "t8", 0))
    await turn()
    assert (seventh.done(), third.done()) == (False, False)
    shares.leave(shares.claim(filling, "t0", 0))
    await seventh
    shares.leave(shares.claim(other, "t7", 0))
    await third


@requirement("upstream:shares:waiting")
async def test_lines_are_served_in_turn_however_long_one_is() -> None:
    shares = Shares(ShareRules(places=4, per_tenant=3, unvouched=3, wait_s=30.0, waiting=20))
    full = shares.claim("passages", UNVOUCHED, 0)
    await taken(shares, full, 3)
    served: list[str] = []

    async def served_for(who: str) -> None:
        await shares.enter(shares.claim("passages", who, 0))
        served.append(who)

    tasks = [asyncio.create_task(served_for(who)) for who in ("a", "a", "a", "b", "c")]
    await turn()
    for _ in range(3):
        shares.leave(full)
    await turn()
    for _ in range(2):
        shares.leave(shares.claim("passages", served[0], 0))
        await turn()
    assert served == ["a", "b", "c", "a", "a"]
    await asyncio.gather(*tasks)


@requirement("upstream:shares:waiting")
async def test_who_waits_too_long_is_told_why() -> None:
    shares = Shares(ShareRules(places=4, per_tenant=2, unvouched=3, wait_s=0.001))
    acme = shares.claim("passages", "acme", 0)
    await taken(shares, acme, 2)
    with pytest.raises(LimitExceeded) as own:
        await shares.enter(acme)
    assert own.value.policies == ("in-flight",)
    await shares.enter(shares.claim("passages", "beta", 0))
    with pytest.raises(Overloaded):
        await shares.enter(shares.claim("passages", "gamma", 0))
    shares.leave(acme)
    await shares.enter(shares.claim("passages", "gamma", 0))


@requirement("upstream:shares:waiting")
async def test_one_caller_fills_half_of_the_line_and_all_together_no_more_than_it() -> None:
    shares = Shares(RULES)
    acme = shares.claim("passages", "acme", 0)
    await taken(shares, acme, 3)
    tasks = [waiting(shares, acme) for _ in range(4)]
    await turn()
    with pytest.raises(LimitExceeded):
        await shares.enter(acme)
    beta = shares.claim("passages", "beta", 0)
    await taken(shares, beta, 3)
    tasks += [waiting(shares, beta) for _ in range(4)]
    await turn()
    with pytest.raises(Overloaded):
        await shares.enter(shares.claim("passages", "gamma", 0))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    gamma = waiting(shares, shares.claim("passages", "gamma", 0))
    shares.leave(beta)
    await gamma


@requirement("upstream:shares:waiting")
async def test_a_client_that_leaves_the_line_or_just_got_its_place_leaves_nothing_behind() -> None:
    shares = Shares(RULES)
    acme = shares.claim("passages", "acme", 0)
    await taken(shares, acme, 3)
    gone, granted, next_ = (waiting(shares, acme) for _ in range(3))
    await turn()
    gone.cancel()
    await turn()
    shares.leave(acme)
    granted.cancel()
    with suppress(asyncio.CancelledError):
        await granted
    await next_
    for _ in range(3):
        shares.leave(acme)
    await taken(shares, acme, 3)
