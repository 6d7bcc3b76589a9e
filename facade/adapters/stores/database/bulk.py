"""Many new rows in few statements.

A statement of many rows costs one crossing into the database. Row by row, each would be compiled into parameters by
SQLAlchemy on the event loop, and the driver would hand the interpreter's lock back and forth for every single one.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from sqlalchemy import Dialect, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from facade.adapters.stores.database.dialect import insert_new

ROWS: Final = 200
"""In one statement: far below SQLite's bound of 32,766 parameters (sqlite.org/limits.html)."""


async def add_new(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, object]]) -> int:
    """Insert rows that all have every column of the table; those whose key is there already change nothing.

    Returns:
        How many were new.
    """
    names = table.columns.keys()
    added = 0
    for start in range(0, len(rows), ROWS):
        part = rows[start : start + ROWS]
        values = tuple(chain.from_iterable([row[name] for name in names] for row in part))
        added += (await connection.exec_driver_sql(_statement(table, len(part), connection.dialect), values)).rowcount
    return added


@lru_cache(maxsize=2 * ROWS)
def _statement(table: Table, count: int, dialect: Dialect) -> str:
    """The dialect's statement for one row, with as many rows as wanted."""
    statement = insert_new(table).on_conflict_do_nothing(index_elements=table.primary_key.columns)
    one = str(statement.compile(dialect=dialect))
    row = f"({', '.join('?' * len(table.columns))})"
    return one.replace(row, ", ".join([row] * count))
