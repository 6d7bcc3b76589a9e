"""SQLite behind the stores: files, schema, locks."""

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from facade.adapters.stores.database import DatabaseApprovals, DatabaseLedger, open_database
from facade.adapters.stores.database.tables import metadata
from facade.kernel import LedgerUnavailable, SettingsInvalid
from facade.testing.clock import START
from tests.requirements import requirement
from tests.stores.samples import ADA, APPROVAL, INTENT


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'data' / 'facade.db'}"


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def refused(url: str) -> list[tuple[str, str]]:
    """The findings of an address that cannot be opened."""

    async def use() -> None:
        async with open_database(url):
            pass

    with pytest.raises(SettingsInvalid) as raised:
        await use()
    return [(finding.code, finding.place) for finding in raised.value.findings]


async def test_the_migrations_make_exactly_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    async with open_database(address(tmp_path)) as database, database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_acknowledged_write_is_synced_and_written_ahead(tmp_path: Path) -> None:
    async with open_database(address(tmp_path)) as database, database.writing() as connection:
        told = [await connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]
    assert told == ["wal", 2]


async def test_every_file_of_the_database_is_its_owners_alone(tmp_path: Path) -> None:
    async with open_database(address(tmp_path)) as database:
        await DatabaseApprovals(database).open(APPROVAL)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sorted((tmp_path / "data").iterdir())}
    assert modes == {"facade.db": 0o600, "facade.db-shm": 0o600, "facade.db-wal": 0o600}


async def test_what_was_kept_is_there_after_opening_again(tmp_path: Path) -> None:
    async with open_database(address(tmp_path)) as database:
        await DatabaseApprovals(database).open(APPROVAL)
    async with open_database(address(tmp_path)) as database:
        assert await DatabaseApprovals(database).find(APPROVAL.id, tenant_id="acme") == APPROVAL


async def test_openers_at_the_same_time_make_one_schema(tmp_path: Path) -> None:
    async def use(number: int) -> int:
        async with open_database(address(tmp_path)) as database, database.reading() as connection:
            found = await connection.scalar(text("SELECT count(*) FROM alembic_version"))
            return int(found) * number

    assert await asyncio.gather(*(use(number) for number in range(4))) == [0, 1, 2, 3]


@requirement("invariant:errors:clear")
@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:////dev/null/facade.db"])
async def test_an_address_that_names_no_usable_file_is_refused_clearly(url: str) -> None:
    assert await refused(url) == [("store.unusable", "ledger.database")]


@requirement("invariant:errors:clear")
async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"These are notes, not a database. " * 40)
    assert await refused(f"sqlite:///{file}") == [("store.unusable", "ledger.database")]
    assert file.read_bytes() == b"These are notes, not a database. " * 40


@requirement("invariant:errors:clear")
async def test_a_database_of_a_newer_facade_is_refused(tmp_path: Path) -> None:
    async with open_database(address(tmp_path)):
        pass
    with closing(sqlite3.connect(tmp_path / "data" / "facade.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert await refused(address(tmp_path)) == [("store.unusable", "ledger.database")]


@requirement("store:locked:bounded")
async def test_a_database_that_another_process_locks_is_unavailable_for_writes_and_readable(tmp_path: Path) -> None:
    async with open_database(address(tmp_path), busy_ms=10) as database:
        approvals, ledger = DatabaseApprovals(database), DatabaseLedger(database)
        await approvals.open(APPROVAL)
        with closing(sqlite3.connect(tmp_path / "data" / "facade.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerUnavailable):
                await approvals.claim(APPROVAL.id, tenant_id="acme", principal=ADA, now=START)
            with pytest.raises(LedgerUnavailable):
                await ledger.deliver([INTENT])
            assert await approvals.find(APPROVAL.id, tenant_id="acme") == APPROVAL
            other.execute("ROLLBACK")
        await ledger.deliver([INTENT])
        assert await ledger.unsettled() == (INTENT,)
