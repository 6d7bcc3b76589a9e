"""Descriptions from a file or an address, bounded, fetched once at start and on reload."""

import asyncio
from collections.abc import AsyncIterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from aiohttp import ClientError, ClientTimeout

from facade.adapters.upstream.session import Exchange, open_session
from facade.adapters.upstream.settings import UpstreamSettings
from facade.kernel import DescriptionInvalid, FacadeError

MAX_BYTES = 64 * 1024 * 1024
"""The largest description that is read; 18 MB ones exist."""
FETCH_S = 30


async def description_at(locator: str, *, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """The bytes of a description.

    Args:
        locator: an http or https URL, or a path. Redirects are not followed: the address in the settings is the one
            that is asked.
        headers: sent to an address besides our own; some applications keep their description behind a credential.

    Raises:
        DescriptionInvalid: it cannot be read; the message names the place and the mend.
    """
    try:
        if locator.startswith(("http://", "https://")):
            return await _fetched(locator, headers)
        return await asyncio.to_thread(_file, Path(locator))
    except (OSError, ClientError, FacadeError) as error:
        raise DescriptionInvalid(f"The description {locator} cannot be read: {_told(error)}.") from error


def _file(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise DescriptionInvalid(f"it is larger than {MAX_BYTES // 2**20} MiB")
    return path.read_bytes()


async def _fetched(url: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    parts = urlsplit(url)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    settings = UpstreamSettings(base=f"{parts.scheme}://{parts.netloc}", pool_size=1)
    request = Exchange(
        method="GET",
        target=target,
        headers=(("Accept", "application/json, application/yaml;q=0.9, */*;q=0.5"), *headers),
        timeout=ClientTimeout(total=FETCH_S),
    )
    async with open_session(settings) as outgoing, await outgoing.request(request) as answer:
        if answer.status != 200:  # noqa: PLR2004 - the only status that carries the document
            hint = "; it wants a credential" if answer.status in {401, 403} else ""
            raise DescriptionInvalid(f"the address answered {answer.status} instead of 200{hint}")
        return await _bounded(answer.content.iter_chunked(65_536))


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
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
