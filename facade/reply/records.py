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
class Reply:
    """Markdown for a person, and the same facts for a program (never whole bodies, D12)."""

    text: str
    data: Json = None


def joined(replies: Sequence[Reply]) -> Reply:
    """Several replies as one, in order; their data becomes a list."""
    return Reply(text="\n\n".join(r.text for r in replies), data=[r.data for r in replies])
