"""What a reply is, and how its reader likes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from facade.kernel import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one reader likes numbers, dates and words.

    Attributes:
        locale: CLDR locale such as `de_CH` or `en`; an unknown one is read as English.
        time_zone: IANA name; moments are shown in it. An unknown one is read as UTC.
        language: key of the phrase table; today `en`.
    """

    locale: str = "en"
    time_zone: str = "UTC"
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        kind: `number`, `money`, `date`, `moment`, `boolean` or `text`.
        currency: ISO 4217 code that all of its amounts have, '' where there is none or several.
        minor: amounts are in hundredths.
    """

    name: str
    title: str
    kind: str
    currency: str = ""
    minor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows under columns.

    Attributes:
        total: how many there are in all, as far as the application says.
        more: there are more than these.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Json, ...], ...]
    total: int | None = None
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Markdown for a person, and the same facts for a program (never whole bodies, D12).

    Attributes:
        tables: the rows that were read, for the one reader who asked for them; never kept.
    """

    text: str
    data: Json = None
    tables: tuple[Grid, ...] = ()


def joined(replies: Sequence[Reply]) -> Reply:
    """Several replies as one, in order; their data becomes a list."""
    return Reply(
        text="\n\n".join(r.text for r in replies),
        data=[r.data for r in replies],
        tables=tuple(table for r in replies for table in r.tables),
    )
