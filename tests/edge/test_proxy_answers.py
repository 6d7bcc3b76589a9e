"""Answers in their own bytes: what the application wrote, framed for this client and nothing added."""

import asyncio

import pytest

from facade.testing.wire import Received, always
from tests.edge.proxying import bearer, request, rig, status
from tests.requirements import requirement

CLOSE = b"Connection: close\r\n\r\n"
VIA = b"Via: 1.1 facade\r\n"

SENT = {
    "order, spelling and bytes": (
        b"HTTP/1.1 200 Fine \xe9\r\nx-b: \xff\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a\r\nset-cookie: b\r\nX-E:\r\n"
        b"content-length: 2\r\n",
        b"hi",
    ),
    "no media type, no date, no server": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", b"hi"),
    "no reason": (b"HTTP/1.1 299 \r\nContent-Length: 0\r\n", b""),
    "not modified with a length": (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 500\r\n", b""),
    "no content with a length": (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n", b""),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\ntransfer-encoding: chunked\r\nX-B: 2\r\n",
        b"2\r\nhi\r\n5\r\nthere\r\n0\r\n\r\n",
    ),
    "trailers": (
        b"HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n",
        b"2\r\nhi\r\n0\r\nX-Sum: 1\r\nx-e: \r\n\r\n",
    ),
}


@requirement("wire:answers:raw", "wire:trailers:passed")
@pytest.mark.parametrize("name", SENT)
async def test_the_client_gets_the_applications_bytes(name: str) -> None:
    head, body = SENT[name]
    async with rig(always(head + b"\r\n" + body)) as r:
        got = await r.raw(request("/"))
    assert got.replace(b"X-E: \r\n", b"X-E:\r\n") == head + VIA + CLOSE + body


@requirement("wire:answers:raw")
@pytest.mark.parametrize("framing", [b"Content-Length: 500\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_an_answer_to_head_keeps_what_it_says_of_its_body(framing: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + framing
    async with rig(always(head + b"\r\n")) as r:
        assert await r.raw(request("/", method="HEAD")) == head + VIA + CLOSE


@requirement("wire:answers:raw")
async def test_an_answer_that_ends_with_its_connection_goes_on_in_chunks_and_keeps_the_clients() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nall of it")
        writer.close()

    kept = request("/").replace(b"Connection: close\r\n", b"")
    async with rig(script) as r:
        got = await r.raw(kept + request("/"))
    head = b"HTTP/1.1 200 OK\r\nX-A: 1\r\n" + VIA + b"Transfer-Encoding: chunked\r\n"
    chunked = b"9\r\nall of it\r\n0\r\n\r\n"
    assert got == head + b"\r\n" + chunked + head + CLOSE + chunked


@requirement("wire:answers:raw")
@pytest.mark.parametrize("kept", [True, False])
async def test_a_client_of_http_1_0_gets_what_it_can_read(kept: bool) -> None:
    said = ("Connection: keep-alive",) if kept else ()
    old = request("/", *said, version="HTTP/1.0").replace(b"Connection: close\r\n", b"")
    async with rig(always(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")) as r, r.connected() as (reader, writer):
        writer.write(old)
        head = await reader.readuntil(b"\r\n\r\n")
        assert (b"\r\nConnection: keep-alive\r\n" in head) is kept
        assert await reader.readexactly(2) == b"hi"
        if not kept:
            assert await reader.read() == b""
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    async with rig(always(chunks)) as r:
        assert await r.raw(old) == b"HTTP/1.1 200 OK\r\n" + VIA + b"\r\nhi"


@requirement("wire:answers:raw", "proxy:broken:no-false-end")
async def test_a_cut_answer_without_a_length_is_no_orderly_end_for_http_1_0() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        await writer.drain()
        await go.wait()
        writer.close()

    go = asyncio.Event()
    async with rig(script) as r, r.connected() as (reader, writer):
        writer.write(request("/", version="HTTP/1.0"))
        await reader.readuntil(b"half")
        go.set()
        with pytest.raises(ConnectionResetError):
            assert await reader.read() == b"never an orderly end"


@requirement("wire:answers:strict")
async def test_an_answer_with_another_hidden_behind_it_is_a_problem_and_the_next_caller_gets_its_own() -> None:
    poisoned = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    fine = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(poisoned if b"/bad" in received.line else fine)

    async with rig(script) as r:
        assert status(await r.raw(request("/bad", bearer("acme"), method="POST", body=b"x"))) == 502
        assert (await r.raw(request("/good", bearer("beta")))).endswith(b"\r\n\r\nok")


@requirement("wire:reuse")
@pytest.mark.parametrize("who", [(), (bearer("acme"),)], ids=["nobody", "a tenant"])
async def test_a_read_that_meets_a_dying_connection_is_tried_once_more_for_everybody(who: tuple[str, ...]) -> None:
    died = False

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal died
        if b"/again" in received.line and not died:
            died = True
            writer.close()
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with rig(script) as r:
        assert status(await r.raw(request("/first", *who))) == 200
        assert status(await r.raw(request("/again", *who))) == 200
        assert len(r.app.received) == 3


@requirement("wire:interim")
async def test_early_hints_reach_the_client_before_the_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"

    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(early)
        await go.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    go = asyncio.Event()
    async with rig(script) as r, r.connected() as (reader, writer):
        writer.write(request("/"))
        hinted = await reader.readuntil(b"\r\n\r\n")
        assert hinted.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n")
        go.set()
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")


@requirement("wire:interim")
async def test_a_client_of_http_1_0_is_told_nothing_before_its_answer() -> None:
    raw = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    async with rig(always(raw)) as r:
        assert status(await r.raw(request("/", version="HTTP/1.0"))) == 204


EXPECTING = request("/x", "Expect: 100-continue", "Content-Length: 3", method="PUT")


@requirement("wire:interim")
async def test_the_expectation_of_a_client_reaches_the_application_which_says_when() -> None:
    async def script(received: Received, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await go.wait()
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n")

    arrived, go = asyncio.Event(), asyncio.Event()
    async with rig(script, upstream={"continue_s": 60.0}) as r, r.connected() as (reader, writer):
        r.app.early = True
        writer.write(EXPECTING)
        await arrived.wait()
        assert r.app.received[0].values("expect") == ["100-continue"]
        go.set()
        told = await reader.readuntil(b"\r\n\r\n")
        assert told.startswith(b"HTTP/1.1 100 Continue\r\n")
        writer.write(b"abc")
        assert status(await reader.read()) == 201


@requirement("wire:interim")
async def test_an_application_that_does_not_know_expectations_gets_the_body_all_the_same() -> None:
    async with rig(upstream={"continue_s": 0.01}) as r, r.connected() as (reader, writer):
        writer.write(EXPECTING)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"abc")
        assert status(await reader.read()) == 200
        assert r.app.received[0].body == b"abc"


@requirement("wire:interim")
async def test_an_answer_in_place_of_the_expected_word_ends_the_matter() -> None:
    async with rig(always(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"), upstream={"continue_s": 60.0}) as r:
        r.app.early = True
        async with r.connected() as (reader, writer):
            writer.write(EXPECTING.replace(b"Connection: close\r\n", b""))
            answer = await reader.read()
            assert (status(answer), b"\r\nConnection: close\r\n" in answer) == (413, True)
