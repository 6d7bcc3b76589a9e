"""Values beside their schemas: which fields a schema knows, and how a value is shown in a report."""

from collections.abc import Iterator, Mapping
from typing import Final

from facade.conformance.described import mapping
from facade.kernel import Json, JsonObject

_SHOWN: Final = 60
_FIELDS: Final = 5
_DEPTH: Final = 12
_ITEMS: Final = 20


def undeclared_fields(value: Json, schema: JsonObject) -> list[str]:
    """Dotted places of fields that an otherwise silent schema does not name; at most a handful."""
    found: list[str] = []
    for place in _undeclared(value, schema, "body", 0):
        if place not in found:
            found.append(place)
        if len(found) >= _FIELDS:
            break
    return found


def _undeclared(value: Json, schema: JsonObject, place: str, depth: int) -> Iterator[str]:
    if depth > _DEPTH:
        return
    if isinstance(value, Mapping):
        known = known_fields(schema)
        if known is None:
            return
        for name, inner in value.items():
            if name not in known:
                yield f"{place}.{name}"
            else:
                yield from _undeclared(inner, known[name], f"{place}.{name}", depth + 1)
    elif isinstance(value, list):
        for inner in value[:_ITEMS]:
            yield from _undeclared(inner, mapping(schema.get("items")), f"{place}[]", depth + 1)


def known_fields(schema: JsonObject) -> Mapping[str, JsonObject] | None:
    """The fields of an object schema over its parts; None when it leaves the object open, or closes it itself."""
    if any(key in schema for key in ("additionalProperties", "unevaluatedProperties", "patternProperties", "$ref")):
        return None
    fields = {name: mapping(inner) for name, inner in mapping(schema.get("properties")).items()}
    for key in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(key)
        for part in parts if isinstance(parts, list) else ():
            inner = known_fields(mapping(part))
            if inner is None and mapping(part).get("type") != "null":
                return None
            fields.update(inner or {})
    return fields or None


def value_at(value: Json, place: str) -> str:
    """What stands at a dotted place below `body`, short; places are read as far as they lead."""
    for name in place.split(".")[1:]:
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return "nothing there"
    return shown(value)


def shown(value: Json) -> str:
    """A value for a table: its type and, for plain ones, itself."""
    if isinstance(value, Mapping):
        return f"an object with {', '.join(list(value)[:6]) or 'nothing in it'}"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
