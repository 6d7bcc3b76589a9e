"""Which value goes to which slot: one assignment over the whole request, each span used at most once.

Candidates are scored by type, cue words, nearness and purpose; the best set is found greedily and mended by swaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from facade.kernel import Arguments, Json, Location
from facade.plan.choices import choice_spans, yes_no
from facade.plan.entry import Entry
from facade.plan.index import Index
from facade.plan.reading import Reading
from facade.plan.records import Source
from facade.plan.schema import Kind
from facade.plan.scoring import Pair, pair
from facade.plan.slots import Slot
from facade.plan.spans import Span, SpanKind
from facade.plan.values import localised


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The slots of one operation with the values found for them.

    Attributes:
        values: slot -> value and source.
        missing: required slots without a value, in order.
        used: the spans that became values.
    """

    values: tuple[tuple[Slot, Json, Source], ...] = ()
    missing: tuple[Slot, ...] = ()
    used: tuple[Span, ...] = ()
    evidence: float = 0.0

    def arguments(self) -> Arguments:
        """The values by location, nested ones put together."""
        return arguments_of((slot, value) for slot, value, _ in self.values)

    def sources(self) -> dict[str, Source]:
        """Where each value comes from, by `location.name`."""
        return {slot.key: source for slot, _, source in self.values}


def fill(entry: Entry, reading: Reading, index: Index) -> Filled:
    """Find values for an operation's slots; defaults only where a required slot documents one."""
    pairs = [p for i, slot in enumerate(entry.slots) for p in _pairs(i, slot, entry, reading, index)]
    chosen = _assigned(pairs)
    values: list[tuple[Slot, Json, Source]] = []
    missing: list[Slot] = []
    for i, slot in enumerate(entry.slots):
        found = chosen.get(i)
        if found:
            source = Source(kind="span", text=found.span.text, start=found.span.start, end=found.span.end)
            values.append((slot, localised(found.value, slot.shape, reading.locale), source))
        elif slot.required and slot.shape.has_default and not _empty(slot.shape.default):
            kind = "constant" if len(slot.shape.choices) == 1 else "default"
            values.append((slot, slot.shape.default, Source(kind=kind, text=slot.key)))
        elif slot.required and not (slot.shape.has_default and slot.shape.nullable):
            missing.append(slot)
    return Filled(
        values=tuple(values),
        missing=tuple(missing),
        used=tuple(p.span for p in chosen.values()),
        evidence=sum(p.evidence for p in chosen.values()),
    )


def _empty(default: Json) -> bool:
    return default is None


def _pairs(i: int, slot: Slot, entry: Entry, reading: Reading, index: Index) -> Iterable[Pair]:
    lexicon = index.lexicon
    if slot.shape.kind is Kind.BOOLEAN:
        span = yes_no(slot, reading, lexicon)
        return [Pair(i, span, span.value, 1.0, 0.6)] if span and isinstance(span.value, bool) else []
    if slot.shape.choices:
        spans: Sequence[Span] = _with_series(slot, list(choice_spans(slot, reading, lexicon)), reading)
    else:
        spans = reading.spans
    return [made for span in spans if (made := pair(i, slot, span, entry, reading))]


def _with_series(slot: Slot, spans: list[Span], reading: Reading) -> list[Span]:
    """For a slot that takes a list: all its listed values that are named, as one more span."""
    first_of = {str(s.value): s for s in sorted(spans, key=lambda s: -s.start)}
    named = sorted(first_of.values(), key=lambda s: s.start)
    if not slot.shape.many or len(named) < 2:  # noqa: PLR2004 - nothing to join
        return spans
    first, end = named[0], max(s.end for s in named)
    text = reading.text[first.start : end]
    joined = replace(first, kind=SpanKind.SERIES, end=end, text=text, value=None, members=tuple(named))
    return [*spans, joined]


def _assigned(pairs: Sequence[Pair]) -> dict[int, Pair]:
    """Greedy by score, then improved: a pair is swapped in when that raises the total."""
    ordered = sorted(pairs, key=lambda p: (-p.score, p.slot, p.span.start))
    chosen: dict[int, Pair] = {}
    for new in ordered:
        if new.slot not in chosen and not any(c.span.overlaps(new.span) for c in chosen.values()):
            chosen[new.slot] = new
    for _ in range(2):
        if not any(_improved(chosen, new, ordered) for new in ordered[:60]):
            break
    return chosen


def _improved(chosen: dict[int, Pair], new: Pair, ordered: Sequence[Pair]) -> bool:
    """Put a pair in place of those it conflicts with, and give these their next best; keep it if the total rises."""
    if chosen.get(new.slot) is new:
        return False
    out = [s for s, c in chosen.items() if s == new.slot or c.span.overlaps(new.span)]
    trial = {s: c for s, c in chosen.items() if s not in out} | {new.slot: new}
    for other in ordered:
        if other.slot not in trial and not any(c.span.overlaps(other.span) for c in trial.values()):
            trial[other.slot] = other
    if sum(c.score for c in trial.values()) <= sum(c.score for c in chosen.values()) + 1e-6:
        return False
    chosen.clear()
    chosen.update(trial)
    return True


def arguments_of(values: Iterable[tuple[Slot, Json]]) -> Arguments:
    """Put values at their places; a nested field goes into the object of its parameter."""
    by_location: dict[Location, dict[str, Json]] = {location: {} for location in Location}
    nested: dict[tuple[Location, str], dict[str, Json]] = {}
    for slot, value in values:
        if len(slot.path) == 1:
            by_location[slot.location][slot.path[0]] = value
            continue
        inner = nested.setdefault((slot.location, slot.path[0]), {})
        inner[slot.path[1]] = value
        by_location[slot.location][slot.path[0]] = [inner] if slot.wrapped else inner
    body: Mapping[str, Json] = by_location[Location.BODY]
    return Arguments(
        path=by_location[Location.PATH],
        query=by_location[Location.QUERY],
        header=by_location[Location.HEADER],
        cookie=by_location[Location.COOKIE],
        body=body or None,
    )
