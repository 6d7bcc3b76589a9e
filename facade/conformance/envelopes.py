"""Lists in whatever envelope they come: a bare array, `items`, `data`, the resource's own name, one level deeper."""

from collections.abc import Mapping, Sequence
from typing import Final

from facade.conformance.resources import noun
from facade.kernel import Json, JsonObject

_USUAL: Final = (
    *("items", "data", "results", "result", "records", "rows", "entries", "list", "content", "contents", "value"),
    *("values", "hits", "objects", "elements", "nodes", "resources", "collection", "member", "members", "_embedded"),
)
_TOTALS: Final = ("total", "total_count", "totalcount", "total_items", "totalitems", "total_results", "totalresults")
_NEXTS: Final = (
    *("next_cursor", "nextcursor", "next_page_token", "nextpagetoken", "next_token", "nexttoken", "cursor", "after"),
    *("continuation", "endcursor", "end_cursor"),
)


def items_of(value: Json, segment: str) -> list[JsonObject] | None:
    """The objects of a list; None when the value is no list.

    Args:
        segment: last literal of the path, `/tickets` -> `tickets`; an array of that name is the list.
    """
    found = _array(value, segment, 2)
    if found is None or not all(isinstance(item, Mapping) for item in found):
        return None
    return [item for item in found if isinstance(item, Mapping)]


def _array(value: Json, segment: str, levels: int) -> Sequence[Json] | None:
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping) or not levels:
        return None
    own = [name for name in value if noun(name) == noun(segment)]
    for name in (*own, *(n for n in _USUAL if n in value)):
        found = _array(value[name], segment, levels - 1)
        if found is not None:
            return found
    return None


def total_of(value: Json) -> int | None:
    """How many items an envelope says there are in all, at most one level deep."""
    if not isinstance(value, Mapping):
        return None
    for name, inner in value.items():
        if name.lower() in _TOTALS and isinstance(inner, int) and not isinstance(inner, bool):
            return inner
    nested = (total_of(inner) for inner in value.values() if isinstance(inner, Mapping))
    return next((n for n in nested if n is not None), None)


def next_cursor(value: Json) -> str | None:
    """The token that asks for the next page, at most one level deep."""
    if not isinstance(value, Mapping):
        return None
    for name, inner in value.items():
        if name.lower() in _NEXTS and isinstance(inner, str) and inner:
            return inner
    nested = (next_cursor(inner) for inner in value.values() if isinstance(inner, Mapping))
    return next((n for n in nested if n is not None), None)
