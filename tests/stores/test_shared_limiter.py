"""The limiter that several processes share, both ends in one loop."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from facade.adapters.stores.memory import MemoryLimiter
from facade.adapters.stores.shared import SharedLimiter, keep, open_shared
from facade.kernel import SECOND, Counted, Micros, Overloaded, Tier
from facade.testing.clock import START
from tests.requirements import requirement
from tests.stores.test_limiter import REQUESTS, TIER, takes, tenant

pytestmark = requirement("serving:workers:keeper")

ONE = {Counted.REQUESTS: 1}


@asynccontextmanager
async def worker(limiter: MemoryLimiter) -> AsyncGenerator[SharedLimiter]:
    ours, theirs = socket.socketpair()
    keeping = asyncio.create_task(keep(limiter, ours))
    async with open_shared(theirs) as shared:
        yield shared
    await keeping


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(asked=takes)
async def test_it_decides_as_the_memory_limiter(asked: list[tuple[str, dict[Counted, int], int]]) -> None:
    alone, now = MemoryLimiter(), START
    async with worker(MemoryLimiter()) as shared:
        for name, cost, wait in asked:
            now = Micros(now + wait)
            who = tenant(name)
            assert await shared.take(who, cost, now) == await alone.take(who, cost, now)
            assert await shared.standing(who, now) == await alone.standing(who, now)


async def test_two_workers_together_get_what_one_would() -> None:
    limiter = MemoryLimiter()
    async with worker(limiter) as one, worker(limiter) as two:
        verdicts = await asyncio.gather(*(each.take(tenant(), ONE, START) for each in (one, two) for _ in range(10)))
    assert sum(verdict.admitted for verdict in verdicts) == REQUESTS.burst


async def test_a_worker_that_dies_gives_back_what_it_held() -> None:
    limiter, crowd = MemoryLimiter(), tenant(tier=Tier(name="small", concurrency=3))
    async with worker(limiter) as first:
        for _ in range(3):
            await first.take(crowd, ONE, START)
        first.release(crowd.id)
        held = (await first.standing(crowd, START), limiter.in_flight(crowd.id))[1]
    assert (held, limiter.in_flight(crowd.id)) == (2, 0)


async def test_a_request_that_is_cancelled_while_it_asks_holds_nothing() -> None:
    limiter, crowd = MemoryLimiter(), tenant(tier=Tier(name="small", concurrency=3))
    async with worker(limiter) as shared:
        asking = asyncio.create_task(shared.take(crowd, ONE, START))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await shared.standing(crowd, START)
        await shared.standing(crowd, START)
        assert limiter.in_flight(crowd.id) == 0


async def test_a_look_that_is_cancelled_harms_nobody_else() -> None:
    async with worker(MemoryLimiter()) as shared:
        looking = asyncio.create_task(shared.standing(tenant(), START))
        await asyncio.sleep(0)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        assert (await shared.take(tenant(), ONE, START)).admitted


async def test_without_its_keeper_nothing_is_admitted() -> None:
    ours, theirs = socket.socketpair()
    async with open_shared(theirs) as shared:
        asking = asyncio.create_task(shared.take(tenant(), ONE, START))
        await asyncio.sleep(0)
        ours.close()
        with pytest.raises(Overloaded):
            await asking
        with pytest.raises(Overloaded):
            await shared.take(tenant(), ONE, START)
        shared.release("acme")


async def test_more_tiers_than_the_keeper_remembers_are_told_again() -> None:
    tiers = [replace(TIER, name=f"t{n}", rates=(replace(REQUESTS, per=Micros(SECOND + n)),)) for n in range(300)]
    async with worker(MemoryLimiter()) as shared:
        for _ in range(2):
            verdicts = [await shared.take(tenant(t.name, t), {Counted.CALLS: 1}, START) for t in tiers]
            assert all(verdict.admitted for verdict in verdicts)
