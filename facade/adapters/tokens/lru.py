"""A bounded memory: the least recently used entry goes first, and nothing outlives its time."""

from collections import OrderedDict
from typing import Generic, TypeVar

from facade.kernel import Micros

V = TypeVar("V")


class Lru(Generic[V]):
    """Entries by key, each until a monotonic moment."""

    def __init__(self, *, entries: int) -> None:
        self._entries = entries
        self._kept: OrderedDict[str, tuple[V, int]] = OrderedDict()

    def get(self, key: str, *, now: Micros) -> V | None:
        """The entry, or None when there is none or its time is over."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if now >= kept[1]:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept[0]

    def put(self, key: str, value: V, *, until: int) -> None:
        """Keep an entry until `until`, in place of an earlier one."""
        self._kept[key] = (value, until)
        self._kept.move_to_end(key)
        if len(self._kept) > self._entries:
            self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        """Drop an entry, if there is one."""
        self._kept.pop(key, None)
