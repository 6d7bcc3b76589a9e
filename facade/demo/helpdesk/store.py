"""The application's own database: one SQLite connection, writes in one transaction each."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TypeAlias

from facade.demo.helpdesk.schema import FIRST_ROWS, SCHEMA

SqlValue: TypeAlias = int | float | str | None


class Store:
    """Rows in, rows out. Every value is bound; names come from this package's own tables.

    Args:
        path: a file, or `:memory:`.
    """

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._today: date | None = None
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA busy_timeout = 5000")

    def prepare(self) -> bool:
        """Create the tables where they are missing; false if they were there."""
        if self.row("SELECT 1 FROM sqlite_master WHERE name = 'accounts'"):
            return False
        for statement in SCHEMA.split(";\n\n"):
            self._connection.execute(statement)
        for table, first in FIRST_ROWS.items():
            self.insert("sqlite_sequence", {"name": table, "seq": first - 1})
        return True

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that holds the write lock from its start."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def rows(self, sql: str, values: Sequence[SqlValue] = ()) -> list[sqlite3.Row]:
        """Every row of one statement."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[SqlValue] = ()) -> sqlite3.Row | None:
        """The first row of one statement, or none."""
        found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def insert(self, table: str, values: Mapping[str, SqlValue]) -> int:
        """Add one row and give its number."""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
        return self._connection.execute(sql, tuple(values.values())).lastrowid or 0

    def update(self, table: str, row: int, values: Mapping[str, SqlValue]) -> None:
        """Change columns of one row; nothing to change is no statement."""
        if values:
            sets = ", ".join(f"{name} = ?" for name in values)
            sql = f"UPDATE {table} SET {sets} WHERE row = ?"  # noqa: S608 - our own names
            self._connection.execute(sql, (*values.values(), row))

    def delete(self, table: str, row: int) -> None:
        """Remove one row and, by the schema's rules, what belongs to it."""
        sql = f"DELETE FROM {table} WHERE row = ?"  # noqa: S608 - our own names
        self._connection.execute(sql, (row,))

    def turn_to(self, today: date) -> None:
        """Let it be another day, by which invoices become late."""
        if today != self._today:
            self.run("UPDATE desk SET today = ?", (today.isoformat(),))
            self._today = today

    def run(self, sql: str, values: Sequence[SqlValue] = ()) -> None:
        """Run one statement that gives no rows."""
        self._connection.execute(sql, values)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
