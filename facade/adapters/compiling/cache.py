"""What was compiled before, by the hash of everything that it was made from.

A pickle is code to whoever reads it, so the folder is for us alone: mode 0700, ours, and a file counts only when it is
a plain file, ours, and closed to everybody else; what is not is as good as absent and is compiled again. Each file
carries a checksum, so that a torn or damaged one is absent too. The oldest go when the folder grows past its bound.
"""

import fcntl
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

_MAGIC: Final = b"facade compiled 1\n"
_DIGEST: Final = hashlib.sha256().digest_size
_SUFFIX: Final = ".compiled"
_PART: Final = ".part"
_PAUSE_S: Final = 0.02
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Cache:
    """A folder of compiled things. Never raises: without it everything is compiled each time.

    Args:
        most_bytes: of all files together.
    """

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def has(self, key: str) -> bool:
        """Whether something is kept under a key; whether it can be used, `find` tells."""
        return self._path(key).exists()

    def find(self, key: str) -> bytes | None:
        """What was kept under a key, if it is there, ours and whole."""
        path = self._path(key)
        try:
            raw = self._read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("cache unreadable", file=str(path), reason=error.strerror)
            return None
        head, body = raw[: len(_MAGIC) + _DIGEST], memoryview(raw)[len(_MAGIC) + _DIGEST :]
        if head != _MAGIC + hashlib.sha256(body).digest():
            _log.warning("cache damaged", file=str(path))
            self.forget(key)
            return None
        with suppress(OSError):
            os.utime(path)  # the last used are the last to go
        return bytes(body)

    def keep(self, key: str, body: bytes) -> None:
        """Keep this, whole or not at all; what was used longest ago makes room."""
        if len(body) > self._most_bytes:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_others()
            self._write(self._path(key), body)
            self._make_room()
        except OSError as error:
            _log.warning("cache unwritable", folder=str(self._folder), reason=error.strerror)

    def forget(self, key: str) -> None:
        """Keep it no longer."""
        with suppress(OSError):
            self._path(key).unlink(missing_ok=True)

    @contextmanager
    def alone(self, given_up: Callable[[], bool]) -> Generator[None]:
        """One compilation at a time among all processes that share the folder: those that wait for the same thing find
        it kept. Where no lock can be had, or waiting is given up, everybody goes on at once."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        except OSError:
            yield
            return
        try:
            while not _locked(descriptor) and not given_up():
                time.sleep(_PAUSE_S)
            yield
        finally:
            os.close(descriptor)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_SUFFIX}"

    def _refuse_others(self) -> None:
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
            raise PermissionError(0, "the folder is open to others; `chmod 700` it, or name another")

    def _read(self, path: Path) -> bytes:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            self._refuse_others()
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
                raise PermissionError(0, "the file is open to others")
            if found.st_size > self._most_bytes + len(_MAGIC) + _DIGEST:
                raise OSError(0, "the file is larger than the cache may be")
            return file.read()

    def _write(self, path: Path, body: bytes) -> None:
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=_PART)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_MAGIC + hashlib.sha256(body).digest())
                file.write(body)
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _make_room(self) -> None:
        """Leftovers of a crash count like everything else."""
        files = sorted(
            (
                (found.st_mtime_ns, found.st_size, path)
                for path in self._folder.iterdir()
                if path.suffix in {_SUFFIX, _PART} and (found := _plain(path))
            ),
            key=lambda row: row[0],
        )
        over = sum(size for _, size, _ in files) - self._most_bytes
        for _, size, path in files:
            if over <= 0:
                return
            path.unlink(missing_ok=True)
            over -= size


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _plain(path: Path) -> os.stat_result | None:
    with suppress(OSError):
        found = path.lstat()
        if stat.S_ISREG(found.st_mode):
            return found
    return None
