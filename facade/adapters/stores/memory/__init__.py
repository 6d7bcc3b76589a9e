"""Stores that live as long as the process: the default for limits, and for everything in tests and trials."""

from facade.adapters.stores.memory.limiter import MemoryLimiter

__all__ = ["MemoryLimiter"]
