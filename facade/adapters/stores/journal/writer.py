"""The segment that is written to: one `write` a record, so that what returned survives kill -9."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from facade.adapters.stores.journal.segments import segment_path, sync_folder

OWNER_ONLY: Final = 0o600


class SegmentWriter:
    """Appends lines to numbered segments, starting a new one when the present one is full or broken."""

    def __init__(self, folder: Path, *, number: int, segment_bytes: int) -> None:
        self._folder = folder
        self._limit = segment_bytes
        self._descriptor: int | None = None
        self._retired: list[int] = []
        self._size = 0
        self._unnamed = True
        self.number = number
        """The newest segment's number; nobody writes to an older one again."""

    def write(self, line: bytes) -> None:
        """Hand one line to the operating system, whole or not at all.

        Raises:
            OSError: nothing of it was kept.
        """
        descriptor = self._segment_for(len(line))
        written = os.write(descriptor, line)
        if written == len(line):
            self._size += written
            return
        try:
            os.ftruncate(descriptor, self._size)
        except OSError:
            self.retire()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def retire(self) -> None:
        """Write no more to the present segment; the next line starts another."""
        if self._descriptor is not None:
            self._retired.append(self._descriptor)
            self._descriptor = None
            self.number += 1

    def syncing(self) -> Callable[[], None]:
        """Work for another thread: make everything written so far survive a power cut.

        The work raises OSError when it cannot; what was written since the last success may then be lost.
        """
        retired, self._retired = self._retired, []
        folder = self._folder if self._unnamed else None
        self._unnamed, present = False, self._descriptor
        return lambda: _sync(folder, present, retired)

    def close(self) -> None:
        """Sync and close everything.

        Raises:
            OSError: as `syncing`.
        """
        self.retire()
        self.syncing()()

    def _segment_for(self, length: int) -> int:
        if self._descriptor is not None and self._size > 0 and self._size + length > self._limit:
            self.retire()
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
            self._descriptor = os.open(segment_path(self._folder, self.number), flags, OWNER_ONLY)
            self._size, self._unnamed = 0, True
        return self._descriptor


def _sync(folder: Path | None, present: int | None, retired: list[int]) -> None:
    try:
        for descriptor in (*retired, *(() if present is None else (present,))):
            os.fdatasync(descriptor)
        if folder is not None:
            sync_folder(folder)
    finally:
        for descriptor in retired:
            os.close(descriptor)
