"""A connection after a switch of protocols, such as to WebSocket: raw bytes both ways until both sides have ended.

What flows is neither read nor limited here beyond its pace: the upgrade request was admitted as every passage is, and
what the two then say to each other is the application's own affair.

Source: RFC 9110, section 7.8.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Final, cast

from aiohttp import web

from facade.edge.connection import Connection
from facade.edge.server import GATE
from facade.kernel import UpstreamTimeout
from facade.ports import Tunnel

MOST_WAITING: Final = 65_536
"""Bytes of a client that may wait to be taken by the application."""

LINGER_S: Final = 10.0
"""How long a client may go on once the application has ended its side."""


class ClientEnd:
    """The client's side. To aiohttp it is a parser that is fed with what arrives."""

    __slots__ = ("_ended", "_gone", "_paused", "_pieces", "_transport", "_waiter", "_waiting")

    def __init__(self, transport: asyncio.Transport, gone: Callable[[], None]) -> None:
        self._transport = transport
        self._gone = gone
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._ended = self._paused = False
        self._waiter: asyncio.Future[None] | None = None

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Bytes have arrived."""
        self._pieces.append(data)
        self._waiting += len(data)
        if self._waiting > MOST_WAITING and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()
        return False, b""

    def feed_eof(self) -> None:
        """The connection is no more."""
        self.end()
        self._gone()

    def end(self) -> None:
        """The client will send no more."""
        self._ended = True
        self._wake()

    async def read(self) -> bytes:
        """The next bytes; none once the client has ended."""
        while not self._pieces:
            if self._ended:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        piece = self._pieces.popleft()
        self._waiting -= len(piece)
        if self._paused and self._waiting <= MOST_WAITING // 2:
            self._paused = False
            self._transport.resume_reading()
        return piece

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


async def tunnelled(request: web.Request, chunks: AsyncIterator[bytes], tunnel: Tunnel) -> None:
    """Carry bytes until both sides have ended, one is gone or silent, or the server drains.

    Raises:
        UpstreamBroken: the application's side broke.
    """
    connection = cast(Connection, request.protocol)
    transport = connection.transport
    if transport is None:
        raise ConnectionResetError("The client is gone.")
    gate = request.app[GATE]
    down = asyncio.create_task(carry_down(request, transport, chunks))

    def leave() -> None:
        down.cancel()
        up.cancel()

    end = ClientEnd(transport, leave)
    up = asyncio.create_task(_up(end, tunnel))
    connection.set_parser(cast(Any, end))  # the library means WebSocket's; it calls the same two methods of any
    connection.half_closed = end.end
    gate.tunnels.add(leave)
    gate.in_work -= 1  # it may stand for days, and takes nothing from those who wait for an answer
    try:
        await asyncio.wait({down, up}, return_when=asyncio.FIRST_COMPLETED)
        if _fine(down) and _fine(up):
            await asyncio.wait({down, up}, timeout=_patience(transport) if down.done() else None)
    finally:
        gate.in_work += 1
        gate.tunnels.discard(leave)
        leave()
        results = await asyncio.gather(down, up, return_exceptions=True)
    for each in results:
        if isinstance(each, Exception) and not isinstance(each, UpstreamTimeout | ConnectionError):
            raise each


async def carry_down(request: web.Request, transport: asyncio.Transport, chunks: AsyncIterator[bytes]) -> None:
    """Carry the application's bytes to the client, and its end."""
    async for chunk in chunks:
        await request.writer.write(chunk)
    if transport.can_write_eof() and not transport.is_closing():
        with suppress(OSError):  # the client has just reset the connection, and the loop does not know yet
            transport.write_eof()


async def _up(end: ClientEnd, tunnel: Tunnel) -> None:
    while data := await end.read():
        await tunnel.send(data)
    tunnel.end()


def _patience(transport: asyncio.Transport) -> float:
    """How long the client may go on alone; one that cannot be told that the application has ended, not at all."""
    return LINGER_S if transport.can_write_eof() else 0.0


def _fine(task: asyncio.Task[None]) -> bool:
    return not task.done() or (not task.cancelled() and task.exception() is None)
