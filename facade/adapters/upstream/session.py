"""The one maker of client sessions for what goes out to an application (reliability C1-C9).

Nothing else in the product constructs a `ClientSession` for the application, and nobody gets to hold this one: an
`Outgoing` sends one request to the configured address, follows nothing and repeats nothing.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from ssl import SSLContext
from typing import Final

from aiohttp import (
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver
from yarl import URL

from facade.adapters.upstream.pinning import DNS_CACHE_S, Pinned
from facade.adapters.upstream.settings import Address, UpstreamSettings, address_of
from facade.adapters.upstream.tls import context_of
from facade.kernel import FRAMING_HEADERS, InvalidRequest

SWITCHING: Final = 101
"""The status of a protocol that nobody asked for: what follows is no HTTP."""

_NEVER_ADDED: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that the library would add by itself; what a client did not send does not travel (I6)."""

FRAMING: Final = FRAMING_HEADERS - {"via"}
"""Headers that we alone write (C4, C8). `Proxy-*` joins them in `_ours`; the passage itself sets `Via`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request as it goes on the wire.

    Attributes:
        target: origin form, already encoded; sent byte for byte.
        host: what to put into `Host`; None for the address itself.
        body_bytes: the length of a streamed body; None means chunked.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    timeout: ClientTimeout
    body: bytes | AsyncIterable[bytes] | None = None
    body_bytes: int | None = None
    host: str | None = None


class Outgoing:
    """The hardened session of one application."""

    def __init__(
        self, session: ClientSession, connector: TCPConnector, address: Address, server_name: str | None = None
    ) -> None:
        self._session = session
        self._connector = connector
        self._address = address
        self._server_name = server_name

    async def request(self, exchange: Exchange) -> ClientResponse:
        """Send once and return with the head of the answer; the caller releases or closes it.

        Raises:
            InvalidRequest: the target does not stay at the configured address.
            aiohttp.ClientError, TimeoutError: as the library tells them; adapters translate.
        """
        return await self._session.request(
            exchange.method,
            url_of(self._address, exchange.target),
            headers=_framed(exchange),
            data=exchange.body,
            allow_redirects=False,
            timeout=exchange.timeout,
            server_hostname=self._server_name,
        )

    def forget_names(self) -> None:
        """Resolve the host again at the next connection."""
        self._connector.clear_dns_cache()


@asynccontextmanager
async def open_session(
    settings: UpstreamSettings,
    *,
    resolver: AbstractResolver | None = None,
    ssl: SSLContext | None = None,
    keeps: bool = True,
) -> AsyncIterator[Outgoing]:
    """Open the session of one application; leaving closes every connection.

    Args:
        keeps: False makes a connection for each request.
        resolver: asked for the host's addresses; the system's by default.
        ssl: a context that is made already; from `settings.tls` by default, and without those the library's own.

    Raises:
        SettingsInvalid: see `address_of` and `tls.context_of`.
        RuntimeError: the installed aiohttp no longer lets us switch its silent repetition off (C3).
    """
    address = address_of(settings)
    if ssl is None and settings.tls is not None:
        ssl = await asyncio.to_thread(context_of, settings.tls)
    pinned = Pinned(address, settings.networks, resolver or ThreadedResolver())
    connector = TCPConnector(
        resolver=pinned,
        socket_factory=pinned.socket,
        limit=settings.pool_size,
        **({"keepalive_timeout": settings.keep_alive_s} if keeps else {"force_close": True}),
        ttl_dns_cache=DNS_CACHE_S,
        ssl=ssl if ssl is not None else True,
    )
    session = ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        skip_auto_headers=_NEVER_ADDED,
        raise_for_status=False,
    )
    async with session:
        repeat_never(session)
        yield Outgoing(session, connector, address, settings.tls.server_name if settings.tls else None)


def repeat_never(session: ClientSession) -> None:
    """Switch off the silent second sending of GET, PUT and DELETE on a stale connection (C3).

    The switch is private to aiohttp, so the start proves that it exists and that the sending code still reads it; the
    test suite proves what it does on the wire.

    Raises:
        RuntimeError: it does not.
    """
    switch = "_retry_connection"
    if getattr(session, switch, None) is not True or switch not in ClientSession._request.__code__.co_names:
        raise RuntimeError("This aiohttp may send a request twice and cannot be told not to: install aiohttp 3.14.")
    session._retry_connection = False


@lru_cache(maxsize=1024)
def url_of(address: Address, target: str) -> URL:
    """The URL of a target at the configured address, proven by parsing it again (SEC-PATH-06).

    `URL.build` takes the whole target as the path, because the library's own parsing drops an empty query.

    Raises:
        InvalidRequest: the target is not in origin form, or the result is not exactly where it should be.
    """
    if not target.startswith("/") or target.startswith("//") or not _plain(target):
        raise InvalidRequest("The request target must start with one slash and be percent-encoded.", place="target")
    url = URL.build(scheme=address.scheme, host=address.host, port=address.port, path=target, encoded=True)
    again = URL(str(url), encoded=True)
    path, _, query = target.partition("?")
    stays = (again.scheme, again.raw_host, again.port, again.raw_user) == (
        address.scheme,
        address.host,
        address.port,
        None,
    )
    if not stays or url.raw_path_qs != target or (again.raw_path, again.raw_query_string) != (path, query):
        raise InvalidRequest("The request target cannot be sent as it is; percent-encode it.", place="target")
    return url


def _plain(target: str) -> bool:
    """No control character, space, fragment or anything outside ASCII: the library would drop or rewrite it."""
    return target.isascii() and target.isprintable() and " " not in target and "#" not in target


def _framed(exchange: Exchange) -> list[tuple[str, str]]:
    """End-to-end headers as given, and exactly one framing header, computed here (C4). The library adds the `Host` of
    the address, `Transfer-Encoding` for a body of unknown length, and the length of bytes.

    A repeated name takes its first spelling: the library would let `x-a` replace an earlier `X-A`.
    """
    spelled: dict[str, str] = {}
    headers = [(spelled.setdefault(name.lower(), name), value) for name, value in exchange.headers if not _ours(name)]
    if exchange.host is not None:
        headers.append(("Host", exchange.host))
    if exchange.body_bytes is not None and exchange.body is not None:
        headers.append(("Content-Length", str(exchange.body_bytes)))
    return headers


@lru_cache(maxsize=1024)
def _ours(name: str) -> bool:
    lower = name.lower()
    return lower in FRAMING or lower.startswith("proxy-")
