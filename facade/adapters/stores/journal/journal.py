"""The journal as `ports.Journal` sees it: appends that neither wait nor raise, and the two tasks behind them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import structlog

from facade.adapters.stores.codec import line_of
from facade.adapters.stores.journal.drain import Deliver, Drain
from facade.adapters.stores.journal.lock import sole_writer
from facade.adapters.stores.journal.segments import read_mark, segments_in, undrained_bytes
from facade.adapters.stores.journal.writer import SegmentWriter
from facade.kernel import LedgerUnavailable
from facade.meter import Intent, LedgerRecord

_Result = TypeVar("_Result")
_log = structlog.get_logger("facade.journal")

_PROBE: Final = b" " * 4_095 + b"\n"
"""A blank line as long as several records: where it fits, they fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    """How a journal behaves.

    Attributes:
        group_s: how long appends gather before one fsync; what a power cut may take. kill -9 takes nothing.
        drain_s: how long records gather before they are delivered to the store.
        retry_s: pause after a disk or store that refused.
        backlog_bytes: undelivered records above which nothing new may start.
        waiting_bytes: settlements and decisions held in memory while the disk refuses; more are dropped and counted.
    """

    folder: Path
    segment_bytes: int = 16 * 1024 * 1024
    group_s: float = 0.01
    drain_s: float = 0.25
    retry_s: float = 0.5
    backlog_bytes: int = 512 * 1024 * 1024
    waiting_bytes: int = 8 * 1024 * 1024


class FileJournal:
    """`Journal` in a folder on a local disk. Made by `open_journal`, which owns its tasks.

    While it is not writable, intents are not taken: the caller sees `writable()` and lets nothing leave. Settlements
    and decisions of what happened already wait in memory for room.

    Attributes:
        dropped: records that found room neither on the disk nor in memory.
    """

    def __init__(self, settings: JournalSettings, writer: SegmentWriter) -> None:
        self._settings = settings
        self._writer = writer
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._unsynced: list[bytes] = []
        self._refusing = False
        self._crowded = False
        self._running = True
        self._closed = False
        self._dirty = asyncio.Event()
        self._fresh = asyncio.Event()
        self.dropped = 0

    def append(self, record: LedgerRecord) -> None:
        """One buffered write to the operating system; neither waits nor raises."""
        if isinstance(record, Intent) and not self.writable():
            return
        line = line_of(record)
        if self._closed or self._refusing:
            self._wait(line)
            return
        try:
            self._write(line)
        except OSError as error:
            self._refuse(error)
            if not isinstance(record, Intent):
                self._wait(line)

    def writable(self) -> bool:
        """False while the disk refuses, the store is too far behind, or the journal is closed."""
        return self._running and not self._refusing and not self._crowded

    def stop(self) -> None:
        """Take nothing new that could leave."""
        self._running = False

    def close(self) -> None:
        """Touch the folder no more; it may be another process's now. What still waits is counted as dropped."""
        self._closed = True
        self.dropped += len(self._waiting)
        self._waiting.clear()

    async def flush(self, worker: "_Threads") -> None:
        """Sync what was appended, in groups, until cancelled; after a refusal, try again until there is room."""
        while True:
            if self._refusing:
                await asyncio.sleep(self._settings.retry_s)
                self.recover()
            else:
                await self._dirty.wait()
                await asyncio.sleep(self._settings.group_s)
            await self.sync(worker)

    async def sync(self, worker: "_Threads") -> None:
        """One group fsync. Lines that it may have lost are written again, to another segment."""
        self._dirty.clear()
        lines, self._unsynced = self._unsynced, []
        try:
            await worker(self._writer.syncing())
        except OSError as error:
            self._writer.retire()
            self._waiting.extendleft(reversed(lines))
            self._waiting_bytes += sum(map(len, lines))
            self._refuse(error)

    async def drain(self, drain: Drain, worker: "_Threads") -> None:
        """Deliver what was appended until cancelled; a store that is down gets it later."""
        while True:
            await self._fresh.wait()
            await asyncio.sleep(self._settings.drain_s)
            self._fresh.clear()
            try:
                await drain.run(newest=self._writer.number)
            except (LedgerUnavailable, OSError) as error:
                _log.warning("journal.store_down", error=type(error).__name__)
                self._fresh.set()
                await asyncio.sleep(self._settings.retry_s)
            await self._weigh(worker)

    def recover(self) -> None:
        """After a refusal, write what waits; nothing is refused any more once all of it and a probe found room."""
        if not self._refusing:
            return
        try:
            while self._waiting:
                self._write(self._waiting[0])
                self._waiting_bytes -= len(self._waiting.popleft())
            self._write(_PROBE)
        except OSError:
            return
        self._refusing = False
        _log.warning("journal.writable")

    def _write(self, line: bytes) -> None:
        self._writer.write(line)
        self._unsynced.append(line)
        self._dirty.set()
        self._fresh.set()

    def _wait(self, line: bytes) -> None:
        if self._closed or self._waiting_bytes + len(line) > self._settings.waiting_bytes:
            self.dropped += 1
            return
        self._waiting.append(line)
        self._waiting_bytes += len(line)

    def _refuse(self, error: OSError) -> None:
        self._refusing = True
        self._dirty.set()
        _log.error("journal.unwritable", error=error.strerror)

    async def _weigh(self, worker: "_Threads") -> None:
        with suppress(OSError):
            self._crowded = await worker(lambda: undrained_bytes(self._settings.folder)) > self._settings.backlog_bytes


@asynccontextmanager
async def open_journal(settings: JournalSettings, deliver: Deliver) -> AsyncGenerator[FileJournal]:
    """Hold a folder, deliver what earlier runs left there, then take records until the end.

    Attempts of earlier runs that never settled are in the store before this yields.

    Args:
        deliver: takes records in any order and any number of times; what it returned from is durable.

    Raises:
        SettingsInvalid: the folder is another process's or cannot be written.
        LedgerUnavailable: the store is down.
    """
    with sole_writer(settings.folder), _Threads() as worker:
        drain = Drain(settings.folder, deliver=deliver, worker=worker)
        number = await worker(lambda: _next_segment(settings.folder))
        await drain.run(newest=number)
        writer = SegmentWriter(settings.folder, number=number, segment_bytes=settings.segment_bytes)
        journal = FileJournal(settings, writer)
        tasks = [asyncio.create_task(journal.flush(worker)), asyncio.create_task(journal.drain(drain, worker))]
        for task in tasks:
            task.add_done_callback(lambda _: journal.stop())
        try:
            yield journal
        finally:
            journal.stop()
            await _ended(tasks)
            await _last_words(journal, writer, drain, worker)


class _Threads:
    """Two threads of our own: a slow fsync does not hold up the drain, nor either the loop."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="journal")

    async def __call__(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def __enter__(self) -> "_Threads":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True)


def _next_segment(folder: Path) -> int:
    return max([read_mark(folder).segment, *segments_in(folder)]) + 1


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            _log.error("journal.task_failed", error=type(outcome).__name__)


async def _last_words(journal: FileJournal, writer: SegmentWriter, drain: Drain, worker: _Threads) -> None:
    """Write, sync and deliver what is left; where that fails, the files stay for the next run."""
    journal.recover()
    journal.close()
    with suppress(LedgerUnavailable, OSError):
        await worker(writer.close)
        await drain.run(newest=writer.number)
