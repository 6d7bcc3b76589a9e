"""The one construct that SQLAlchemy spells per dialect: INSERT with ON CONFLICT."""

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert


def insert_new(table: Table) -> Insert:
    """An INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`; PostgreSQL's has the same shape."""
    return sqlite.insert(table)
