"""A client's body on its way through the proxy: as it arrives, within deadlines, or whole where it must be read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from facade.edge.informing import Informing
from facade.kernel import InvalidRequest, TooLarge

SLOW_AFTER_S: Final = 10.0
SLOWEST_BYTES_PER_S: Final = 1_024
"""A client that made us wait this long in all must have sent at this rate (REL-DOS-02)."""


async def arriving(request: web.Request, pause_s: float, informing: Informing) -> AsyncIterator[bytes]:
    """The client's body in pieces. Only waiting for the client counts against it; one that waits to be told is told.

    Raises:
        InvalidRequest: it stopped, dripped or broke off.
    """
    informing.proceed()
    loop = asyncio.get_running_loop()
    waited, received = 0.0, 0
    while True:
        before = loop.time()
        try:
            async with asyncio.timeout(pause_s):
                chunk = await request.content.readany()
        except TimeoutError:
            raise InvalidRequest("The request body stopped arriving.", place="body") from None
        except (ConnectionError, web.RequestPayloadError):
            raise InvalidRequest("The request body broke off.", place="body") from None
        if not chunk:
            return
        waited += loop.time() - before
        received += len(chunk)
        if waited > SLOW_AFTER_S and received < waited * SLOWEST_BYTES_PER_S:
            raise InvalidRequest("The request body arrives too slowly.", place="body")
        yield chunk


async def begun(body: AsyncIterator[bytes], most: int) -> tuple[bytes, AsyncIterator[bytes]]:
    """A body's first piece that is more than blanks, at most `most` bytes of blanks before it; and the whole body."""
    start = b""
    async for chunk in body:
        start += chunk
        if start.strip() or len(start) > most:
            break
    return start, after(start, body)


async def after(start: bytes, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A body of which the start was read."""
    if start:
        yield start
    async for chunk in body:
        yield chunk


async def whole(body: AsyncIterator[bytes], most: int) -> bytes:
    """The whole body.

    Raises:
        TooLarge: more than `most` bytes.
    """
    kept = bytearray()
    async for chunk in body:
        kept += chunk
        if len(kept) > most:
            raise TooLarge(
                f"A body with fields that your tenant fixes may not be larger than {most} bytes.", place="body"
            )
    return bytes(kept)


async def once(body: bytes) -> AsyncIterator[bytes]:
    """A body that was read, to be passed on."""
    yield body
