"""Units and value types."""

from collections.abc import Mapping, Sequence
from typing import NewType, TypeAlias

Micros = NewType("Micros", int)
"""Microseconds: since the Unix epoch for a moment, plain for a duration. Always below 2^53."""

SECOND = 1_000_000
"""Microseconds in a second."""

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]
