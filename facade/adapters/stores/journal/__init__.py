"""The ledger's first write (D8): append-only files that survive kill -9, drained into the store.

An append is one `write` to a file of this process alone; the kernel has it then, whatever becomes of us. A thread syncs
in groups every few milliseconds against power cuts; another delivers complete lines to the store, which keeps each
record once, and removes what it delivered.

Choices: plain JSON lines, no checksums: the file is a spool of seconds that a person can read, and the store keeps the
truth. One folder a process, held by `flock`, so that order and offsets need no agreement between processes; processes
beside each other use folders beside each other. POSIX only.
"""

from facade.adapters.stores.journal.drain import Deliver
from facade.adapters.stores.journal.journal import FileJournal, JournalSettings, open_journal

__all__ = ["Deliver", "FileJournal", "JournalSettings", "open_journal"]
