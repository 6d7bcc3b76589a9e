"""Values for schemas: mostly right, now and then wrong in one of the ways real traffic is."""

from collections.abc import Mapping

from hypothesis import strategies as st

from facade.kernel import Json, JsonObject

WRONG: st.SearchStrategy[Json] = st.sampled_from(
    ["", "zz", "9x", -1, 0, 3, 99999, 1.5, True, None, [], ["a"], {}, {"a": 1}]
)
_FORMATS = {
    "date": ["2024-02-29", "2024-13-01", "yesterday"],
    "date-time": ["2024-02-29T10:00:00Z", "2024-02-29 10:00", "soon"],
    "email": ["a@b.example", "nobody"],
}


def values(schema: JsonObject, depth: int = 0) -> st.SearchStrategy[Json]:
    """One value in eight is wrong at each level."""
    right = _right(schema, depth)
    return st.integers(0, 7).flatmap(lambda n: WRONG if n == 7 else right)


def _right(schema: JsonObject, depth: int) -> st.SearchStrategy[Json]:
    for key in ("oneOf", "anyOf", "allOf"):
        parts = schema.get(key)
        if isinstance(parts, list):
            return st.one_of([values(p, depth) for p in parts if isinstance(p, Mapping)])
    if isinstance(schema.get("enum"), list):
        return st.sampled_from(list(schema["enum"]))
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    null = [st.none()] if isinstance(kinds, list) else []
    return st.one_of([_of_kind(str(kind), schema, depth), *null])


def _of_kind(kind: str, schema: JsonObject, depth: int) -> st.SearchStrategy[Json]:
    if kind == "object" and depth < 4:
        return _object(schema, depth)
    if kind == "array" and depth < 4:
        items = schema.get("items")
        return st.lists(values(items if isinstance(items, Mapping) else {}, depth + 1), max_size=3)
    words = _FORMATS.get(str(schema.get("format")), ["ab", "open", "T-1", "a b", "x" * 30])
    scalars: dict[str, st.SearchStrategy[Json]] = {
        "string": st.sampled_from(words),
        "integer": st.integers(-2, 200),
        "number": st.sampled_from([0, 1, 2.5, -1, 10, 1e3]),
        "boolean": st.booleans(),
        "object": st.just({}),
        "array": st.just([]),
    }
    return scalars.get(kind, st.sampled_from(["any", 1]))


def _object(schema: JsonObject, depth: int) -> st.SearchStrategy[Json]:
    properties = schema.get("properties")
    fields = dict(properties) if isinstance(properties, Mapping) else {}
    required = set(schema.get("required") or ())
    strategies = {name: values(field, depth + 1) for name, field in fields.items() if isinstance(field, Mapping)}
    must = {name: s for name, s in strategies.items() if name in required}
    may = {name: s for name, s in strategies.items() if name not in required}
    whole = st.fixed_dictionaries(must, optional=may)
    return st.tuples(whole, st.integers(0, 15)).map(lambda t: _without_one(t[0]) if t[1] == 0 else t[0])


def _without_one(value: Json) -> Json:
    return dict(list(value.items())[1:]) if isinstance(value, Mapping) else value
