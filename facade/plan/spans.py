"""Pieces of a request that may be values, with what stands around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from facade.kernel import Json
from facade.plan.lexicon import Trait


class SpanKind(StrEnum):
    """How a span was recognised; the surer kinds come first where spans overlap."""

    QUOTED = "quoted"
    EMAIL = "email"
    URL = "url"
    UUID = "uuid"
    CODE = "code"
    DATE = "date"
    MOMENT = "moment"
    TIME = "time"
    PHONE = "phone"
    MONEY = "money"
    NUMBER = "number"
    NAME = "name"
    SERIES = "series"
    MESSAGE = "message"
    PHRASE = "phrase"
    CHOICE = "choice"


STRONG = frozenset(set(SpanKind) - {SpanKind.NAME, SpanKind.PHRASE, SpanKind.MESSAGE, SpanKind.SERIES})
"""Kinds whose words are values and never name an operation."""


IDS = frozenset({SpanKind.NUMBER, SpanKind.CODE, SpanKind.UUID})
"""Kinds that identify a thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A day, a time of day, or both, in the tenant's time zone. `written` is set where the form is to be kept."""

    day: date | None = None
    clock: time | None = None
    written: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A possible value.

    Attributes:
        text: as written; `start`, `end` are offsets into the request.
        value: the value read from it; a `When` for dates and times.
        traits: what its phrase says it is for ("since ...", "first ...", "to ...").
        anchors: stems of the words near it -> nearness in (0, 1].
        beside: stem of the noun that stands directly before it ("ticket 4560", "ticket number 4560"); empty for none.
        holder: stem of the noun before the preposition that stands before it ("invoices *of* C-7"); empty for none.
        unit: stem of the word directly after a number ("60 people").
        group: spans of one group may be used together although they overlap (both ends of "last week").
        members: the single values of a SERIES.
    """

    kind: SpanKind
    text: str
    start: int
    end: int
    value: "Json | When"
    traits: frozenset[Trait] = frozenset()
    anchors: Mapping[str, float] = field(default_factory=dict)
    beside: str = ""
    holder: str = ""
    unit: str = ""
    group: int = 0
    members: tuple["Span", ...] = ()

    def overlaps(self, other: "Span") -> bool:
        """Whether both use the same characters (and are not two ends of one range)."""
        if self.group and self.group == other.group:
            return self == other
        return self.start < other.end and other.start < self.end


def apart(spans: Sequence[Span]) -> list[Span]:
    """Keep the earlier of overlapping spans; the input is in order of preference, the output in order of place."""
    kept: list[Span] = []
    taken = bytearray(max((s.end for s in spans), default=0))
    for span in spans:
        partner = any(k.group == span.group for k in kept) if span.group else False
        if partner or not any(taken[span.start : span.end]):
            kept.append(span)
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
    return sorted(kept, key=lambda s: (s.start, s.end))
