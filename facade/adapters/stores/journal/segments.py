"""The journal's files: numbered segments of JSON lines, and how far they are drained. Blocking; runs in a worker.

A line is a record once its newline is written; blank lines are none. What follows the last newline of a segment that
nobody writes to any more is torn: it was never acknowledged.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facade.adapters.stores.codec import record_of
from facade.meter import LedgerRecord

_SUFFIX: Final = ".journal"
_MARK: Final = "drained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A byte in a segment, by the segment's number. Everything before it has been delivered."""

    segment: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Complete lines from a segment.

    Attributes:
        end: offset after the last complete line.
        damaged: lines that are complete and no record.
    """

    records: tuple[LedgerRecord, ...]
    end: int
    damaged: int


def segments_in(folder: Path) -> list[int]:
    """Numbers of the segments, oldest first."""
    return sorted(int(path.stem) for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdecimal())


def segment_path(folder: Path, number: int) -> Path:
    """Where a segment lies."""
    return folder / f"{number:012d}{_SUFFIX}"


def read_batch(path: Path, *, start: int, limit: int) -> Batch:
    """The complete lines within `limit` bytes from `start`; at least one if there is one."""
    with path.open("rb") as file:
        file.seek(start)
        text = file.read(limit)
        if b"\n" not in text:
            text += file.readline()
    whole = text[: text.rfind(b"\n") + 1]
    records, damaged = _parsed(whole.split(b"\n")[:-1])
    return Batch(records=records, end=start + len(whole), damaged=damaged)


def torn_bytes(path: Path, *, end: int) -> int:
    """Bytes after the last complete line."""
    return path.stat().st_size - end


def read_mark(folder: Path) -> Position:
    """How far this folder is drained. An unreadable mark reads as nothing: delivering again changes nothing."""
    try:
        segment, offset = (folder / _MARK).read_text().split()
        return Position(segment=int(segment), offset=int(offset))
    except (OSError, ValueError):
        return Position(segment=0, offset=0)


def write_mark(folder: Path, position: Position) -> None:
    """Note how far this folder is drained, in one step."""
    fresh = folder / f"{_MARK}.new"
    fresh.write_text(f"{position.segment} {position.offset}\n")
    os.replace(fresh, folder / _MARK)


def keep_damaged(path: Path) -> None:
    """Keep a damaged segment under another name, for a person to look at; the drain goes on without it."""
    with suppress(FileExistsError):
        path.with_suffix(".damaged").hardlink_to(path)


def undrained_bytes(folder: Path) -> int:
    """How much the store has not been given yet."""
    mark = read_mark(folder)
    sizes = {number: segment_path(folder, number).stat().st_size for number in segments_in(folder)}
    return sum(sizes.values()) - (mark.offset if mark.segment in sizes else 0)


def sync_folder(folder: Path) -> None:
    """Make names in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parsed(lines: Sequence[bytes]) -> tuple[tuple[LedgerRecord, ...], int]:
    records, damaged = [], 0
    for line in filter(bytes.strip, lines):
        try:
            records.append(record_of(line))
        except ValueError:
            damaged += 1
    return tuple(records), damaged
