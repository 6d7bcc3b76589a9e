"""Writers that are killed: `python -m tests.stores.crash_rounds FOLDER ROUNDS SEED`.

Each round is a process of its own that opens the journal and the database, appends intents and settlements as fast as
it can, and tells each append after it returned. It is killed with SIGKILL after a random number of those. Prints what
was acknowledged as JSON: `{"intents": [...], "settles": [...]}`.
"""

import asyncio
import json
import os
import random
import signal
import sys
from pathlib import Path

from facade.adapters.stores import open_stores
from facade.adapters.stores.journal import JournalSettings, open_journal
from facade.testing.ids import fake_id
from tests.stores.samples import intent, settle

PER_ROUND = 100_000


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'facade.db'}"


def journal_settings(folder: Path) -> JournalSettings:
    """Small segments and short pauses, so that kills meet rotation, syncing, draining and removal."""
    return JournalSettings(folder=folder / "journal", segment_bytes=8_192, group_s=0.001, drain_s=0.001)


async def write_until_killed(folder: Path, first: int, acknowledge: int) -> None:
    async with (
        open_stores(address(folder)) as stores,
        open_journal(journal_settings(folder), stores.ledger.deliver) as journal,
    ):
        for number in range(first, first + PER_ROUND):
            journal.append(intent(number))
            os.write(acknowledge, b"i %d\n" % number)
            if number % 3:
                journal.append(settle(number))
                os.write(acknowledge, b"s %d\n" % number)
            await asyncio.sleep(0)


def killed_after(folder: Path, first: int, appends: int) -> bytes:
    """Run one writer, kill it after so many acknowledgements, return all that it gave."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(write_until_killed(folder, first, writing))
        os._exit(1)
    os.close(writing)
    told = b""
    while told.count(b"\n") < appends:
        told += os.read(reading, 65_536)
    os.kill(child, signal.SIGKILL)
    while more := os.read(reading, 65_536):
        told += more
    os.close(reading)
    os.waitpid(child, 0)
    return told


def main(folder: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - picks the moments of the kills, nothing secret
    told = b"".join(killed_after(folder, n * PER_ROUND, chance.randrange(1, 400)) for n in range(rounds))
    acknowledged: dict[str, list[str]] = {"i": [], "s": []}
    for line in told.decode().splitlines():
        kind, number = line.split()
        acknowledged[kind].append(fake_id(int(number)))
    sys.stdout.write(json.dumps({"intents": acknowledged["i"], "settles": acknowledged["s"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
