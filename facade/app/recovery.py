"""What earlier runs left behind: undelivered records, and allowances that were used."""

import asyncio
from pathlib import Path
from typing import Final

from facade.adapters.stores import Stores
from facade.adapters.stores.journal import JournalSettings, open_journal
from facade.adapters.stores.memory import MemoryLimiter
from facade.admission import period_start
from facade.kernel import Period
from facade.ports import Clock

_WORKER: Final = "worker-"


def worker_folder(journal: Path, number: int) -> Path:
    """Where one of several processes keeps its journal."""
    return journal / f"{_WORKER}{number}"


async def drain_workers(journal: Path, stores: Stores) -> None:
    """Deliver what workers of an earlier run did not; there may have been more of them than there are now.

    Raises:
        SettingsInvalid: one of them still runs.
    """
    for folder in await asyncio.to_thread(lambda: sorted(journal.glob(f"{_WORKER}*"))):
        async with open_journal(JournalSettings(folder=folder), stores.ledger.deliver):
            pass


async def preloaded(stores: Stores, clock: Clock) -> MemoryLimiter:
    """A limiter that knows what the ledger says was used of every quota."""
    limiter, now = MemoryLimiter(), clock.now()
    for period in Period:
        limiter.preload(await stores.ledger.charged(since=period_start(now, period)), period=period, now=now)
    return limiter
