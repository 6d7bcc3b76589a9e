"""The `Relay` port: an existing client's exchange, streamed both ways."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientTimeout, ConnectionTimeoutError

from facade.adapters.upstream.session import SWITCHING, Exchange, Outgoing
from facade.adapters.upstream.settings import UpstreamSettings
from facade.kernel import FacadeError, UpstreamBroken, UpstreamTimeout, UpstreamUnavailable
from facade.ports import Passage, Relayed


class StreamRelay:
    """Relays passages of one application: follows nothing, repeats nothing, decodes nothing."""

    def __init__(self, outgoing: Outgoing, settings: UpstreamSettings) -> None:
        self._outgoing = outgoing
        self._idle_s = settings.relay_idle_s
        self._client_host = settings.client_host
        self._timeout = ClientTimeout(
            total=None,
            connect=settings.connect_s + settings.queue_s,
            sock_connect=settings.connect_s,
            sock_read=settings.relay_idle_s,
        )

    @asynccontextmanager
    async def exchange(self, passage: Passage) -> AsyncGenerator[Relayed]:
        """See `ports.Relay`. A connection whose request or answer is not complete is closed, never used again."""
        response = await self._head(passage)
        try:
            yield Relayed(
                status=response.status,
                reason=response.reason or "",
                headers=response.raw_headers,
                chunks=_chunks(response),
            )
        finally:
            response.close()

    async def _head(self, passage: Passage) -> ClientResponse:
        broken: list[FacadeError] = []
        try:
            response = await self._sent(passage, broken)
        except (TimeoutError, ClientError, OSError) as error:
            raise broken[0] if broken else _told(error) from None
        if response.status == SWITCHING:
            response.close()
            raise UpstreamBroken("The application switched protocols without being asked to.")
        return response

    async def _sent(self, passage: Passage, broken: list[FacadeError]) -> ClientResponse:
        """Up to the head of the answer; only a body needs a deadline of its own for being taken."""
        if passage.body is None:
            return await self._outgoing.request(self._exchange(passage, None))
        async with asyncio.timeout(None) as stall:
            body = _uploaded(passage.body, stall, self._idle_s, broken)
            return await self._outgoing.request(self._exchange(passage, body))

    def _exchange(self, passage: Passage, body: AsyncIterator[bytes] | None) -> Exchange:
        return Exchange(
            method=passage.method,
            target=passage.target,
            headers=passage.headers,
            body=body,
            body_bytes=passage.body_bytes,
            host=_host_of(passage) if self._client_host else None,
            timeout=self._timeout,
        )


def _host_of(passage: Passage) -> str | None:
    return next((value for name, value in passage.headers if name.lower() == "host"), None)


async def _uploaded(
    body: AsyncIterator[bytes], stall: asyncio.Timeout, idle_s: float, broken: list[FacadeError]
) -> AsyncGenerator[bytes]:
    """The client's bytes as the application takes them. The time between handing a chunk over and being asked for the
    next is the application's; it may not stall for longer than it may be silent. The client's own stalls end at the
    edge, and what it raises for them is kept in `broken`. Once an early answer is there, its own deadline rules."""
    loop = asyncio.get_running_loop()
    try:
        async for chunk in body:
            _allow(stall, loop.time() + idle_s)
            yield chunk
            _allow(stall, None)
    except FacadeError as error:
        broken.append(error)
        raise


def _allow(stall: asyncio.Timeout, until: float | None) -> None:
    try:
        stall.reschedule(until)
    except RuntimeError:
        return


async def _chunks(response: ClientResponse) -> AsyncGenerator[bytes]:
    try:
        async for chunk in response.content.iter_any():
            yield chunk
    except (TimeoutError, ClientError, OSError) as error:
        raise _told(error) from None


def _told(error: Exception) -> FacadeError:
    match error:
        case ClientConnectorError() | ConnectionTimeoutError():
            return UpstreamUnavailable("The application could not be reached; nothing was sent.")
        case TimeoutError():
            return UpstreamTimeout("The application did not answer in time.")
        case _:
            return UpstreamBroken("The application's answer was cut or malformed.")
