"""Connections: how many, to where, who waits for one, and how long they are kept."""

import asyncio
import socket
import ssl
from collections.abc import Sequence

import pytest
import trustme
from aiohttp.abc import AbstractResolver, ResolveResult

from facade.adapters.upstream import Address, UpstreamSettings, WireRelay, open_relay
from facade.adapters.upstream.pinning import Pinned
from facade.kernel import UpstreamUnavailable
from facade.testing.wire import OK, Received, always, wire
from tests.adapters.wire.exchanging import got, passage, pieces, relaying
from tests.requirements import requirement


class Names(AbstractResolver):
    """Answers with one list of addresses after the other, then fails."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.left = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if not self.left:
            raise OSError("no name server")
        return [
            ResolveResult(hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0)
            for each in self.left.pop(0)
        ]

    async def close(self) -> None:
        pass


@requirement("wire:reuse")
async def test_an_idle_connection_is_closed_in_time() -> None:
    async with relaying(always(OK), keep_alive_s=0.02) as (relay, app):
        await got(relay, passage())
        await asyncio.gather(*[task for task in app.open.values() if task])
        await got(relay, passage())
        assert [r.connection for r in app.received] == [1, 2]


@requirement("wire:pool")
async def test_connections_are_bounded_and_handed_on_in_line() -> None:
    go, both = asyncio.Event(), asyncio.Barrier(3)

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        if not go.is_set():
            await both.wait()
        await go.wait()
        writer.write(OK)

    async with relaying(script, pool_size=2, queue_s=20.0) as (relay, app):
        running = [asyncio.create_task(got(relay, passage(target=f"/{n}"))) for n in range(6)]
        await both.wait()
        running[3].cancel()
        go.set()
        done = await asyncio.gather(*running, return_exceptions=True)
        assert [isinstance(each, BaseException) for each in done] == [n == 3 for n in range(6)]
        assert (app.connections, [r.line for r in app.received][2:]) == (
            2,
            [b"GET /2 HTTP/1.1", b"GET /4 HTTP/1.1", b"GET /5 HTTP/1.1"],
        )


@requirement("wire:pool")
async def test_who_waits_too_long_for_a_connection_is_told_that_nothing_was_sent() -> None:
    async def hang(received: Received, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    async with relaying(hang, pool_size=1, queue_s=0.02) as (relay, app):
        first = asyncio.create_task(got(relay, passage()))
        await app.arrived.wait()
        with pytest.raises(UpstreamUnavailable):
            await got(relay, passage())
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        app.script = always(OK)
        assert await got(relay, passage()) == (200, b"{}")
        assert app.connections == 2


@requirement("wire:pool")
async def test_whoever_waits_gets_the_place_of_a_connection_that_is_lost() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        if b"/hang" in received.line:
            await writer.wait_closed()
        writer.write(OK)

    async with relaying(script, pool_size=1, queue_s=20.0) as (relay, app):
        hanging = asyncio.create_task(got(relay, passage(target="/hang")))
        await app.arrived.wait()
        waiting = [asyncio.create_task(got(relay, passage())) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        hanging.cancel()
        await asyncio.gather(hanging, waiting[0], return_exceptions=True)
        assert await asyncio.gather(*waiting[1:]) == [(200, b"{}")] * 2
        assert app.connections == 2


@requirement("wire:pool")
async def test_what_is_handed_to_one_who_leaves_in_that_moment_goes_to_the_next() -> None:
    go = asyncio.Event()

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        writer.write(OK)

    async with relaying(script, pool_size=1, queue_s=20.0) as (relay, app):

        async def first() -> None:
            await got(relay, passage())
            leaving.cancel()

        running = asyncio.create_task(first())
        await app.arrived.wait()
        leaving, staying = (asyncio.create_task(got(relay, passage())) for _ in range(2))
        go.set()
        assert await staying == (200, b"{}")
        await running
        assert (leaving.cancelled(), app.connections) == (True, 1)


@requirement("wire:pool")
async def test_giving_up_while_connecting_frees_the_place() -> None:
    class Slow(Names):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            asked.set()
            await go.wait()
            return await super().resolve(host, port, family)

    asked, go = asyncio.Event(), asyncio.Event()
    async with wire(always(OK)) as app:
        settings = UpstreamSettings(base=f"http://app.test:{app.port}", pool_size=1)
        async with open_relay(settings, resolver=Slow(["127.0.0.1"])) as relay:
            first = asyncio.create_task(got(relay, passage()))
            await asked.wait()
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            go.set()
            assert await got(relay, passage()) == (200, b"{}")


@requirement("wire:pool")
async def test_a_place_whose_connection_could_not_be_made_is_free_again() -> None:
    async with wire(always(OK)) as app:
        settings = UpstreamSettings(base=f"http://127.0.0.1:{app.port}", pool_size=1)
    async with open_relay(settings) as relay:
        for _ in range(3):
            with pytest.raises(UpstreamUnavailable):
                await got(relay, passage())


@requirement("wire:pinned")
async def test_the_addresses_of_the_host_are_tried_in_their_order() -> None:
    async with wire(always(OK)) as app:
        settings = UpstreamSettings(base=f"http://app.test:{app.port}")
        async with open_relay(settings, resolver=Names(["127.0.0.2", "127.0.0.1"])) as relay:
            assert await got(relay, passage()) == (200, b"{}")
            assert app.received[0].values("host") == [f"app.test:{app.port}"]


@requirement("wire:pinned")
@pytest.mark.parametrize(
    ("networks", "names"), [(("10.0.0.0/8",), Names(["127.0.0.1"])), ((), Names()), ((), Names([]))]
)
async def test_an_address_that_is_not_permitted_or_known_is_not_connected_to(
    networks: tuple[str, ...], names: Names
) -> None:
    async with wire(always(OK)) as app:
        settings = UpstreamSettings(base=f"http://app.test:{app.port}", networks=networks)
        async with open_relay(settings, resolver=names) as relay:
            with pytest.raises(UpstreamUnavailable):
                await got(relay, passage())
        assert app.connections == 0


@requirement("wire:pinned")
async def test_a_name_server_that_fails_later_does_not_take_the_application_away() -> None:
    pinned = Pinned(Address(scheme="http", host="app.test", port=80), (), Names(["127.0.0.1"]))
    for _ in range(2):
        assert await pinned.where() == ("127.0.0.1",)
        assert (pinned.permits("127.0.0.1", 80), pinned.permits("127.0.0.1", 81)) == (True, False)
        assert not pinned.permits("127.0.0.2", 80)
        pinned.forget()


@requirement("wire:pinned")
async def test_tls_is_spoken_with_the_configured_name_and_trust_alone() -> None:
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("app.test").configure_cert(served)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=served)
    port = server.sockets[0].getsockname()[1]
    for host, context, fine in (
        ("app.test", trusting, True),
        ("other.test", trusting, False),
        ("app.test", None, False),
    ):
        settings = UpstreamSettings(base=f"https://{host}:{port}")
        async with open_relay(settings, resolver=Names(["127.0.0.1"]), ssl=context) as relay:
            if fine:
                assert [await got(relay, passage()), await got(relay, passage())] == [(200, b"{}")] * 2
            else:
                with pytest.raises(UpstreamUnavailable):
                    await got(relay, passage())
    server.close()


@requirement("upstream:attempts:cancel-storm", "invariant:tenant:isolated")
async def test_whoever_is_cancelled_whenever_nobody_gets_anothers_answer() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        name = received.line.split()[1]
        for part in (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n" % (len(name), name)):
            writer.write(part)
            await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")

    async def ask(relay: WireRelay, number: int) -> None:
        body = {"body": pieces(b"%d" % number)} if number % 3 == 0 else {}
        assert await got(relay, passage("POST", f"/{number}", **body)) == (200, b"/%d" % number)

    async with relaying(script, pool_size=6, queue_s=20.0) as (relay, _):
        running = [asyncio.create_task(ask(relay, number)) for number in range(400)]
        for turn, task in enumerate(running[::2]):
            for _ in range(turn % 7):
                await asyncio.sleep(0)
            task.cancel()
        done = await asyncio.gather(*running, return_exceptions=True)
        assert {type(each) for each in done} <= {type(None), asyncio.CancelledError}
        assert [each for each in done[1::2] if each is not None] == []
        assert await got(relay, passage("POST", "/last")) == (200, b"/last")
