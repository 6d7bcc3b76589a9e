"""A journal whose files may not grow past a limit: `python -m tests.stores.full_disk FOLDER`.

The limit is the process's own (RLIMIT_FSIZE), so that no file system has to be filled. Prints what was seen as JSON.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from facade.adapters.stores.journal import JournalSettings, open_journal
from facade.meter import Intent, LedgerRecord, Settle
from tests.stores.samples import intent, settle

LIMIT = 20_000
TOLD = 100
"""Settlements that are told while nothing can be written; not all of them find room in memory."""

REFUSED = 10**6
"""An intent that is told then."""


async def main(folder: Path) -> dict[str, object]:
    delivered: list[LedgerRecord] = []
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, resource.RLIM_INFINITY))

    async def deliver(records: Sequence[LedgerRecord]) -> None:
        delivered.extend(records)

    settings = JournalSettings(folder=folder, retry_s=0.001, drain_s=0.001, waiting_bytes=2_000)
    async with open_journal(settings, deliver) as journal:
        taken = 0
        while journal.writable():
            journal.append(intent(taken))
            taken += journal.writable()
        journal.append(intent(REFUSED))
        for number in range(TOLD):
            journal.append(settle(number))
        still_full = not journal.writable()
        dropped = journal.dropped
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        while not journal.writable():  # noqa: ASYNC110 - the journal tells nobody when it changes its mind
            await asyncio.sleep(0)
        journal.append(intent(taken))
    return {
        "taken": taken,
        "still_full": still_full,
        "dropped": dropped,
        "delivered_intents": sorted({r.id for r in delivered if isinstance(r, Intent)}),
        "delivered_settles": len({r.id for r in delivered if isinstance(r, Settle)}),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1])))))
