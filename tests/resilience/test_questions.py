"""Our own questions to an application with several addresses, as an introspection asks them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from facade.adapters.tokens import FetchFailed, OutgoingFetch
from facade.adapters.upstream import UpstreamSettings, open_session
from facade.adapters.upstream.steering import SteeredOutgoing
from facade.kernel import Micros
from facade.testing.clock import FakeClock
from facade.testing.faults import Fault, FaultProxy, fault_proxy, garbage, ignore, none, saying, stale
from facade.testing.upstream import FakeWatch, reach_of
from facade.testing.wire import always, wire
from tests.requirements import requirement

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme"


@dataclass
class Asking:
    fetch: OutgoingFetch
    proxies: list[FaultProxy]
    watch: FakeWatch
    clock: FakeClock

    async def asked(self) -> bytes | str:
        try:
            return (await self.fetch.fetch("GET", "/me", {})).body
        except FetchFailed as failed:
            return str(failed)


@asynccontextmanager
async def asking(addresses: int) -> AsyncIterator[Asking]:
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(wire(always(ANSWER)))
        proxies = [await stack.enter_async_context(fault_proxy(app.port)) for _ in range(addresses)]
        bases = [f"http://127.0.0.1:{proxy.port}" for proxy in proxies]
        singles = [UpstreamSettings(base=base) for base in bases]
        outgoings = [await stack.enter_async_context(open_session(each)) for each in singles]
        watch, clock = FakeWatch(), FakeClock()
        reach = reach_of(UpstreamSettings(base=bases[0], others=tuple(bases[1:])), watch=watch, clock=clock)
        fetch = OutgoingFetch(SteeredOutgoing(outgoings, reach.addresses), deadline_s=0.1)
        yield Asking(fetch=fetch, proxies=proxies, watch=watch, clock=clock)


@requirement("upstream:addresses:elsewhere")
async def test_a_question_goes_to_an_address_that_can_be_reached() -> None:
    async with asking(2) as scene:
        await scene.proxies[0].refuse()
        assert [await scene.asked() for _ in range(10)] == [b"me"] * 10


@requirement("breaker:opens")
async def test_an_application_that_cannot_be_asked_leaves_a_doubt_at_once() -> None:
    async with asking(1) as scene:
        await scene.proxies[0].refuse()
        assert {await scene.asked() for _ in range(5)} == {"ClientConnectorError"}
        assert (await scene.asked(), scene.watch.told) == ("UpstreamUnavailable", ["opened questions"])
        await scene.proxies[0].listen()
        scene.clock.advance(Micros(1_000_000))
        assert await scene.asked() == b"me"


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (garbage(), "ClientResponseError"),
        (stale, "ServerDisconnectedError"),
        (ignore, "TimeoutError"),
        (saying(503, b"no"), b"no"),
        (none, b"me"),
    ],
)
async def test_each_way_of_answering_is_told_as_it_is(fault: Fault, seen: bytes | str) -> None:
    async with asking(1) as scene:
        scene.proxies[0].fault = fault
        assert await scene.asked() == seen
