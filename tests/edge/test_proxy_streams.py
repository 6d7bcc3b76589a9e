"""Streams through the whole facade: as they come, bounded, settled however they end; and the end of a process."""

import asyncio
import gzip
import resource
import zlib

import pytest

from facade.edge.observing import Tee, Watch, decoded, watching
from facade.edge.proxy import ProxyRules
from facade.edge.server import ServerSettings
from facade.meter import Settle
from facade.testing.wire import OK, Received, always
from facade.testing.world import FakeProbe
from tests.edge.proxying import bearer, problem, request, rig, status, world
from tests.requirements import requirement

MIB = 1024 * 1024


def settlements(rig) -> list[tuple[str, int | None]]:
    return [(r.outcome, r.status) for r in rig.world.journal.records if isinstance(r, Settle)]


@requirement("relay:stream:bounded")
async def test_events_reach_the_client_one_by_one() -> None:
    go = asyncio.Event()

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"8\r\ndata: 1\n\r\n")
        await go.wait()
        writer.write(b"8\r\ndata: 2\n\r\n0\r\n\r\n")

    async with rig(script) as r, r.connected() as (reader, writer):
        writer.write(request("/events", bearer("acme")))
        first = await reader.readuntil(b"data: 1\n")
        assert b"Content-Type: text/event-stream" in first
        assert settlements(r) == []
        go.set()
        assert (await reader.read()).endswith(b"data: 2\n\r\n0\r\n\r\n")
        assert settlements(r) == [("ok", 200)]


@requirement("relay:stream:bounded")
async def test_a_large_upload_and_download_pass_in_bounded_memory() -> None:
    size = 96 * MIB
    block = bytes(MIB)

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // MIB):
            writer.write(block)
            await writer.drain()

    async with rig(script) as r:
        await r.raw(request("/warm"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        async with r.connected() as (reader, writer):
            writer.write(request("/down", bearer("acme")))
            received = 0
            while chunk := await reader.read(MIB):
                received += len(chunk)
            assert received > size
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 48 * 1024


@requirement("proxy:broken:no-false-end", "proxy:ledger:settled")
async def test_an_answer_that_breaks_off_ends_the_clients_connection_without_an_end() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        await writer.drain()
        writer.close()

    async with rig(script) as r:
        answer = await r.raw(request("/x", bearer("acme")))
        assert answer.endswith(b"4\r\nhalf\r\n")
        assert settlements(r) == [("upstream_broken", 200)]


@requirement("proxy:broken:no-false-end")
async def test_a_sized_answer_that_breaks_off_ends_the_clients_connection_before_its_end() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    async with rig(script) as r:
        answer = await r.raw(request("/x", bearer("acme")))
        assert (status(answer), answer.endswith(b"\r\n\r\nhalf")) == (200, True)
        assert settlements(r) == [("upstream_broken", 200)]


@requirement("proxy:ledger:settled")
async def test_a_client_that_leaves_ends_its_read_at_once() -> None:
    async def hang(received: Received, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    async with rig(hang) as r, r.connected() as (_, writer):
        writer.write(request("/slow", bearer("acme")))
        await r.app.arrived.wait()
        writer.transport.abort()
        await r.heard.settled.wait()
        assert settlements(r) == [("broken", None)]


@requirement("proxy:ledger:settled")
async def test_a_client_that_leaves_does_not_end_its_write() -> None:
    answer = asyncio.Event()

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        if received.line.startswith(b"POST"):
            await answer.wait()
        writer.write(OK)

    async with rig(script) as r, r.connected() as (_, writer):
        writer.write(request("/pay", bearer("acme"), method="POST", body=b"{}"))
        await r.app.arrived.wait()
        writer.transport.abort()
        assert status(await r.raw(request("/after"))) == 200
        assert settlements(r) == []
        answer.set()
        await r.heard.settled.wait()
        assert settlements(r) == [("ok", 200)]


@requirement("proxy:ledger:settled")
async def test_a_client_that_leaves_does_not_end_its_write_whose_answer_has_begun() -> None:
    go = asyncio.Event()

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 201 Made\r\nContent-Length: 4\r\n\r\nha")
        await go.wait()
        writer.write(b"lf")

    async with rig(script) as r, r.connected() as (reader, writer):
        writer.write(request("/pay", bearer("acme"), method="POST", body=b"{}"))
        await reader.readuntil(b"ha")
        writer.transport.abort()
        await asyncio.sleep(0.01)
        go.set()
        await r.heard.settled.wait()
        assert settlements(r) == [("ok", 201)]


@requirement("proxy:ledger:settled")
async def test_a_client_that_leaves_in_the_middle_of_its_answer_is_settled() -> None:
    async def endless(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"%x\r\n%s\r\n" % (MIB, bytes(MIB)))
            await writer.drain()

    async with rig(endless) as r, r.connected() as (reader, writer):
        writer.write(request("/x", bearer("acme")))
        await reader.readexactly(100_000)
        writer.transport.abort()
        await r.heard.settled.wait()
        assert settlements(r) == [("broken", 200)]


@requirement("proxy:ledger:settled")
@pytest.mark.parametrize("stops", [True, False], ids=["stalls", "breaks off"])
async def test_an_upload_that_does_not_arrive_is_the_clients_fault_and_settled(stops: bool) -> None:
    async with rig() as r:
        half = request("/x", bearer("acme"), "Content-Length: 10", method="POST") + b"abc"
        async with r.connected() as (_, writer):
            writer.write(half)
            await writer.drain()
            await r.heard.intended.wait()
            if stops:
                writer.write_eof()
            else:
                writer.transport.abort()
            await r.heard.settled.wait()
            assert settlements(r) == [("invalid_request", None)]
            assert r.app.received == []


@requirement("proxy:hygiene:slow")
async def test_an_upload_that_stalls_is_refused_at_its_deadline() -> None:
    async with rig(rules=ProxyRules(body_s=0.05)) as r:
        answer = await r.raw(request("/x", bearer("acme"), "Content-Length: 10", method="POST") + b"abc")
        assert problem(answer) == (400, "invalid_request", "body")
        assert r.app.received == []


@requirement("proxy:drain:lame-duck")
async def test_the_end_begins_with_telling_clients_to_go_and_lets_work_in_hand_end() -> None:
    answer = asyncio.Event()

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        if received.line.startswith(b"GET /slow"):
            await answer.wait()
        writer.write(OK)

    async with rig(script, settings=ServerSettings(lame_duck_s=0, drain_s=5)) as r:
        kept = request("/1", bearer("acme")).replace(b"Connection: close\r\n", b"")
        async with r.connected() as (reader, writer):
            writer.write(kept)
            assert b"Connection: close" not in await reader.readuntil(b"{}")
            r.app.arrived.clear()
            slow = asyncio.create_task(r.raw(request("/slow", bearer("acme"))))
            await r.app.arrived.wait()
            assert r.server.ready
            await r.server.drain()
            assert not r.server.ready
            writer.write(kept)
            last = await reader.read()
            assert (status(last), b"Connection: close" in last) == (200, True)
            answer.set()
            assert status(await slow) == 200
    assert len(settlements(r)) == 3


async def test_work_in_hand_ends_well_while_the_server_closes() -> None:
    answer = asyncio.Event()

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        await answer.wait()
        writer.write(OK)

    async with rig(script, settings=ServerSettings(lame_duck_s=0, drain_s=5)) as r:
        slow = asyncio.create_task(r.raw(request("/slow", bearer("acme"))))
        await r.app.arrived.wait()
        asyncio.get_running_loop().call_soon(answer.set)
    assert status(await slow) == 200


async def test_work_that_does_not_end_holds_the_end_up_for_its_time_and_no_longer() -> None:
    late, came_late = asyncio.Event(), []

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        await late.wait()

    async with rig(script, settings=ServerSettings(lame_duck_s=0, drain_s=1)) as r:
        slow = asyncio.create_task(r.raw(request("/slow", bearer("acme"))))
        slow.add_done_callback(lambda _: came_late.append(late.is_set()))
        await r.app.arrived.wait()
        asyncio.get_running_loop().call_later(1.9, late.set)
    assert (await slow, came_late) == (b"", [False])


GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"rows":[]}'
THINGS = "/accounts/acme-1/things"


def watch(probe: FakeProbe, *, most: int = 1_000, chance: float = 0.0) -> Watch:
    return Watch(probe, sample=0.5, most=most, chance=lambda: chance)


@requirement("proxy:observe:off-path")
async def test_traffic_that_differs_from_the_contract_is_counted_and_passes() -> None:
    made = world()
    async with watching(watch(made.probe)) as eye, rig(made=made, api={"watch": eye}) as r:
        assert status(await r.raw(request(f"{THINGS}?n=x", bearer("acme")))) == 200
        assert status(await r.raw(request("/undescribed", bearer("acme")))) == 200
        await eye.idle()
        assert {violation.rsplit(":", 1)[0] for violation in made.probe.violations} == {
            "main.listThings:request",
            "main.listThings:response",
        }


@requirement("proxy:observe:off-path")
async def test_traffic_that_keeps_the_contract_or_is_not_sampled_counts_nothing() -> None:
    for script, chance in ((always(GOOD), 0.0), (always(OK), 0.5)):
        made = world()
        eye = watch(made.probe, chance=chance)
        async with watching(eye), rig(script, made=made, api={"watch": eye}) as r:
            assert status(await r.raw(request(THINGS, bearer("acme")))) == 200
        assert made.probe.violations == []


@requirement("proxy:observe:off-path")
async def test_a_request_body_is_judged_too() -> None:
    made = world()
    made_answer = always(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    async with watching(watch(made.probe)) as eye, rig(made_answer, made=made, api={"watch": eye}) as r:
        kind = "Content-Type: application/json"
        await r.raw(request(THINGS, bearer("acme"), kind, method="POST", body=b"[1]"))
        await eye.idle()
    assert {violation.rsplit(":", 1)[0] for violation in made.probe.violations} == {"main.addThing:request"}


async def test_a_tee_keeps_no_more_than_its_bound_and_only_what_came_whole() -> None:
    async def pieces():
        for piece in (b"ab", b"cd"):
            yield piece

    for most, kept in ((4, b"abcd"), (3, None)):
        tee = Tee(most)
        assert [piece async for piece in tee.through(pieces())] == [b"ab", b"cd"]
        assert tee.body("") == kept
    cut = Tee(9)
    cut.add(b"ab")
    assert cut.body("") is None


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_an_encoded_body_is_read_as_far_as_its_bound(encoding: str) -> None:
    packed = {"gzip": gzip.compress(b"x" * 50), "deflate": zlib.compress(b"x" * 50), "br": b"?"}[encoding]
    assert decoded(packed, encoding, 100) == (None if encoding == "br" else b"x" * 50)
    assert decoded(packed, encoding, 10) is None
    assert decoded(b"junk", "gzip", 100) is None
