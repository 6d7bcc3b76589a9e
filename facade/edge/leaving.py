"""The application's answer as it leaves: its own bytes, with nothing added by the server's library.

A relayed answer writes its status line, its headers as they came and its body straight to the connection, within the
writer's back-pressure. The library keeps what it is good at: order of pipelined requests, keep-alive, lingering.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from facade.edge.headers import Fields, trailing
from facade.kernel import FacadeError
from facade.ports import RawHeaders, Relayed

WHOLE_BYTES: Final = 65_536
"""An answer that says it is no larger is taken to its end even when the client has gone."""

_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""Linger on, for no time (socket(7))."""

_BODILESS: Final = frozenset({204, 304})
_HTTP_11: Final = (1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the end of an answer is told to the client.

    Attributes:
        empty: no body follows, whatever the headers say of its length.
        chunked: in chunks. Without either, and without a length, the connection's end tells it.
        keeps: the connection stays open for another request.
    """

    empty: bool
    chunked: bool
    keeps: bool


class RawAnswer(web.StreamResponse):
    """An answer in its own bytes. The library sends what is left of it, in its turn, and adds nothing."""

    def __init__(self, status: int, *, keeps: bool, left: bytes = b"") -> None:
        super().__init__(status=status)
        self._keeps = keeps
        self._left = left
        self._to: AbstractStreamWriter | None = None

    @property
    def keep_alive(self) -> bool:
        """Whether the connection stays open."""
        return self._keeps

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Its head is ready as it is."""
        self._to = request.writer
        return self._to

    async def write_eof(self, data: bytes = b"") -> None:
        """Send what is left."""
        left, self._left = self._left, b""
        if left and self._to is not None:
            await self._to.write(left)


def framing_of(request: web.Request, relayed: Relayed, *, draining: bool) -> Framing:
    """How this answer goes to this client.

    A client whose request has not come whole is told to close: what it still sends belongs to no answer. So is one
    whose wish to switch was declined: the server's library has lost what came behind it (but for WebSocket).
    """
    empty = request.method == "HEAD" or relayed.status in _BODILESS
    unsized = relayed.body_bytes is None and not empty
    chunked = unsized and spoken(request)
    arrived = not request.body_exists or request.content.is_eof()
    keeps = request.keep_alive and not draining and arrived and (chunked or not unsized) and not _lost_behind(request)
    return Framing(empty=empty, chunked=chunked, keeps=keeps)


def _lost_behind(request: web.Request) -> bool:
    """True where the library took what came with the request for another protocol, and dropped it."""
    if request.headers.get("Upgrade", "websocket").lower() == "websocket":
        return False
    return any("upgrade" in named.lower() for named in request.headers.getall("Connection", ()))


def spoken(request: web.Request) -> bool:
    """True for a client that knows chunks and informational answers."""
    return bool(request.version == _HTTP_11)


async def leaving(
    request: web.Request, relayed: Relayed, headers: Fields, chunks: AsyncIterator[bytes], framing: Framing
) -> RawAnswer:
    """Send the application's answer as it comes; one that has come whole is sent once the exchange is over.

    Raises:
        FacadeError: the answer broke off; nothing may have been sent yet, or a part.
        ConnectionError: the client is gone.
    """
    head = head_of(relayed.status, relayed.reason, (*headers, *_connection(request, headers, framing)))
    if framing.empty or relayed.whole:
        parts = [head, *[_framed(chunk) if framing.chunked else chunk async for chunk in chunks]]
        parts.append(_end(relayed.trailers) if framing.chunked else b"")
        return RawAnswer(relayed.status, keeps=framing.keeps, left=b"".join(parts))
    if framing.chunked:
        await _in_chunks(request.writer, head, chunks, relayed.trailers)
    elif relayed.body_bytes is not None:
        await _sized(request.writer, head, chunks, relayed.body_bytes)
    else:
        await _to_the_end(request, head, chunks)
    return RawAnswer(relayed.status, keeps=framing.keeps)


def head_of(status: int, reason: bytes, headers: RawHeaders) -> bytes:
    """A status line and headers, with the empty line behind them."""
    lines = [b"%b: %b\r\n" % field for field in headers]
    return b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, reason, b"".join(lines))


async def _in_chunks(
    writer: AbstractStreamWriter, head: bytes, chunks: AsyncIterator[bytes], trailers: RawHeaders
) -> None:
    await writer.write(head)
    async for chunk in chunks:
        await writer.write(_framed(chunk))
    await writer.write(_end(trailers))


def _framed(chunk: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(chunk), chunk)


def _end(trailers: RawHeaders) -> bytes:
    return b"0\r\n%b\r\n" % b"".join([b"%b: %b\r\n" % field for field in trailing(trailers)])


async def _sized(writer: AbstractStreamWriter, head: bytes, chunks: AsyncIterator[bytes], body_bytes: int) -> None:
    """A client that leaves does not end a small answer: that it came whole is still worth knowing (REL-UP-12)."""
    try:
        await writer.write(head)
        async for chunk in chunks:
            await writer.write(chunk)
    except ConnectionError:
        if body_bytes > WHOLE_BYTES:
            raise
        async for _ in chunks:
            pass


async def _to_the_end(request: web.Request, head: bytes, chunks: AsyncIterator[bytes]) -> None:
    await request.writer.write(head)
    try:
        async for chunk in chunks:
            await request.writer.write(chunk)
    except FacadeError:
        if request.transport is not None:
            _reset(request.transport)
        raise


def _reset(transport: asyncio.Transport) -> None:
    """End the connection with a reset: an orderly end would look like the answer's own."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()


def _connection(request: web.Request, headers: Fields, framing: Framing) -> Fields:
    """What we alone say: of this connection, and of chunks where the application told the end by closing."""
    told: Fields = ()
    if framing.chunked and not any(name.lower() == b"transfer-encoding" for name, _ in headers):
        told = ((b"Transfer-Encoding", b"chunked"),)
    if framing.keeps == spoken(request):
        return told
    return (*told, (b"Connection", b"keep-alive" if framing.keeps else b"close"))
