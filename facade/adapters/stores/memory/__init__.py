"""Stores that live as long as the process: the default for limits, and for everything in tests and trials."""

from facade.adapters.stores.memory.approvals import MemoryApprovals
from facade.adapters.stores.memory.conversations import MemoryConversations
from facade.adapters.stores.memory.ledger import MemoryLedger
from facade.adapters.stores.memory.limiter import MemoryLimiter

__all__ = ["MemoryApprovals", "MemoryConversations", "MemoryLedger", "MemoryLimiter"]
