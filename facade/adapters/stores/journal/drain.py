"""From segments into the store, each record at least once; the store makes it exactly once."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeAlias, TypeVar

import structlog

from facade.adapters.stores.journal.segments import (
    Position,
    keep_damaged,
    read_batch,
    read_mark,
    segment_path,
    segments_in,
    torn_bytes,
    write_mark,
)
from facade.meter import LedgerRecord

BATCH_BYTES: Final = 256 * 1024
"""About 600 records: one transaction of a few milliseconds."""

Deliver: TypeAlias = Callable[[Sequence[LedgerRecord]], Awaitable[None]]

_Result = TypeVar("_Result")
_log = structlog.get_logger("facade.journal")


class Worker(Protocol):
    """Runs blocking work off the loop."""

    async def __call__(self, work: Callable[[], _Result]) -> _Result:
        """Wait for the work's result; its exception is raised here."""


class Drain:
    """Delivers complete lines in order, notes how far it came, removes segments that are done.

    Attributes:
        torn: segments that ended in half a line; damaged: complete lines that were no record.
    """

    def __init__(self, folder: Path, *, deliver: Deliver, worker: Worker) -> None:
        self._folder = folder
        self._deliver = deliver
        self._worker = worker
        self.torn = 0
        self.damaged = 0

    async def run(self, *, newest: int) -> None:
        """Deliver everything that is complete now.

        Args:
            newest: the segment that may still grow; older ones are removed once delivered.

        Raises:
            LedgerUnavailable, OSError: the rest is delivered by a later run.
        """
        mark = await self._worker(partial(read_mark, self._folder))
        for number in await self._worker(partial(segments_in, self._folder)):
            path = segment_path(self._folder, number)
            end = await self._segment(path, number, mark.offset if number == mark.segment else 0)
            if number < newest:
                await self._worker(partial(self._remove, path, end))

    async def _segment(self, path: Path, number: int, start: int) -> int:
        """Deliver a segment from `start`; return where its last complete line ends."""
        while True:
            batch = await self._worker(partial(read_batch, path, start=start, limit=BATCH_BYTES))
            if batch.end == start:
                return start
            if batch.damaged:
                await self._worker(partial(self._note_damage, path, batch.damaged))
            if batch.records:
                await self._deliver(batch.records)
            start = batch.end
            await self._worker(partial(write_mark, self._folder, Position(segment=number, offset=start)))

    def _note_damage(self, path: Path, lines: int) -> None:
        self.damaged += lines
        keep_damaged(path)
        _log.error("journal.damaged", segment=path.name, lines=lines)

    def _remove(self, path: Path, end: int) -> None:
        if torn_bytes(path, end=end):
            self.torn += 1
            _log.warning("journal.torn", segment=path.name)
        path.unlink()
