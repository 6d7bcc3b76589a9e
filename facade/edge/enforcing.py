"""Holding proxied traffic to the contract, where the settings ask for it.

A passage that is enforced is no longer untouched traffic (I6 excepts it): its bodies are read whole and judged before
they go on. A request that differs from its operation never reaches the application; an answer that differs never
reaches the client. Bodies that no schema describes, such as images, still stream.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from facade.contract import Contract, Match, observe_request, observe_response
from facade.edge.bodies import after, once
from facade.edge.observing import decoded, value_of
from facade.guard import plain_charset
from facade.kernel import Finding, InvalidRequest, NotFound, Severity, TooLarge, UpstreamBroken
from facade.ports import Probe, RawHeaders, Relayed

INLINE_BYTES: Final = 65_536
"""A body up to this size is judged on the loop, a larger one in a thread (D11)."""

_JUDGED: Final = ("json", "x-www-form-urlencoded", "multipart/form-data")
_UNCHECKED: Final = Finding(code="body.unchecked", place="body", message="is too large or encoded to be judged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement:
    """What is held to the contract.

    Attributes:
        undescribed: requests that no operation describes go on as they came; otherwise they are refused.
        most: the largest body that is held back to be judged, decoded.
    """

    requests: bool = True
    responses: bool = True
    undescribed: bool = True
    most: int = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A request before it goes on: the operation it matches, and what of it was read."""

    contract: Contract
    match: Match
    query: str
    headers: RawHeaders


def described(match: Match | None, enforcement: Enforcement) -> None:
    """Let only described requests on, where that is asked for.

    Raises:
        NotFound: no operation describes it.
    """
    if match is None and enforcement.requests and not enforcement.undescribed:
        raise NotFound("The API's description knows no such operation.")


async def request_of(
    judged: Judged, body: AsyncIterator[bytes] | None, enforcement: Enforcement
) -> tuple[AsyncIterator[bytes] | None, tuple[Finding, ...]]:
    """The body to pass on, and where the request differs from its operation.

    Raises:
        TooLarge: a body with a schema is larger than can be judged.
        InvalidRequest: it is encoded so that nobody here can read it.
    """
    if _has_schema(judged.headers) and not plain_charset(value_of(judged.headers, b"content-type")):
        raise InvalidRequest("Send the body in UTF-8: it is held to the contract.", place="Content-Type")
    if body is None:
        return None, await _differences(judged, b"")
    held = await _held(body, enforcement.most)
    if not held.whole:
        if _has_schema(judged.headers):
            raise TooLarge(f"A body that is held to the contract may have {enforcement.most} bytes.", place="body")
        found = await _differences(judged, held.start)
        return held.onward, tuple(f for f in found if f.code == "request.media_type" or f.place != "body")
    codings = [value.decode("latin-1") for name, value in judged.headers if name.lower() == b"content-encoding"]
    plain = decoded(held.start, ",".join(codings), enforcement.most)
    if plain is None:
        raise InvalidRequest("Send the body without a content encoding: it is held to the contract.", place="body")
    return held.onward, await _differences(judged, plain)


async def _differences(judged: Judged, body: bytes) -> tuple[Finding, ...]:
    headers = [(n.decode("latin-1"), v.decode("utf-8", "replace")) for n, v in judged.headers]
    return await _off_loop(
        len(body), lambda: observe_request(judged.match, judged.query, headers, body, judged.contract)
    )


async def answer_of(judged: Judged, relayed: Relayed, enforcement: Enforcement, probe: Probe) -> AsyncIterator[bytes]:
    """The chunks to pass on, once the whole answer is found to be what the contract says.

    An answer that is too large to be judged passes, and is counted as `body.unchecked`.

    Raises:
        UpstreamBroken: it differs; the first difference is named, never a value.
    """
    onward, plain = relayed.chunks, None
    if _has_schema(relayed.headers):
        held = await _held(relayed.chunks, enforcement.most)
        onward, plain = held.onward, _plain(held, relayed.headers, enforcement.most)
        if plain is None:
            tell(judged, "response", (_UNCHECKED,), probe)
    media_type = value_of(relayed.headers, b"content-type")
    findings = await _off_loop(
        len(plain or b""),
        lambda: observe_response(judged.match, relayed.status, media_type, plain, judged.contract),
    )
    tell(judged, "response", findings, probe)
    if findings:
        first = findings[0]
        raise UpstreamBroken(f"The application's answer differs from its description: {first.code} at {first.place}.")
    return onward


def tell(judged: Judged, direction: str, findings: tuple[Finding, ...], probe: Probe) -> None:
    """Count differences by operation and rule."""
    api, operation = judged.match.operation.key
    for finding in findings:
        probe.violated(api=api, operation=operation, direction=direction, code=finding.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A body as it is to go on, and its start; all of it when `whole`."""

    onward: AsyncIterator[bytes]
    start: bytes
    whole: bool


async def _held(body: AsyncIterator[bytes], most: int) -> _Held:
    kept = bytearray()
    async for chunk in body:
        kept += chunk
        if len(kept) > most:
            return _Held(onward=after(bytes(kept), body), start=bytes(kept), whole=False)
    return _Held(onward=once(bytes(kept)), start=bytes(kept), whole=True)


def _plain(held: _Held, headers: RawHeaders, most: int) -> bytes | None:
    return decoded(held.start, value_of(headers, b"content-encoding"), most) if held.whole else None


def _has_schema(headers: RawHeaders) -> bool:
    media_type = value_of(headers, b"content-type").lower()
    return not media_type or any(kind in media_type for kind in _JUDGED)


async def _off_loop(size: int, judge: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
    found = judge() if size <= INLINE_BYTES else await asyncio.to_thread(judge)
    return tuple(finding for finding in found if finding.severity is Severity.ERROR)
