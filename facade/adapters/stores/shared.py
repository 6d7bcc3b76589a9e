"""One limiter for several processes of one machine: the memory limiter in one of them, asked by the others (I4).

A worker sends each decision over a Unix stream that only it and the keeper hold, and goes on with other requests until
the verdict is there; decisions of many requests travel together. When a worker dies, the slots that it held are given
back. When the keeper is gone, nothing is admitted any more: the keeper is the workers' parent, and they end with it.

Choices: what travels is pickled, because both ends are the same program of the same user over a pair of sockets that
has no name; what reopens this is a keeper on another machine, which will be a store of its own.
"""

import asyncio
import pickle
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import IntEnum
from itertools import count
from socket import socket
from typing import Any, Final

from facade.adapters.stores.memory import MemoryLimiter
from facade.admission import Verdict
from facade.kernel import SECOND, Counted, Micros, Overloaded, Standing, Tenant, Tier

_LENGTH: Final = 4

_TIERS: Final = 256
"""Tiers that the keeper remembers of each worker; a worker with more tells some of them again."""


class _Kind(IntEnum):
    TIER = 0
    TAKE = 1
    RELEASE = 2
    LOOK = 3


async def keep(limiter: MemoryLimiter, stream: socket) -> None:
    """Answer one worker until it is gone; then give back what it held."""
    reader, writer = await asyncio.open_connection(sock=stream)
    client = _Client(limiter)
    try:
        while (message := await _received(reader)) is not None:
            answer = client.take(message)
            if answer is not None:
                writer.write(_framed(answer))
    finally:
        client.leave()
        writer.close()


class _Client:
    """What the keeper knows of one worker: the tiers that it told, and the slots that it holds."""

    def __init__(self, limiter: MemoryLimiter) -> None:
        self._limiter = limiter
        self._tiers: dict[int, Tier] = {}
        self._held: Counter[str] = Counter()

    def take(self, message: Any) -> tuple[int, Any] | None:
        """Do what a message asks; the answer goes back under the number of the question."""
        match message:
            case (_Kind.TIER, key, tier):
                self._tiers[key] = tier
            case (_Kind.TAKE, number, tenant_id, key, units, now):
                return number, self._decided(tenant_id, self._tiers[key], units, now)
            case (_Kind.LOOK, number, tenant_id, key, now):
                return number, self._limiter.look(tenant_id, self._tiers[key], now)
            case (_Kind.RELEASE, tenant_id):
                self._held[tenant_id] -= 1
                self._limiter.release(tenant_id)
        return None

    def leave(self) -> None:
        """The worker is gone, and what it had in work with it."""
        for tenant_id in self._held.elements():
            self._limiter.release(tenant_id)

    def _decided(self, tenant_id: str, tier: Tier, units: Mapping[Counted, int], now: Micros) -> Verdict:
        verdict = self._limiter.decide(tenant_id, tier, units, now)
        if verdict.admitted and Counted.REQUESTS in units:
            self._held[tenant_id] += 1
        return verdict


class SharedLimiter:
    """`Limiter` that asks the keeper. Made by `open_shared`."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = count()
        self._told_so_far = count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._tiers: dict[int, Tier] = {}
        self._keys: dict[int, int] = {}
        self.lost = asyncio.Event()

    async def take(self, tenant: Tenant, units: Mapping[Counted, int], now: Micros) -> Verdict:
        """See `ports.Limiter`. A request that is cancelled while it asks gives back what it was granted."""
        key = self._told(tenant.tier)
        answer = self._asked(lambda number: (_Kind.TAKE.value, number, tenant.id, key, dict(units), now))
        try:
            verdict: Verdict = await asyncio.shield(answer)
        except asyncio.CancelledError:
            if Counted.REQUESTS in units:
                answer.add_done_callback(lambda late: self._returned(tenant.id, late))
            raise
        return verdict

    async def standing(self, tenant: Tenant, now: Micros) -> tuple[Standing, ...]:
        """See `ports.Limiter`."""
        key = self._told(tenant.tier)
        answer = self._asked(lambda number: (_Kind.LOOK.value, number, tenant.id, key, now))
        standing: tuple[Standing, ...] = await asyncio.shield(answer)  # whoever leaves takes no answer with it
        return standing

    def release(self, tenant_id: str) -> None:
        """See `ports.Limiter`."""
        if not self.lost.is_set():
            self._send((_Kind.RELEASE.value, tenant_id))

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Hand verdicts to those who wait, until the keeper is gone."""
        try:
            while (message := await _received(reader)) is not None:
                number, answer = message
                self._waiting.pop(number).set_result(answer)
        finally:
            self.lost.set()
            for waiting in self._waiting.values():
                waiting.set_exception(_gone())
                waiting.exception()  # nobody may be left to look at it
            self._waiting.clear()

    def _asked(self, question: Callable[[int], tuple[Any, ...]]) -> "asyncio.Future[Any]":
        if self.lost.is_set():
            raise _gone()
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send(question(number))
        return answer

    def _told(self, tier: Tier) -> int:
        """The tier's key at the keeper, which is told each tier once. A tier is known by its object, which `_tiers`
        keeps alive, so that its identity is nobody else's."""
        key = self._keys.get(id(tier))
        if key is None:
            key = next(self._told_so_far) % _TIERS
            self._keys.pop(id(self._tiers.get(key)), None)
            self._tiers[key], self._keys[id(tier)] = tier, key
            self._send((_Kind.TIER.value, key, tier))
        return key

    def _returned(self, tenant_id: str, late: "asyncio.Future[Any]") -> None:
        if late.exception() is None and late.result().admitted:
            self.release(tenant_id)

    def _send(self, message: tuple[Any, ...]) -> None:
        self._writer.write(_framed(message))


@asynccontextmanager
async def open_shared(stream: socket) -> AsyncGenerator[SharedLimiter]:
    """Ask the keeper at the other end of a stream."""
    reader, writer = await asyncio.open_connection(sock=stream)
    limiter = SharedLimiter(writer)
    listening = asyncio.create_task(limiter.listen(reader))
    try:
        yield limiter
    finally:
        writer.close()
        await asyncio.wait([listening])


def _framed(message: Any) -> bytes:
    body = pickle.dumps(message, protocol=5)
    return len(body).to_bytes(_LENGTH, "big") + body


async def _received(reader: asyncio.StreamReader) -> Any:
    """The next message, or None at the end."""
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
        return pickle.loads(await reader.readexactly(length))  # noqa: S301 - our own other end, see above
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _gone() -> Overloaded:
    return Overloaded("This process is ending; try again.", retry_after=Micros(SECOND))
