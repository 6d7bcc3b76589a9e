"""Whatever a call says in any style, a reader of the request finds again; else nothing is built."""

from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from facade.contract import Contract, match, observe_request
from facade.contract.checking import Received
from facade.contract.reading import typed
from facade.kernel import ContractViolation, Json, JsonObject
from tests.requirements import requirement
from tests.rooms.contract.documents import called, get, one, parameter, refusals

_WORDS: JsonObject = {"type": "array", "items": {"type": "string"}}
_NUMBERS: JsonObject = {"type": "array", "items": {"type": "integer"}}
_OBJECT: JsonObject = {
    "type": "object",
    "properties": {"R": {"type": "integer"}, "name": {"type": "string"}, "on": {"type": "boolean"}},
    "additionalProperties": {"type": "string"},
}
_CLOSED: JsonObject = {**_OBJECT, "additionalProperties": False}
_TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=6)
_ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=6)


def _values(schema: JsonObject, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    if schema == _WORDS:
        return st.lists(texts, min_size=1, max_size=4)
    if schema == _NUMBERS:
        return st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=4)
    if schema.get("type") == "object":
        known = {"R": st.integers(0, 999), "name": texts, "on": st.booleans()}
        extra = {} if schema == _CLOSED else {"zz": texts, "a[b]": texts}
        return st.fixed_dictionaries({}, optional={**known, **extra}).filter(bool)
    scalars: dict[str, st.SearchStrategy[Json]] = {
        "string": texts,
        "integer": st.integers(-(10**9), 10**9),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
    }
    return scalars[str(schema["type"])]


@dataclass(frozen=True, slots=True)
class _Way:
    location: str
    style: str
    explode: bool
    schema: JsonObject

    def contract(self) -> Contract:
        name = "p" if self.location != "header" else "X-P"
        spelled = parameter(name, self.location, self.schema, style=self.style, explode=self.explode)
        path = "/x/{p}/y" if self.location == "path" else "/x"
        return one(get(spelled, parameter("other", "query", {"type": "string"})), path=path)


_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
_SCALARS: tuple[JsonObject, ...] = tuple({"type": name} for name in ("string", "integer", "number", "boolean"))
_WAYS = [
    _Way(location, style, explode, schema)
    for location, styles in _STYLES.items()
    for style in styles
    for explode in (True, False)
    for schema in (*_SCALARS, _WORDS, _NUMBERS, _OBJECT, _CLOSED)
    if (style == "deepObject") <= (schema.get("type") == "object")
]
_CONTRACTS = [(way, way.contract()) for way in _WAYS]


def _read(contract: Contract, target: str, headers: tuple[tuple[str, str], ...]) -> Json:
    """The parameter as whoever receives the request reads it."""
    path, _, query = target.partition("?")
    found = match(contract, "GET", path)
    assert found is not None
    each = contract.compiled["op"].parameters[0]
    texts = Received.of(found, query, headers).texts(each)
    assert texts is not None
    return typed(each.codec, texts, each.reading)


@requirement("contract:build:round_trip", "schemas:styles:round_trip")
@given(data=st.data())
def test_what_is_built_in_any_style_reads_back(data: st.DataObject) -> None:
    way, contract = data.draw(st.sampled_from(_CONTRACTS))
    value = data.draw(_values(way.schema, _ASCII if way.location == "header" else _TEXT))
    where = {way.location: {"X-P" if way.location == "header" else "p": value}}
    try:
        request = called(contract, **where).request
    except ContractViolation:
        assume(False)
        raise
    path, _, query = request.target.partition("?")
    found = match(contract, "GET", path)

    assert _read(contract, request.target, request.headers) == value
    assert found is not None
    assert observe_request(found, query, request.headers, b"", contract) == ()


@requirement("schemas:styles:round_trip")
@pytest.mark.parametrize("way", _WAYS, ids=lambda w: f"{w.location}-{w.style}-{w.explode}-{w.schema['type']}")
def test_every_style_can_say_plain_values(way: _Way) -> None:
    plain: dict[str, Json] = {
        "string": "ab",
        "integer": 7,
        "number": 2.5,
        "boolean": True,
        "object": {"R": 1, "name": "x"},
    }
    value = plain.get(str(way.schema["type"]), ["a", "b"] if way.schema == _WORDS else [1, 2])
    contract = way.contract()

    request = called(contract, **{way.location: {"X-P" if way.location == "header" else "p": value}}).request

    assert _read(contract, request.target, request.headers) == value


# --- what styles leave open


@requirement("schemas:styles:round_trip")
def test_names_with_brackets_are_names_like_others() -> None:
    contract = one(
        get(
            parameter("ids[]", "query", _NUMBERS),
            parameter("filter[name]", "query", {"type": "string"}),
            parameter("filter", "query", _OBJECT, style="deepObject"),
        )
    )

    request = called(contract, query={"ids[]": [1, 2], "filter[name]": "x", "filter": {"R": 1}}).request
    found = match(contract, "GET", "/x")

    assert request.target == "/x?ids%5B%5D=1&ids%5B%5D=2&filter%5Bname%5D=x&filter%5BR%5D=1"
    assert found is not None
    assert observe_request(found, "ids[]=1&ids[]=2&filter[name]=x&filter[R]=1", (), b"", contract) == ()
    assert [f.place for f in observe_request(found, "ids[]=x&filter[R]=y", (), b"", contract)] == [
        "query.ids[].0",
        "query.filter.R",
    ]
    assert refusals(contract, query={"filter": {"name": "x"}}) == [("argument.form", "query.filter")]


@requirement("schemas:styles:round_trip")
def test_reserved_characters_stay_where_the_description_allows_them() -> None:
    text: JsonObject = {"type": "string"}
    contract = one(
        get(
            parameter("a", "query", text, allowReserved=True),
            parameter("b", "query", text),
            parameter("c", "query", _WORDS, allowReserved=True, explode=False),
        )
    )
    query: JsonObject = {"a": "x/y?z:@!$'()*&=+#[];,%", "b": "x/y", "c": ["a/b", "c,d"]}

    target = called(contract, query=query).request.target

    assert target == "/x?a=x/y?z:@!$'()*%26%3D%2B%23%5B%5D%3B%2C%25&b=x%2Fy&c=a/b,c%2Cd"


@requirement("schemas:styles:round_trip")
def test_a_parameter_may_be_empty_where_the_description_says_so() -> None:
    contract = one(
        get(
            parameter("flag", "query", {"type": "integer"}, allowEmptyValue=True),
            parameter("n", "query", {"type": "integer"}),
        )
    )

    assert called(contract, query={"flag": ""}).request.target == "/x?flag="
    assert called(contract, query={"flag": 3}).request.target == "/x?flag=3"
    assert refusals(contract, query={"flag": "x", "n": ""}) == [
        ("argument.type", "query.flag"),
        ("argument.type", "query.n"),
    ]


@requirement("schemas:styles:round_trip")
@pytest.mark.parametrize(
    ("content", "value", "query"),
    [
        ({"application/json": {"schema": _OBJECT}}, {"R": 1}, "p=%7B%22R%22%3A1%7D"),
        ({"text/plain": {"schema": {"type": "string"}}}, "a b", "p=a%20b"),
        ({"application/xml": {}}, "<a/>", "p=%3Ca%2F%3E"),
        ({"text/plain": {}, "application/json": {}}, ["x"], "p=%5B%22x%22%5D"),
    ],
)
def test_content_of_a_parameter_is_one_text(content: JsonObject, value: Json, query: str) -> None:
    contract = one(get({"name": "p", "in": "query", "content": content}))

    assert called(contract, query={"p": value}).request.target == f"/x?{query}"
