"""Which addresses a connection to the application may be made to: those of its one configured host, and no others."""

import asyncio
import logging
import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult

from facade.adapters.upstream.settings import Address

LAST_GOOD_S: Final = 300.0
"""How long an earlier resolution serves while the name server fails (REL-UP-10)."""

PATIENCE_S: Final = 1.0
"""How long a slow name server is waited for when an earlier resolution can serve."""

DNS_CACHE_S: Final = 30

_log = logging.getLogger("facade.upstream")


class Pinned(AbstractResolver):
    """Resolves the one configured host, and permits the addresses it resolved to and no others (C7).

    The check stands where a connection is made, because a library asks no resolver about a literal address.
    """

    def __init__(
        self,
        address: Address,
        networks: tuple[str, ...],
        inner: AbstractResolver,
        *,
        remembered_s: float = LAST_GOOD_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._remembered_s = remembered_s
        self._patience_s = patience_s
        self._host = address.host
        self._port = address.port
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(n) for n in networks)
        self._inner = inner
        self._last: list[ResolveResult] = []
        self._last_at = 0.0
        self._known: tuple[str, ...] = ()
        self._known_at = 0.0
        self._asking = asyncio.Lock()
        self._literal = _literal(address.host)
        self._allowed = self._literal

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """See aiohttp."""
        if host != self._host:
            raise OSError(None, "This is not the configured application.")
        now = asyncio.get_running_loop().time()
        serves = bool(self._last) and now - self._last_at <= self._remembered_s
        try:
            async with asyncio.timeout(self._patience_s if serves else None):
                found = await self._inner.resolve(host, port, family)
        except OSError:
            if not serves:
                raise
            return self._last
        allowed = frozenset(each["host"] for each in found)
        if self._allowed and not self._allowed & allowed:
            moved = {"host": host, "before": sorted(self._allowed), "now": sorted(allowed)}
            _log.warning("application moved", extra=moved)
        self._last, self._last_at, self._allowed = found, now, allowed
        return found

    async def where(self) -> tuple[str, ...]:
        """The addresses that may be connected to now; asked for again after a while, or when told to `forget`.

        Raises:
            OSError: the host cannot be resolved, or none of its addresses is permitted.
        """
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if not self._known or now - self._known_at > DNS_CACHE_S:
                self._known, self._known_at = await self._found(), now
        permitted = tuple(each for each in self._known if self.permits(each, self._port))
        if not permitted:
            raise OSError(None, "This address is not the configured application's.")
        return permitted

    async def _found(self) -> tuple[str, ...]:
        found = await self.resolve(self._host, self._port, socket.AF_UNSPEC) if not self._literal else []
        return tuple(self._literal) or tuple(each["host"] for each in found)

    def forget(self) -> None:
        """Resolve the host again before the next connection."""
        self._known = ()

    def permits(self, host: str, port: int) -> bool:
        """True for an address that a connection may be made to."""
        return host in self._allowed and port == self._port and self._inside(host)

    def socket(self, info: AddrInfoType) -> socket.socket:
        """A socket for an address that is permitted (aiohttp's `socket_factory`)."""
        family, kind, protocol, _, where = info
        if not self.permits(str(where[0]), where[1]):
            raise OSError(None, "This address is not the configured application's.")
        return socket.socket(family=family, type=kind, proto=protocol)

    def _inside(self, host: str) -> bool:
        return not self._networks or any(ip_address(host) in network for network in self._networks)

    async def close(self) -> None:
        """See aiohttp."""
        await self._inner.close()


def _literal(host: str) -> frozenset[str]:
    try:
        return frozenset({str(ip_address(host))})
    except ValueError:
        return frozenset()
