"""From a store's address to the stores behind it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from facade.adapters.stores.database import (
    DatabaseApprovals,
    DatabaseConversations,
    DatabaseLedger,
    open_database,
)
from facade.adapters.stores.memory import MemoryApprovals, MemoryConversations, MemoryLedger
from facade.kernel import Finding, SettingsInvalid
from facade.ports import Approvals, Conversations


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything durable of one facade. The ledger also takes what the journal delivers."""

    approvals: Approvals
    conversations: Conversations
    ledger: DatabaseLedger | MemoryLedger


def open_stores(url: str) -> AbstractAsyncContextManager[Stores]:
    """Open the stores at an address, such as `sqlite:///data/facade.db` or `memory:`.

    Raises:
        SettingsInvalid: an unknown scheme, at once; a place that cannot be used, on entering.
    """
    scheme, colon, _ = url.partition(":")
    if not colon or scheme not in _OPENERS:
        message = f"There is no store for {url!r}; write one of: {', '.join(f'{known}:' for known in _OPENERS)}."
        raise SettingsInvalid(
            message, findings=(Finding(code="store.unknown", place="ledger.database", message=message),)
        )
    return _OPENERS[scheme](url)


@asynccontextmanager
async def _memory(_: str) -> AsyncGenerator[Stores]:
    yield Stores(approvals=MemoryApprovals(), conversations=MemoryConversations(), ledger=MemoryLedger())


@asynccontextmanager
async def _sqlite(url: str) -> AsyncGenerator[Stores]:
    async with open_database(url) as database:
        yield Stores(
            approvals=DatabaseApprovals(database),
            conversations=DatabaseConversations(database),
            ledger=DatabaseLedger(database),
        )


_OPENERS: Final[Mapping[str, Callable[[str], AbstractAsyncContextManager[Stores]]]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "sqlite+aiosqlite": _sqlite,
}
