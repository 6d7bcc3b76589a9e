"""The `Relay` port over lean connections: an existing client's exchange, the same bytes, streamed both ways.

Nothing is repeated here: what may be tried again decides the flow, which writes an intent for each attempt (I5). A
connection serves the next exchange only after one that is complete on both sides.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ssl import SSLContext
from types import TracebackType
from typing import Final

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver

from facade.adapters.upstream.pinning import Pinned
from facade.adapters.upstream.retries import SAFE_METHODS
from facade.adapters.upstream.settings import Address, UpstreamSettings, address_of
from facade.adapters.upstream.tls import TlsSettings, context_of
from facade.adapters.upstream.wire.answer import Answer
from facade.adapters.upstream.wire.connection import Connection
from facade.adapters.upstream.wire.head import head_of, host_of
from facade.adapters.upstream.wire.pool import Pool, Route
from facade.kernel import FacadeError, UpstreamBroken
from facade.ports import Passage, Relayed, Tunnel

_CONTINUE: Final = 100
_TURNED_DOWN: Final = 300
"""From this status on, an answer that comes before the whole request tells that the rest is not wanted."""


class WireRelay:
    """Relays passages to one address: follows nothing, repeats nothing, decodes nothing."""

    def __init__(self, pool: Pool, address: Address, settings: UpstreamSettings) -> None:
        self._pool = pool
        self._host = host_of(address)
        self._settings = settings

    def exchange(self, passage: Passage) -> AbstractAsyncContextManager[Relayed]:
        """See `ports.Relay`. A connection whose request or answer is not complete is closed, never used again."""
        return _Exchange(passage, self._host, self._pool, self._settings)


@asynccontextmanager
async def open_relay(
    settings: UpstreamSettings, *, resolver: AbstractResolver | None = None, ssl: SSLContext | None = None
) -> AsyncIterator[WireRelay]:
    """Open the relay of one application; leaving closes every connection.

    Args:
        resolver: asked for the host's addresses; the system's by default.
        ssl: a context that is made already; from `settings.tls` by default, and without those the system's trust.

    Raises:
        SettingsInvalid: see `address_of` and `tls.context_of`.
    """
    address = address_of(settings)
    if address.scheme == "https" and ssl is None:
        ssl = await asyncio.to_thread(context_of, settings.tls or TlsSettings())
    pinned = Pinned(address, settings.networks, resolver or ThreadedResolver())
    named = settings.tls.server_name if settings.tls else None
    pool = Pool(Route(address=address, pinned=pinned, ssl=ssl, server_name=named or address.host), settings)
    try:
        yield WireRelay(pool, address, settings)
    finally:
        await pool.close()
        await pinned.close()


class _Exchange(AbstractAsyncContextManager[Relayed]):
    """One exchange on one connection."""

    __slots__ = (
        *("_passage", "_host", "_pool", "_settings"),
        *("_connection", "_answer", "_upload", "_uploaded", "_go"),
    )

    def __init__(self, passage: Passage, host: bytes, pool: Pool, settings: UpstreamSettings) -> None:
        self._passage = passage
        self._host = host
        self._pool = pool
        self._settings = settings
        self._answer = Answer(head=passage.method == "HEAD", upgrade=passage.upgrade is not None)
        self._upload: asyncio.Task[None] | None = None
        self._uploaded = passage.body is None
        self._go: asyncio.Event | None = None

    async def __aenter__(self) -> Relayed:
        head = head_of(self._passage, self._host, client_host=self._settings.client_host)
        recent_s = math.inf if self._passage.method in SAFE_METHODS else self._settings.write_idle_s
        self._connection = connection = await self._pool.take(recent_s=recent_s)
        try:
            connection.begin(self._answer)
            connection.write(head)
            if self._passage.body is not None:
                self._go = asyncio.Event() if self._passage.waits else None
                self._upload = asyncio.create_task(self._uploading(self._passage.body))
            await self._headed()
        except BaseException as error:
            if connection.used and not self._answer.begun and isinstance(error, UpstreamBroken):
                self._pool.drop_idle()
            connection.abort()
            await self._stop_upload()
            raise
        return self._relayed()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._upload is not None:
            await self._stop_upload()
        answer, connection = self._answer, self._connection
        whole = answer.ended and answer.keeps and not answer.pieces and self._uploaded and not answer.switched
        if whole and connection.alive and connection.fault is None:
            self._pool.give(connection)
        else:
            connection.abort()

    # --- the answer

    async def _headed(self) -> None:
        """Wait for the head of the final answer, passing informational ones on."""
        answer, connection = self._answer, self._connection
        while True:
            while answer.interims:
                await self._informed()
            if answer.status:
                break
            await connection.news()
        if answer.spoiled and connection.fault is not None:
            raise connection.fault
        if not self._uploaded and answer.switched:
            raise UpstreamBroken("The application switched protocols before it had the whole request.")
        if self._upload is not None and (answer.status >= _TURNED_DOWN or answer.ended):
            await self._stop_upload()

    async def _informed(self) -> None:
        interim = self._answer.interims.popleft()
        if self._passage.informed is not None:
            await self._passage.informed(interim.status, interim.reason, interim.headers)
        if self._go is not None and interim.status == _CONTINUE:
            self._go.set()

    def _relayed(self) -> Relayed:
        answer = self._answer
        return Relayed(
            status=answer.status,
            reason=answer.reason,
            headers=tuple(answer.headers),
            body_bytes=answer.body_bytes,
            whole=answer.ended,
            chunks=_Chunks(answer, self._connection),
            trailers=answer.trailers,
            tunnel=_Tunnel(self._connection) if answer.switched else None,
        )

    # --- the request's body

    async def _uploading(self, body: AsyncIterator[bytes]) -> None:
        """The client's bytes as the application takes them. What the client does wrong ends the exchange as its own
        error; its silence is bounded where it is read."""
        connection, broke = self._connection, UpstreamBroken("The request broke off.")
        try:
            if self._go is not None:
                await _waited(self._go, self._settings.continue_s)
            connection.turn(theirs=False)
            await self._sent(body)
        except FacadeError as error:
            connection.fail(error)
        except OSError:
            connection.fail(broke)
        except Exception:
            connection.fail(broke)
            raise
        finally:
            connection.turn(theirs=True)

    async def _sent(self, body: AsyncIterator[bytes]) -> None:
        connection, left, chunked = self._connection, self._passage.body_bytes or 0, self._passage.body_bytes is None
        async for chunk in body:
            left -= len(chunk)
            if left < 0 and not chunked:
                raise UpstreamBroken("The request's body is longer than it says.")
            if chunk:
                connection.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
            connection.turn(theirs=True)
            await connection.drained()
            connection.turn(theirs=False)
        if chunked:
            connection.write(b"0\r\n\r\n")
        elif left:
            raise UpstreamBroken("The request's body is shorter than it says.")
        self._uploaded = True

    async def _stop_upload(self) -> None:
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.cancel()
            await asyncio.gather(upload, return_exceptions=True)


async def _waited(go: asyncio.Event, most_s: float) -> None:
    try:
        async with asyncio.timeout(most_s):
            await go.wait()
    except TimeoutError:
        return


class _Chunks(AsyncIterator[bytes]):
    """The body as it comes."""

    __slots__ = ("_answer", "_connection")

    def __init__(self, answer: Answer, connection: Connection) -> None:
        self._answer = answer
        self._connection = connection

    async def __anext__(self) -> bytes:
        answer = self._answer
        while True:
            if answer.pieces:
                piece = answer.pieces.popleft()
                answer.waiting -= len(piece)
                self._connection.taken()
                return piece
            if answer.ended and not answer.spoiled:
                raise StopAsyncIteration
            await self._connection.news()


class _Tunnel(Tunnel):
    """Towards the application, after a switch of protocols."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def send(self, data: bytes) -> None:
        """See `ports.Tunnel`."""
        self._connection.write(data)
        self._connection.turn(theirs=True)
        await self._connection.drained()

    def end(self) -> None:
        """See `ports.Tunnel`."""
        self._connection.end_writing()
