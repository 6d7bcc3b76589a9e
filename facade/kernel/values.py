"""Units and value types."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NewType, TypeAlias

Micros = NewType("Micros", int)
"""Microseconds: since the Unix epoch for a moment, plain for a duration. Always below 2^53."""

SECOND = 1_000_000
"""Microseconds in a second."""

DAY = 86_400 * SECOND
"""Microseconds in a UTC day. POSIX time has no leap seconds."""

_EPOCH = date(1970, 1, 1).toordinal()

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]


def utc_date(at: Micros) -> date:
    """The calendar day of a moment, in UTC, by whole-day arithmetic."""
    return date.fromordinal(at // DAY + _EPOCH)
