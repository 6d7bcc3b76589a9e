"""Several processes on one port: the parent listens, keeps the limits and starts the others again when they die.

The sockets are the parent's, so a connection that nobody has accepted yet outlives a worker. Limits are the parent's
too, so they count over all workers (I4). Each worker has a loop, a journal folder and connections of its own; what is
durable they share in the store. A worker whose parent is gone ends by itself: its standard input closes.
"""

import asyncio
import pickle
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from prometheus_client.multiprocess import mark_process_dead

from facade.adapters.clock import SystemClock
from facade.adapters.probe import json_log
from facade.adapters.stores import open_stores
from facade.adapters.stores.memory import MemoryLimiter
from facade.adapters.stores.shared import keep
from facade.app.contracts import contracts_of
from facade.app.recovery import drain_workers, preloaded
from facade.config import Settings
from facade.kernel import LedgerUnavailable

METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus-client shares counters; it reads it when it is imported."""

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_STEADY_S: Final = 60.0
"""A worker that lived this long may be started again at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a worker is told on its standard input. Files are descriptors that it inherits."""

    settings: Settings
    number: int
    sockets: tuple[int, ...]
    limiter: int
    metrics: Path
    again: Callable[[], Settings] | None = None


async def supervised(
    settings: Settings,
    sockets: Sequence[socket.socket],
    environ: Mapping[str, str],
    ready: Callable[[], None],
    again: Callable[[], Settings] | None,
) -> None:
    """Serve with several processes until SIGTERM or SIGINT; returns when all of them have drained.

    Raises:
        SettingsInvalid, DescriptionInvalid, LedgerUnavailable: nothing was started.
    """
    log = json_log(sys.stderr, settings.log.level)
    await contracts_of(settings, log)  # so that what is wrong is said once, and what is right is kept for the workers
    async with open_stores(settings.ledger.database) as stores:
        await drain_workers(settings.ledger.journal, stores)
        limiter = await preloaded(stores, SystemClock())
    metrics = Path(tempfile.mkdtemp(prefix="facade-metrics-"))
    try:
        await _Crew(settings, sockets, {**environ, METRICS_FOLDER: str(metrics)}, limiter, log, again).serve(ready)
    finally:
        shutil.rmtree(metrics, ignore_errors=True)


class _Crew:
    """The workers of one supervisor."""

    def __init__(
        self,
        settings: Settings,
        sockets: Sequence[socket.socket],
        environ: Mapping[str, str],
        limiter: MemoryLimiter,
        log: structlog.typing.FilteringBoundLogger,
        again: Callable[[], Settings] | None,
    ) -> None:
        self._settings = settings
        self._sockets = sockets
        self._environ = environ
        self._limiter = limiter
        self._log = log
        self._again = again
        self._stopping = asyncio.Event()
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._ready: set[int] = set()
        self._failed = False
        self._changed = False

    async def serve(self, ready: Callable[[], None]) -> None:
        """Start every worker, say so, keep them running, and end them when told to."""
        loop = asyncio.get_running_loop()
        for ending in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(ending, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        numbers = range(self._settings.listen.workers)
        up = [loop.create_future() for _ in numbers]
        async with asyncio.TaskGroup() as group:
            for number in numbers:
                group.create_task(self._kept_running(number, up[number]))
            if all(await asyncio.gather(*up)):
                ready()
                self._log.info("serving", workers=len(up))
                await self._stopping.wait()
                self._log.info("draining")
            self._stopping.set()
            self._end_all()
        if self._failed:
            raise LedgerUnavailable("A worker could not start; what it said stands above.")

    def _reload(self) -> None:
        """Workers reload; one that is still starting, or is started again, does so when it is ready: before, the signal
        would end it."""
        self._changed = True
        for number in self._ready:
            _signalled(self._processes[number], signal.SIGHUP)

    def _end_all(self) -> None:
        for process in self._processes.values():
            _signalled(process, signal.SIGTERM)

    async def _kept_running(self, number: int, up: "asyncio.Future[bool]") -> None:
        loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE_S
        while not self._stopping.is_set():
            began = loop.time()
            code = await self._run_once(number, up)
            if not up.done():
                self._failed = True
                up.set_result(False)
                return
            if code or not self._stopping.is_set():
                self._log.error("worker.ended", worker=number, code=code)
            if self._stopping.is_set():
                return
            pause = _FIRST_PAUSE_S if loop.time() - began > _STEADY_S else min(2 * pause, _LONGEST_PAUSE_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _run_once(self, number: int, up: "asyncio.Future[bool]") -> int:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        start = Start(
            settings=self._settings,
            number=number,
            sockets=tuple(each.fileno() for each in self._sockets),
            limiter=theirs.fileno(),
            metrics=Path(self._environ[METRICS_FOLDER]),
            again=self._again,
        )
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "facade.app.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                pass_fds=(*start.sockets, start.limiter),
                env=dict(self._environ),
            )
        self._processes[number] = process
        keeping = asyncio.create_task(keep(self._limiter, ours))
        if self._stopping.is_set() and up.done():  # the others were told while this one was being made
            _signalled(process, signal.SIGTERM)
        try:
            await _told(process, start)
            if await _said_ready(process):
                self._ready.add(number)
                if self._changed:
                    _signalled(process, signal.SIGHUP)
                if not up.done():
                    up.set_result(True)
            return await process.wait()
        finally:
            self._ready.discard(number)
            await keeping
            mark_process_dead(process.pid, self._environ[METRICS_FOLDER])  # type: ignore[no-untyped-call]  # the library's


def _signalled(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


async def _told(process: asyncio.subprocess.Process, start: Start) -> None:
    """Its standard input stays open: closing it is how a worker learns that we are gone."""
    if process.stdin is not None:
        with suppress(ConnectionError):
            process.stdin.write(pickle.dumps(start, protocol=5))
            await process.stdin.drain()


async def _said_ready(process: asyncio.subprocess.Process) -> bool:
    return process.stdout is not None and await process.stdout.readline() != b""
