"""Units and value types."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NewType, TypeAlias

Micros = NewType("Micros", int)
"""Microseconds: since the Unix epoch for a moment, plain for a duration. Always below 2^53."""

SECOND = 1_000_000
"""Microseconds in a second."""

DAY = 86_400 * SECOND
"""Microseconds in a UTC day. POSIX time has no leap seconds."""

_NESTING: Final = (dict, list, tuple)
_EPOCH = date(1970, 1, 1).toordinal()

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]


def utc_date(at: Micros) -> date:
    """The calendar day of a moment, in UTC, by whole-day arithmetic."""
    return date.fromordinal(at // DAY + _EPOCH)


def deeper(value: Json, levels: int) -> bool:
    """True when a value nests more than so many objects and arrays. Without recursion, to be asked before any."""
    layer: list[Json] = [value] if isinstance(value, _NESTING) else []
    for _ in range(levels):
        insides = [each.values() if isinstance(each, dict) else each for each in layer if isinstance(each, _NESTING)]
        layer = [inner for inside in insides for inner in inside if isinstance(inner, _NESTING)]
        if not layer:
            return False
    return bool(layer)
