"""Separated values (RFC 4180 and its relatives) as rows, so far as a reply shows them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from facade.kernel import Json

MAX_ROWS: Final = 1_000
MAX_COLUMNS: Final = 100
MAX_CHARACTERS: Final = 262_144
"""Of a text that are read; what comes after them is only known to be there."""

_TABBED: Final = frozenset({"text/tab-separated-values", "text/tsv"})
_TYPES: Final = frozenset({"text/csv", "application/csv", "text/comma-separated-values", *_TABBED})
_DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Rows by column name, every value a text; `more` when the text goes on."""

    rows: Sequence[Mapping[str, Json]]
    more: bool


def is_separated(media_type: str) -> bool:
    """True for media types of separated values."""
    return media_type in _TYPES


def sheet_of(text: str, media_type: str) -> Sheet | None:
    """The rows below the first line, which names the columns; None for what is no such text.

    Columns without a name are numbered, and so are those whose name is taken.
    """
    part = text[:MAX_CHARACTERS]
    cut = len(part) < len(text)
    lines = part.removeprefix("\ufeff").splitlines(keepends=True)
    if cut:
        lines.pop()
    if not lines:
        return None
    delimiter = "\t" if media_type in _TABBED else max(_DELIMITERS, key=lines[0].count)
    try:
        table = [row for row in islice(csv.reader(lines, delimiter=delimiter), MAX_ROWS + 2) if row]
    except csv.Error:
        return None
    if not table:
        return None
    names = _names(table[0])
    rows = [dict(zip(names, row, strict=False)) for row in table[1 : MAX_ROWS + 1]]
    return Sheet(rows=rows, more=cut or len(table) > MAX_ROWS + 1)


def _names(first: Sequence[str]) -> list[str]:
    names: list[str] = []
    for number, name in enumerate(first[:MAX_COLUMNS], start=1):
        plain = name.strip()
        names.append(plain if plain and plain not in names else str(number))
    return names
