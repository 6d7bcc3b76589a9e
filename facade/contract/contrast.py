"""Two schemas of one value: where the newer allows less, more, or other things than the older.

Cards are compared, so what lies below their bounds is not seen; `difference` says so where nothing else is to be said.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import orjson

from facade.contract.document import mapping, sequence
from facade.contract.schemas import Direction
from facade.kernel import Json, JsonObject

_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT: Final = ("format", "pattern", "multipleOf", "uniqueItems", "not")
_BELOW: Final = (("items", "[]"), ("additionalProperties", ".*"))
_ANY_OF: Final = ("anyOf", "oneOf")
_WORDS: Final = ("title", "description", "examples", "deprecated")


class Turn(StrEnum):
    """How a schema changed at one place."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    FIELD_REMOVED = "field_removed"
    FIELD_ADDED = "field_added"
    FIELD_DEMANDED = "field_demanded"
    REQUIRED = "required"
    OPTIONAL = "optional"
    DEFAULT = "default"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One change of a schema.

    Attributes:
        place: names below the value, joined by dots; `[]` for what a list holds, `.*` for fields that have no name.
        what: the keyword that changed; empty where the place says it all.
    """

    turn: Turn
    place: str
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    old: JsonObject
    new: JsonObject
    place: str
    direction: Direction


def contrasts(old: Json, new: Json, *, place: str, direction: Direction) -> Iterator[Contrast]:
    """Every change between two schemas of a value that travels one way."""
    if old == new:
        return
    pair = _Pair(old=_object(old), new=_object(new), place=place, direction=direction)
    for look in _LOOKS:
        yield from look(pair)


def _object(schema: Json) -> JsonObject:
    return {"not": {}} if schema is False else mapping(schema)


def _moved(pair: _Pair, what: str, *, narrower: bool, wider: bool) -> Iterator[Contrast]:
    if narrower:
        yield Contrast(turn=Turn.NARROWED, place=pair.place, what=what)
    if wider:
        yield Contrast(turn=Turn.WIDENED, place=pair.place, what=what)


def _types(pair: _Pair) -> Iterator[Contrast]:
    return _sets(pair, "type", _types_of(pair.old), _types_of(pair.new))


def _types_of(schema: JsonObject) -> frozenset[str] | None:
    """None for any; an integer is a number."""
    declared = schema.get("type")
    if declared is None:
        return None
    types = {declared} if isinstance(declared, str) else {t for t in sequence(declared) if isinstance(t, str)}
    return frozenset(types | ({"integer"} if "number" in types else set()))


def _values(pair: _Pair) -> Iterator[Contrast]:
    return _sets(pair, "enum", _values_of(pair.old), _values_of(pair.new))


def _values_of(schema: JsonObject) -> frozenset[str] | None:
    """None for any."""
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if listed is None else frozenset(_text(value) for value in sequence(listed))


def _sets(pair: _Pair, what: str, old: frozenset[str] | None, new: frozenset[str] | None) -> Iterator[Contrast]:
    narrower = new is not None and (old is None or bool(old - new))
    wider = old is not None and (new is None or bool(new - old))
    return _moved(pair, what, narrower=narrower, wider=wider)


def _bounds(pair: _Pair) -> Iterator[Contrast]:
    for keys, sign in ((_LEAST, 1), (_MOST, -1)):
        for key in keys:
            old, new = _number(pair.old.get(key)), _number(pair.new.get(key))
            narrower = new is not None and (old is None or sign * new > sign * old)
            wider = old is not None and (new is None or sign * new < sign * old)
            yield from _moved(pair, key, narrower=narrower, wider=wider)


def _number(value: Json) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _exact(pair: _Pair) -> Iterator[Contrast]:
    """Keywords that allow everything when they are absent, and whose values cannot be told to be more or less."""
    for key in _EXACT:
        old, new = (None if schema.get(key) is False else schema.get(key) for schema in (pair.old, pair.new))
        if old != new:
            yield from _moved(pair, key, narrower=new is not None, wider=old is not None)


def _fields(pair: _Pair) -> Iterator[Contrast]:
    old, new = _travelling(pair.old, pair.direction), _travelling(pair.new, pair.direction)
    needed, needs = _required(pair.old), _required(pair.new)
    for name in sorted(old.keys() | new.keys() | needed | needs):
        place = f"{pair.place}.{name}"
        if name in old and name not in new:
            yield Contrast(turn=Turn.FIELD_REMOVED, place=place)
            continue
        if name in new and name not in old:
            yield Contrast(turn=Turn.FIELD_DEMANDED if name in needs else Turn.FIELD_ADDED, place=place)
            continue
        if (name in needed) != (name in needs):
            yield Contrast(turn=Turn.REQUIRED if name in needs else Turn.OPTIONAL, place=place)
        yield from contrasts(old.get(name), new.get(name), place=place, direction=pair.direction)


def _travelling(schema: JsonObject, direction: Direction) -> JsonObject:
    """The fields that go this way."""
    fields = mapping(schema.get("properties"))
    return {name: value for name, value in fields.items() if mapping(value).get(direction) is not True}


def _required(schema: JsonObject) -> set[str]:
    return {name for name in sequence(schema.get("required")) if isinstance(name, str)}


def _contents(pair: _Pair) -> Iterator[Contrast]:
    for key, mark in _BELOW:
        old, new = pair.old.get(key, {}), pair.new.get(key, {})
        yield from contrasts(old, new, place=f"{pair.place}{mark}", direction=pair.direction)


def _alternatives(pair: _Pair) -> Iterator[Contrast]:
    for key in _ANY_OF:
        if (key in pair.old) != (key in pair.new):
            yield from _moved(pair, key, narrower=key in pair.new, wider=key in pair.old)
        else:
            yield from _parts(pair, key, more_allows_more=True)
    yield from _parts(pair, "allOf", more_allows_more=False)


def _parts(pair: _Pair, key: str, *, more_allows_more: bool) -> Iterator[Contrast]:
    """Parts that are new and parts that are gone, paired in their order as far as they go."""
    old = {_text(part): part for part in sequence(pair.old.get(key))}
    new = {_text(part): part for part in sequence(pair.new.get(key))}
    gone = [part for text, part in old.items() if text not in new]
    come = [part for text, part in new.items() if text not in old]
    for before, after in zip(gone, come, strict=False):
        yield from contrasts(before, after, place=pair.place, direction=pair.direction)
    more, fewer = len(come) > len(gone), len(come) < len(gone)
    narrower, wider = (fewer, more) if more_allows_more else (more, fewer)
    yield from _moved(pair, key, narrower=narrower, wider=wider)


def _default(pair: _Pair) -> Iterator[Contrast]:
    if pair.old.get("default") != pair.new.get("default"):
        yield Contrast(turn=Turn.DEFAULT, place=pair.place)


def _words(pair: _Pair) -> Iterator[Contrast]:
    if any(pair.old.get(key) != pair.new.get(key) for key in _WORDS):
        yield Contrast(turn=Turn.TEXT, place=pair.place)


def _text(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


_LOOKS: Final[tuple[Callable[[_Pair], Iterator[Contrast]], ...]] = (
    _types,
    _values,
    _bounds,
    _exact,
    _fields,
    _contents,
    _alternatives,
    _default,
    _words,
)
