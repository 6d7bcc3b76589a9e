"""One small question to a server: follows nothing, reads little, waits briefly."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from facade.adapters.upstream.session import Exchange
from facade.kernel import UpstreamUnavailable

MAX_BODY_BYTES: Final = 262_144
DEADLINE_S: Final = 2.0

_ASKED: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer, whatever its status; `body` is complete and at most `MAX_BODY_BYTES` long."""

    status: int
    body: bytes


class FetchFailed(Exception):
    """There is no whole answer. The text names the kind of fault and nothing that was sent."""


class Fetch(Protocol):
    """Asks one thing of one server."""

    async def fetch(self, method: str, where: str, headers: Mapping[str, str]) -> Fetched:
        """Send once.

        Args:
            where: an absolute URL, or a target in origin form, as the implementation says.

        Raises:
            FetchFailed: no connection, no answer in time, a broken, packed or too long one.
        """


class SessionFetch:
    """Absolute URLs over a session that its owner opened and hardened; see `open_key_session`."""

    def __init__(self, session: ClientSession, *, deadline_s: float = DEADLINE_S) -> None:
        self._session = session
        self._timeout = ClientTimeout(total=deadline_s)

    async def fetch(self, method: str, where: str, headers: Mapping[str, str]) -> Fetched:
        """See `Fetch`; `where` is an absolute URL."""
        return await self._asked(method, where, headers, None)

    async def post(self, where: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Fetched:
        """As `fetch`, with a form."""
        return await self._asked("POST", where, headers, form)

    async def _asked(
        self, method: str, where: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> Fetched:
        try:
            response = await self._session.request(
                method, where, headers={**_ASKED, **headers}, data=form, allow_redirects=False, timeout=self._timeout
            )
            async with response:
                return await _whole(response)
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            raise FetchFailed(type(error).__name__) from None


class Asked(Protocol):
    """The one configured application, over its hardened session."""

    async def request(self, exchange: Exchange) -> ClientResponse:
        """See `Outgoing.request`, `SteeredOutgoing.request`."""


class OutgoingFetch:
    """Targets at the one configured application."""

    def __init__(self, outgoing: Asked, *, deadline_s: float = DEADLINE_S) -> None:
        self._outgoing = outgoing
        self._timeout = ClientTimeout(total=deadline_s)

    async def fetch(self, method: str, where: str, headers: Mapping[str, str]) -> Fetched:
        """See `Fetch`; `where` is a target in origin form."""
        asked = tuple({**_ASKED, **headers}.items())
        exchange = Exchange(method=method, target=where, headers=asked, timeout=self._timeout)
        try:
            async with await self._outgoing.request(exchange) as response:
                return await _whole(response)
        except (ClientError, OSError, TimeoutError, ValueError, UpstreamUnavailable) as error:
            raise FetchFailed(type(error).__name__) from None


async def _whole(response: ClientResponse) -> Fetched:
    """The body up to the cap, counted as it comes; a packed one was not asked for and is not unpacked."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FetchFailed("packed answer")
    body = bytearray()
    async for chunk in response.content.iter_chunked(16_384):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise FetchFailed("answer too long")
    return Fetched(status=response.status, body=bytes(body))


@asynccontextmanager
async def open_key_session() -> AsyncIterator[ClientSession]:
    """A session for key servers alone: few connections, no cookies, no proxies of the environment, no unpacking."""
    session = ClientSession(
        connector=TCPConnector(limit=8, limit_per_host=2),
        cookie_jar=DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
    )
    async with session:
        yield session
