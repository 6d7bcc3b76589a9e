"""The tests' own HTTP client: one address, no cookies kept, no redirect followed, nothing sent twice, reads bounded."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientPayloadError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar
from yarl import URL

from facade.conformance.records import Request, Response, Who, response_of
from facade.kernel import InvalidRequest, UpstreamUnavailable

MAX_BODY_BYTES: Final = 4 * 1024 * 1024
"""Longer answers are cut, and said to be."""
_CHUNK: Final = 65_536
_PATIENCE: Final = 3
"""How often a 429 or 503 with `Retry-After` is waited for."""
_LONGEST_WAIT_S: Final = 10.0
_UNANSWERED: Final = 0
_NEVER_SENT: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})

Credential = tuple[tuple[str, str], ...]


def origin_of(url: str) -> tuple[str, str]:
    """An address as origin and base path: `https://app.example/api/` -> (`https://app.example`, `/api`).

    Raises:
        InvalidRequest: not an http or https address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise InvalidRequest(f"{url!r} is no http or https address such as https://app.example/api.", place="--url")
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def broken(credential: Credential) -> Credential:
    """The same headers with values that no application knows: their last characters are others."""
    return tuple((name, _broken(value)) for name, value in credential)


def _broken(value: str) -> str:
    kept, tail = value[: len(value) // 2], value[len(value) // 2 :]
    return kept + "".join("0" if c != "0" else "1" for c in tail if c.isalnum()) + "x"


class Client:
    """Sends requests to one application as one of several callers."""

    def __init__(self, session: ClientSession, origin: str, credentials: Mapping[Who, Credential]) -> None:
        self._session = session
        self._origin = origin
        self._credentials = credentials
        self._owned = {name.lower() for each in credentials.values() for name, _ in each}
        self.requests = 0

    async def send(self, request: Request) -> Response:
        """Send once; waits and repeats only where the application asks for it with `Retry-After`.

        Raises:
            UpstreamUnavailable: nobody listens at the address.
            ValueError: HTTP cannot carry the request.
        """
        for _ in range(_PATIENCE):
            response = await self._sent(request)
            wait = _wait_of(response)
            if wait is None:
                return response
            await asyncio.sleep(wait)
        return response

    async def _sent(self, request: Request) -> Response:
        self.requests += 1
        kept = [(n, v) for n, v in request.headers if n.lower() not in self._owned | _NEVER_SENT]
        headers = [*kept, ("Accept-Encoding", "identity"), *self._credentials.get(request.who, ())]
        url = URL(self._origin + request.target, encoded=True)
        try:
            async with self._session.request(
                request.method, url, data=request.body, headers=headers, allow_redirects=False
            ) as answer:
                return await _read(answer)
        except (ClientError, TimeoutError, OSError) as error:
            return self._failed(error)

    def _failed(self, error: Exception) -> Response:
        if self.requests == 1 and isinstance(error, OSError):
            reason = getattr(error, "strerror", None) or str(error) or "no answer in time"
            raise UpstreamUnavailable(f"{self._origin} cannot be reached: {reason}.") from error
        what = "no answer in time" if isinstance(error, TimeoutError) else "the connection ended without an answer"
        return response_of(_UNANSWERED, (), b"", cut=f"{what} ({type(error).__name__})")


async def _read(answer: ClientResponse) -> Response:
    held, cut = bytearray(), ""
    try:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            held += chunk
            if len(held) > MAX_BODY_BYTES:
                cut = f"more than {MAX_BODY_BYTES // 2**20} MiB; the rest was not read"
                break
    except ClientPayloadError:
        cut = f"the connection ended after {len(held)} bytes of the body"
    headers = tuple((name, value) for name, value in answer.headers.items())
    return response_of(answer.status, headers, bytes(held), cut=cut)


def _wait_of(response: Response) -> float | None:
    """Seconds that a busy application asks for, where they are few."""
    asked = response.header("retry-after") or ""
    if response.status not in (429, 503) or not asked.isdigit() or float(asked) > _LONGEST_WAIT_S:
        return None
    return float(asked)


async def fetched(url: str) -> bytes:
    """A description at an address, whole.

    Raises:
        InvalidRequest: it cannot be had from there.
    """
    origin, path = origin_of(url.partition("?")[0])
    query = url.partition("?")[2]
    async with open_client(origin, {}) as client:
        response = await client.send(Request(method="GET", target=(path or "/") + (f"?{query}" if query else "")))
    if not response.ok or response.cut:
        raise InvalidRequest(
            f"{url} answered {response.status}{': ' if response.cut else ''}{response.cut}.", place=url
        )
    return response.body


@asynccontextmanager
async def open_client(
    origin: str, credentials: Mapping[Who, Credential], *, timeout_s: float = 30.0
) -> AsyncGenerator[Client]:
    """A client of one application, closed at the end of the block."""
    timeout = ClientTimeout(total=timeout_s)
    skipped = ("User-Agent", "Accept", "Content-Type")
    async with ClientSession(
        cookie_jar=DummyCookieJar(), timeout=timeout, auto_decompress=False, skip_auto_headers=skipped
    ) as session:
        session._retry_connection = False  # a PUT or DELETE must not be sent twice in silence
        yield Client(session, origin, credentials)
