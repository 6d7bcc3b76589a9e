"""kill -9 at any moment: what was acknowledged is in the store after a restart, and nothing is there twice."""

import asyncio
import json
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import pytest

from facade.adapters.stores import open_stores
from facade.adapters.stores.journal import open_journal
from tests.requirements import requirement
from tests.stores.crash_rounds import address, journal_settings

ROUNDS = 15


@pytest.mark.slow
@requirement("invariant:ledger:complete", "ledger:kill:nothing_lost")
async def test_after_fifteen_kills_every_acknowledged_record_is_in_the_store_once(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.stores.crash_rounds", str(tmp_path), str(ROUNDS), "7",
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    told, _ = await process.communicate()
    assert process.returncode == 0
    acknowledged = json.loads(told.splitlines()[-1])
    async with (
        open_stores(address(tmp_path)) as stores,
        open_journal(journal_settings(tmp_path), stores.ledger.deliver),
    ):
        unsettled = {intent.id for intent in await stores.ledger.unsettled()}
        (total,) = await stores.ledger.usage(by=(), since=None, until=None, tenant=None)
    kept, settled = stored(tmp_path)

    intents, settles = set(acknowledged["intents"]), set(acknowledged["settles"])
    assert len(intents) > ROUNDS
    assert intents <= set(kept)
    assert settles <= settled
    assert max(Counter(kept).values()) == 1
    # At most the append that the kill fell into is there without having been acknowledged.
    assert len(set(kept) - intents) + len(settled - settles) <= ROUNDS
    assert unsettled == set(kept) - settled
    assert (total.attempts, total.ok, total.unknown) == (len(kept), len(settled), len(unsettled))


def stored(folder: Path) -> tuple[list[str], set[str]]:
    """Ids of all attempts, and of the settled ones, as SQLite itself tells them."""
    connection = sqlite3.connect(folder / "facade.db")
    try:
        rows = connection.execute("SELECT id, outcome FROM attempts").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
    return [id for id, _ in rows], {id for id, outcome in rows if outcome is not None}
