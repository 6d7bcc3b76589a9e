"""One database: connections, transactions, schema. The only place that knows the dialect's manners."""

import errno
import os
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random

from facade.kernel import Finding, LedgerUnavailable, SettingsInvalid

BUSY_MS: Final = 2_000
POOL_WAIT_S: Final = 5.0
READERS: Final = 4
OWNER_ONLY: Final = 0o600

_DOWN: Final = (OperationalError, InterfaceError, InternalError, TimeoutError)


class Database:
    """SQLite behind SQLAlchemy: one writer, several readers.

    A write takes the write lock when it begins, since a transaction that reads first and writes later cannot wait for
    another's commit (SQLITE_BUSY_SNAPSHOT). One writing connection makes a process queue here rather than poll there.
    """

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """One write transaction: committed at the end, rolled back by any error.

        Raises:
            LedgerUnavailable: the database is locked, full or gone; nothing was written.
        """
        with _translated():
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """One consistent snapshot.

        Raises:
            LedgerUnavailable: as `writing`.
        """
        with _translated():
            async with self._reader.connect() as connection:
                yield connection


@asynccontextmanager
async def open_database(url: str, *, busy_ms: int = BUSY_MS) -> AsyncGenerator[Database]:
    """Open a database and bring its schema up to date.

    Args:
        url: `sqlite:///relative/path` or `sqlite:////absolute/path`; `sqlite+aiosqlite:` is the same.
        busy_ms: how long a write waits for another process's before it gives up.

    Raises:
        SettingsInvalid: no file can be there, it is no database, or a newer facade wrote it.
    """
    path = _file_of(url)
    writer = _engine(path, size=1, begin="BEGIN IMMEDIATE", busy_ms=busy_ms)
    reader = _engine(path, size=READERS, begin="BEGIN", busy_ms=busy_ms)
    try:
        await _migrated(writer, path, busy_ms)
        yield Database(writer, reader)
    finally:
        await reader.dispose()
        await writer.dispose()


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except _DOWN as error:
        raise LedgerUnavailable(
            "The store cannot be used at the moment; nothing was kept. Try again shortly."
        ) from error


def _file_of(url: str) -> Path:
    """The database file, made for its owner alone when it is new; SQLite gives its side files the same rights."""
    database = make_url(url).database
    if not database or database == ":memory:":
        raise _unusable(url, "it names no file", "write sqlite:///data/facade.db, or memory: to keep nothing")
    path = Path(database)
    try:
        _made(path)
    except OSError as error:
        raise _unusable(url, error.strerror or "it cannot be opened", "name a file that this user may write") from error
    return path


def _made(path: Path) -> None:
    """Make the file where there is none. What the driver finds out for itself leaves one of its threads behind.

    Raises:
        OSError: there is none, and none can be made.
    """
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_file():
        return  # Never opened here: closing it would drop the locks that SQLite holds on it in this process.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY))
    if not path.is_file():
        raise OSError(errno.EINVAL, "it is no ordinary file")


def _engine(path: Path, *, size: int, begin: str, busy_ms: int) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", pool_size=size, max_overflow=0, pool_timeout=POOL_WAIT_S
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver opens no transactions of its own; `begin` below does, in our words.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={busy_ms}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_in_our_words(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


async def _migrated(engine: AsyncEngine, path: Path, busy_ms: int) -> None:
    """Apply what is missing, in one transaction; its write lock keeps a second process waiting outside.

    SQLite answers "busy" without waiting while another process turns write-ahead logging on or closes the file last,
    so that opening is tried again here.
    """
    try:
        async for attempt in _until_free(busy_ms):
            with attempt:
                async with engine.begin() as connection:
                    await connection.run_sync(_upgrade)
    except CommandError as error:
        raise _unusable(str(path), "a newer facade wrote it", "run that version, or name another file") from error
    except DatabaseError as error:
        raise _unusable(str(path), str(error.orig), "name another file, or restore it from a backup") from error


def _until_free(busy_ms: int) -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(busy_ms / 1_000),
        wait=wait_random(0, 0.05),
        reraise=True,
    )


def _is_busy(error: BaseException) -> bool:
    driver = error.orig if isinstance(error, OperationalError) else None
    # Extended codes carry the primary one in their low byte (sqlite.org/rescode.html).
    return isinstance(driver, sqlite3.Error) and driver.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "facade:adapters/stores/migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _unusable(url: str, reason: str, mend: str) -> SettingsInvalid:
    message = f"The store {url} cannot be used: {reason}; {mend}."
    return SettingsInvalid(
        message, findings=(Finding(code="store.unusable", place="ledger.database", message=message),)
    )
