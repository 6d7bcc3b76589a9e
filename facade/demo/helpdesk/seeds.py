"""What a planted row is before it has a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from facade.demo.helpdesk.store import SqlValue


class Ref(NamedTuple):
    """A row by its table and its place among the account's planted rows."""

    table: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seedling:
    """A row to plant: its values may refer to other rows; `order` decides its number."""

    ref: Ref
    order: str
    values: Mapping[str, SqlValue | Ref]
