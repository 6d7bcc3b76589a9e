"""Which value goes to which slot: one assignment over the whole request, each span used at most once.

Candidates are scored by type, cue words, nearness and purpose; the best set is found greedily and mended by swaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from facade.kernel import Arguments, Json, Location
from facade.plan.choices import choice_spans, yes_no
from facade.plan.entry import Entry
from facade.plan.index import Index
from facade.plan.lexicon import Trait, words
from facade.plan.reading import Reading
from facade.plan.records import Source
from facade.plan.schema import Kind
from facade.plan.scoring import Pair, pair
from facade.plan.slots import Slot
from facade.plan.spans import Span, SpanKind
from facade.plan.values import fitted, localised

_DATED = frozenset({SpanKind.DATE, SpanKind.MOMENT})
_HANDING = words("with as to called named titled")
_LEADING_WORDS = 2
_LEFTOVER = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The slots of one operation with the values found for them.

    Attributes:
        values: slot -> value and source.
        missing: required slots without a value, in order.
        used: the spans that became values.
        unplaced: the values of the request that found no place.
    """

    values: tuple[tuple[Slot, Json, Source], ...] = ()
    missing: tuple[Slot, ...] = ()
    used: tuple[Span, ...] = ()
    unplaced: tuple[Span, ...] = ()
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
    _yield_to_dates(chosen, entry, reading)
    _give_leftover(chosen, entry, reading)
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
    used = tuple(p.span for p in chosen.values())
    return Filled(
        values=tuple(values),
        missing=tuple(missing),
        used=used,
        unplaced=tuple(s for s in reading.given if not _placed(s, used, entry, reading)),
        evidence=sum(p.evidence for p in chosen.values()),
    )


def _narrows(span: Span, entry: Entry, reading: Reading) -> bool:
    """Whether a name says which things are meant: "jobs *of Ann*", "painted *by Ann*"."""
    word = next((t.lower for t in reading.tokens if t.stem == span.holder), "")
    return span.holder in entry.terms or word.endswith("ed")


def _yield_to_dates(chosen: dict[int, Pair], entry: Entry, reading: Reading) -> None:
    """A listed value whose word announces a date is none: `opened since May` asks for no status."""
    dated = {i: p for i, p in chosen.items() if p.span.kind in _DATED and Trait.LIMIT not in p.span.traits}
    for i, pair_ in list(chosen.items()):
        members = pair_.span.members or (pair_.span,)
        if any(m.kind is SpanKind.CHOICE and _announces(m, entry.slots[j], d.span, reading)
               for m in members for j, d in dated.items()):  # fmt: skip
            del chosen[i]


def _announces(said: Span, slot: Slot, when: Span, reading: Reading) -> bool:
    """Whether words of a slot for dates stand within two words before its date."""
    between = [t for t in reading.tokens if said.end <= t.start < when.start]
    near = said.end <= when.start and len(between) <= _LEADING_WORDS
    inside = [t.stem for t in reading.tokens if said.start <= t.start < said.end]
    return near and bool(inside) and all(root in slot.cues for root in inside)


def _give_leftover(chosen: dict[int, Pair], entry: Entry, reading: Reading) -> None:
    """The one text that a change still needs is what a preposition leads to at the end: `label box 7 with fragile`."""
    missing = [i for i, s in enumerate(entry.slots) if s.required and i not in chosen and not s.shape.has_default]
    slot = entry.slots[missing[0]] if len(missing) == 1 else None
    if slot is None or entry.reads or slot.shape.kind is not Kind.TEXT or slot.shape.choices or _is_id(slot):
        return
    for span in reading.spans:
        free = not any(c.span.overlaps(span) for c in chosen.values())
        if span.kind is SpanKind.PHRASE and span.traits and free and _closes(span, reading) and fitted(slot, span):
            chosen[missing[0]] = Pair(missing[0], span, str(span.value), _LEFTOVER, _LEFTOVER)
            return


def _is_id(slot: Slot) -> bool:
    return Trait.IDENTITY in slot.traits or slot.location == Location.PATH


def _closes(span: Span, reading: Reading) -> bool:
    """Whether nothing is said after a phrase in its sentence, and its own preposition stands right before it."""
    before = next((t for t in reversed(reading.tokens) if t.end <= span.start), None)
    rest = reading.text[span.end :].lstrip()
    return before is not None and before.lower in _HANDING and (not rest or rest[0] in ".!?\n")


def _placed(span: Span, used: Sequence[Span], entry: Entry, reading: Reading) -> bool:
    """Whether a given value became one, was said twice, or speaks of the operation or of something else only."""
    if any(u.overlaps(span) or u.start <= span.start < u.end or u.text == span.text for u in used):
        return True
    if span.kind is SpanKind.NAME and span != reading.owner and not _narrows(span, entry, reading):
        return True
    inside = [t.stem for t in reading.tokens if span.start <= t.start < span.end]
    return all(root in entry.terms for root in inside)


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
