"""The HTTP server: transport matters of every entrance, and nothing of what they serve.

Middleware here is for transport alone: request id, hygiene, body deadline, load, problem bodies. Everything of
aiohttp's server that is wrong at an edge is set right in one place (reliability, section 1.2).
"""

import asyncio
import logging
import socket
import ssl
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from aiohttp import http_parser, web
from aiohttp.typedefs import Handler, Middleware

from facade.edge.connection import Connection, Runner, Site
from facade.edge.doorway import DoorLimits, Doorway
from facade.edge.hygiene import Head, HeadLimits, refuse_ambiguous
from facade.edge.listening import BACKLOG, TlsFiles, listening, tls_towards_clients
from facade.edge.load import Load, LoadRules, Pressure, watched
from facade.edge.problem import problem_response
from facade.edge.switching import may_switch, not_offered
from facade.kernel import SECOND, FacadeError, InvalidRequest, Micros, NotFound, Overloaded, TooLarge
from facade.ports import Ids

REQUEST_ID: Final = web.RequestKey("request_id", str)
"""The id under which we log and tell a request."""

STREAMED: Final = "streamed"
"""Name of routes whose handlers read the body themselves."""

WATCHING: Final = "watching"
"""How names of routes begin that probes and scrapers ask; they are served whatever the load."""

_log = logging.getLogger("facade.edge")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Bounds of the server, whoever calls.

    Attributes:
        keep_alive_s: for an idle connection, for a request's head to arrive, and for a TLS handshake.
        body_s: longest pause in a request body.
        unread_s: how long a client may leave an answer unread.
        max_body_bytes: largest body of a route that is not streamed.
        concurrency: requests in work at once; more are refused.
        lame_duck_s: after the signal: how long new requests are still taken, each told to close its connection.
        drain_s: after that: how long requests in work may take.
        reuse_port: other processes may listen on the same port.
        tls: TLS towards clients; None speaks plain HTTP.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    head: HeadLimits = field(default_factory=HeadLimits)
    keep_alive_s: float = 15.0
    body_s: float = 30.0
    unread_s: float = 30.0
    max_body_bytes: int = 1_048_576
    concurrency: int = 1_000
    lame_duck_s: float = 1.5
    drain_s: float = 20.0
    reuse_port: bool = False
    tls: TlsFiles | None = None
    door: DoorLimits = field(default_factory=DoorLimits)
    load: LoadRules = field(default_factory=LoadRules)


@dataclass(slots=True)
class Gate:
    """Whether we take requests, how many are in work, and how to end the tunnels that stand."""

    draining: bool = False
    in_work: int = 0
    tunnels: set[Callable[[], None]] = field(default_factory=set)
    load: Load = field(default_factory=lambda: Load(LoadRules()))


GATE: Final = web.AppKey("gate", Gate)


@dataclass(slots=True, kw_only=True)
class Serving:
    """A server that runs."""

    port: int
    gate: Gate
    settings: ServerSettings
    tls: ssl.SSLContext | None = None
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    @property
    def ready(self) -> bool:
        """False once the end has begun; probes and load balancers look here."""
        return not self.gate.draining

    async def drain(self) -> None:
        """Tell every client to go elsewhere while still serving it; then the server may be left. Tunnels have no end
        of their own, so they are ended then."""
        self.gate.draining = True
        await self.sleep(self.settings.lame_duck_s)
        for leave in tuple(self.gate.tunnels):
            leave()


def application(settings: ServerSettings, gate: Gate, ids: Ids) -> web.Application:
    """An application with the transport middleware, ready for routes."""
    app = web.Application(middlewares=(_transport(settings, gate, ids),), client_max_size=settings.max_body_bytes)

    async def finish(request: web.Request, response: web.StreamResponse) -> None:
        _last_touch(response, gate)

    app.on_response_prepare.append(finish)
    app[GATE] = gate
    return app


@asynccontextmanager
async def serving(
    app: web.Application,
    settings: ServerSettings,
    gate: Gate,
    *,
    sockets: Sequence[socket.socket] = (),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Serving]:
    """Listen; leaving stops accepting, waits for requests in work, and closes.

    Args:
        sockets: that listen already, such as those of a parent process; without any, the settings' address is taken.

    Raises:
        OSError: the address cannot be had. SettingsInvalid: a file of TLS cannot be used.
        RuntimeError: the strict HTTP parser is not installed.
    """
    require_strict_parser()
    tls = tls_towards_clients(settings.tls) if settings.tls else None
    runner = Runner(
        app,
        {"doorway": Doorway(settings.door), "unread_s": settings.unread_s},
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=settings.keep_alive_s,
        lingering_time=1.0,
        logger=_quiet_logger(),
        max_headers=settings.head.fields,
        shutdown_timeout=settings.drain_s,
    )
    await runner.setup()
    gate.load = Load(settings.load)
    try:
        for each in sockets or listening(settings.host, settings.port, shared=settings.reuse_port):
            await Site(runner, each, tls=tls, handshake_s=settings.keep_alive_s, backlog=BACKLOG).start()
        async with watched(gate.load):
            yield Serving(port=runner.addresses[0][1], gate=gate, settings=settings, tls=tls, sleep=sleep)
    finally:
        await runner.cleanup()


def require_strict_parser() -> None:
    """The pure-Python parser reads ten known requests differently (SEC-SMG-09).

    Raises:
        RuntimeError: it would be used.
    """
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise RuntimeError(
            "aiohttp runs without its C parser, which reads HTTP less strictly: install a built wheel, "
            "and do not set AIOHTTP_NO_EXTENSIONS."
        )


def _quiet_logger() -> logging.Logger:
    """Library messages about broken clients; anything of ours is logged by the middleware, once."""
    logger = logging.getLogger("facade.edge.library")
    logger.setLevel(logging.CRITICAL)
    return logger


def _transport(settings: ServerSettings, gate: Gate, ids: Ids) -> Middleware:
    @web.middleware
    async def transport(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = request[REQUEST_ID] = ids.new()
        try:
            refuse_ambiguous(_head_of(request), settings.head)
        except InvalidRequest as error:
            return _closing(problem_response(error, request_id=request_id))
        if "Upgrade" in request.headers and not (_streamed(request) and may_switch(request)):
            return _closing(not_offered(request_id))
        if gate.in_work >= settings.concurrency or _shed(request, gate.load.pressure):
            busy = Overloaded("There is more to do than can be done now; try again.", retry_after=Micros(SECOND))
            return problem_response(busy, request_id=request_id)
        gate.in_work += 1
        connection = cast(Connection, request.protocol)
        connection.works()
        try:
            return await _answered(request, handler, settings)
        finally:
            gate.in_work -= 1
            connection.rests()

    return transport


def _shed(request: web.Request, pressure: Pressure) -> bool:
    """Agents before existing clients; what watches us never."""
    if pressure is Pressure.NONE:
        return False
    name = request.match_info.route.name or ""
    return not name.startswith(WATCHING) and (pressure is Pressure.ALL or name != STREAMED)


async def _answered(request: web.Request, handler: Handler, settings: ServerSettings) -> web.StreamResponse:
    """The handler's answer, or the problem that came instead of it."""
    request_id = request[REQUEST_ID]
    try:
        if not _streamed(request) and request.body_exists:
            await _read(request, settings)
        return await handler(request)
    except FacadeError as error:
        return problem_response(error, request_id=request_id)
    except web.HTTPNotFound:
        return problem_response(NotFound("There is nothing at this path."), request_id=request_id)
    except web.HTTPException:
        raise
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception as error:  # noqa: BLE001 - the last place that can tell the client anything
        _log.error("request failed", extra={"request_id": request_id, **_told(error)})
        return problem_response(error, request_id=request_id)


def _told(error: BaseException) -> dict[str, object]:
    """What and where, innermost last; never the message, which may hold what a client sent (D12)."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "at": [f"{Path(f.filename).name}:{f.lineno}:{f.name}" for f in frames]}


async def _read(request: web.Request, settings: ServerSettings) -> None:
    """Read the body once, within its deadline; handlers then find it read."""
    if (request.content_length or 0) > settings.max_body_bytes:
        raise _too_large(settings)
    try:
        async with asyncio.timeout(settings.body_s):
            await request.read()
    except TimeoutError:
        raise InvalidRequest("The request body stopped arriving.", place="body") from None
    except web.HTTPRequestEntityTooLarge:
        raise _too_large(settings) from None


def _too_large(settings: ServerSettings) -> TooLarge:
    return TooLarge(f"The body is larger than {settings.max_body_bytes} bytes.", place="body")


def _head_of(request: web.Request) -> Head:
    return Head(
        method=request.method,
        target=request.raw_path,
        version=(request.version.major, request.version.minor),
        headers=request.raw_headers,
    )


def _streamed(request: web.Request) -> bool:
    return request.match_info.route.name == STREAMED


def _closing(response: web.Response) -> web.Response:
    response.force_close()
    return response


def _last_touch(response: web.StreamResponse, gate: Gate) -> None:
    """Say nothing about what we run on, and send clients away while draining."""
    if "Python/" in response.headers.get("Server", ""):
        del response.headers["Server"]
    if gate.draining:
        response.headers["Connection"] = "close"
        response.force_close()
