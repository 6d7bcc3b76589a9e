"""One piece of work per key at a time, shared by everybody who asks for it meanwhile."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Generic, TypeVar

V = TypeVar("V")


class Busy(Exception):
    """There is too much under way, or we are closing."""


class Flights(Generic[V]):
    """Owns its tasks: a waiter that goes away stops nothing, and `aclose` stops everything.

    Tasks run in an empty context, so nothing of the request that happened to come first travels with them.
    """

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._tasks: dict[str, asyncio.Task[V]] = {}

    def running(self, key: str) -> bool:
        """True while work for this key is under way."""
        return key in self._tasks

    def start(self, key: str, work: Callable[[], Coroutine[None, None, V]]) -> asyncio.Task[V]:
        """The work under way for this key, or new work.

        Raises:
            Busy: too much is under way.
        """
        task = self._tasks.get(key)
        if task is None:
            if len(self._tasks) >= self._limit:
                raise Busy("too much is under way")
            task = asyncio.get_running_loop().create_task(work(), context=Context())
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    async def run(self, key: str, work: Callable[[], Coroutine[None, None, V]]) -> V:
        """What the work returns or raises.

        Raises:
            Busy: too much is under way, or we are closing.
        """
        task = self.start(key, work)
        await asyncio.wait((task,))
        if task.cancelled():
            raise Busy("closing")
        return task.result()

    async def settled(self) -> None:
        """Wait until nothing is under way, however it ends."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    async def aclose(self) -> None:
        """Stop what is under way, and wait for it."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: str, task: asyncio.Task[V]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # retrieved here, because there may be no waiter left to do it
