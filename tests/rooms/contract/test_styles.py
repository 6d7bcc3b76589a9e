"""The tables are OpenAPI 3.0.4's and 3.1.1's "Style Examples", the empty and undefined cells left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.contract.reading import Reading, reading_of, typed
from facade.contract.styles import (
    Codec,
    Shape,
    Texts,
    Unwritable,
    json_text,
    raw_pairs,
    read_header,
    read_path,
    read_query,
    scalar_text,
    shape_of,
    texts_of,
    write_header,
    write_path,
    write_query,
)
from facade.kernel import Json, JsonObject, Location
from tests.requirements import requirement

_ARRAY = ("blue", "black", "brown")
_OBJECT = {"R": "100", "G": "200", "B": "150"}


def _codec(location: Location, style: str, *, explode: bool, **more: object) -> Codec:
    return Codec(name="color", location=location, style=style, explode=explode, **more)  # type: ignore[arg-type] # fields of Codec


@pytest.mark.parametrize(
    ("style", "explode", "texts", "written"),
    [
        ("simple", False, "blue", "blue"),
        ("simple", False, _ARRAY, "blue,black,brown"),
        ("simple", True, _ARRAY, "blue,black,brown"),
        ("simple", False, _OBJECT, "R,100,G,200,B,150"),
        ("simple", True, _OBJECT, "R=100,G=200,B=150"),
        ("label", False, "blue", ".blue"),
        ("label", False, _ARRAY, ".blue,black,brown"),
        ("label", True, _ARRAY, ".blue.black.brown"),
        ("label", False, _OBJECT, ".R,100,G,200,B,150"),
        ("label", True, _OBJECT, ".R=100.G=200.B=150"),
        ("matrix", False, "blue", ";color=blue"),
        ("matrix", True, "blue", ";color=blue"),
        ("matrix", False, _ARRAY, ";color=blue,black,brown"),
        ("matrix", True, _ARRAY, ";color=blue;color=black;color=brown"),
        ("matrix", False, _OBJECT, ";color=R,100,G,200,B,150"),
        ("matrix", True, _OBJECT, ";R=100;G=200;B=150"),
    ],
)
def test_path_styles_write_as_the_table_says_and_read_back(
    style: str, explode: bool, texts: Texts, written: str
) -> None:
    codec = _codec(Location.PATH, style, explode=explode)

    assert write_path(codec, texts) == written
    assert read_path(codec, written, shape_of(texts)) == texts


@pytest.mark.parametrize(
    ("style", "explode", "texts", "written"),
    [
        ("form", True, "blue", "color=blue"),
        ("form", False, "", "color="),
        ("form", False, _ARRAY, "color=blue,black,brown"),
        ("form", True, _ARRAY, "color=blue&color=black&color=brown"),
        ("form", False, _OBJECT, "color=R,100,G,200,B,150"),
        ("form", True, _OBJECT, "R=100&G=200&B=150"),
        ("spaceDelimited", False, _ARRAY, "color=blue%20black%20brown"),
        ("spaceDelimited", False, _OBJECT, "color=R%20100%20G%20200%20B%20150"),
        ("spaceDelimited", True, _ARRAY, "color=blue&color=black&color=brown"),
        ("pipeDelimited", False, _ARRAY, "color=blue%7Cblack%7Cbrown"),
        ("pipeDelimited", False, _OBJECT, "color=R%7C100%7CG%7C200%7CB%7C150"),
        ("deepObject", True, _OBJECT, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ],
)
def test_query_styles_write_as_the_table_says_and_read_back(
    style: str, explode: bool, texts: Texts, written: str
) -> None:
    codec = _codec(Location.QUERY, style, explode=explode)

    assert "&".join(write_query(codec, texts)) == written
    assert read_query(codec, raw_pairs(written), shape_of(texts)) == texts


@pytest.mark.parametrize(
    ("style", "raw"),
    [("pipeDelimited", "color=a|b"), ("spaceDelimited", "color=a+b"), ("form", "other=1&color=a,b&color=c")],
)
def test_reading_takes_what_clients_really_send(style: str, raw: str) -> None:
    assert read_query(_codec(Location.QUERY, style, explode=False), raw_pairs(raw), Shape.ARRAY) == ("a", "b")


@pytest.mark.parametrize(
    ("explode", "texts", "written"),
    [
        (False, "blue", "blue"),
        (False, _ARRAY, "blue,black,brown"),
        (False, _OBJECT, "R,100,G,200,B,150"),
        (True, _OBJECT, "R=100,G=200,B=150"),
    ],
)
def test_header_style_writes_as_the_table_says_and_reads_back(explode: bool, texts: Texts, written: str) -> None:
    codec = _codec(Location.HEADER, "simple", explode=explode)

    assert write_header(codec, texts) == written
    assert read_header(codec, f" {written} ", shape_of(texts)) == texts


@pytest.mark.parametrize("query", ["", "other=1", "colour=1", "color[R]=1"])
@pytest.mark.parametrize("shape", list(Shape))
def test_a_parameter_that_is_not_there_reads_as_absent(query: str, shape: Shape) -> None:
    codec = _codec(Location.QUERY, "form", explode=True, fields=frozenset({"R"}))

    assert read_query(codec, raw_pairs(query), shape) is None
    assert (
        read_query(_codec(Location.QUERY, "deepObject", explode=True), raw_pairs("colors[R]=1"), Shape.OBJECT) is None
    )


def test_an_exploded_object_takes_its_own_fields_or_what_nobody_else_claims() -> None:
    pairs = raw_pairs("R=1&page=2&x=3")
    closed = _codec(Location.QUERY, "form", explode=True, fields=frozenset({"R"}), claimed=frozenset({"page"}))
    free = _codec(Location.QUERY, "form", explode=True, claimed=frozenset({"page"}))

    assert read_query(closed, pairs, Shape.OBJECT) == {"R": "1"}
    assert read_query(free, pairs, Shape.OBJECT) == {"R": "1", "x": "3"}


def test_empty_arrays_and_objects_leave_nothing_in_a_query() -> None:
    for style, explode in (("form", True), ("form", False), ("deepObject", True)):
        assert write_query(_codec(Location.QUERY, style, explode=explode), {}) == []


@pytest.mark.parametrize(
    ("value", "written"),
    [("a", "a"), (True, "true"), (False, "false"), (3, "3"), (-0.5, "-0.5"), (2.0, "2"), (1e300, "1e+300")],
)
def test_scalars_are_written_as_json_writes_them(value: Json, written: str) -> None:
    assert scalar_text(value) == written


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), [None], [[1]], {"a": {}}])
def test_what_no_style_can_say_is_refused(value: Json) -> None:
    with pytest.raises(Unwritable):
        texts_of(_codec(Location.QUERY, "form", explode=True), value)


def test_a_deep_object_must_be_an_object_and_text_must_be_unicode() -> None:
    with pytest.raises(Unwritable):
        write_query(_codec(Location.QUERY, "deepObject", explode=True), ("a",))
    with pytest.raises(Unwritable):
        write_path(_codec(Location.PATH, "simple", explode=False), "\ud800")


@requirement("contract:header:confined")
@pytest.mark.parametrize("text", ["a\r\nX: 1", "a\nb", "a\rb", "\x00", "\x7f", "a\tb", "é", "\u2028"])
def test_a_header_holds_visible_ascii_alone(text: str) -> None:
    with pytest.raises(Unwritable):
        write_header(_codec(Location.HEADER, "simple", explode=False), text)


def test_json_parameters_are_one_canonical_text() -> None:
    codec = _codec(Location.QUERY, "form", explode=True, json=True)
    header = _codec(Location.HEADER, "simple", explode=False, json=True)

    assert texts_of(codec, {"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'
    assert texts_of(header, {"a": "é"}) == '{"a":"\\u00e9"}'
    assert typed(codec, '{"a":1}', Reading()) == {"a": 1}
    assert typed(codec, "{", Reading()) == "{"
    for value in (float("nan"), 2**70, "\ud800", {1: 2}):
        with pytest.raises(Unwritable):
            json_text(value)  # type: ignore[arg-type] # what JSON has no word for


# --- types


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "12", 12),
        ({"type": "integer"}, "-3", -3),
        ({"type": "integer"}, "1.5", "1.5"),
        ({"type": "integer"}, "1_0", "1_0"),
        ({"type": "integer"}, "٣", "٣"),
        ({"type": "integer"}, "", ""),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "number"}, "12", 12),
        ({"type": "number"}, "1e999", "1e999"),
        ({"type": "number"}, "nan", "nan"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "True", "True"),
        ({"type": "string"}, "true", "true"),
        ({"type": ["string", "null"]}, "null", None),
        ({}, "12", "12"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "12", 12),
        ({"allOf": [{"type": "integer"}]}, "12", 12),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": [True]}, "true", True),
        ({"const": "1"}, "1", "1"),
        ({"enum": [None, [], {}]}, "null", None),
    ],
)
def test_a_text_is_read_as_the_type_that_the_schema_names(schema: JsonObject, text: str, value: Json) -> None:
    codec = _codec(Location.QUERY, "form", explode=True)

    read = typed(codec, text, reading_of(schema))

    assert (read, type(read)) == (value, type(value))


def test_items_and_fields_are_read_as_their_own_types() -> None:
    codec = _codec(Location.QUERY, "form", explode=True)
    schema: JsonObject = {
        "items": {"type": "integer"},
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "additionalProperties": {"type": "boolean"},
    }
    reading = reading_of(schema)

    assert typed(codec, ("1", "x"), reading) == [1, "x"]
    assert typed(codec, {"a": "1", "b": "1", "c": "true"}, reading) == {"a": 1, "b": "1", "c": True}


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ({}, Shape.SCALAR),
        ({"type": "string"}, Shape.SCALAR),
        ({"type": "array"}, Shape.ARRAY),
        ({"items": {}}, Shape.ARRAY),
        ({"type": "object"}, Shape.OBJECT),
        ({"properties": {}}, Shape.OBJECT),
        ({"type": ["array", "null"]}, Shape.ARRAY),
        ({"oneOf": [{"type": "array"}, {"type": "string"}]}, Shape.SCALAR),
        ({"type": "null"}, Shape.SCALAR),
    ],
)
def test_the_schema_tells_the_shape_on_the_wire(schema: JsonObject, shape: Shape) -> None:
    assert reading_of(schema).shape() is shape


# --- round trips

_TEXT = st.text(max_size=8)
_TEXTS: st.SearchStrategy[Texts] = st.one_of(
    _TEXT,
    st.lists(_TEXT, min_size=1, max_size=4).map(tuple),
    st.dictionaries(_TEXT, _TEXT, min_size=1, max_size=3),
)
_QUERY_STYLES = st.sampled_from([("form", True), ("form", False), ("spaceDelimited", False), ("pipeDelimited", False)])


@requirement("contract:build:round_trip", "contract:query:confined")
@given(_TEXTS, st.sampled_from([("form", True), ("form", False)]))
def test_any_text_in_a_form_style_query_reads_back(texts: Texts, style: tuple[str, bool]) -> None:
    codec = _codec(Location.QUERY, style[0], explode=style[1])
    written = "&".join(write_query(codec, texts))

    assert read_query(codec, raw_pairs(written), shape_of(texts)) == texts
    assert set(written) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%=&,")


@requirement("contract:build:round_trip")
@given(_TEXTS, st.sampled_from([("simple", False), ("simple", True), ("matrix", False), ("label", False)]))
def test_any_text_in_a_path_style_without_dots_as_delimiters_reads_back(texts: Texts, style: tuple[str, bool]) -> None:
    codec = _codec(Location.PATH, style[0], explode=style[1])
    written = write_path(codec, texts)

    assert read_path(codec, written, shape_of(texts)) == texts
    assert "/" not in written
