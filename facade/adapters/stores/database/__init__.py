"""Stores in a database, through SQLAlchemy Core. Only parametrised SQL; JSON is text that SQL never looks into.

Choices: SQLite first, one file, write-ahead log, `synchronous=FULL`: an acknowledged approval survives a power cut.
Statements keep to what PostgreSQL says the same way (RETURNING, ON CONFLICT), so that it joins with an engine and a
row in the store table and no second set of statements. Reopen the one-writer rule there, where rows lock by themselves.
"""

from facade.adapters.stores.database.approvals import DatabaseApprovals
from facade.adapters.stores.database.conversations import DatabaseConversations
from facade.adapters.stores.database.engine import Database, open_database
from facade.adapters.stores.database.ledger import DatabaseLedger

__all__ = ["Database", "DatabaseApprovals", "DatabaseConversations", "DatabaseLedger", "open_database"]
