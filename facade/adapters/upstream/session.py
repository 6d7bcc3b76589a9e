"""The one maker of client sessions for what goes out to an application (reliability C1-C9).

Nothing else in the product constructs a `ClientSession` for the application, and nobody gets to hold this one: an
`Outgoing` sends one request to the configured address, follows nothing and repeats nothing.
"""

import asyncio
import socket
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from ssl import SSLContext
from typing import Final

from aiohttp import (
    AddrInfoType,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from facade.adapters.upstream.settings import Address, UpstreamSettings, address_of
from facade.kernel import FRAMING_HEADERS, InvalidRequest

LAST_GOOD_S: Final = 300.0
"""How long an earlier resolution serves while the name server fails (REL-UP-10)."""

DNS_CACHE_S: Final = 30

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

    def __init__(self, session: ClientSession, connector: TCPConnector, address: Address) -> None:
        self._session = session
        self._connector = connector
        self._address = address

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
        )

    def forget_names(self) -> None:
        """Resolve the host again at the next connection."""
        self._connector.clear_dns_cache()


@asynccontextmanager
async def open_session(
    settings: UpstreamSettings, *, resolver: AbstractResolver | None = None, ssl: SSLContext | None = None
) -> AsyncIterator[Outgoing]:
    """Open the session of one application; leaving closes every connection.

    Args:
        resolver: asked for the host's addresses; the system's by default.
        ssl: trust for a private certificate authority; the system's by default.

    Raises:
        SettingsInvalid: see `address_of`.
        RuntimeError: the installed aiohttp no longer lets us switch its silent repetition off (C3).
    """
    address = address_of(settings)
    pinned = _Pinned(address, settings.networks, resolver or ThreadedResolver())
    connector = TCPConnector(
        resolver=pinned,
        socket_factory=pinned.socket,
        limit=settings.pool_size,
        keepalive_timeout=settings.keep_alive_s,
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
        yield Outgoing(session, connector, address)


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


class _Pinned(AbstractResolver):
    """Resolves the one configured host, and makes sockets for the addresses it resolved to and no others (C7).

    The check stands where a socket is made, because the library asks no resolver about a literal address.
    """

    def __init__(self, address: Address, networks: tuple[str, ...], inner: AbstractResolver) -> None:
        self._host = address.host
        self._port = address.port
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(n) for n in networks)
        self._inner = inner
        self._last: list[ResolveResult] = []
        self._last_at = 0.0
        self._allowed = _literal(address.host)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != self._host:
            raise OSError(None, "This is not the configured application.")
        now = asyncio.get_running_loop().time()
        try:
            found = await self._inner.resolve(host, port, family)
        except OSError:
            if not self._last or now - self._last_at > LAST_GOOD_S:
                raise
            return self._last
        self._last, self._last_at = found, now
        self._allowed = frozenset(each["host"] for each in found)
        return found

    def socket(self, info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, where = info
        host, port = where[0], where[1]
        if host not in self._allowed or port != self._port or not self._inside(str(host)):
            raise OSError(None, "This address is not the configured application's.")
        return socket.socket(family=family, type=kind, proto=protocol)

    def _inside(self, host: str) -> bool:
        return not self._networks or any(ip_address(host) in network for network in self._networks)

    async def close(self) -> None:
        await self._inner.close()


def _literal(host: str) -> frozenset[str]:
    try:
        return frozenset({str(ip_address(host))})
    except ValueError:
        return frozenset()
