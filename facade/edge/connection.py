"""A client's connection, and the library's server and runner that make such ones."""

import asyncio
from collections.abc import Callable
from socket import socket
from ssl import SSLContext
from typing import Any, Final, cast

from aiohttp import web

from facade.edge.doorway import Doorway
from facade.edge.problem import problem_response
from facade.kernel import InvalidRequest


class Connection(web.RequestHandler):
    """A client's connection: malformed requests get a plain answer, and a handler can ask to be told of its end.

    A client that leaves what it asked for unread for too long is cut off, so that it holds no memory (REL-DOS-02, 11).

    Attributes:
        half_closed: called when the client of a tunnel sends no more; the other direction then stays open.
    """

    def __init__(self, *args: Any, doorway: Doorway, unread_s: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watchers: set[Callable[[], object]] = set()
        self.half_closed: Callable[[], None] | None = None
        self._doorway = doorway
        self._unread_s = unread_s
        self._cut_off: asyncio.TimerHandle | None = None
        self._address: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there, if there is room for it."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        if self._doorway.enter(address):
            self._address = address
            self.rests()
        else:
            cast("asyncio.Transport", transport).abort()

    def eof_received(self) -> bool:  # type: ignore[override] # the library's always closes, and says None for it
        """The client sends no more."""
        if self.half_closed is None:
            return False
        self.half_closed()
        return True

    def pause_writing(self) -> None:
        """The client reads slower than we write."""
        super().pause_writing()
        self._must_read()

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self._has_read()

    def force_close(self) -> None:
        """Close now; what still waits to be read may take its time, and no longer."""
        self._must_read()
        super().force_close()

    def _must_read(self) -> None:
        if self.transport is not None and not self._cut_off:
            self._cut_off = asyncio.get_running_loop().call_later(self._unread_s, self.transport.abort)

    def _has_read(self) -> None:
        if self._cut_off:
            self._cut_off.cancel()
            self._cut_off = None

    def rests(self) -> None:
        """Between two requests: the connection may be closed to make room. One whose client has left is no guest any
        more, though its request ends only now."""
        if self._address is not None:
            self._doorway.waits(self, self.make_room)

    def make_room(self) -> None:
        """Close now, or once the answer that is being written is out."""
        if self._current_request is None:
            self.force_close()
        else:
            self.close()

    def works(self) -> None:
        """A request is in work."""
        self._doorway.works(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The client is gone."""
        if self._address is not None:
            self._doorway.leave(self, self._address)
            self._address = None
        super().connection_lost(exc)
        self._has_read()  # the library has just closed once more what is closed
        for watcher in tuple(self.watchers):
            watcher()

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109 - overrides the library
        """End within the timeout: the library waits for a request in work twice, each time that long."""
        await super().shutdown(None if timeout is None else timeout / 2)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer without reflecting a byte of the request, and without a log line that a client could multiply."""
        if request.writer.output_size > 0:
            raise ConnectionResetError("An answer that has begun cannot be replaced.")
        malformed = InvalidRequest("This is not a well-formed HTTP/1.1 request.", place="request")
        error = malformed if status < _OURS else exc or RuntimeError()
        response = problem_response(error, request_id="-")
        response.headers["Server"] = "facade"
        response.force_close()
        return response


_OURS: Final = 500


class Server(web.Server):
    """The library's server with connections of ours."""

    def __init__(self, plain: web.Server, settings: dict[str, Any], ours: dict[str, Any]) -> None:
        super().__init__(plain.request_handler, request_factory=plain.request_factory, **settings)
        self._settings = {**settings, **ours}

    def __call__(self) -> web.RequestHandler:
        """A connection that is about to be made."""
        return Connection(self, loop=asyncio.get_running_loop(), **self._settings)


class Runner(web.AppRunner):
    """An application runner whose connections are ours; aiohttp has no public switch for the class."""

    def __init__(self, app: web.Application, ours: dict[str, Any], **settings: Any) -> None:
        super().__init__(app, **settings)
        self._ours = ours

    async def _make_server(self) -> web.Server:
        return Server(await super()._make_server(), self._kwargs, self._ours)


class Site(web.SockSite):
    """A listening socket. The library gives a client a minute for its TLS handshake, in which no doorway has seen it
    yet; here it is given as long as for a request's head.

    Args:
        handshake_s: for a TLS handshake, and for the end of one.
    """

    def __init__(
        self, runner: Runner, sock: socket, *, tls: SSLContext | None, handshake_s: float, backlog: int
    ) -> None:
        super().__init__(runner, sock, ssl_context=tls, backlog=backlog)
        self._handshake_s = handshake_s if tls else None

    async def start(self) -> None:
        """Listen."""
        await web.BaseSite.start(self)
        self._server = await asyncio.get_running_loop().create_server(
            cast(Server, self._runner.server),
            sock=self._sock,
            ssl=self._ssl_context,
            backlog=self._backlog,
            ssl_handshake_timeout=self._handshake_s,
            ssl_shutdown_timeout=self._handshake_s,
        )
