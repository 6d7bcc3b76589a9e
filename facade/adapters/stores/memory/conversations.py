"""Conversations in memory."""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from facade.adapters.stores.versions import outrun
from facade.kernel import Micros
from facade.plan import Event, Said, Transcript
from facade.ports import Heading, Rating

KEPT_PER_TENANT: Final = 1_000

_Key = tuple[str, str]


@dataclass(slots=True)
class _Shelf:
    """One tenant's conversations, least recently added to first. Mutable, and never leaves this module.

    Attributes:
        kept: by user and conversation.
        marks: the conversation that last left a fingerprint, by user and fingerprint.
        marked: the fingerprint that a conversation last left.
        ratings: by user and conversation, then by turn.
    """

    kept: OrderedDict[_Key, Transcript] = field(default_factory=OrderedDict)
    marks: dict[_Key, str] = field(default_factory=dict)
    marked: dict[_Key, str] = field(default_factory=dict)
    ratings: dict[_Key, dict[int, Rating]] = field(default_factory=dict)

    def mark(self, key: _Key, fingerprint: str) -> None:
        self.unmark(key)
        user, conversation = key
        self.marks[user, fingerprint] = conversation
        self.marked[key] = fingerprint

    def unmark(self, key: _Key) -> None:
        user, conversation = key
        old = self.marked.pop(key, None)
        if old is not None and self.marks.get((user, old)) == conversation:
            del self.marks[user, old]


class MemoryConversations:
    """`Conversations` for one process.

    Each tenant has its own bound, least recently used forgotten first, so that none can push out another's.
    """

    def __init__(self, *, kept_per_tenant: int = KEPT_PER_TENANT) -> None:
        self._shelves: defaultdict[str, _Shelf] = defaultdict(_Shelf)
        self._kept = kept_per_tenant

    async def load(self, conversation_id: str, *, tenant_id: str, user: str) -> Transcript | None:
        """The transcript, for exactly this user of this tenant."""
        shelf = self._shelves.get(tenant_id)
        return shelf.kept.get((user, conversation_id)) if shelf is not None else None

    async def locate(self, fingerprint: str, *, tenant_id: str, user: str) -> str | None:
        """The conversation that last left this fingerprint."""
        shelf = self._shelves.get(tenant_id)
        return shelf.marks.get((user, fingerprint)) if shelf is not None else None

    async def append(self, transcript: Transcript, events: Sequence[Event], *, fingerprint: str | None) -> Transcript:
        """Add events to the version given; without a fingerprint the one before stays.

        Raises:
            InvalidRequest: another turn was added meanwhile.
        """
        shelf, key = self._shelves[transcript.tenant], (transcript.user, transcript.id)
        known = shelf.kept.get(key)
        if transcript.version != (known.version if known is not None else 0):
            raise outrun()
        longer = replace(transcript, events=(*transcript.events, *events))
        shelf.kept[key] = longer
        shelf.kept.move_to_end(key)
        if fingerprint is not None:
            shelf.mark(key, fingerprint)
        self._forget(shelf)
        return longer

    async def listed(
        self, *, tenant_id: str, user: str, limit: int, before: tuple[Micros, str] | None
    ) -> tuple[Heading, ...]:
        """The conversations of exactly this user, latest first."""
        shelf = self._shelves.get(tenant_id)
        own = [t for (whose, _), t in shelf.kept.items() if whose == user and t.events] if shelf is not None else []
        headings = sorted(map(_heading, own), key=lambda h: (h.updated, h.id), reverse=True)
        return tuple(h for h in headings if before is None or (h.updated, h.id) < before)[:limit]

    async def rate(self, conversation_id: str, turn: int, rating: Rating | None, *, tenant_id: str, user: str) -> bool:
        """Keep or take back what this user thinks of a turn; False without such a conversation."""
        shelf, key = self._shelves.get(tenant_id), (user, conversation_id)
        if shelf is None or key not in shelf.kept:
            return False
        rated = shelf.ratings.setdefault(key, {})
        if rating is None:
            rated.pop(turn, None)
        else:
            rated[turn] = rating
        return True

    async def ratings(self, conversation_id: str, *, tenant_id: str, user: str) -> Mapping[int, Rating]:
        """What this user thinks of the turns of a conversation."""
        shelf = self._shelves.get(tenant_id)
        return dict(shelf.ratings.get((user, conversation_id), {})) if shelf is not None else {}

    def _forget(self, shelf: _Shelf) -> None:
        while len(shelf.kept) > self._kept:
            oldest, _ = shelf.kept.popitem(last=False)
            shelf.unmark(oldest)
            shelf.ratings.pop(oldest, None)


def _heading(transcript: Transcript) -> Heading:
    first, last = transcript.events[0], transcript.events[-1]
    return Heading(id=transcript.id, title=first.text if isinstance(first, Said) else "", updated=last.at)
