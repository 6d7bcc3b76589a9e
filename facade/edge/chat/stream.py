"""Server-sent events of one streamed reply.

Source: WHATWG HTML, "Server-sent events"; the OpenAI API's `data: [DONE]`.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from facade.edge.chat.door import encoded
from facade.edge.problem import openai_error_object
from facade.kernel import Json

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}
"""No cache keeps a reply, and no reverse proxy in front of us collects it."""


class EventStream:
    """An open event stream to one client."""

    def __init__(self, response: web.StreamResponse) -> None:
        self.response = response

    @classmethod
    async def open(cls, request: web.Request, *, request_id: str) -> "EventStream":
        """Send the headers; from here on an error can only be an event."""
        response = web.StreamResponse(headers={**HEADERS, "x-request-id": request_id})
        await response.prepare(request)
        return cls(response)

    async def send(self, events: Iterable[Json]) -> None:
        """One `data` event for each value."""
        for event in events:
            await self.response.write(b"data: " + encoded(event) + b"\n\n")

    async def alive_until(self, work: "asyncio.Future[Any]", *, every_s: float) -> None:
        """A comment now and then until the work is done, so that nothing between us and the client gives up."""
        while not (await asyncio.wait({work}, timeout=every_s))[0]:
            await self.response.write(b": working\n\n")

    async def fail(self, error: BaseException) -> None:
        """An error in the middle: the client library raises it with its code."""
        await self.send([{"error": openai_error_object(error)}])

    async def done(self) -> web.StreamResponse:
        """The end of a whole stream."""
        await self.response.write(b"data: [DONE]\n\n")
        return await self.close()

    async def close(self) -> web.StreamResponse:
        """End the response; without `[DONE]` a client knows that something is missing."""
        await self.response.write_eof()
        return self.response
