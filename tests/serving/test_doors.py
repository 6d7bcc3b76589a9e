"""The server's own door, from outside: slow clients, crowds, TLS."""

import asyncio
import gc
import ssl
import weakref
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import trustme
from aiohttp import web
from aiohttp.typedefs import Handler

from facade.edge.connection import Connection
from facade.edge.doorway import DoorLimits
from facade.edge.health import Health
from facade.edge.listening import TlsFiles, load_certificate
from facade.edge.load import Pressure
from facade.edge.server import STREAMED, Gate, ServerSettings, Serving, application, serving
from facade.kernel import SettingsInvalid
from facade.testing.ids import FakeIds
from facade.testing.world import World
from tests.requirements import requirement

QUICK = ServerSettings(port=0, keep_alive_s=0.3, body_s=0.3, drain_s=1)
ASK = b"GET /own HTTP/1.1\r\nHost: h\r\n\r\n"


@asynccontextmanager
async def door(settings: ServerSettings = QUICK, *, own: Handler | None = None) -> AsyncGenerator[Serving]:
    """A server with a route of ours, one of the proxy's, and the probes."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text="fine")

    gate = Gate()
    app = application(settings, gate, FakeIds())
    app.add_routes(Health(lambda: True, lambda: World(contracts={}, rules={}).ports).routes("/agent"))
    app.router.add_route("*", "/own", own or answer)
    app.router.add_route("*", "/{tail:.*}", answer, name=STREAMED)
    async with serving(app, settings, gate) as server:
        yield server


async def said(server: Serving, *pieces: bytes, tls: ssl.SSLContext | None = None) -> bytes:
    """Everything that comes back until the server closes; nothing when it does so at once."""
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=tls, server_hostname=name)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@requirement("serving:clients:slow")
@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"GET /own",),
        (b"GET /own HTTP/1.1\r\nHost: h\r\nX-A: ",),
        (ASK,),
    ],
    ids=["silent", "request line", "headers", "idle after its answer"],
)
async def test_a_client_that_stops_is_closed(pieces: tuple[bytes, ...]) -> None:
    async with door() as server:
        answer = await said(server, *pieces)
    assert answer.startswith(b"HTTP/1.1 200") == (pieces == (ASK,))


@requirement("serving:clients:slow")
async def test_a_body_that_stops_arriving_is_refused() -> None:
    async with door() as server:
        answer = await said(server, b"POST /own HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{", b"")
    assert answer.startswith(b"HTTP/1.1 400")


@requirement("serving:clients:slow")
async def test_a_client_that_leaves_its_answer_unread_is_cut_off() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        finally:
            cut_off.set()

    cut_off = asyncio.Event()
    async with door(replace(QUICK, unread_s=0.2), own=endless) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        writer.write(ASK)
        async with asyncio.timeout(5):
            await cut_off.wait()
        writer.transport.abort()


@requirement("serving:connections:bounded")
async def test_nothing_is_kept_of_a_connection_that_is_closed() -> None:
    async def noted(request: web.Request) -> web.StreamResponse:
        known.append(weakref.ref(request.transport))
        return web.Response(text="fine")

    known: list[weakref.ref[object]] = []
    async with door(replace(QUICK, unread_s=60), own=noted) as server:
        await said(server, ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        await asyncio.sleep(0)
        gc.collect()
        assert [ref() for ref in known] == [None]


@requirement("serving:bodies:bounded")
@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 10000000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n800\r\n" + b"x" * 2048 + b"\r\n"],
)
async def test_a_body_beyond_its_bound_is_refused_before_it_is_there(head: bytes) -> None:
    async with door(replace(QUICK, max_body_bytes=1024, body_s=10)) as server:
        answer = await said(server, b"POST /own HTTP/1.1\r\nHost: h\r\n" + head)
    assert answer.startswith(b"HTTP/1.1 413")


@requirement("serving:connections:bounded")
async def test_in_a_full_house_the_idle_make_room_for_a_newcomer() -> None:
    crowd = replace(QUICK, keep_alive_s=60, door=DoorLimits(connections=16, per_address=0))
    async with door(crowd) as server:
        idle = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(40)]
        answer = await said(server, ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        async with asyncio.timeout(5):
            ended = [await reader.read() == b"" for reader, _ in idle[:24]]
        for _, writer in idle:
            writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert all(ended)


@requirement("serving:connections:bounded")
async def test_a_client_that_left_while_its_request_was_in_work_makes_no_room() -> None:
    async def held(request: web.Request) -> web.StreamResponse:
        cast(Connection, request.protocol).watchers.add(gone.set)
        entered.set()
        await (gone if request.method == "POST" else go_on).wait()
        return web.Response(text="fine")

    gone, entered, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    one = replace(QUICK, keep_alive_s=60, door=DoorLimits(connections=1))
    async with door(one, own=held) as server:
        _, leaver = await asyncio.open_connection("127.0.0.1", server.port)
        leaver.write(ASK.replace(b"GET", b"POST"))
        await entered.wait()
        entered.clear()
        leaver.transport.abort()
        await gone.wait()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(ASK)
        await entered.wait()
        assert await said(server, ASK) == b""
        go_on.set()
        await reader.readuntil(b"fine")
        writer.close()


@requirement("serving:connections:bounded")
async def test_one_address_cannot_have_more_than_its_share() -> None:
    async with door(replace(QUICK, keep_alive_s=60, door=DoorLimits(per_address=2))) as server:
        held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(2)]
        held[0][1].write(ASK)
        await held[0][0].readuntil(b"fine")
        assert await said(server, ASK) == b""
        for _, writer in held:
            writer.close()


@requirement("serving:load:shed")
@pytest.mark.parametrize(
    ("pressure", "served"),
    [
        (Pressure.NONE, {"/own": 200, "/theirs": 200, "/agent/healthz": 200}),
        (Pressure.AGENTS, {"/own": 503, "/theirs": 200, "/agent/healthz": 200}),
        (Pressure.ALL, {"/own": 503, "/theirs": 503, "/agent/healthz": 200}),
    ],
)
async def test_under_pressure_agents_go_first_and_probes_never(pressure: Pressure, served: dict[str, int]) -> None:
    async with door() as server:
        server.gate.load.pressure = pressure
        answers = {}
        for path in served:
            answer = await said(
                server, ASK.replace(b"/own", path.encode()).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            )
            answers[path] = int(answer.split(b" ")[1])
    assert answers == served


class Papers:
    """An authority, and a certificate of it for localhost, as files."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.folder = folder
        self.files = self.issue("first")

    def issue(self, name: str) -> TlsFiles:
        """A fresh certificate."""
        papers = self.authority.issue_cert("localhost")
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        papers.cert_chain_pems[0].write_to_path(str(certificate))
        papers.private_key_pem.write_to_path(str(key))
        authority = self.folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(authority))
        return TlsFiles(certificate=certificate, key=key)

    def client(self, *, shows: bool = False) -> ssl.SSLContext:
        """A client that trusts the authority, and shows a certificate of it if asked to."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if shows:
            self.authority.issue_cert("client@example.test").configure_cert(context)
        return context


CLOSING = b"GET /theirs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@requirement("serving:tls:clients")
async def test_clients_are_served_over_tls(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    async with door(replace(QUICK, tls=papers.files)) as server:
        assert (await said(server, CLOSING, tls=papers.client())).startswith(b"HTTP/1.1 200")


@requirement("serving:tls:clients")
async def test_where_a_client_must_show_a_certificate_nobody_else_is_served(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    strict = replace(papers.files, client_ca=tmp_path / "ca.pem", minimum="TLSv1.3")
    async with door(replace(QUICK, tls=strict)) as server:
        assert (await said(server, CLOSING, tls=papers.client(shows=True))).startswith(b"HTTP/1.1 200")
        assert await said(server, CLOSING, tls=papers.client()) == b""


@requirement("serving:tls:clients", "serving:clients:slow")
@pytest.mark.parametrize("hello", [b"", b"\x16\x03\x01"])
async def test_a_client_that_stops_in_its_handshake_is_closed(tmp_path: Path, hello: bytes) -> None:
    papers = Papers(tmp_path)
    async with door(replace(QUICK, tls=papers.files)) as server:
        assert await said(server, hello) == b""


@requirement("serving:tls:renewed")
async def test_a_renewed_certificate_is_shown_to_new_connections_and_a_bad_one_to_nobody(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    async with door(replace(QUICK, tls=papers.files)) as server:
        assert server.tls is not None
        before = await shown(server, papers)
        load_certificate(server.tls, papers.issue("second"))
        after = await shown(server, papers)
        papers.files.certificate.write_text("nonsense")
        with pytest.raises(SettingsInvalid) as refused:
            load_certificate(server.tls, papers.files)
        assert (await shown(server, papers), before == after) == (after, False)
    assert [f.place for f in refused.value.findings] == ["listen.tls.cert_file"]


async def shown(server: Serving, papers: Papers) -> bytes:
    """The certificate that a new connection sees."""
    _, writer = await asyncio.open_connection(
        "127.0.0.1", server.port, ssl=papers.client(), server_hostname="localhost"
    )
    certificate: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return certificate


@requirement("serving:tls:clients")
@pytest.mark.parametrize("wrong", ["certificate", "client_ca"])
async def test_a_file_of_tls_that_is_none_starts_nothing(tmp_path: Path, wrong: str) -> None:
    papers = Papers(tmp_path)
    files = replace(papers.files, **{wrong: tmp_path / "nothing.pem"})
    with pytest.raises(SettingsInvalid):
        async with door(replace(QUICK, tls=files)):
            pass
