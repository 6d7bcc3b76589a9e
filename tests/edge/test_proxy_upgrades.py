"""A switch of protocols through the whole facade: admitted as a passage, then raw bytes both ways."""

import asyncio
import errno
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import trustme

from facade.edge.listening import TlsFiles
from facade.edge.server import ServerSettings
from facade.edge.tunnels import carry_down
from facade.kernel import Rights, Rule, Tier
from facade.meter import Intent
from facade.testing.wire import OK, Received
from tests.edge.proxying import Rig, bearer, problem, request, rig, status, world
from tests.requirements import requirement

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def upgrade(*headers: str, protocol: str = "websocket") -> bytes:
    raw = request("/socket", "Connection: Upgrade", f"Upgrade: {protocol}", KEY, *headers)
    return raw.replace(b"Connection: close\r\n", b"")


class Echo:
    """An application's side: switches, sends back what it gets, and is told when its peer has ended."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.ended = asyncio.Event()
        self.last = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(SWITCH)
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
            writer.write(self.last)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.ended.set()
            writer.close()


@asynccontextmanager
async def echoing(**more: Any) -> AsyncIterator[tuple[Rig, Echo]]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with rig(upstream={"base": base, **more.pop("upstream", {})}, **more) as r:
            yield r, echo
    finally:
        server.close()


def ledger(r: Rig) -> list[str]:
    return [x.what if isinstance(x, Intent) else x.outcome for x in r.world.journal.records]


@requirement("wire:upgrade:passed", "proxy:ledger:settled")
@pytest.mark.parametrize("protocol", ["websocket", "chess/2.0", "websocket, chess"])
async def test_a_tenants_switch_carries_its_context_and_is_one_passage(protocol: str) -> None:
    async with echoing() as (r, echo), r.connected() as (reader, writer):
        writer.write(upgrade(bearer("acme"), protocol=protocol))
        assert await reader.readuntil(b"\r\n\r\n") == SWITCH
        for data in (b"\x81\x05hello", b"GET / HTTP/1.1\r\n\r\n", bytes(300_000)):
            writer.write(data)
            assert await reader.readexactly(len(data)) == data
        assert ledger(r) == ["GET *"]
        writer.write_eof()
        assert await reader.read() == b""
        await r.heard.settled.wait()
        assert ledger(r) == ["GET *", "ok"]
    head = echo.heads[0]
    assert b"\r\nConnection: Upgrade\r\nUpgrade: %b\r\n" % protocol.encode() in head
    assert (head.count(b"X-Tenant-ID: acme"), KEY.encode() in head, b"Authorization" in head) == (1, True, False)


@requirement("wire:upgrade:passed")
async def test_each_side_may_end_before_the_other() -> None:
    async with echoing() as (r, echo), r.connected() as (reader, writer):
        echo.last = b"bye"
        writer.write(upgrade())
        await reader.readuntil(b"\r\n\r\n")
        writer.write_eof()
        assert await reader.read() == b"bye"


@requirement("wire:upgrade:passed")
async def test_over_tls_the_applications_end_is_the_connections_end(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("facade.test")
    files = TlsFiles(certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(files.certificate)
    issued.private_key_pem.write_to_path(files.key)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(SWITCH + b"bye")
        writer.close()

    async with rig(script, settings=ServerSettings(tls=files)) as r:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", r.server.port, ssl=trusting, server_hostname="facade.test"
        )
        writer.write(upgrade())
        assert await reader.read() == SWITCH + b"bye"
        writer.close()


@requirement("wire:upgrade:passed", "proxy:ledger:settled")
async def test_a_client_that_is_gone_ends_the_applications_side_and_that_is_no_fault() -> None:
    async with echoing() as (r, echo):
        async with r.connected() as (reader, writer):
            writer.write(upgrade(bearer("acme")))
            await reader.readuntil(b"\r\n\r\n")
        await echo.ended.wait()
        await r.heard.settled.wait()
        assert ledger(r) == ["GET *", "ok"]


@requirement("wire:upgrade:passed")
async def test_a_tunnel_without_a_sound_is_closed() -> None:
    async with echoing(upstream={"relay_idle_s": 0.03}) as (r, _), r.connected() as (reader, writer):
        writer.write(upgrade())
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.read() == b""


@requirement("wire:upgrade:passed")
async def test_a_tunnel_takes_no_place_of_those_who_wait_for_an_answer() -> None:
    async with echoing(settings=ServerSettings(concurrency=1)) as (r, _), r.connected() as (reader, writer):
        writer.write(upgrade())
        assert await reader.readuntil(b"\r\n\r\n") == SWITCH
        assert status(await r.raw(request("/agent/healthz"))) == 200


@requirement("wire:upgrade:passed", "proxy:drain:lame-duck")
async def test_tunnels_are_closed_when_the_server_drains() -> None:
    async with echoing(settings=ServerSettings(lame_duck_s=0, drain_s=5)) as (r, echo):
        async with r.connected() as (reader, writer):
            writer.write(upgrade(bearer("acme")))
            await reader.readuntil(b"\r\n\r\n")
            await r.server.drain()
            assert await reader.read() == b""
        await echo.ended.wait()
        assert ledger(r) == ["GET *", "ok"]


@requirement("wire:upgrade:passed")
async def test_a_switch_is_admitted_as_every_passage_is() -> None:
    closed = world(tier=Tier(name="gold", rights=Rights(deny=(Rule(methods=("GET",)),))))
    async with echoing(made=closed) as (r, echo), r.connected() as (reader, writer):
        writer.write(upgrade(bearer("acme")))
        head = await reader.readuntil(b"\r\n\r\n")
        assert (status(head), echo.heads) == (403, [])


@requirement("wire:upgrade:passed")
async def test_an_upgrade_that_the_application_does_not_take_is_an_ordinary_exchange() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)

    async with rig(script) as r:
        got = await r.raw(upgrade() + request("/next"))
        assert (got.count(b"HTTP/1.1 200 OK"), [x.line for x in r.app.received][1:]) == (2, [b"GET /next HTTP/1.1"])


@requirement("wire:upgrade:passed")
async def test_an_upgrade_that_connection_does_not_name_stays_here() -> None:
    async with rig() as r:
        assert status(await r.raw(request("/", "Upgrade: websocket"))) == 200
        assert (r.app.received[0].values("upgrade"), r.app.received[0].values("connection")) == ([], [])


@requirement("wire:upgrade:passed", "wire:answers:strict")
async def test_a_switch_that_nobody_asked_for_is_a_problem() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(SWITCH)

    async with rig(script) as r:
        assert problem(await r.raw(request("/")))[:2] == (502, "upstream_broken")


@requirement("wire:upgrade:passed")
async def test_a_client_whose_switch_is_declined_is_told_to_close_where_what_it_sent_behind_is_lost() -> None:
    async with rig() as r:
        got = await r.raw(upgrade(protocol="chess") + request("/next"))
        assert (got.count(b"HTTP/1.1 200 OK"), b"\r\nConnection: close\r\n" in got) == (1, True)
        assert [x.line for x in r.app.received] == [b"GET /socket HTTP/1.1"]
        named_in_vain = upgrade(protocol="chess").replace(b"Connection: Upgrade\r\n", b"")
        assert (await r.raw(named_in_vain + request("/next"))).count(b"HTTP/1.1 200 OK") == 2


@requirement("wire:upgrade:passed")
async def test_a_client_that_resets_just_as_the_application_ends_is_no_fault() -> None:
    class Reset(asyncio.Transport):
        def can_write_eof(self) -> bool:
            return True

        def is_closing(self) -> bool:
            return False

        def write_eof(self) -> None:
            raise OSError(errno.ENOTCONN, "not connected")

    async def nothing() -> AsyncIterator[bytes]:
        for chunk in ():
            yield chunk

    assert await carry_down(cast(Any, None), Reset(), nothing()) is None
