"""Texts from the wire -> typed values, as far as the schema says which type was meant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

import orjson

from facade.contract.document import mapping, sequence
from facade.contract.styles import Codec, Shape, Texts
from facade.kernel import Json, JsonObject

Types = frozenset[str]
_INTEGER: Final = re.compile(r"-?[0-9]{1,30}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: Final[Mapping[str, tuple[str, Json]]] = {
    "true": ("boolean", True),
    "false": ("boolean", False),
    "null": ("null", None),
}
_DEPTH: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which JSON types a parameter, its items and its fields may have; an empty set means any."""

    types: Types = frozenset()
    items: Types = frozenset()
    fields: Mapping[str, Types] = field(default_factory=dict)
    rest: Types = frozenset()

    def shape(self) -> Shape:
        """How a client that follows the schema lays the value out; scalar when a scalar is possible."""
        if self.types & {"string", "integer", "number", "boolean"} or not self.types:
            return Shape.SCALAR
        return Shape.ARRAY if "array" in self.types else Shape.OBJECT if "object" in self.types else Shape.SCALAR


def reading_of(schema: JsonObject) -> Reading:
    """What an inlined schema says about types, all its alternatives taken together."""
    parts = parts_of(schema)
    return Reading(
        types=_types(parts),
        items=_types([p for part in parts for p in parts_of(mapping(part.get("items")))]),
        fields={
            name: _types(parts_of(mapping(value)))
            for part in parts
            for name, value in mapping(part.get("properties")).items()
        },
        rest=_types([p for part in parts for p in parts_of(mapping(part.get("additionalProperties")))]),
    )


def parts_of(schema: JsonObject, depth: int = 0) -> list[JsonObject]:
    """A schema and everything that it is put together from or may be instead, to a bounded depth."""
    found = [schema]
    if depth < _DEPTH:
        for key in ("allOf", "anyOf", "oneOf"):
            for part in sequence(schema.get(key)):
                found += parts_of(mapping(part), depth + 1)
    return found


def _types(parts: list[JsonObject]) -> Types:
    found: set[str] = set()
    for part in parts:
        declared = part.get("type")
        found |= {declared} if isinstance(declared, str) else {str(t) for t in sequence(declared)}
        if declared is None:
            values = [part["const"]] if "const" in part else sequence(part.get("enum"))
            found |= {_type_of(v) for v in values}
            found |= {"object"} if "properties" in part else set()
            found |= {"array"} if "items" in part else set()
    return frozenset(found)


def _type_of(value: Json) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case None:
            return "null"
    return "object" if isinstance(value, Mapping) else "array"


def typed(codec: Codec, texts: Texts, reading: Reading) -> Json:
    """A value whose types fit the schema where the text allows it; else text, which the validator then refuses."""
    if isinstance(texts, str):
        return loaded(texts) if codec.json else cast(texts, reading.types)
    if isinstance(texts, Mapping):
        return {k: cast(v, reading.fields.get(k, reading.rest)) for k, v in texts.items()}
    return [cast(t, reading.items) for t in texts]


def loaded(text: str) -> Json:
    """A JSON text as its value; what is none as itself, which the validator then refuses."""
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value


def cast(text: str, types: Types) -> Json:
    """A text as the JSON value that one of the types reads it as; itself where none does."""
    if text in _WORDS and _WORDS[text][0] in types:
        return _WORDS[text][1]
    if types & {"integer", "number"}:
        if _INTEGER.fullmatch(text):
            return int(text)
        if "number" in types and _NUMBER.fullmatch(text) and isfinite(number := float(text)):
            return number
    return text
