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
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from enum import IntEnum
from itertools import count
from socket import socket
from typing import Any, Final

from facade.adapters.stores.memory import MemoryLimiter
from facade.admission import Verdict
from facade.kernel import SECOND, Counted, Micros, Overloaded, Tenant, Tier

_LENGTH: Final = 4

_TIERS: Final = 256
"""Tiers that the keeper remembers of each worker; a worker with more tells some of them again."""


class _Kind(IntEnum):
    TIER = 0
    TAKE = 1
    RELEASE = 2


async def keep(limiter: MemoryLimiter, stream: socket) -> None:
    """Answer one worker until it is gone; then give back what it held."""
    reader, writer = await asyncio.open_connection(sock=stream)
    tiers: dict[int, Tier] = {}
    held: Counter[str] = Counter()
    try:
        while (message := await _received(reader)) is not None:
            match message:
                case (_Kind.TIER, int(key), Tier() as tier):
                    tiers[key] = tier
                case (_Kind.TAKE, int(number), str(tenant_id), int(key), units, int(now)):
                    verdict = limiter.decide(tenant_id, tiers[key], units, Micros(now))
                    if verdict.admitted and Counted.REQUESTS in units:
                        held[tenant_id] += 1
                    writer.write(_framed((number, verdict)))
                case (_Kind.RELEASE, str(tenant_id)):
                    held[tenant_id] -= 1
                    limiter.release(tenant_id)
    finally:
        for tenant_id, slots in held.items():
            for _ in range(slots):
                limiter.release(tenant_id)
        writer.close()


class SharedLimiter:
    """`Limiter` that asks the keeper. Made by `open_shared`."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = count()
        self._told_so_far = count()
        self._waiting: dict[int, asyncio.Future[Verdict]] = {}
        self._tiers: dict[int, Tier] = {}
        self._keys: dict[int, int] = {}
        self.lost = asyncio.Event()

    async def take(self, tenant: Tenant, units: Mapping[Counted, int], now: Micros) -> Verdict:
        """See `ports.Limiter`. A request that is cancelled while it asks gives back what it was granted."""
        if self.lost.is_set():
            raise _gone()
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send((_Kind.TAKE.value, number, tenant.id, self._told(tenant.tier), dict(units), now))
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            if Counted.REQUESTS in units:
                answer.add_done_callback(lambda late: self._returned(tenant.id, late))
            raise

    def release(self, tenant_id: str) -> None:
        """See `ports.Limiter`."""
        if not self.lost.is_set():
            self._send((_Kind.RELEASE.value, tenant_id))

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Hand verdicts to those who wait, until the keeper is gone."""
        try:
            while (message := await _received(reader)) is not None:
                number, verdict = message
                self._waiting.pop(number).set_result(verdict)
        finally:
            self.lost.set()
            for answer in self._waiting.values():
                answer.set_exception(_gone())
                answer.exception()  # nobody may be left to look at it
            self._waiting.clear()

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

    def _returned(self, tenant_id: str, late: asyncio.Future[Verdict]) -> None:
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
