"""How well a span and a slot go together: type, cue words, nearness, purpose."""

from dataclasses import dataclass

from facade.kernel import Json, Location
from facade.plan.entry import Entry
from facade.plan.lexicon import Trait, words
from facade.plan.reading import Reading
from facade.plan.schema import Kind
from facade.plan.slots import Slot
from facade.plan.spans import IDS, Span, SpanKind
from facade.plan.values import fitted

_SPECIFIC = frozenset({Kind.EMAIL, Kind.URL, Kind.UUID, Kind.PHONE})
_DATED = frozenset({Kind.DATE, Kind.MOMENT, Kind.TIME})
_LOOSE = frozenset({SpanKind.PHRASE, SpanKind.MESSAGE})
_PLAIN = frozenset({SpanKind.CODE, SpanKind.NUMBER, SpanKind.DATE, SpanKind.MOMENT, SpanKind.TIME})
_WORDED = frozenset({SpanKind.QUOTED, SpanKind.NAME})
_STEERED = frozenset({Trait.PAGE, Trait.CURSOR, Trait.SORT, Trait.DIRECTION})
_FORMED = frozenset({SpanKind.CODE, SpanKind.NUMBER, SpanKind.QUOTED, SpanKind.NAME})
_NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER})
_NAMED = frozenset({Trait.PLACE, Trait.PERSON, Trait.TITLE})
_OPPOSED = (
    (Trait.START, Trait.END),
    (Trait.END, Trait.START),
    (Trait.ORIGIN, Trait.TARGET),
    (Trait.TARGET, Trait.ORIGIN),
)
_ANNOUNCE = words("id ids gid uuid code number key name value type information info details")
_CUE = 1.1
_ABOUT = 0.3
_ABOUT_CAP = 0.5
_TRAIT = 0.45
_NEED = 0.3
_OPTIONAL = 0.38
_LOOSE_REQUIRED = 0.4
_LOOSE_OPTIONAL = 0.7
_SOUGHT = 0.28
_UNLIKE = 0.1
_AGAINST = -0.2
_SHOWN = 0.5
_COUNTED = 0.45
_ELSEWHERE = 0.7
_OWN_NAME = 0.5
_OWNER = 0.2
_LOOKED_UP = frozenset({Trait.QUERY, Trait.TITLE})
_MEASURE = 0.4
_NOUN = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """A span as the value of the slot at a position. `evidence` leaves out the type and whether it is required."""

    slot: int
    span: Span
    value: Json
    score: float
    evidence: float


def pair(position: int, slot: Slot, span: Span, entry: Entry, reading: Reading) -> Pair | None:
    """Weigh a span for a slot; None when it does not fit or nothing says that it is meant for it."""
    if span.kind is SpanKind.PHRASE and not slot.required and not _announced(slot, span):
        return None
    fit = fitted(slot, span)
    if fit is None:
        return None
    evidence = _cue(slot, span) + _purpose(slot, span) + _kind(slot, span, fit.fit, entry, reading)
    evidence += _OWNER * (span == reading.owner and bool(slot.traits & _LOOKED_UP))
    evidence += _beside(slot, span, entry, reading) + _written(slot, span, reading)
    if not _enough(slot, span, evidence, entry, reading):
        return None
    score = 0.5 * fit.fit + evidence + (_NEED if slot.required else 0.0) + 0.002 * min(len(span.text), 50)
    return Pair(position, span, fit.value, score, evidence) if score > 0 else None


def _announced(slot: Slot, span: Span) -> bool:
    """Whether anything near a phrase speaks of the slot; most phrases fall here, before they are weighed."""
    return (
        bool(slot.traits & span.traits) or not slot.cues.keys().isdisjoint(span.anchors) or Trait.QUERY in slot.traits
    )


def _cue(slot: Slot, span: Span) -> float:
    """Nearness of the slot's own words, and a little for words of its description."""
    near = span.anchors
    named = sum(share * near[word] for word, share in slot.cues.items() if word in near)
    told = sum(_ABOUT * near[word] for word in slot.about if word in near and word not in slot.cues)
    return _CUE * named + min(told, _ABOUT_CAP)


def _beside(slot: Slot, span: Span, entry: Entry, reading: Reading) -> float:
    """What the noun directly before a value says: it is that noun's, and no other's."""
    near = span.beside
    if span.unit and not near and _identifies(slot) and span.unit not in slot.cues:
        return -_MEASURE
    if not near or slot.cues.get(near, 0.0) >= _NOUN:
        return 0.0
    if Trait.TITLE in slot.traits and near in entry.resource and span.kind in _WORDED:
        return _OWN_NAME
    if span.kind not in IDS or near not in entry.nouns:
        return 0.0
    return -_ELSEWHERE if sum(s.beside == near for s in reading.values) == 1 else 0.0


def _identifies(slot: Slot) -> bool:
    return slot.location == Location.PATH or Trait.IDENTITY in slot.traits


def _written(slot: Slot, span: Span, reading: Reading) -> float:
    """What the form of a value says ("C-1042"), and the unit of a number ("60 *people*")."""
    form, score = slot.shape.form, 0.0
    if form and span.kind in _FORMED and form.shows(str(span.value)):
        score += _SHOWN
    return score + _measured(slot, span, reading)


def _measured(slot: Slot, span: Span, reading: Reading) -> float:
    """Whether a number with its unit counts what the slot counts; a time that something takes counts nothing else."""
    if not span.unit or slot.shape.kind not in _NUMERIC:
        return 0.0
    if span.unit in slot.about or span.unit in slot.cues:
        return _COUNTED
    if span.unit not in reading.calendar:
        return 0.0
    return _COUNTED if Trait.DURATION in slot.traits else -_MEASURE


def _kind(slot: Slot, span: Span, fit: float, entry: Entry, reading: Reading) -> float:
    """What the kind of the span says by itself."""
    if span.kind is SpanKind.CHOICE or (span.members and span.members[0].kind is SpanKind.CHOICE):
        return 0.0 if _names_operation(span, entry, reading) else 0.4
    if slot.shape.kind in _SPECIFIC:
        return 0.4
    return 0.4 if slot.shape.kind in _DATED and fit > 0.7 else 0.0  # noqa: PLR2004 - a date for a date


def _enough(slot: Slot, span: Span, evidence: float, entry: Entry, reading: Reading) -> bool:
    """Whether there is enough to say that this span is meant for this slot."""
    if evidence < _needed(slot, span):
        return False
    if span.kind in {SpanKind.PHRASE, SpanKind.NAME} and _only_cues(span, slot, reading):
        return False
    return not (span.kind is SpanKind.PHRASE and _only_names(span, entry, reading))


def _needed(slot: Slot, span: Span) -> float:
    if span.kind in _LOOSE:
        sought = _SOUGHT if Trait.QUERY in slot.traits else _LOOSE_REQUIRED
        return sought if slot.required else _LOOSE_OPTIONAL
    if not slot.required:
        return _OPTIONAL
    if slot.location == Location.PATH and span.kind in _WORDED:
        return _UNLIKE
    plain = slot.shape.kind is Kind.TEXT and Trait.IDENTITY not in slot.traits and slot.location != Location.PATH
    return _UNLIKE if plain and span.kind in _PLAIN else _AGAINST


def _purpose(slot: Slot, span: Span) -> float:
    """Agreement of purposes: what the span's phrase says against what the slot's name says."""
    if Trait.LIMIT in span.traits or Trait.LIMIT in slot.traits:
        both = Trait.LIMIT in span.traits and Trait.LIMIT in slot.traits
        return 0.8 if both else -0.3
    if slot.traits & _STEERED and span.kind is not SpanKind.CHOICE:
        return -0.1
    shared = slot.traits & span.traits
    named = span.kind not in _PLAIN or span.kind is SpanKind.CODE
    score = _TRAIT if shared and (named or not shared <= _NAMED) else 0.0
    score -= 0.35 if any(a in slot.traits and b in span.traits and a not in span.traits for a, b in _OPPOSED) else 0.0
    return score + _suits(slot, span)


def _suits(slot: Slot, span: Span) -> float:
    """What a span looks like against what the slot is for."""
    traits, kind = slot.traits, span.kind
    score = 0.0
    if kind is SpanKind.SERIES:
        score += 0.3
    if kind is SpanKind.MESSAGE:
        score += _TRAIT if Trait.MESSAGE in traits else -0.2
    if Trait.MONEY in traits and kind is SpanKind.MONEY:
        score += _TRAIT
    if Trait.YEAR in traits and isinstance(span.value, int) and 1800 <= span.value <= 2100:  # noqa: PLR2004 - years
        score += _TRAIT
    if Trait.QUERY in traits and kind in {SpanKind.QUOTED, SpanKind.NAME, SpanKind.PHRASE}:
        score += 0.3
    if Trait.KIND in traits and kind is SpanKind.PHRASE and _describes(slot, span):
        score += 0.2
    return score


def _describes(slot: Slot, span: Span) -> bool:
    """Whether the slot's noun follows, as in "a *deluxe* room" for `room_type`."""
    return any(0.4 <= span.anchors.get(w, 0.0) < 0.5 for w in slot.name)  # noqa: PLR2004 - the word right after


def _inside(span: Span, reading: Reading) -> list[tuple[str, str]]:
    return [(t.stem, t.lower) for t in reading.tokens if span.start <= t.start < span.end]


def _names_operation(span: Span, entry: Entry, reading: Reading) -> bool:
    """Whether a listed value's words are words that name the operation anyway."""
    return all(entry.named(root) for root, _ in _inside(span, reading))


def _only_cues(span: Span, slot: Slot, reading: Reading) -> bool:
    """Whether the words only announce a value ("the *ID*", "the *address*") and are none."""
    return all(root in slot.name or lower in _ANNOUNCE for root, lower in _inside(span, reading))


def _only_names(span: Span, entry: Entry, reading: Reading) -> bool:
    """Whether at least half of a phrase's words name the operation."""
    inside = _inside(span, reading)
    return sum(entry.named(root) for root, _ in inside) * 2 >= len(inside)
