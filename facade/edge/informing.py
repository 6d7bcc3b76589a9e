"""Informational answers to a client: `100 Continue` when it waits for it, and whatever the application says before it
answers.

They go straight to the connection, beside the writer, because they are no part of the answer that the writer counts.

Source: RFC 9110, sections 10.1.1 and 15.2.
"""

from typing import Final

from aiohttp import web

from facade.edge.headers import to_client
from facade.edge.leaving import head_of, spoken
from facade.ports import RawHeaders

_CONTINUE: Final = 100


async def expected(request: web.Request) -> None:
    """Look at `Expect` without answering it yet (aiohttp's `expect_handler`): who reads the body says when.

    Raises:
        web.HTTPExpectationFailed: it is not `100-continue`.
    """
    if request.headers.get("Expect", "").lower() != "100-continue" and spoken(request):
        raise web.HTTPExpectationFailed(text="The only expectation that is known here is 100-continue.")


class Informing:
    """What one client is told before its answer. It hears each word once, and nothing that HTTP/1.0 does not know.

    Attributes:
        expects: it said `Expect: 100-continue`, and has not been told yet.
    """

    __slots__ = ("_request", "expects")

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.expects = "Expect" in request.headers and spoken(request)

    @property
    def waits(self) -> bool:
        """The client holds its body back until it is told to send it."""
        return self.expects and self._request.body_exists and self._request.content.total_bytes == 0

    def proceed(self) -> None:
        """Have the client send its body, unless it does so already."""
        if self.waits:
            self._write(_CONTINUE, b"Continue", ())

    async def __call__(self, status: int, reason: bytes, headers: RawHeaders) -> None:
        """Pass on what the application said (`ports.Informed`)."""
        if spoken(self._request):
            self._write(status, reason, to_client(headers))

    def _write(self, status: int, reason: bytes, headers: RawHeaders) -> None:
        if status == _CONTINUE:
            self.expects = False
        if self._request.transport is not None:
            self._request.transport.write(head_of(status, reason, headers))
