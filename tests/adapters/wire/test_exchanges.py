"""Exchanges on the wire: connections used again or not, bodies, words before an answer, other protocols."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from facade.adapters.upstream import UpstreamSettings, WireRelay, open_relay
from facade.kernel import InvalidRequest, UpstreamBroken, UpstreamTimeout
from facade.ports import RawHeaders
from facade.testing.wire import OK, Received, always, each
from tests.adapters.wire.exchanging import got, passage, pieces, relaying, whole
from tests.requirements import requirement


@requirement("wire:reuse")
async def test_a_connection_serves_one_whole_exchange_after_the_other() -> None:
    async with relaying(always(OK)) as (relay, app):
        for method in ("GET", "POST", "HEAD", "GET"):
            body = {"body": pieces(b"a", b"bc")} if method == "POST" else {}
            await got(relay, passage(method, **body))
            if method == "HEAD":
                app.script = always(OK)
        assert [(r.line.split()[0], r.connection) for r in app.received][:3] == [
            (b"GET", 1),
            (b"POST", 1),
            (b"HEAD", 1),
        ]


@requirement("wire:reuse")
@pytest.mark.parametrize("behind", [b"", b"unasked"], ids=["closes", "says more"])
async def test_a_connection_that_the_application_spoils_between_two_exchanges_is_left_alone(behind: bytes) -> None:
    go, spoilt = asyncio.Event(), asyncio.Event()

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        if received.connection == 1:
            await go.wait()
            writer.write(behind)
            writer.close()
            asyncio.get_running_loop().call_later(0.01, spoilt.set)

    async with relaying(script) as (relay, app):
        assert await got(relay, passage()) == (200, b"{}")
        go.set()
        await spoilt.wait()
        assert await got(relay, passage("POST")) == (200, b"{}")
        assert [r.connection for r in app.received] == [1, 2]


@requirement("wire:reuse", "upstream:attempts:one-on-the-wire")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_a_request_that_meets_a_dying_connection_is_sent_once_and_the_next_goes_on_a_new_one(method: str) -> None:
    async with relaying(each(OK, None, OK)) as (relay, app):
        await got(relay, passage())
        with pytest.raises(UpstreamBroken):
            await got(relay, passage(method))
        await got(relay, passage())
        assert [(r.line.split()[0].decode(), r.connection) for r in app.received] == [
            ("GET", 1),
            (method, 1),
            ("GET", 2),
        ]


@requirement("wire:answers:strict")
async def test_a_malformed_answer_breaks_the_exchange_before_anything_of_it_is_believed() -> None:
    smuggling = OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    async with relaying(each(smuggling, OK)) as (relay, app):
        with pytest.raises(UpstreamBroken):
            await got(relay, passage())
        assert await got(relay, passage()) == (200, b"{}")
        assert [r.connection for r in app.received] == [1, 2]


async def test_an_answer_may_end_with_its_connection() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        writer.close()

    async with relaying(script) as (relay, app):
        for _ in range(2):
            assert await got(relay, passage()) == (200, b"all of it")
        assert app.connections == 2


@requirement("wire:trailers:passed")
async def test_trailers_are_there_once_the_body_has_ended() -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n"
    async with relaying(always(raw)) as (relay, _), relay.exchange(passage()) as answer:
        assert (await whole(answer), tuple(answer.trailers)) == (b"hi", ((b"X-Sum", b"1"),))


class Heard:
    def __init__(self) -> None:
        self.said: list[tuple[int, bytes, RawHeaders]] = []

    async def __call__(self, status: int, reason: bytes, headers: RawHeaders) -> None:
        self.said.append((status, reason, headers))


@requirement("wire:interim")
async def test_informational_answers_are_told_as_they_come() -> None:
    heard = Heard()
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    async with relaying(each(early + OK, early + OK)) as (relay, _):
        assert await got(relay, passage(informed=heard)) == (200, b"{}")
        assert await got(relay, passage()) == (200, b"{}")
    assert heard.said == [(103, b"Early Hints", ((b"Link", b"</a>"),))]


@requirement("wire:interim")
async def test_a_body_that_waits_is_sent_when_the_application_says_so() -> None:
    heard = Heard()

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" + OK)

    async def body() -> AsyncIterator[bytes]:
        assert [status for status, _, _ in heard.said] == [100]
        yield b"abc"

    async with relaying(script, early=True, continue_s=60.0) as (relay, app):
        said = ((b"EXPECT", b"100-Continue"),)
        asked = passage("PUT", headers=said, body=body(), body_bytes=3, expects=True, waits=True, informed=heard)
        async with relay.exchange(asked) as answer:
            assert answer.status == 200
        assert app.received[0].headers[1:] == [("EXPECT", "100-Continue"), ("Content-Length", "3")]


@requirement("wire:interim", "relay:early:not-reused")
async def test_a_body_that_waits_is_not_sent_when_the_application_answers_at_once() -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    refused = b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"
    async with relaying(each(refused, OK), early=True, continue_s=60.0) as (relay, app):
        assert await got(relay, passage("PUT", body=never(), body_bytes=3, waits=True)) == (417, b"")
        assert await got(relay, passage()) == (200, b"{}")
        assert [r.connection for r in app.received] == [1, 2]


@requirement("wire:interim")
async def test_a_body_does_not_wait_for_ever() -> None:
    async with relaying(always(OK), continue_s=0.01) as (relay, app):
        assert await got(relay, passage("PUT", body=pieces(b"abc"), body_bytes=3, waits=True)) == (200, b"{}")
        assert app.received[0].body == b"abc"


async def test_an_application_that_answers_while_it_reads_gets_the_whole_body() -> None:
    async def echo(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        await go.wait()
        writer.write(b"0\r\n\r\n")

    async def body() -> AsyncIterator[bytes]:
        yield b"abc"
        await seen.wait()
        yield b"def"
        go.set()

    go, seen = asyncio.Event(), asyncio.Event()
    asked = passage("POST", body=body(), body_bytes=6)
    async with relaying(echo, early=True) as (relay, _), relay.exchange(asked) as answer:
        assert await anext(answer.chunks) == b"hi"
        seen.set()
        assert await whole(answer) == b""


@pytest.mark.parametrize(("said", "parts"), [(3, (b"ab", b"cd")), (5, (b"ab", b"cd"))])
async def test_a_body_of_another_length_than_it_says_breaks_the_exchange(said: int, parts: tuple[bytes, ...]) -> None:
    async with relaying(always(OK)) as (relay, app):
        with pytest.raises(UpstreamBroken):
            await got(relay, passage("POST", body=pieces(*parts), body_bytes=said))
        assert app.received == []


async def test_a_fault_of_our_own_in_a_body_does_not_leave_the_exchange_waiting() -> None:
    async def buggy() -> AsyncIterator[bytes]:
        yield b"ab"
        raise KeyError("a bug")

    async with relaying(always(OK)) as (relay, _):
        with pytest.raises(UpstreamBroken):
            await got(relay, passage("POST", body=buggy(), body_bytes=4))


async def test_what_the_client_does_wrong_in_its_body_is_told_as_its_own() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"ab"
        raise InvalidRequest("The request body stopped arriving.", place="body")

    async with relaying(always(OK)) as (relay, _):
        with pytest.raises(InvalidRequest):
            await got(relay, passage("POST", body=stalled(), body_bytes=4))


@requirement("upstream:framing:ours-alone")
async def test_framing_headers_of_a_passage_do_not_reach_the_wire() -> None:
    names = ("Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "Expect", "TE", "Trailer")
    hostile = ((b"Proxy-Authorization", b"x"), *((name.encode(), b"1") for name in names), (b"X-Kept", b"1"))
    async with relaying(always(OK)) as (relay, app):
        await got(relay, passage("POST", headers=hostile, body=pieces(b"abc"), body_bytes=3))
        assert app.received[0].headers[1:] == [("X-Kept", "1"), ("Content-Length", "3")]


@requirement("upstream:framing:ours-alone")
@pytest.mark.parametrize("target", ["", "x", "//evil.test/", "/a b", "/a\r\nX: y", "/\x7f", "/é", "/a#b", "http://x/"])
async def test_a_target_that_would_become_something_else_is_refused(target: str) -> None:
    async with relaying(always(OK)) as (relay, app):
        with pytest.raises(InvalidRequest):
            await got(relay, passage(target=target))
        assert app.connections == 0


@requirement("upstream:framing:ours-alone")
@pytest.mark.parametrize("value", [b"a\r\nX-Evil: 1", b"a\nb", b"a\x00b", b"\x7f"])
async def test_a_value_that_would_become_another_header_is_refused_by_name(value: bytes) -> None:
    async with relaying(always(OK)) as (relay, app):
        with pytest.raises(InvalidRequest) as refused:
            await got(relay, passage(headers=((b"X-Fine", b"1"), (b"X-Tenant", value))))
        assert (refused.value.place, app.connections) == ("X-Tenant", 0)


SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"


@asynccontextmanager
async def echoing(**settings: object) -> AsyncIterator[tuple[WireRelay, asyncio.Event]]:
    """An application that switches and sends back what it gets, then says bye; the event: it saw the end."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"\r\nConnection: Upgrade\r\nUpgrade: echo\r\n" in head
        writer.write(SWITCH + b"hello")
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        ended.set()
        writer.write(b"bye")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with open_relay(replace(UpstreamSettings(base=base), **settings)) as relay:
        yield relay, ended
    server.close()


@requirement("wire:upgrade:passed")
async def test_a_tunnel_carries_bytes_both_ways_until_both_sides_have_ended() -> None:
    async with echoing() as (relay, ended), relay.exchange(passage(upgrade=b"echo")) as answer:
        assert (answer.status, answer.tunnel is not None) == (101, True)
        assert await anext(answer.chunks) == b"hello"
        assert answer.tunnel is not None
        await answer.tunnel.send(b"\x00\xff")
        assert await anext(answer.chunks) == b"\x00\xff"
        answer.tunnel.end()
        await ended.wait()
        assert await whole(answer) == b"bye"


@requirement("wire:upgrade:passed")
async def test_a_tunnel_without_a_sound_is_given_up() -> None:
    async with echoing(relay_idle_s=0.03) as (relay, _), relay.exchange(passage(upgrade=b"echo")) as answer:
        assert await anext(answer.chunks) == b"hello"
        with pytest.raises(UpstreamTimeout):
            await anext(answer.chunks)


@requirement("wire:upgrade:passed")
async def test_an_upgrade_that_is_not_taken_is_answered_as_any_request() -> None:
    async with relaying(always(OK)) as (relay, app):
        for _ in range(2):
            async with relay.exchange(passage(upgrade=b"echo")) as answer:
                assert (answer.status, answer.tunnel, await whole(answer)) == (200, None, b"{}")
        assert [r.connection for r in app.received] == [1, 1]
