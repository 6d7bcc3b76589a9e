"""Plausible values for a schema, small and the same every time: what a careful person would type into a form."""

from collections.abc import Mapping
from typing import Final

from facade.conformance.described import mapping
from facade.kernel import Json, JsonObject

_DEEPEST: Final = 6
_SOME: Final = {"integer": 1, "number": 10}
"""Where the schema has no bound above zero; zero itself is the odd case in most forms."""
_FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    "date": ("2026-03-14", "2026-04-15"),
    "date-time": ("2026-03-14T09:26:53Z", "2026-04-15T10:00:00Z"),
    "time": ("09:26:53Z", "10:00:00Z"),
    "duration": ("PT1H", "PT2H"),
    "email": ("contract.test@example.com", "contract.test.2@example.com"),
    "idn-email": ("contract.test@example.com", "contract.test.2@example.com"),
    "uuid": ("7d0c6a4e-3f7b-4a53-8f3e-52f1f0a1c001", "7d0c6a4e-3f7b-4a53-8f3e-52f1f0a1c002"),
    "uri": ("https://example.com/contract-test", "https://example.com/contract-test/2"),
    "url": ("https://example.com/contract-test", "https://example.com/contract-test/2"),
    "uri-reference": ("/contract-test", "/contract-test/2"),
    "hostname": ("contract-test.example.com", "contract-test-2.example.com"),
    "ipv4": ("192.0.2.17", "192.0.2.18"),
    "ipv6": ("2001:db8::17", "2001:db8::18"),
    "byte": ("Y29udHJhY3Q=", "dGVzdA=="),
}


def sample(schema: JsonObject, *, turn: int = 0, depth: int = 0) -> Json:
    """A value that most likely fits the schema; the caller asks a validator.

    Args:
        turn: 0 for one value, 1 for another one that differs where the schema lets it.
    """
    listed = schema.get("enum")
    if isinstance(listed, list) and listed:
        value: Json = listed[turn % len(listed)]
        return value
    for key in ("const", "default", "example"):
        if key in schema and not (turn and key != "const"):
            return schema.get(key)
    return _typed(_merged(schema), turn, depth) if depth <= _DEEPEST else None


def _merged(schema: JsonObject) -> JsonObject:
    """`allOf` together, and the first form of `oneOf` and `anyOf` that is not null."""
    parts = [mapping(part) for part in _parts(schema.get("allOf"))]
    for key in ("oneOf", "anyOf"):
        forms = [mapping(part) for part in _parts(schema.get(key))]
        parts += [form for form in forms if form.get("type") != "null"][:1]
    out: dict[str, Json] = {}
    for part in (*(_merged(part) for part in parts), schema):
        properties = {**mapping(out.get("properties")), **mapping(part.get("properties"))}
        required = [*_parts(out.get("required")), *_parts(part.get("required"))]
        out.update(part)
        if properties:
            out.update(properties=properties, required=required)
    return out


def _parts(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []


def type_of(schema: JsonObject) -> str:
    """The first type that is not null; objects and arrays are known by their keywords."""
    named = schema.get("type")
    kinds = [named] if isinstance(named, str) else [k for k in _parts(named) if isinstance(k, str)]
    for kind in kinds:
        if kind != "null":
            return kind
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def _typed(schema: JsonObject, turn: int, depth: int) -> Json:
    match type_of(schema):
        case "object":
            return fields(schema, names=_required(schema), turn=turn, depth=depth)
        case "array":
            count = max(_whole(schema.get("minItems"), 0), 1 if depth == 0 else 0)
            return [sample(mapping(schema.get("items")), turn=turn, depth=depth + 1) for _ in range(count)]
        case "integer" | "number":
            return _number(schema, turn)
        case "boolean":
            return bool(turn)
    return _text(schema, turn)


def _required(schema: JsonObject) -> list[str]:
    return [name for name in _parts(schema.get("required")) if isinstance(name, str)]


def fields(schema: JsonObject, *, names: list[str], turn: int = 0, depth: int = 0) -> dict[str, Json]:
    """An object with the fields of these names."""
    known = mapping(schema.get("properties"))
    return {name: sample(mapping(known.get(name)), turn=turn, depth=depth + 1) for name in dict.fromkeys(names)}


def _number(schema: JsonObject, turn: int) -> Json:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    start: float = low if isinstance(low, int | float) and low > 0 else _SOME[type_of(schema)]
    if "exclusiveMinimum" in schema and "minimum" not in schema:
        start += 1
    step = schema.get("multipleOf")
    stride: float = step if isinstance(step, int | float) and step > 0 else 1
    value = -(-start // stride) * stride + stride * turn if step else start + turn
    high = schema.get("maximum")
    return value if not isinstance(high, int | float) or value <= high else high


def _text(schema: JsonObject, turn: int) -> str:
    named = schema.get("format")
    if isinstance(named, str) and named in _FORMATS:
        return _FORMATS[named][turn % 2]
    text = "contract test" if not turn else "contract test, changed"
    low, high = _whole(schema.get("minLength"), 0), _whole(schema.get("maxLength"), 10_000)
    if high < len(text):
        text = ("DE" if not turn else "FR") if high == 2 else "ab"[turn % 2] * min(high, 8)  # noqa: PLR2004 - codes
    return text + "x" * (low - len(text)) if len(text) < low else text[:high]


def _whole(value: Json, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
