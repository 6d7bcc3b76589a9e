"""Looking at proxied traffic without holding it up: a bounded, sampled tee, judged off the loop (D11)."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from facade.contract import Contract, Match, observe_request, observe_response
from facade.kernel import OperationKey
from facade.ports import Probe, RawHeaders

MOST_WAITING: Final = 64
"""Exchanges that may wait to be judged; what comes on top is not looked at."""

TOGETHER: Final = 24
GATHER_S: Final = 0.02
"""So many exchanges, or those of so short a time, are handed to the thread together: a hand-over costs more than a
judgement."""

GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One finished exchange. A body is None when it was too large, cut or encoded in a way that is not read here."""

    contract: Contract
    match: Match
    query: str
    request_headers: RawHeaders
    request_body: bytes | None
    status: int
    response_headers: RawHeaders
    response_body: bytes | None


def judged(observed: Observed) -> list[tuple[str, str]]:
    """Where the exchange differs from its contract: direction and code of each finding."""
    media_type = value_of(observed.response_headers, b"content-type")
    headers = [(name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in observed.request_headers]
    asked = observe_request(observed.match, observed.query, headers, observed.request_body, observed.contract)
    answered = observe_response(observed.match, observed.status, media_type, observed.response_body, observed.contract)
    return [*(("request", each.code) for each in asked), *(("response", each.code) for each in answered)]


def value_of(headers: RawHeaders, name: bytes) -> str:
    """The first value of a header, '' without one.

    Args:
        name: in lower case.
    """
    return next((v.decode("latin-1") for n, v in headers if n.lower() == name), "")


class Tee:
    """Keeps what passes by, up to a bound; beyond it nothing."""

    __slots__ = ("_kept", "_most", "whole")

    def __init__(self, most: int) -> None:
        self._kept: bytearray | None = bytearray()
        self._most = most
        self.whole = False

    def add(self, chunk: bytes) -> None:
        """One more piece has passed."""
        if self._kept is None:
            return
        if len(self._kept) + len(chunk) > self._most:
            self._kept = None
        else:
            self._kept += chunk

    async def through(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same pieces, kept as they pass; `whole` once the last one has."""
        async for chunk in chunks:
            self.add(chunk)
            yield chunk
        self.whole = True

    def body(self, encoding: str) -> bytes | None:
        """What passed, decoded; None when it is not whole or cannot be read."""
        if self._kept is None or not self.whole:
            return None
        return decoded(bytes(self._kept), encoding, self._most)


def decoded(body: bytes, encoding: str, most: int) -> bytes | None:
    """The body behind gzip or deflate, or None when it is something else, larger than `most`, or has anything behind
    its end, which some readers take for more of it."""
    if encoding.lower() in {"", "identity"} or not body:
        return body
    if encoding.lower() not in {"gzip", "x-gzip", "deflate"}:
        return None
    inflate = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        plain = inflate.decompress(body, most)
    except zlib.error:
        return None
    return plain if inflate.eof and not inflate.unused_data else None


class Watch:
    """Decides which exchanges are looked at, and has them judged in a thread.

    Those that end within a moment, or while the thread is at work, are judged together, so that the busier we are, the
    less a hand-over costs each exchange.

    Attributes:
        most: bodies above this many bytes are not looked at.
    """

    def __init__(self, probe: Probe, *, sample: float, most: int, chance: Callable[[], float]) -> None:
        self.most = most
        self._probe = probe
        self._sample = sample
        self._chance = chance
        self._waiting: list[Observed] = []
        self._judging: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()

    def wants(self) -> bool:
        """Look at the next exchange?"""
        return len(self._waiting) < MOST_WAITING and self._chance() < self._sample

    def saw(self, observed: Observed) -> None:
        """Have a finished exchange judged; returns at once."""
        self._waiting.append(observed)
        if self._judging is None or self._judging.done():
            self._judging = asyncio.create_task(self._judge())
        if len(self._waiting) >= TOGETHER:
            self._enough.set()

    async def idle(self) -> None:
        """Wait until everything seen so far is judged."""
        while self._judging is not None and not self._judging.done():
            self._enough.set()
            await asyncio.gather(self._judging)

    async def _judge(self) -> None:
        while self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_S):
                    await self._enough.wait()
            self._enough.clear()
            together, self._waiting = self._waiting, []
            for key, findings in await asyncio.to_thread(_judged_all, together):
                for direction, code in findings:
                    self._probe.violated(api=key.api, operation=key.operation_id, direction=direction, code=code)


def _judged_all(together: Sequence[Observed]) -> list[tuple[OperationKey, list[tuple[str, str]]]]:
    return [(each.match.operation.key, judged(each)) for each in together]


@asynccontextmanager
async def watching(watch: Watch) -> AsyncIterator[Watch]:
    """Own the watch's task: leaving waits for it."""
    try:
        yield watch
    finally:
        await watch.idle()
