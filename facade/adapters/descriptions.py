"""Descriptions from a file or an address, bounded; read at the start, and again only where something has changed."""

import asyncio
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from aiohttp import ClientError, ClientTimeout

from facade.adapters.upstream.session import Exchange, open_session
from facade.adapters.upstream.settings import UpstreamSettings
from facade.adapters.upstream.tls import TlsSettings, reason_of
from facade.kernel import DescriptionInvalid, FacadeError

MAX_BYTES = 64 * 1024 * 1024
"""The largest description that is read; 18 MB ones exist."""
FETCH_S = 30
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_VALIDATORS: Final = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
"""What an answer is known by, and how it is asked whether it still holds (RFC 9110, section 13.1)."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A description as it was read.

    Attributes:
        conditions: headers that ask an address for it only when it has changed.
    """

    place: str
    raw: bytes
    conditions: Headers = ()


def is_address(locator: str) -> bool:
    """True for what is fetched, false for a file."""
    return locator.startswith(("http://", "https://"))


async def description_at(locator: str, *, headers: Headers = ()) -> bytes:
    """The bytes of a description. See `description`."""
    return (await description(locator, headers=headers)).raw


async def description(
    locator: str, *, headers: Headers = (), known: Description | None = None, tls: TlsSettings | None = None
) -> Description:
    """Read a description.

    Args:
        locator: an http or https URL, or a path. Redirects are not followed: the address in the settings is the one
            that is asked.
        headers: sent to an address besides our own; some applications keep their description behind a credential.
        known: what was read before; it is returned itself where its bytes still hold.
        tls: how TLS is spoken with an address; None trusts what the system trusts.

    Raises:
        DescriptionInvalid: it cannot be read; the message names the place and the mend.
    """
    before = known if known is not None and known.place == locator else None
    try:
        if is_address(locator):
            found = await _fetched(locator, headers, before, tls)
        else:
            found = Description(place=locator, raw=await asyncio.to_thread(_file, Path(locator)))
    except (OSError, ClientError, FacadeError) as error:
        raise DescriptionInvalid(f"The description {locator} cannot be read: {_told(error)}.") from error
    return before if before is not None and before.raw == found.raw else found


def stamp_of(path: str) -> tuple[int, ...]:
    """What changes when a file is written: time, size and identity; nothing for a file that is not there."""
    try:
        found = Path(path).stat()
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _file(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise DescriptionInvalid(f"it is larger than {MAX_BYTES // 2**20} MiB")
    return path.read_bytes()


async def _fetched(url: str, headers: Headers, known: Description | None, tls: TlsSettings | None) -> Description:
    parts = urlsplit(url)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    settings = UpstreamSettings(base=f"{parts.scheme}://{parts.netloc}", pool_size=1, tls=tls)
    conditions = known.conditions if known is not None else ()
    request = Exchange(
        method="GET",
        target=target,
        headers=(("Accept", "application/json, application/yaml;q=0.9, */*;q=0.5"), *headers, *conditions),
        timeout=ClientTimeout(total=FETCH_S),
    )
    async with open_session(settings) as outgoing, await outgoing.request(request) as answer:
        if answer.status == _NOT_MODIFIED and known is not None:
            return known
        if answer.status != _OK:
            hint = "; it wants a credential" if answer.status in {401, 403} else ""
            raise DescriptionInvalid(f"the address answered {answer.status} instead of 200{hint}")
        raw = await _bounded(answer.content.iter_chunked(65_536))
        return Description(place=url, raw=raw, conditions=_conditions(answer.headers))


def _conditions(headers: Mapping[str, str]) -> Headers:
    return tuple((ask, headers[name]) for name, ask in _VALIDATORS.items() if name in headers)


async def _bounded(chunks: AsyncIterable[bytes]) -> bytes:
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) > MAX_BYTES:
            raise DescriptionInvalid(f"it is larger than {MAX_BYTES // 2**20} MiB")
    return bytes(held)


def _told(error: Exception) -> str:
    if isinstance(error, FacadeError):
        return error.detail.rstrip(".")
    why = reason_of(error)
    if why is not None:
        return why
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
