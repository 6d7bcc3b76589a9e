"""The ledger in memory."""

from collections.abc import Iterator, Mapping, Sequence

from facade import meter
from facade.kernel import Counted, Micros
from facade.meter import Decision, Entry, Intent, LedgerRecord, Settle, Slice, UsageRow


class MemoryLedger:
    """`Ledger` that holds every record and forgets all with the process: for tests and trials."""

    def __init__(self) -> None:
        self._records: dict[str, Intent | Decision] = {}
        self._settles: dict[str, Settle] = {}

    async def deliver(self, records: Sequence[LedgerRecord]) -> None:
        """Take records over, in any order; one that is known already changes nothing."""
        for record in records:
            if isinstance(record, Settle):
                self._settles.setdefault(record.id, record)
            else:
                self._records.setdefault(record.id, record)

    async def usage(
        self, *, by: Sequence[str], since: Micros | None, until: Micros | None, tenant: str | None
    ) -> tuple[UsageRow, ...]:
        """Usage grouped by any of `meter.GROUPS`; ordered by its key.

        Raises:
            InvalidRequest: an unknown group.
        """
        return meter.usage(self._entries(), by=by, part=Slice(since=since, until=until, tenant=tenant))

    async def charged(self, *, since: Micros) -> Mapping[str, Mapping[Counted, int]]:
        """Units charged per tenant since a moment."""
        return meter.charged(self._entries(), since=since)

    async def unsettled(self) -> tuple[Intent, ...]:
        """Attempts without a settlement, oldest first."""
        opened = [record for record in self._records.values() if isinstance(record, Intent)]
        return tuple(sorted((r for r in opened if r.id not in self._settles), key=lambda r: (r.at, r.id)))

    def _entries(self) -> Iterator[Entry]:
        for record in self._records.values():
            yield Entry(record=record, settle=self._settles.get(record.id))
