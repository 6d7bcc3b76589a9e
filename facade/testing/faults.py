"""A proxy that breaks things: between the facade and an application, one fault at a time, as a test scripts it.

It understands HTTP/1.1 just enough to know where a request and an answer end, hands requests to the application as
they came, and what comes back to a *fault*: a small function that answers, delays, cuts or lies. Faults that need
time take it from `sleep`, and those that hang wait for `released`, so that tests decide when anything happens.

    async with fault_proxy(application.port) as proxy:
        proxy.fault = cut(at=10)
        ...                             # what goes through `proxy.port` is cut after ten bytes of its body

The application's own record of requests is the only truth about what was sent, and how often.
"""

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from facade.testing.wire import body_after

Sleep = Callable[[float], Awaitable[None]]

_LINGER_NOT: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of zero seconds: closing sends RST."""


@dataclass
class Exchange:
    """One request on a client's connection, before anything of it was answered."""

    request: bytes
    client: asyncio.StreamWriter
    proxy: "FaultProxy"

    async def answer(self) -> bytes:
        """Ask the application; its whole answer, head and body."""
        self.proxy.forwarded += 1
        return await _asked(self.proxy.target, self.request)

    async def send(self, data: bytes) -> None:
        """Towards the client, now."""
        self.client.write(data)
        await self.client.drain()

    def end(self) -> None:
        """End the connection in order (FIN)."""
        self.client.close()

    def reset(self) -> None:
        """Break the connection (RST)."""
        connection: socket.socket = self.client.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.client.transport.abort()


Fault = Callable[[Exchange], Awaitable[None]]


@dataclass
class FaultProxy:
    """See the module.

    Attributes:
        target: the application's port on 127.0.0.1.
        fault: for every exchange that begins from now on.
        met: set when a fault has begun. released: ends what hangs.
        begun: requests that came. forwarded: those that were handed to the application.
        connections: that clients made.
    """

    target: int
    fault: Fault
    sleep: Sleep = asyncio.sleep
    port: int = 0
    begun: int = 0
    forwarded: int = 0
    connections: int = 0
    met: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    open: dict[asyncio.StreamWriter, asyncio.Task[None]] = field(default_factory=dict)
    _server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Take connections, on the port that it had before if it had one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Refuse connections, and break those that are open; until `listen`."""
        if self._server is not None:
            self._server.close()
        await self.disconnect()

    async def disconnect(self) -> None:
        """Break every connection and wait for its end."""
        left = dict(self.open)
        for writer, task in left.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*left.values(), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        if task is not None:
            self.open[writer] = task
        try:
            while not writer.is_closing():
                request = await _message(reader)
                self.begun += 1
                self.met.set()
                await self.fault(Exchange(request=request, client=writer, proxy=self))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            # Only `disconnect` cancels, and it waits for the end; the library would log a cancelled server task.
            pass
        finally:
            writer.close()
            self.open.pop(writer, None)


@asynccontextmanager
async def fault_proxy(target: int, *, sleep: Sleep = asyncio.sleep) -> AsyncIterator[FaultProxy]:
    """A proxy on a free loopback port before the application at `target`; passes everything at first."""
    proxy = FaultProxy(target=target, fault=none, sleep=sleep)
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.refuse()


# --- faults


async def none(exchange: Exchange) -> None:
    """The application's answer as it is."""
    await exchange.send(await exchange.answer())


async def hang(exchange: Exchange) -> None:
    """Take the request, hand it over, and never answer."""
    await exchange.answer()
    await exchange.proxy.released.wait()
    exchange.end()


async def ignore(exchange: Exchange) -> None:
    """Take the request, hand it to nobody, and never answer."""
    await exchange.proxy.released.wait()
    exchange.end()


async def reset(exchange: Exchange) -> None:
    """Break the connection in place of an answer; the application has done its work."""
    await exchange.answer()
    exchange.reset()


async def stale(exchange: Exchange) -> None:
    """Close a kept connection as the next request arrives, which nobody reads."""
    exchange.end()


async def reset_after_head(exchange: Exchange) -> None:
    """The head, then RST."""
    head, _ = _parts(await exchange.answer())
    await exchange.send(head)
    exchange.reset()


async def hang_after_head(exchange: Exchange) -> None:
    """The head, then nothing."""
    head, _ = _parts(await exchange.answer())
    await exchange.send(head)
    await exchange.proxy.released.wait()
    exchange.end()


def cut(at: int = 1, *, in_order: bool = True) -> Fault:
    """End the connection in the middle of the body: in order (FIN), or not (RST)."""

    async def fault(exchange: Exchange) -> None:
        head, body = _parts(await exchange.answer())
        await exchange.send(head + body[:at])
        if in_order:
            exchange.end()
        else:
            exchange.reset()

    return fault


def hang_within(at: int = 1) -> Fault:
    """Fall silent in the middle of the body."""

    async def fault(exchange: Exchange) -> None:
        head, body = _parts(await exchange.answer())
        await exchange.send(head + body[:at])
        await exchange.proxy.released.wait()
        exchange.end()

    return fault


def late(delay_s: float) -> Fault:
    """Latency before the answer."""

    async def fault(exchange: Exchange) -> None:
        answer = await exchange.answer()
        await exchange.proxy.sleep(delay_s)
        await exchange.send(answer)

    return fault


def jittery(delays: Iterator[float]) -> Fault:
    """A different latency each time."""

    async def fault(exchange: Exchange) -> None:
        await late(next(delays))(exchange)

    return fault


def dripping(size: int = 1, pause_s: float = 0.0) -> Fault:
    """Pieces of `size` bytes with pauses between them: a rate limit, a drip, or only small pieces."""

    async def fault(exchange: Exchange) -> None:
        answer = await exchange.answer()
        for start in range(0, len(answer), size):
            await exchange.send(answer[start : start + size])
            await exchange.proxy.sleep(pause_s)

    return fault


def lying(more: int) -> Fault:
    """Declare a length that is off by so many bytes; the connection stays open."""

    async def fault(exchange: Exchange) -> None:
        head, body = _parts(await exchange.answer())
        declared = b"Content-Length: %d\r\n\r\n" % (len(body) + more)
        await exchange.send(_without_framing(head)[:-2] + declared + body)
        await exchange.proxy.released.wait()
        exchange.end()

    return fault


def framed(framing: bytes, body: bytes) -> Fault:
    """The application's status and headers, with framing and a body of the test's, then the connection's end."""

    async def fault(exchange: Exchange) -> None:
        head, _ = _parts(await exchange.answer())
        await exchange.send(_without_framing(head)[:-2] + framing + b"\r\n" + body)
        exchange.end()

    return fault


def garbage(data: bytes = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03not http at all\r\n\r\n") -> Fault:
    """Bytes that are no answer."""

    async def fault(exchange: Exchange) -> None:
        await exchange.answer()
        await exchange.send(data)
        exchange.end()

    return fault


def corrupted(at: int = 0, by: int = 0xFF) -> Fault:
    """One byte of the body is another."""

    async def fault(exchange: Exchange) -> None:
        head, body = _parts(await exchange.answer())
        await exchange.send(head + body[:at] + bytes([body[at] ^ by]) + body[at + 1 :])

    return fault


def saying(status: int, body: bytes = b"", *headers: str, media_type: str = "application/json") -> Fault:
    """An answer of the test's own; the application is not asked."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers]
    answer = "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def fault(exchange: Exchange) -> None:
        await exchange.send(answer)

    return fault


def storm(share: float, status: int = 503, *headers: str) -> Fault:
    """That share of the requests, evenly spread, is answered with an error; the others pass."""
    error = saying(status, b"{}", *headers)
    numbers = count(1)

    async def fault(exchange: Exchange) -> None:
        number = next(numbers)
        hit = int(number * share) > int((number - 1) * share)
        await (error if hit else none)(exchange)

    return fault


def endless(piece: bytes = b"x" * 65_536) -> Fault:
    """A body that has no end, as fast as it is taken."""

    async def fault(exchange: Exchange) -> None:
        head, _ = _parts(await exchange.answer())
        await exchange.send(_without_framing(head)[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            await exchange.send(b"%x\r\n%b\r\n" % (len(piece), piece))

    return fault


def in_turn(*faults: Fault) -> Fault:
    """One after the other, once each; the last one from then on."""
    left = list(faults)

    async def fault(exchange: Exchange) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(exchange)

    return fault


KINDS: Final[Mapping[str, Fault]] = {
    "hang": hang,
    "ignore": ignore,
    "reset": reset,
    "stale": stale,
    "reset after the head": reset_after_head,
    "hang after the head": hang_after_head,
    "reset within the body": cut(in_order=False),
    "end within the body": cut(),
    "hang within the body": hang_within(),
    "a length too long": lying(7),
    "two lengths": framed(b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"),
    "a length and chunks": framed(b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
    "a cut chunk": framed(b"Transfer-Encoding: chunked\r\n", b"9\r\n{}"),
    "garbage": garbage(),
    "no JSON": saying(200, b"{'a': 1"),
    "a page": saying(200, b"<html><h1>It works!</h1></html>", media_type="application/json"),
    "endless": endless(),
}
"""Faults that leave an agent's call without a usable answer, by name; refused connections are `FaultProxy.refuse`."""


async def _asked(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        return head + await _answer_body(head, request, reader)
    finally:
        writer.close()


async def _answer_body(head: bytes, request: bytes, reader: asyncio.StreamReader) -> bytes:
    if request.startswith(b"HEAD ") or re.match(rb"HTTP/1.1 (1|204|304)", head):
        return b""
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    if length:
        return await reader.readexactly(int(length[1]))
    if re.search(rb"(?im)^transfer-encoding:\s*chunked", head):
        return await reader.readuntil(b"0\r\n\r\n")
    return await reader.read()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A whole request; a chunked body is handed on with a length."""
    head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
    body = await body_after(head, reader)
    if re.search(rb"(?im)^transfer-encoding:", head):
        return _without_framing(head + b"\r\n\r\n")[:-2] + b"Content-Length: %d\r\n\r\n" % len(body) + body
    return head + b"\r\n\r\n" + body


def _parts(answer: bytes) -> tuple[bytes, bytes]:
    head, end, body = answer.partition(b"\r\n\r\n")
    return head + end, body


def _without_framing(head: bytes) -> bytes:
    return re.sub(rb"(?im)^(content-length|transfer-encoding):.*\r\n", b"", head)
