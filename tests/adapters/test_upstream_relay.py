"""An existing client's exchange through the relay: the same bytes, streamed, nothing repeated."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from facade.adapters.upstream import UpstreamSettings, open_relay
from facade.kernel import UpstreamBroken, UpstreamTimeout, UpstreamUnavailable
from facade.testing.wire import OK, Received, always, each
from tests.adapters.wire.exchanging import passage, pieces, relaying
from tests.requirements import requirement


@requirement("invariant:proxy:unchanged")
async def test_headers_keep_their_order_spelling_bytes_and_duplicates_both_ways() -> None:
    headers = ((b"x-B", b"1"), (b"X-a", b"\xe9"), (b"x-b", b"2"), (b"Accept-Encoding", b"br"), (b"Cookie", b"a=1; b=2"))
    raw = (
        b"HTTP/1.1 207 Many\r\nx-Z: \xff\r\nSet-Cookie: a\r\nset-cookie: b\r\n"
        b"Content-Length: 2\r\nConnection: x-z\r\n\r\nhi"
    )
    async with relaying(always(raw)) as (relay, app):
        async with relay.exchange(passage(headers=headers)) as answer:
            body = b"".join([chunk async for chunk in answer.chunks])
        assert (
            app.received[0].head
            == (
                b"GET / HTTP/1.1\r\nHost: localhost:%d\r\nx-B: 1\r\nX-a: \xe9\r\nx-b: 2\r\n"
                b"Accept-Encoding: br\r\nCookie: a=1; b=2"
            )
            % app.port
        )
    assert (answer.status, answer.reason, body) == (207, b"Many", b"hi")
    assert answer.headers == (
        (b"x-Z", b"\xff"),
        (b"Set-Cookie", b"a"),
        (b"set-cookie", b"b"),
        (b"Content-Length", b"2"),
        (b"Connection", b"x-z"),
    )


@pytest.mark.parametrize(
    ("length", "framing"), [(6, ("Content-Length", "6")), (None, ("Transfer-Encoding", "chunked"))]
)
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
async def test_a_body_travels_with_exactly_one_framing_header(
    method: str, length: int | None, framing: tuple[str, str]
) -> None:
    async with relaying(always(OK)) as (relay, app):
        async with relay.exchange(passage(method, body=pieces(b"abc", b"def"), body_bytes=length)):
            pass
        assert app.received[0].headers[1:] == [framing]
        assert app.received[0].body == b"abcdef"


@requirement("invariant:proxy:unchanged")
async def test_an_encoded_answer_is_not_decoded() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x00"
    async with relaying(always(raw)) as (relay, _), relay.exchange(passage()) as answer:
        assert [chunk async for chunk in answer.chunks] == [b"\x1f\x8b\x00"]


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 500\r\n\r\n"),
        ("DELETE", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
    ],
)
async def test_an_answer_without_a_body_leaves_the_connection_fit_for_the_next(method: str, raw: bytes) -> None:
    async with relaying(each(raw, OK)) as (relay, app):
        async with relay.exchange(passage(method)) as answer:
            assert [chunk async for chunk in answer.chunks] == []
        async with relay.exchange(passage()) as answer:
            assert [chunk async for chunk in answer.chunks] == [b"{}"]
        assert [r.connection for r in app.received] == [1, 1]


@pytest.mark.parametrize("client_host", [False, True])
async def test_the_application_sees_its_own_host_unless_the_clients_is_configured(client_host: bool) -> None:
    async with relaying(always(OK), client_host=client_host) as (relay, app):
        async with relay.exchange(passage(headers=((b"Host", b"shop.example"),))):
            pass
        assert app.received[0].values("host") == ["shop.example" if client_host else f"localhost:{app.port}"]


@requirement("relay:early:not-reused")
async def test_a_connection_whose_request_was_not_fully_sent_is_not_used_again() -> None:
    held = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"first"
        await held.wait()
        yield b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

    refused = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    async with relaying(each(refused, OK), early=True) as (relay, app):
        async with relay.exchange(passage("POST", body=slow())) as answer:
            assert answer.status == 413
            assert [chunk async for chunk in answer.chunks] == []
        held.set()
        async with relay.exchange(passage()) as answer:
            assert answer.status == 200
        assert [(r.line, r.connection) for r in app.received] == [(b"POST / HTTP/1.1", 1), (b"GET / HTTP/1.1", 2)]


@requirement("relay:early:not-reused")
async def test_an_answer_that_was_not_read_to_its_end_is_not_left_on_the_connection() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50_000
    async with relaying(each(raw, OK)) as (relay, app):
        async with relay.exchange(passage()) as answer:
            assert answer.status == 200
        async with relay.exchange(passage()) as answer:
            assert [chunk async for chunk in answer.chunks] == [b"{}"]
        assert [r.connection for r in app.received] == [1, 2]


@requirement("relay:stream:bounded")
async def test_an_answer_is_handed_over_as_it_comes() -> None:
    go = asyncio.Event()

    async def script(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        await go.wait()
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")

    async with relaying(script) as (relay, _), relay.exchange(passage()) as answer:
        assert await anext(answer.chunks) == b"one"
        go.set()
        assert [chunk async for chunk in answer.chunks] == [b"two"]


@requirement("relay:stream:bounded")
async def test_an_upload_is_taken_no_faster_than_the_application_reads_it() -> None:
    taken = 0
    blocked = asyncio.Event()
    read_on = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(640):
            taken += 1
            yield bytes(65_536)

    async def script(request: Received, writer: asyncio.StreamWriter) -> None:
        blocked.set()
        await read_on.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with relaying(script, early=True) as (relay, _):

        async def upload() -> int:
            async with relay.exchange(passage("PUT", body=endless())) as answer:
                return answer.status

        running = asyncio.create_task(upload())
        await blocked.wait()
        before = -1
        while before != taken:
            before = taken
            for _ in range(50):
                await asyncio.sleep(0)
        assert taken < 320
        read_on.set()
        assert await running == 200


@requirement("upstream:faults:named")
async def test_an_application_that_stops_reading_an_upload_is_given_up() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(65_536)

    async def hang(request: Received, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    async with relaying(hang, early=True, relay_idle_s=0.05) as (relay, _):
        with pytest.raises(UpstreamTimeout):
            async with relay.exchange(passage("PUT", body=endless())):
                pass


@requirement("upstream:faults:named")
async def test_a_silent_application_is_given_up_before_and_within_its_answer() -> None:
    async def half(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.line.startswith(b"GET /half"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await writer.wait_closed()

    async with relaying(half, relay_idle_s=0.05) as (relay, _):
        with pytest.raises(UpstreamTimeout):
            await relay.exchange(passage()).__aenter__()
        async with relay.exchange(passage(target="/half")) as answer:
            assert await anext(answer.chunks) == b"half"
            with pytest.raises(UpstreamTimeout):
                await anext(answer.chunks)


@requirement("upstream:body:cut")
@pytest.mark.parametrize("framing", [b"Content-Length: 9\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n4\r\n"])
async def test_a_cut_answer_breaks_the_stream(framing: bytes) -> None:
    async def cut(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + framing + b"half")
        await writer.drain()
        writer.close()

    async with relaying(cut) as (relay, _), relay.exchange(passage()) as answer:
        with pytest.raises(UpstreamBroken):
            assert [chunk async for chunk in answer.chunks] == []


@requirement("upstream:faults:named", "upstream:attempts:one-on-the-wire")
async def test_each_way_of_not_answering_has_its_error_and_one_request() -> None:
    async with relaying(each(None)) as (relay, app):
        with pytest.raises(UpstreamBroken):
            await relay.exchange(passage("PUT")).__aenter__()
        assert len(app.received) == 1
    async with relaying(always(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")) as (
        relay,
        app,
    ):
        with pytest.raises(UpstreamBroken):
            await relay.exchange(passage()).__aenter__()
    settings = UpstreamSettings(base=f"http://127.0.0.1:{app.port}")
    async with open_relay(settings) as relay:
        with pytest.raises(UpstreamUnavailable):
            await relay.exchange(passage()).__aenter__()


async def test_a_client_that_breaks_off_its_upload_breaks_the_exchange() -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    async with relaying(always(OK), early=False) as (relay, app):
        with pytest.raises(UpstreamBroken):
            await relay.exchange(passage("POST", body=breaking(), body_bytes=8)).__aenter__()
        assert app.received == []
