"""Connections to one address: so many and no more, the idle ones kept for the next exchange, the last used first."""

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from ssl import SSLContext

from facade.adapters.upstream.pinning import Pinned
from facade.adapters.upstream.settings import Address, UpstreamSettings
from facade.adapters.upstream.wire.connection import Connection
from facade.kernel import UpstreamUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one address is reached.

    Attributes:
        ssl: None for plain http.
        server_name: the name that its certificate must have.
    """

    address: Address
    pinned: Pinned
    ssl: SSLContext | None
    server_name: str


class Pool:
    """The connections to one address. A place in it is held from before connecting until the connection is gone."""

    def __init__(self, route: Route, settings: UpstreamSettings) -> None:
        self._route = route
        self._settings = settings
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._places = settings.pool_size
        self._queue: deque[asyncio.Future[Connection | None]] = deque()
        self._empty = asyncio.Event()

    async def take(self, *, recent_s: float = math.inf) -> Connection:
        """A connection that is ready for an exchange.

        Args:
            recent_s: one that was idle for longer is left alone while a new one can be made.

        Raises:
            UpstreamUnavailable: none could be had; nothing was sent.
        """
        while True:
            while self._idle and (self._places <= 0 or self._idle[-1].idle_for_s <= recent_s):
                connection = self._idle.pop()
                if connection.alive:
                    return connection
            if self._places > 0:
                self._places -= 1
                return await self._connected()
            handed = await self._in_turn()
            if handed is None:
                return await self._connected()
            if handed.alive:
                return handed

    def give(self, connection: Connection) -> None:
        """Take a connection back after a complete exchange."""
        connection.finish()
        self._passed_on(connection)

    def _passed_on(self, connection: Connection) -> None:
        while self._queue:
            waiting = self._queue.popleft()
            if not waiting.done():
                waiting.set_result(connection)
                return
        self._idle.append(connection)

    def drop_idle(self) -> None:
        """Close what is idle: where one connection went stale, the others of its time are."""
        for connection in self._idle:
            connection.abort()
        self._idle.clear()

    async def close(self) -> None:
        """Close every connection, and wait until they are gone."""
        for connection in tuple(self._all):
            connection.abort()
        if self._all:
            self._empty.clear()
            await self._empty.wait()

    async def _in_turn(self) -> Connection | None:
        """Wait for a connection, or for a place (None)."""
        waiting: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._queue.append(waiting)
        try:
            async with asyncio.timeout(self._settings.queue_s):
                return await waiting
        except BaseException as error:
            self._declined(waiting)
            if isinstance(error, TimeoutError):
                raise UpstreamUnavailable("The application has no connection free; nothing was sent.") from None
            raise

    def _declined(self, waiting: asyncio.Future[Connection | None]) -> None:
        """Leave the line; what was handed over in the same moment goes to the next."""
        if not waiting.done() or waiting.cancelled():
            self._queue = deque(each for each in self._queue if each is not waiting)
        elif (connection := waiting.result()) is None:
            self._freed()
        else:
            self._passed_on(connection)

    async def _connected(self) -> Connection:
        """Connect, in a place that is already ours."""
        try:
            async with asyncio.timeout(self._settings.connect_s):
                return await self._to_any()
        except OSError as error:
            self._route.pinned.forget()
            self._freed()
            raise UpstreamUnavailable("The application could not be reached; nothing was sent.") from error
        except BaseException:
            self._freed()
            raise

    async def _to_any(self) -> Connection:
        """Connect to the first of the host's addresses that lets us."""
        refused = OSError()
        for host in await self._route.pinned.where():
            try:
                return await self._to(host)
            except OSError as error:
                refused = error
        raise refused

    async def _to(self, host: str) -> Connection:
        route, settings = self._route, self._settings
        secured = route.address.scheme == "https"
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(self._gone, idle_s=settings.relay_idle_s, kept_s=settings.keep_alive_s),
            host,
            route.address.port,
            ssl=route.ssl if secured else None,
            server_hostname=route.server_name if secured else None,
        )
        if not connection.alive:
            raise OSError(None, "The connection was closed at once.")
        self._all.add(connection)
        return connection

    def _gone(self, connection: Connection) -> None:
        if connection not in self._all:
            return
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._freed()
        if not self._all:
            self._empty.set()

    def _freed(self) -> None:
        """A place is free: the first in line gets it."""
        while self._queue:
            waiting = self._queue.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
        self._places += 1
