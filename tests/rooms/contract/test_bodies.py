"""Request bodies of every kind: what calls become, and what clients' bodies are held against."""

import base64
from email.parser import BytesParser
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.contract import Contract, match, observe_request
from facade.contract.multipart import Part, Unreadable, boundary_of, read, written
from facade.contract.payloads import spoken, value_of
from facade.contract.styles import Unwritable
from facade.kernel import BuiltCall, Context, ContextConflict, Json, JsonObject, Location, Pin
from tests.requirements import requirement
from tests.rooms.contract.documents import OK, called, one, refusals, remarks

_FORM = "application/x-www-form-urlencoded"
_PARTS = "multipart/form-data"
_TEXT: JsonObject = {"type": "string"}
_INTEGER: JsonObject = {"type": "integer"}
_FILE: JsonObject = {"type": "string", "format": "binary"}


def _taking(content: JsonObject, version: str = "3.0.4", **parts: Json) -> Contract:
    return one({**OK, "requestBody": {"required": True, "content": content}}, method="post", version=version, **parts)


def _form(schema: Json, media_type: str = _PARTS, version: str = "3.0.4", **media: Json) -> Contract:
    return _taking({media_type: {"schema": schema, **media}}, version)


def _object(**properties: Json) -> JsonObject:
    return {"type": "object", "properties": properties}


def _content_type(built: BuiltCall) -> str:
    return dict(built.request.headers)["Content-Type"]


def _parsed(built: BuiltCall) -> list[tuple[str, str | None, str, bytes]]:
    """Name, filename, media type and content of every part, as a parser that is not ours reads them."""
    head = f"Content-Type: {_content_type(built)}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + (built.request.body or b""))
    assert message.is_multipart()
    assert not message.defects
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part.get("Content-Type", "").replace('"', ""),
            bytes(part.get_payload(decode=True)),
        )
        for part in message.iter_parts()
    ]


def _seen(contract: Contract, media_type: str, body: bytes) -> list[tuple[str, str]]:
    found = match(contract, "POST", "/x")
    assert found is not None
    headers = [("Content-Type", media_type)]
    return [(f.code, f.place) for f in observe_request(found, "", headers, body, contract)]


# --- which of several


@requirement("bodies:media_type:chosen")
@pytest.mark.parametrize(
    ("declared", "chosen"),
    [
        (["text/plain", _FORM, _PARTS, "application/json"], "application/json"),
        (["image/png", "application/vnd.acme+json", _PARTS], "application/vnd.acme+json"),
        (["application/merge-patch+json"], "application/merge-patch+json"),
        (["application/json-patch+json", "application/json"], "application/json"),
        (["*/*"], "application/json"),
        ([_FORM, _PARTS], _PARTS),
        (["text/csv", _FORM], _FORM),
        (["application/octet-stream", "application/xml"], "application/xml"),
        (["text/*"], "text/plain; charset=utf-8"),
        (["text/csv; charset=iso-8859-1"], "text/csv; charset=iso-8859-1"),
        (["multipart/mixed", "application/octet-stream"], "application/octet-stream"),
        (["application/x-ndjson"], "application/x-ndjson"),
        (["image/*"], "image/*"),
        (["multipart/*"], _PARTS),
        (["no type", "video/mp4"], "video/mp4"),
    ],
)
def test_of_several_media_types_the_one_that_says_most_is_written(declared: list[str], chosen: str) -> None:
    operation = _taking({name: {} for name in declared}).operations["op"]

    assert operation.body is not None
    assert operation.body.media_type == chosen


@requirement("bodies:media_type:chosen")
def test_a_media_type_that_breaks_out_of_its_header_is_written_without_what_breaks_out() -> None:
    assert _content_type(called(_taking({"text/plain; a=\r\nX: 1": {}}), body="t")) == "text/plain; charset=utf-8"
    assert _content_type(called(_taking({"application/json;\r\nX: 1": {}}), body=1)) == "application/json"


@pytest.mark.parametrize("declared", [["multipart/mixed"], ["nonsense"], []])
def test_a_body_that_nobody_can_write_keeps_its_operation_from_agents(declared: list[str]) -> None:
    contract = _taking({name: {} for name in declared})

    assert contract.operations == {}
    assert [code for code, _, _ in remarks(contract)] == ["body.media_type"]


def test_another_media_type_that_cannot_be_read_is_a_warning_and_goes_unchecked() -> None:
    broken: JsonObject = {"schema": {"$ref": "#/nowhere"}}
    contract = _taking({"application/json": {"schema": _INTEGER}, "application/x+json": broken})

    assert [(code, severity.value) for code, _, severity in remarks(contract)] == [("ref.missing", "warning")]
    assert called(contract, body=1).request.body == b"1"
    assert _seen(contract, "application/x+json", b'"x"') == []
    assert _seen(contract, "application/json", b'"x"') == [("request.type", "body")]


# --- multipart


@requirement("bodies:multipart:written")
def test_the_fields_of_a_multipart_form_are_written_by_their_schemas() -> None:
    contract = _form(
        _object(
            name=_TEXT,
            count=_INTEGER,
            open={"type": "boolean"},
            tags={"type": "array", "items": _TEXT},
            address=_object(city=_TEXT),
            lines={"type": "array", "items": _object(n=_INTEGER)},
            any={},
            file=_FILE,
        )
    )
    body: JsonObject = {
        "name": "é & x",
        "count": 3,
        "open": True,
        "tags": ["a", "b"],
        "address": {"city": "Bern"},
        "lines": [{"n": 1}, {"n": 2}],
        "any": {"x": [1]},
        "file": "plain",
    }
    text = "text/plain; charset=utf-8"

    assert _parsed(called(contract, body=body)) == [
        ("name", None, text, "é & x".encode()),
        ("count", None, text, b"3"),
        ("open", None, text, b"true"),
        ("tags", None, text, b"a"),
        ("tags", None, text, b"b"),
        ("address", None, "application/json", b'{"city":"Bern"}'),
        ("lines", None, "application/json", b'{"n":1}'),
        ("lines", None, "application/json", b'{"n":2}'),
        ("any", None, "application/json", b'{"x":[1]}'),
        ("file", "file", "application/octet-stream", b"plain"),
    ]


@requirement("bodies:multipart:written")
def test_a_multipart_body_is_the_same_bytes_each_time_and_others_for_other_values() -> None:
    contract = _form(_object(a=_TEXT, b=_TEXT))

    first = called(contract, body={"a": "1", "b": "2"})

    assert called(contract, body={"a": "1", "b": "2"}) == first
    assert called(contract, body={"a": "1", "b": "3"}).digest != first.digest
    assert called(contract, body={"a": "12", "b": ""}).request.headers != first.request.headers


@requirement("bodies:multipart:files")
@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("a,b\n", ("file", "application/octet-stream", b"a,b\n")),
        ({"text": "ü", "filename": "ü.csv"}, ("ü.csv", "application/octet-stream", "ü".encode())),
        (
            {"base64": base64.b64encode(b"\x00\xff\r\n").decode(), "content_type": "image/png", "filename": "p.png"},
            ("p.png", "image/png", b"\x00\xff\r\n"),
        ),
    ],
)
def test_a_file_is_a_text_or_octets_with_a_name_and_a_media_type(value: Json, part: tuple[str, str, bytes]) -> None:
    contract = _form(_object(file=_FILE))

    assert _parsed(called(contract, body={"file": value})) == [("file", *part)]


@requirement("bodies:multipart:files")
@pytest.mark.parametrize(
    "value",
    [
        1,
        None,
        {},
        {"filename": "x"},
        {"base64": "YQ", "filename": "x"},
        {"base64": "a b="},
        {"base64": "YQ==", "text": "a"},
        {"base64": 1},
        {"text": "a", "path": "/etc/passwd"},
        {"text": "a", "filename": "../x"},
        {"text": "a", "filename": "a\\b"},
        {"text": "a", "filename": "a\r\nX: 1"},
        {"text": "a", "filename": ".."},
        {"text": "a", "filename": "\ud800"},
        {"text": "a", "filename": "x" * 256},
        {"text": "a", "content_type": "image/png\r\nX: 1"},
        {"text": "a", "content_type": "image/*"},
        {"text": "\ud800"},
    ],
)
def test_what_is_no_file_is_refused_at_its_field(value: Json) -> None:
    assert refusals(_form(_object(file=_FILE)), body={"file": value}) == [("argument.form", "body.file")]


@requirement("bodies:multipart:files")
def test_a_files_schema_bounds_its_octets() -> None:
    contract = _form(_object(file={**_FILE, "maxLength": 3}, files={"type": "array", "items": _FILE, "maxItems": 1}))

    assert refusals(contract, body={"file": "äb"}) == []
    assert refusals(contract, body={"file": "äbc", "files": ["1", "2"]}) == [
        ("argument.max_length", "body.file"),
        ("argument.max_items", "body.files"),
    ]


@requirement("bodies:multipart:files")
def test_several_files_are_parts_of_one_name_and_planners_see_how_a_file_is_given() -> None:
    contract = _form(_object(files={"type": "array", "items": _FILE}, one={**_FILE, "description": "Your picture."}))
    files, picture = contract.operations["op"].parameters
    item = files.schema["items"]

    assert [name for name, *_ in _parsed(called(contract, body={"files": ["a", {"text": "b"}]}))] == ["files", "files"]
    assert isinstance(item, dict)
    assert [sorted(form) for form in item["anyOf"]] == [
        ["format", "type"],
        ["additionalProperties", "properties", "type"],
    ]
    assert picture.description.startswith("Your picture. A file: its text")


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ({}, True),
        ({"contentMediaType": "image/png"}, True),
        ({"anyOf": [{"type": "string", "contentMediaType": "image/png"}, {"type": "null"}]}, True),
        ({"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"}, False),
        ({"type": "string"}, False),
    ],
)
@requirement("bodies:multipart:files")
def test_3_1_names_files_by_their_media_type_or_by_saying_nothing(schema: JsonObject, file: bool) -> None:
    contract = _form(_object(f=schema), version="3.1.0")

    ((_, filename, _, _),) = _parsed(called(contract, body={"f": "x"}))

    assert filename == ("f" if file else None)


@requirement("bodies:multipart:files")
def test_lists_are_lists_of_what_their_alternatives_name() -> None:
    null: JsonObject = {"type": "null"}
    contract = _form(
        _object(
            words={"anyOf": [{"type": "array", "items": _TEXT}, null]},
            files={"anyOf": [{"type": "array", "items": _FILE}, null]},
            any={"type": "array"},
        ),
        version="3.1.0",
    )

    parts = _parsed(called(contract, body={"words": ["a", "b"], "files": ["c"], "any": ["d"]}))

    assert [(name, filename) for name, filename, *_ in parts] == [
        ("words", None),
        ("words", None),
        ("files", "files"),
        ("any", None),
    ]


@requirement("bodies:encoding:obeyed")
def test_encoding_objects_choose_media_types_and_headers_of_parts() -> None:
    header: JsonObject = {"schema": {"type": "string", "enum": ["fixed"]}}
    encoding: JsonObject = {
        "meta": {"contentType": "application/vnd.acme+json", "headers": {"X-Kind": header, "Content-Type": header}},
        "note": {"contentType": "text/markdown", "headers": {"X-Free": {"schema": _TEXT}}},
        "png": {"contentType": "image/png"},
        "any": {"contentType": "image/png, image/jpeg"},
        "bad": {"contentType": "no type"},
    }
    contract = _form(_object(meta=_object(a=_INTEGER), note=_TEXT, png=_FILE, any=_FILE, bad=_TEXT), encoding=encoding)
    picture: JsonObject = {"text": "x", "content_type": "image/jpeg"}

    built = called(contract, body={"meta": {"a": 1}, "note": "n", "png": "p", "any": picture, "bad": "b"})

    assert [kind for _, _, kind, _ in _parsed(built)] == [
        "application/vnd.acme+json",
        "text/markdown",
        "image/png",
        "image/jpeg",
        "text/plain; charset=utf-8",
    ]
    assert built.request.body is not None
    assert built.request.body.count(b"X-Kind: fixed\r\n") == 1
    assert b"X-Free" not in built.request.body
    assert refusals(contract, body={"any": "p"}) == [("argument.form", "body.any")]
    assert refusals(contract, body={"png": picture}) == [("argument.form", "body.png")]


@requirement("bodies:encoding:obeyed")
def test_a_part_header_that_is_required_and_open_keeps_the_operation_from_agents() -> None:
    header: JsonObject = {"required": True, "schema": _TEXT}
    contract = _form(_object(a=_TEXT), encoding={"a": {"headers": {"X-A": header}}})

    assert contract.operations == {}
    assert [code for code, _, _ in remarks(contract)] == ["body.encoding"]


_LIST: JsonObject = {"type": "array", "items": _INTEGER}


@requirement("bodies:encoding:obeyed")
@pytest.mark.parametrize(
    ("encoding", "value", "parts", "form"),
    [
        ({"style": "form"}, [1, 2], [("f", b"1"), ("f", b"2")], "f=1&f=2"),
        ({"explode": False}, [1, 2], [("f", b"1,2")], "f=1,2"),
        ({"style": "spaceDelimited", "explode": False}, [1, 2], [("f", b"1 2")], "f=1%202"),
        ({"style": "pipeDelimited", "explode": False}, [1, 2], [("f", b"1|2")], "f=1%7C2"),
        ({"style": "deepObject"}, {"a": 1}, [("f[a]", b"1")], "f%5Ba%5D=1"),
        ({"explode": True}, {"a": 1}, [("a", b"1")], "a=1"),
        ({"style": "nonsense"}, {"a": 1}, [("a", b"1")], "a=1"),
        ({"allowReserved": True}, "a/b?c&d", [("f", b"a/b?c&d")], "f=a/b?c%26d"),
    ],
)
def test_a_style_lays_a_field_out_as_a_query_would(
    encoding: JsonObject, value: Json, parts: list[tuple[str, bytes]], form: str
) -> None:
    schema = _object(f={"type": "object"} if isinstance(value, dict) else _LIST if isinstance(value, list) else _TEXT)
    multipart = _form(schema, version="3.1.0", encoding={"f": encoding})
    urlencoded = _form(schema, _FORM, encoding={"f": encoding})

    built = called(multipart, body={"f": value})

    assert [(name, content) for name, _, _, content in _parsed(built)] == parts
    assert called(urlencoded, body={"f": value}).request.body == form.encode()
    assert _seen(multipart, _content_type(built), built.request.body or b"") == []
    assert _seen(urlencoded, _FORM, form.encode()) == []


@requirement("bodies:encoding:obeyed")
def test_3_0_knows_no_styles_in_multipart_forms() -> None:
    contract = _form(_object(f=_LIST), encoding={"f": {"explode": False}})

    assert [content for *_, content in _parsed(called(contract, body={"f": [1, 2]}))] == [b"1", b"2"]


@requirement("bodies:forms:confined")
def test_what_a_form_cannot_tell_apart_is_refused_at_its_field() -> None:
    words: JsonObject = {"type": "array", "items": _TEXT}
    encoding: JsonObject = {"f": {"explode": False}, "o": {"explode": True}}
    schema = _object(f=words, o={"type": "object"}, g=words)
    multipart, urlencoded = _form(schema, version="3.1.0", encoding=encoding), _form(schema, _FORM, encoding=encoding)

    assert refusals(multipart, body={"f": ["a,b"]}) == [("argument.form", "body.f")]
    for contract in (multipart, urlencoded):
        assert refusals(contract, body={"g": []}) == [("argument.form", "body.g")]
        assert refusals(contract, body={"o": {"g": 1}}) == [("argument.form", "body.o")]
        assert refusals(contract, body={"g": ["\ud800"]}) == [("argument.form", "body.g")]
        assert refusals(contract, body=[1]) == [("argument.type", "body")]
    assert refusals(_form({}), body=[1]) == [("argument.form", "body")]


@requirement("bodies:forms:confined", "invariant:tenant:isolated")
@pytest.mark.parametrize("media_type", [_FORM, _PARTS])
@pytest.mark.parametrize("name", ["account", "Account", "account[]", " account", "account\0x"])
def test_no_spelling_of_a_pinned_field_gets_into_a_form(media_type: str, name: str) -> None:
    contract = _form({"type": "object", "additionalProperties": True, "properties": {"a": _TEXT}}, media_type)
    context = Context(pins=(Pin(location=Location.BODY, name="account", value=7),))

    with pytest.raises((ContextConflict, AssertionError)):
        assert refusals(contract, context, body={name: "8"}) == [("argument.form", f"body.{name}")]
    assert refusals(contract, context, body={"accounts": "8"}) == []


@requirement("bodies:multipart:confined")
@pytest.mark.parametrize("name", ['a"; filename="x', "a\r\nX-Evil: 1\r\n\r\n", "a\n", "ü"])
def test_a_name_stays_between_its_quotes(name: str) -> None:
    contract = _form({"type": "object", "additionalProperties": _TEXT, "properties": {"b": _TEXT}})

    built = called(contract, body={name: "v", "b": "w"})
    parts = read(built.request.body or b"", boundary_of(_content_type(built)))

    assert [(part.name, part.filename, part.content) for part in parts] == [(name, None, b"v"), ("b", None, b"w")]
    assert len(_parsed(built)) == 2


@requirement("bodies:multipart:confined")
def test_a_name_that_parsers_disagree_about_is_refused() -> None:
    contract = _form({"type": "object", "additionalProperties": _TEXT})
    declared = _form(_object(**{"a\\": _TEXT}))

    assert refusals(contract, body={"a\\": "v"}) == [("argument.form", "body")]
    assert [code for code, _, _ in remarks(declared)] == ["body.field"]
    for name in ("\0", "\ud800"):
        with pytest.raises(Unwritable):
            written([Part(name=name, content=b"")])


_CONTENTS = st.binary(max_size=40)
_PART = st.builds(
    lambda name, content, filename, media_type: Part(
        name=name, content=content, filename=filename, content_type=media_type
    ),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\\%"), min_size=1, max_size=6),
    st.one_of(_CONTENTS, _CONTENTS.map(lambda b: b"\r\n--" + b + b"--\r\n\r\n")),
    st.none() | st.sampled_from(["a.txt", 'q".csv', "ü"]),
    st.sampled_from(["", "text/plain", "application/json; charset=utf-8"]),
)


@requirement("bodies:multipart:confined")
@given(st.lists(_PART, max_size=5))
def test_any_parts_read_back_as_they_were_written(parts: list[Part]) -> None:
    boundary, body = written(parts)

    assert read(body, boundary_of(f"{_PARTS}; boundary={boundary}")) == parts
    assert written(parts) == (boundary, body)


@requirement("bodies:multipart:confined")
def test_content_that_holds_the_boundary_of_other_parts_has_one_of_its_own() -> None:
    boundary, _ = written([Part(name="a", content=b"")])
    nested = [Part(name="a", content=b""), Part(name="b", content=f"\r\n--{boundary}--".encode())]
    again, body = written(nested)

    assert again != boundary
    assert read(body, again) == nested


@requirement("bodies:multipart:bounded")
def test_forms_of_very_many_parts_are_neither_written_nor_read() -> None:
    contract = _form(_object(f=_LIST))
    boundary, body = written([Part(name="f", content=b"1")] * 1_000)
    more = body.replace(b"\r\n--" + boundary.encode() + b"--", b"\r\n--" + boundary.encode(), 1)
    many = b"--b\r\n\r\n" * 100_000

    assert refusals(contract, body={"f": [1] * 1_001}) == [("argument.form", "body")]
    assert _seen(contract, f"{_PARTS}; boundary={boundary}", body) == []
    assert _seen(contract, f"{_PARTS}; boundary={boundary}", more) == [("request.body", "body")]
    assert _seen(contract, f"{_PARTS}; boundary=b", many) == [("request.body", "body")]


_ANY = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
_FIELDS: JsonObject = _object(
    text=_TEXT,
    number={"type": "number"},
    flag={"type": "boolean"},
    words={"type": "array", "items": _TEXT},
    rows={"type": "array", "items": {"type": "object"}},
    inner={"type": "object", "additionalProperties": _TEXT},
    laid={"type": "array", "items": _INTEGER},
    deep={"type": "object", "additionalProperties": _TEXT},
    file=_FILE,
    files={"type": "array", "items": _FILE},
)
_ENCODING: JsonObject = {"laid": {"style": "pipeDelimited", "explode": False}, "deep": {"style": "deepObject"}}
_FORMS = {kind: _form(_FIELDS, kind, "3.1.0", encoding=_ENCODING) for kind in (_FORM, _PARTS)}
_BODIES = st.fixed_dictionaries(
    {},
    optional={
        "text": _ANY,
        "number": st.integers(-(2**50), 2**50) | st.floats(allow_nan=False, allow_infinity=False),
        "flag": st.booleans(),
        "words": st.lists(_ANY, min_size=1, max_size=3),
        "rows": st.lists(st.dictionaries(_ANY, _ANY | st.none() | st.booleans(), max_size=2), min_size=1, max_size=3),
        "inner": st.dictionaries(_ANY, _ANY, max_size=2),
        "laid": st.lists(st.integers(0, 99), min_size=1, max_size=3),
        "deep": st.dictionaries(st.sampled_from(["a", "b c", "é"]), _ANY, min_size=1, max_size=2),
        "file": _ANY,
        "files": st.lists(_ANY, min_size=1, max_size=2),
    },
)


@requirement("contract:build:round_trip", "bodies:multipart:written")
@given(_BODIES, st.sampled_from([_FORM, _PARTS]))
def test_whatever_is_written_as_a_form_reads_back(body: JsonObject, media_type: str) -> None:
    contract = _FORMS[media_type]
    compiled = contract.compiled["op"].body
    assert compiled is not None

    built = called(contract, body=body)
    raw, content_type = built.request.body or b"", _content_type(built)

    assert value_of(raw, content_type, compiled.content) == spoken(body, compiled.content)
    assert _seen(contract, content_type, raw) == []


# --- what clients send


@requirement("bodies:forms:observed")
@pytest.mark.parametrize(
    ("parts", "findings"),
    [
        ([Part(name="n", content=b"1"), Part(name="other", content=b"x")], []),
        ([Part(name="n", content=b"x")], [("request.type", "body.n")]),
        ([], [("request.required", "body.n")]),
        ([Part(name="n", content=b"1"), Part(name="file", content=b"\xff" * 4)], [("request.max_length", "body.file")]),
        ([Part(name="n", content=b"1"), Part(name="o", content=b'{"a":"x"}')], [("request.type", "body.o.a")]),
        ([Part(name="n", content=b"1"), Part(name="o", content=b"{")], [("request.type", "body.o")]),
        ([Part(name="n", content=b"1"), *([Part(name="l", content=b"2")] * 3)], [("request.max_items", "body.l")]),
        (
            [Part(name="n", content="1".encode("utf-16"), content_type="text/plain; charset=utf-16")],
            [],
        ),
    ],
)
def test_a_multipart_form_of_a_client_is_observed(parts: list[Part], findings: list[tuple[str, str]]) -> None:
    fields = _object(n=_INTEGER, file={**_FILE, "maxLength": 3}, o=_object(a=_INTEGER), l={**_LIST, "maxItems": 2})
    contract = _form({**fields, "required": ["n"]})
    boundary, body = written(parts)

    assert _seen(contract, f'{_PARTS}; boundary="{boundary}"', body) == findings


@requirement("bodies:forms:observed")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (_PARTS, b"--b--"),
        (f"{_PARTS}; boundary=b", b""),
        (f"{_PARTS}; boundary=b", b"--b\r\n"),
        (f"{_PARTS}; boundary=b", b"--b\r\n\r\nx\r\n--b--"),
        (f"{_PARTS}; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
        (f"{_PARTS}; boundary=b", b'--bContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--'),
    ],
)
def test_what_is_no_multipart_form_is_told(content_type: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body, boundary_of(content_type))


@requirement("bodies:forms:observed")
def test_parts_are_read_as_clients_of_all_ages_write_them() -> None:
    body = (
        b'ignored\r\n--b \t\r\nContent-Disposition: form-data; filename=plain.txt; name="a\\"b%22"\r\n'
        b"Content-Type: text/plain\r\nX-Own: 1\r\n\r\nx\r\n--b--\r\nignored"
    )

    assert read(body, "b") == [
        Part(name='a"b"', content=b"x", content_type="text/plain", filename="plain.txt", headers=(("x-own", "1"),))
    ]


@requirement("bodies:media_type:observed")
def test_a_client_may_send_any_declared_media_type_and_each_is_held_against_its_own_schema() -> None:
    contract = _taking(
        {
            "application/json": {"schema": _INTEGER},
            "text/plain": {"schema": {**_TEXT, "maxLength": 2}},
            "application/octet-stream": {"schema": {**_FILE, "maxLength": 2}},
            "text/csv": {"schema": _LIST},
            _FORM: {"schema": {**_object(a=_INTEGER), "required": ["a"]}},
        }
    )

    for content_type, body, findings in [
        ("application/json", b"1", []),
        ("application/json", b"{", [("request.body", "body")]),
        ("text/plain", "ab".encode("utf-16"), [("request.max_length", "body")]),
        ("text/plain; charset=utf-16", "ab".encode("utf-16"), []),
        ("text/plain; charset=klingon", b"abc", [("request.max_length", "body")]),
        ("text/plain; charset=undefined", b"ab", []),
        ("application/octet-stream", b"\xff\xfe", []),
        ("application/octet-stream", b"\xff\xfe\xfd", [("request.max_length", "body")]),
        ("text/csv", b"a;b", []),
        (_FORM, b"a=1", []),
        (_FORM, b"b=1", [("request.required", "body.a")]),
        (_FORM, b"", [("request.required", "body.a")]),
        ("text/plain", b"", []),
        ("application/json", b"", [("request.missing", "body")]),
    ]:
        assert _seen(contract, content_type, body) == findings, (content_type, body)


# --- whole bodies


@requirement("bodies:text:written")
@pytest.mark.parametrize(
    ("media_type", "content_type", "body"),
    [
        ("text/plain", "text/plain; charset=utf-8", "é".encode()),
        ("text/csv; charset=iso-8859-1", "text/csv; charset=iso-8859-1", b"\xe9"),
        ("text/csv; charset=klingon", "text/csv; charset=utf-8", "é".encode()),
        ("text/csv; header=present", "text/csv; header=present; charset=utf-8", "é".encode()),
        ("application/xml", "application/xml", "é".encode()),
        ("application/soap+xml", "application/soap+xml", "é".encode()),
        ("application/yaml", "application/yaml", "é".encode()),
    ],
)
def test_a_text_is_written_in_its_charset(media_type: str, content_type: str, body: bytes) -> None:
    built = called(_taking({media_type: {"schema": _TEXT}}), body="é")

    assert (_content_type(built), built.request.body) == (content_type, body)


@requirement("bodies:text:written")
def test_what_is_no_text_or_does_not_fit_is_refused() -> None:
    latin, rows = (
        _taking({"text/plain; charset=latin-1": {"schema": {**_TEXT, "minLength": 2}}}),
        _taking({"text/csv": {"schema": {"type": "array", "items": {"type": "object"}}}}),
    )

    assert refusals(latin, body="x") == [("argument.min_length", "body")]
    assert refusals(latin, body="€€") == [("argument.form", "body")]
    assert refusals(_taking({"text/plain": {}}), body=3) == [("argument.form", "body")]
    assert called(rows, body="a,b\r\n1,2").request.body == b"a,b\r\n1,2"
    assert refusals(rows, body=[{"a": 1}]) == [("argument.type", "body")]


@requirement("bodies:octets:written")
def test_octets_are_given_in_base64_or_as_a_file() -> None:
    contract = _taking({"application/octet-stream": {"schema": {**_FILE, "maxLength": 3}}})
    card = contract.operations["op"].body

    assert called(contract, body="AP/+").request.body == b"\x00\xff\xfe"
    assert called(contract, body={"text": "abc"}).request.body == b"abc"
    assert refusals(contract, body="AP/+AA==") == [("argument.max_length", "body")]
    for value in ("no base64", 1, [], {"text": "a", "content_type": "image/png"}):
        assert refusals(contract, body=value) == [("argument.form", "body")]
    assert card is not None
    assert card.schema["anyOf"]
    assert contract.operations["op"].parameters == ()


@requirement("bodies:octets:written")
def test_a_range_of_media_types_asks_for_one_of_them() -> None:
    contract = _taking({"image/*": {"schema": _FILE}})

    assert refusals(contract, body="AA==") == [("argument.form", "body")]
    assert refusals(contract, body={"base64": "AA==", "content_type": "text/html"}) == [("argument.form", "body")]
    assert _content_type(called(contract, body={"base64": "AA==", "content_type": "image/webp"})) == "image/webp"


@requirement("bodies:json:patches")
def test_patches_are_json_of_their_own_media_type() -> None:
    merge = _taking({"application/merge-patch+json": {"schema": _object(a={"type": "string", "nullable": True})}})
    content: JsonObject = {"application/json-patch+json": {"schema": {"type": "array", "items": _object(op=_TEXT)}}}
    steps = one({**OK, "requestBody": {"content": content}}, "/x/{id}", "patch")

    assert called(merge, body={"a": None}).request.body == b'{"a":null}'
    assert called(steps, path={"id": "1"}, body=[{"op": "remove"}]).request.body == b'[{"op":"remove"}]'
    assert _content_type(called(merge, body={})) == "application/merge-patch+json"


@requirement("contract:body:deep")
@pytest.mark.parametrize("media_type", ["application/json", _FORM, _PARTS, "text/plain", "application/octet-stream"])
def test_a_body_of_a_hundred_thousand_levels_is_refused_in_every_media_type(media_type: str) -> None:
    deep: Json = 0
    for _ in range(100_000):
        deep = [deep]
    contract = _taking({media_type: {"schema": {}}})

    assert refusals(contract, body={"a": deep}) == [("argument.depth", "body")]
    assert refusals(contract, body=deep) == [("argument.depth", "body")]
    assert _seen(contract, f"{media_type}; boundary=b", b"[" * 100_000) in ([], [("request.body", "body")])
