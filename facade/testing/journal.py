"""A journal that tests can read and break."""

from facade.meter import Intent, LedgerRecord


class FakeJournal:
    """`Journal` in a list, in the order of appending."""

    def __init__(self) -> None:
        self.records: list[LedgerRecord] = []
        self.full = False

    def append(self, record: LedgerRecord) -> None:
        """Keep the record; a full journal loses intents, as the real one does, and keeps the rest."""
        if not (self.full and isinstance(record, Intent)):
            self.records.append(record)

    def writable(self) -> bool:
        """False while `full` is set."""
        return not self.full
