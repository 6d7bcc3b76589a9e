"""A span in the form that a slot's schema wants, or nothing when it does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from facade.kernel import Json, Location
from facade.plan.lexicon import Trait
from facade.plan.schema import Kind, Shape
from facade.plan.slots import Slot
from facade.plan.spans import Span, SpanKind, When

_BASE: dict[Kind, dict[SpanKind, float]] = {
    Kind.TEXT: {
        SpanKind.QUOTED: 0.9, SpanKind.CODE: 0.7, SpanKind.NAME: 0.7, SpanKind.UUID: 0.7, SpanKind.MESSAGE: 0.55,
        SpanKind.NUMBER: 0.45, SpanKind.EMAIL: 0.4, SpanKind.URL: 0.4, SpanKind.DATE: 0.35, SpanKind.MOMENT: 0.35,
        SpanKind.TIME: 0.3, SpanKind.PHONE: 0.3, SpanKind.MONEY: 0.3, SpanKind.PHRASE: 0.3,
    },
    Kind.INTEGER: {SpanKind.NUMBER: 0.9, SpanKind.MONEY: 0.6, SpanKind.QUOTED: 0.6},
    Kind.NUMBER: {SpanKind.NUMBER: 0.9, SpanKind.MONEY: 0.8, SpanKind.QUOTED: 0.5},
    Kind.DATE: {SpanKind.DATE: 0.95, SpanKind.MOMENT: 0.8},
    Kind.MOMENT: {SpanKind.MOMENT: 0.95, SpanKind.DATE: 0.8},
    Kind.TIME: {SpanKind.TIME: 0.95, SpanKind.MOMENT: 0.5},
    Kind.EMAIL: {SpanKind.EMAIL: 1.0},
    Kind.URL: {SpanKind.URL: 1.0, SpanKind.CODE: 0.3, SpanKind.QUOTED: 0.4},
    Kind.UUID: {SpanKind.UUID: 1.0, SpanKind.CODE: 0.4, SpanKind.QUOTED: 0.4, SpanKind.NUMBER: 0.1},
    Kind.PHONE: {SpanKind.PHONE: 1.0, SpanKind.NUMBER: 0.4, SpanKind.CODE: 0.4, SpanKind.QUOTED: 0.4},
    Kind.BOOLEAN: {},
    Kind.OBJECT: {},
}  # fmt: skip
_IDENTITY: dict[SpanKind, float] = {
    SpanKind.CODE: 0.95, SpanKind.UUID: 0.95, SpanKind.QUOTED: 0.85, SpanKind.NUMBER: 0.85, SpanKind.NAME: 0.3,
    SpanKind.EMAIL: 0.3, SpanKind.URL: 0.1,
}  # fmt: skip
_JOINED = 0.9
_LONE_NUMBER = 0.5


@dataclass(frozen=True, slots=True)
class Fitted:
    """A value ready for a slot, and how well the span's type fits, in (0, 1]."""

    value: Json
    fit: float


def fitted(slot: Slot, span: Span) -> Fitted | None:
    """The span as the slot's value, in the schema's own form."""
    shape = slot.shape
    if span.kind is SpanKind.SERIES:
        return _series(slot, span) if shape.many or shape.comma_separated else None
    base = 0.0 if _barred(shape, span) else _base(slot, span)
    value = _value(shape, span) if base else None
    if value is None:
        return None
    if shape.many:
        return Fitted([value], base * (_LONE_NUMBER if span.kind is SpanKind.NUMBER else _JOINED))
    return Fitted(value, base)


def _barred(shape: Shape, span: Span) -> bool:
    """Whether the schema allows no such value: it lists others, or wants another form."""
    if span.kind is SpanKind.CHOICE:
        return False
    return bool(shape.choices) or (shape.form is not None and shape.form.forbids(str(span.value)))


def localised(value: Json, shape: Shape, locale: str) -> Json:
    """A text as the object that holds it once for each language, where the schema wants that; others as they are."""
    return {_language(shape.languages, locale): value} if shape.languages and isinstance(value, str) else value


def _language(known: Sequence[str], locale: str) -> str:
    """The description's own code for a locale: the same region first, then the same language, else the language."""
    wanted = locale.replace("_", "-").lower() or "en"
    plain = {code.replace("_", "-").lower(): code for code in known}
    return plain.get(wanted) or plain.get(wanted.split("-")[0], wanted.split("-")[0])


def _series(slot: Slot, span: Span) -> Fitted | None:
    if slot.shape.choices and any(m.kind is not SpanKind.CHOICE for m in span.members):
        return None
    values = [_value(slot.shape, m) for m in span.members]
    base = min(_base(slot, m) for m in span.members)
    if not base or any(v is None for v in values):
        return None
    joined = ",".join(str(v) for v in values) if slot.shape.comma_separated else values
    return Fitted(joined, min(1.0, base + 0.1))


def _base(slot: Slot, span: Span) -> float:
    if span.kind is SpanKind.CHOICE:
        return 1.0
    if slot.shape.kind is Kind.TEXT and Trait.IDENTITY in slot.traits:
        return _IDENTITY.get(span.kind, 0.0)
    return _BASE[slot.shape.kind].get(span.kind, 0.0)


def _value(shape: Shape, span: Span) -> Json:
    value = span.value
    if span.kind is SpanKind.CHOICE:
        return value if not isinstance(value, When) else None
    if shape.kind in {Kind.INTEGER, Kind.NUMBER}:
        return _number(shape, span)
    if isinstance(value, When):
        return written(value, shape, span.text)
    return span.text if span.kind is SpanKind.NUMBER else str(value)


def _number(shape: Shape, span: Span) -> Json:
    value = span.value
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if shape.kind is Kind.INTEGER:
        return int(value) if float(value).is_integer() else None
    return value / 100 if shape.fraction and span.text.endswith("%") else value


def _read(text: str) -> int | float | None:
    plain = text.strip().replace(",", "")
    if not plain.lstrip("+-").replace(".", "", 1).isdigit() or len(plain) > 15:  # noqa: PLR2004 - exact in a float
        return None
    return float(plain) if "." in plain else int(plain)


def written(when: When, shape: Shape, text: str) -> Json:
    """A date or time in the form the schema names or shows; as the user wrote it where the schema is silent."""
    if shape.pattern and (when.day or "Y" not in shape.pattern):
        return _patterned(when, shape.pattern)
    if shape.kind is Kind.TEXT:
        return when.written or text
    if shape.kind is Kind.TIME:
        return (when.written or when.clock.strftime("%H:%M")) if when.clock else None
    if when.day is None:
        return None
    return when.day.isoformat() if shape.kind is Kind.DATE else _stamp(when, when.day)


def _stamp(when: When, day: date) -> str:
    """RFC 3339; as written where the user gave a whole stamp."""
    if "T" in when.written:
        return when.written
    return datetime.combine(day, when.clock or time(0), tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _patterned(when: When, pattern: str) -> str:
    clock, day = when.clock or time(0), when.day
    pieces = [("HH", f"{clock.hour:02}"), ("mm", f"{clock.minute:02}"), ("SS", f"{clock.second:02}")]
    if day:
        pieces += [("YYYY", f"{day.year:04}"), ("MM", f"{day.month:02}"), ("DD", f"{day.day:02}")]
    for mark, digits in pieces:
        pattern = pattern.replace(mark, digits)
    return pattern


def coerced(slot: Slot, words: str, spans: Sequence[Span]) -> Json:
    """A short answer as the slot's value: the one fitting span in it, else the words themselves for a text."""
    shape, plain = slot.shape, words.strip().strip("\"'“”.")
    if shape.kind is Kind.BOOLEAN:
        return _YES_NO.get(plain.lower())
    value = _typed(slot, plain, spans)
    if value is None and shape.kind is Kind.TEXT and plain:
        value = plain
    return [value] if shape.many and value is not None else value


_YES_NO = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


def _typed(slot: Slot, plain: str, spans: Sequence[Span]) -> Json:
    """The value of the span that fits best; for a free text only a span that is all of the answer, or quoted."""
    loose = slot.shape.kind is Kind.TEXT and Trait.IDENTITY not in slot.traits and slot.location != Location.PATH
    fits = [(_base(slot, s), -s.start, s) for s in spans if s.kind not in _UNSURE and _base(slot, s)]
    for _, _, span in sorted(fits, key=lambda f: f[:2], reverse=True):
        whole = span.kind is SpanKind.QUOTED or len(span.text) == len(plain)
        if not loose or whole:
            return _value(slot.shape, span)
    return None


_UNSURE = frozenset({SpanKind.PHRASE, SpanKind.NAME, SpanKind.MESSAGE, SpanKind.SERIES})
