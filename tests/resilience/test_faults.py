"""The proxy that breaks things does what its faults say, in its test's time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from facade.testing.faults import KINDS, FaultProxy, Sleep, dripping, fault_proxy, jittery, late, storm
from facade.testing.wire import OK, Wire, always, wire

REQUEST = b"POST /things HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"


@asynccontextmanager
async def broken(sleep: Sleep = asyncio.sleep) -> AsyncIterator[tuple[FaultProxy, Wire]]:
    async with wire(always(OK)) as app, fault_proxy(app.port, sleep=sleep) as proxy:
        yield proxy, app


async def asked(proxy: FaultProxy, size: int = len(OK)) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(REQUEST)
    try:
        return await reader.readexactly(size)
    finally:
        writer.close()


async def test_without_a_fault_it_hands_over_both_ways_and_counts() -> None:
    async with broken() as (proxy, app):
        assert await asked(proxy) == OK
        assert [(r.line, r.body) for r in app.received] == [(b"POST /things HTTP/1.1", b"hi")]
        assert (proxy.connections, proxy.begun, proxy.forwarded) == (1, 1, 1)


async def test_latency_jitter_and_drips_take_their_time_from_the_test() -> None:
    slept: list[float] = []

    async def sleep(duration_s: float) -> None:
        slept.append(duration_s)

    async with broken(sleep) as (proxy, _):
        proxy.fault = late(3.0)
        assert await asked(proxy) == OK
        proxy.fault = jittery(iter([1.0, 5.0]))
        assert [await asked(proxy), await asked(proxy)] == [OK, OK]
        assert slept == [3.0, 1.0, 5.0]
        slept.clear()
        proxy.fault = dripping(size=30, pause_s=0.5)
        assert await asked(proxy) == OK
        assert set(slept) == {0.5}


async def test_a_storm_hits_its_share() -> None:
    async with broken() as (proxy, app):
        proxy.fault = storm(0.25, 503)
        lines = [(await asked(proxy, 12))[9:] for _ in range(8)]
        assert (lines.count(b"503"), lines.count(b"200"), len(app.received)) == (2, 6, 6)


async def test_refused_connections_come_back_on_the_same_port() -> None:
    async with broken() as (proxy, _):
        await proxy.refuse()
        with pytest.raises(OSError, match="Connect call failed"):
            await asked(proxy)
        await proxy.listen()
        assert await asked(proxy) == OK


def test_there_are_at_least_fifteen_kinds() -> None:
    assert len(KINDS) >= 15
