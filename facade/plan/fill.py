"""Which value goes to which slot: one assignment over the whole request, each span used at most once.

Candidates are scored by type, cue words, nearness and purpose; the best set is found greedily and mended by swaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from facade.kernel import Arguments, Json, Location
from facade.plan.choices import choice_spans, yes_no
from facade.plan.entry import Entry
from facade.plan.index import Index
from facade.plan.lexicon import Trait
from facade.plan.reading import Reading
from facade.plan.records import Source
from facade.plan.schema import Kind
from facade.plan.slots import Slot
from facade.plan.spans import Span, SpanKind
from facade.plan.values import fitted

_SPECIFIC = frozenset({Kind.EMAIL, Kind.URL, Kind.UUID, Kind.PHONE})
_DATED = frozenset({Kind.DATE, Kind.MOMENT, Kind.TIME})
_CUE = 0.9
_CUE_CAP = 1.3
_TRAIT = 0.45
_NEED = 0.3
_OPTIONAL_EVIDENCE = 0.35
_REQUIRED_SCORE = 0.5
_LOOSE = frozenset({SpanKind.PHRASE, SpanKind.MESSAGE})
_ROLE_TRAITS = frozenset({Trait.START, Trait.END, Trait.ORIGIN, Trait.TARGET})


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


@dataclass(frozen=True, slots=True)
class _Pair:
    slot: int
    span: Span
    value: Json
    score: float
    evidence: float


def fill(entry: Entry, reading: Reading, index: Index) -> Filled:
    """Find values for an operation's slots; defaults only where a required slot documents one."""
    pairs = [p for i, slot in enumerate(entry.slots) for p in _pairs(i, slot, entry, reading, index)]
    chosen = _assigned(pairs)
    values: list[tuple[Slot, Json, Source]] = []
    missing: list[Slot] = []
    for i, slot in enumerate(entry.slots):
        pair = chosen.get(i)
        if pair:
            source = Source(kind="span", text=pair.span.text, start=pair.span.start, end=pair.span.end)
            values.append((slot, pair.value, source))
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


def _pairs(i: int, slot: Slot, entry: Entry, reading: Reading, index: Index) -> Iterable[_Pair]:
    lexicon = index.lexicon
    if slot.shape.kind is Kind.BOOLEAN:
        span = yes_no(slot, reading, lexicon)
        return [_Pair(i, span, span.value, 1.0, 0.6)] if span and isinstance(span.value, bool) else []
    if slot.shape.choices:
        spans: Sequence[Span] = list(choice_spans(slot, reading, lexicon))
    else:
        spans = reading.spans
    return [pair for span in spans if (pair := _pair(i, slot, span, entry, reading))]


def _pair(i: int, slot: Slot, span: Span, entry: Entry, reading: Reading) -> _Pair | None:
    fit = fitted(slot, span)
    if fit is None:
        return None
    cue = _cue(slot, span)
    trait = _trait(slot, span)
    evidence = min(cue, _CUE_CAP) * _CUE + trait
    if span.kind is SpanKind.CHOICE:
        evidence += 0.35 if not _names_operation(span, entry, reading) else 0.0
    elif slot.shape.kind in _SPECIFIC:
        evidence += 0.4
    elif slot.shape.kind in _DATED and fit.fit > 0.7:  # noqa: PLR2004 - a date for a date
        evidence += 0.36
    if not _enough(slot, span, evidence, entry, reading):
        return None
    score = 0.5 * fit.fit + evidence + (_NEED if slot.required else 0.0) + 0.002 * min(len(span.text), 50)
    return _Pair(i, span, fit.value, score, evidence) if score > 0 else None


def _enough(slot: Slot, span: Span, evidence: float, entry: Entry, reading: Reading) -> bool:
    if span.kind in _LOOSE:
        return evidence >= _LOOSE_EVIDENCE and not (span.kind is SpanKind.PHRASE and _only_names(span, entry, reading))
    if slot.required:
        return evidence > -0.2  # noqa: PLR2004 - not against what its phrase says
    return evidence >= _OPTIONAL_EVIDENCE


_LOOSE_EVIDENCE = 0.4


def _cue(slot: Slot, span: Span) -> float:
    anchors = span.anchors
    return sum(weight * anchors[word] for word, weight in slot.cues.items() if word in anchors)


def _trait(slot: Slot, span: Span) -> float:
    """Agreement of purposes: what the span's phrase says against what the slot's name says."""
    if Trait.LIMIT in span.traits or Trait.LIMIT in slot.traits:
        return _limit(slot, span)
    if slot.traits & {Trait.PAGE, Trait.CURSOR, Trait.SORT, Trait.DIRECTION} and span.kind is not SpanKind.CHOICE:
        return -0.1
    score = _TRAIT if slot.traits & span.traits else 0.0
    if span.kind in {SpanKind.DATE, SpanKind.MOMENT} or slot.traits & {Trait.ORIGIN, Trait.TARGET}:
        score -= 0.35 if _opposed(slot.traits, span.traits) else 0.0
    if span.kind is SpanKind.MESSAGE:
        score += _TRAIT if Trait.MESSAGE in slot.traits else -0.2
    if Trait.MONEY in slot.traits and span.kind is SpanKind.MONEY:
        score += _TRAIT
    if Trait.QUERY in slot.traits and span.kind in {SpanKind.QUOTED, SpanKind.NAME, SpanKind.PHRASE}:
        score += 0.3
    return score


def _limit(slot: Slot, span: Span) -> float:
    if Trait.LIMIT in span.traits and Trait.LIMIT in slot.traits:
        return 0.8
    return -0.3 if Trait.LIMIT in span.traits else -0.25


def _opposed(mine: frozenset[Trait], said: frozenset[Trait]) -> bool:
    pairs = (
        (Trait.START, Trait.END),
        (Trait.END, Trait.START),
        (Trait.ORIGIN, Trait.TARGET),
        (Trait.TARGET, Trait.ORIGIN),
    )
    return any(a in mine and b in said and a not in said for a, b in pairs)


def _names_operation(span: Span, entry: Entry, reading: Reading) -> bool:
    """Whether a listed value's words are words that name the operation anyway."""
    inside = [t.stem for t in reading.tokens if span.start <= t.start < span.end]
    return all(w in entry.core for w in inside)


def _only_names(span: Span, entry: Entry, reading: Reading) -> bool:
    inside = [t.stem for t in reading.tokens if span.start <= t.start < span.end]
    return sum(w in entry.core for w in inside) * 2 >= len(inside)


def _assigned(pairs: Sequence[_Pair]) -> dict[int, _Pair]:
    """Greedy by score, then improved: a pair is swapped in when that raises the total."""
    ordered = sorted(pairs, key=lambda p: (-p.score, p.slot, p.span.start))
    chosen: dict[int, _Pair] = {}
    for pair in ordered:
        if pair.slot not in chosen and not any(c.span.overlaps(pair.span) for c in chosen.values()):
            chosen[pair.slot] = pair
    for _ in range(2):
        if not any(_improved(chosen, pair, ordered) for pair in ordered[:60]):
            break
    return chosen


def _improved(chosen: dict[int, _Pair], pair: _Pair, ordered: Sequence[_Pair]) -> bool:
    """Put a pair in place of those it conflicts with, and give these their next best; keep it if the total rises."""
    if chosen.get(pair.slot) is pair:
        return False
    out = [s for s, c in chosen.items() if s == pair.slot or c.span.overlaps(pair.span)]
    trial = {s: c for s, c in chosen.items() if s not in out} | {pair.slot: pair}
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
