from collections.abc import Mapping
from urllib.parse import unquote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.contract import Bounds, Contract, ContractSettings, build, compile_contract, match
from facade.contract.reading import typed
from facade.contract.styles import raw_pairs, read_header, read_path, read_query, shape_of, texts_of
from facade.kernel import (
    Arguments,
    BuiltCall,
    Call,
    Context,
    ContextConflict,
    ContractViolation,
    Json,
    JsonObject,
    Location,
    NotFound,
    OperationKey,
    Pin,
    Secret,
    digest_of,
)
from tests.requirements import requirement
from tests.rooms.contract.documents import (
    API,
    OK,
    called,
    contract_of,
    describe,
    get,
    one,
    parameter,
    posting,
    refusals,
)
from tests.rooms.contract.hostile import HOSTILE


def _pin(location: Location, name: str, value: Json) -> Context:
    return Context(pins=(Pin(location=location, name=name, value=value),))


# --- the request


def test_a_call_becomes_its_exact_request() -> None:
    schema: JsonObject = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"type": "integer"}}}
    operation: JsonObject = {
        **get(
            parameter("id", "path", {"type": "string"}),
            parameter("tag", "query", {"type": "array", "items": {"type": "string"}}),
            parameter("X-Trace", "header", {"type": "string"}),
            parameter("theme", "cookie", {"type": "string"}),
        ),
        "requestBody": {"content": {"application/vnd.x+json": {"schema": schema}}},
        "responses": {"200": {"description": "", "content": {"text/csv": {}, "application/hal+json": {}}}},
    }
    settings = ContractSettings(base_path="/api")
    contract = compile_contract(describe({"/things/{id}": {"put": operation}}), api=API, settings=settings)
    secret = ("X-Key", Secret("s"))
    arguments: dict[str, Mapping[str, Json]] = {
        "path": {"id": "a b/é"[:3] + "é"},
        "query": {"tag": ["x&y=z", "ü"]},
        "header": {"x-trace": "t 1"},
        "cookie": {"theme": "dark; a=b"},
        "body": {"b": "ü", "a": 1},
    }

    built = called(contract, Context(headers=(secret,)), **arguments)
    request = built.request

    assert (request.method, request.target) == ("PUT", "/api/things/a%20b%C3%A9?tag=x%26y%3Dz&tag=%C3%BC")
    assert request.headers == (
        ("Accept", "application/hal+json"),
        ("Content-Type", "application/vnd.x+json"),
        ("Cookie", "theme=dark%3B%20a%3Db"),
        ("X-Trace", "t 1"),
    )
    assert request.body == '{"a":1,"b":"ü"}'.encode()
    assert request.secret_headers == (secret,)
    assert (built.tenant_id, built.contract_version) == ("t1", contract.version)
    assert built.digest == digest_of(request, api=API, tenant_id="t1", contract_version=contract.version)


def test_the_digest_is_the_same_for_the_same_call_and_differs_for_any_other() -> None:
    contract = posting({"properties": {"a": {}, "b": {}}})
    first = called(contract, body={"a": 1, "b": 2})

    assert called(contract, body={"b": 2, "a": 1}).digest == first.digest
    assert called(contract, body={"a": 1, "b": 3}).digest != first.digest
    call = Call(operation=OperationKey(API, "op"), arguments=Arguments(body={"a": 1, "b": 2}))
    assert build(call, contract, Context(), tenant_id="t2").digest != first.digest


def test_only_operations_within_reach_of_this_api_are_built() -> None:
    contract = one(OK)

    for key in (OperationKey(API, "other"), OperationKey("other", "op")):
        with pytest.raises(NotFound):
            build(Call(operation=key), contract, Context(), tenant_id="t1")


@pytest.mark.parametrize(
    ("responses", "accept"),
    [
        ({"200": {"description": ""}}, "application/json"),
        ({"default": {"description": "", "content": {"application/json": {}}}}, "application/json"),
        ({"2XX": {"description": "", "content": {"text/csv": {}, "application/pdf": {}}}}, "text/csv, application/pdf"),
        ({"200": {"description": "", "content": {"*/*": {}}}}, "application/json"),
        ({"200": {"description": "", "content": {"bad\r\nX: 1": {}}}}, "application/json"),
        ({"400": {"description": "", "content": {"text/csv": {}}}}, "application/json"),
    ],
)
def test_the_accept_header_asks_for_what_success_is_declared_as(responses: JsonObject, accept: str) -> None:
    assert called(one({"responses": responses})).request.headers == (("Accept", accept),)


def test_a_form_body_is_written_as_a_form() -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "n": {"type": "array", "items": {"type": "integer"}},
            "o": {"type": "object"},
        },
        "additionalProperties": True,
    }
    content: JsonObject = {"application/x-www-form-urlencoded": {"schema": schema}}
    contract = one({**OK, "requestBody": {"content": content}}, method="post")

    assert called(contract, body={"a": "x&y", "n": [1, 2]}).request.body == b"a=x%26y&n=1&n=2"
    assert called(contract, body={"o": {"x": [1]}}).request.body == b"o=%7B%22x%22%3A%5B1%5D%7D"
    assert called(contract, body={"free": 1}).request.body == b"free=1"


# --- refusals


def test_everything_wrong_is_told_at_once_by_argument_name() -> None:
    schema: JsonObject = {
        "required": ["email"],
        "properties": {"email": {"type": "string", "format": "email"}, "n": {"type": "integer"}},
    }
    operation: JsonObject = {
        **get(
            parameter("id", "path", {"type": "integer"}),
            parameter("page", "query", {"type": "integer", "minimum": 1}),
            parameter("kind", "query", {"enum": ["a", "b"]}, required=True),
            parameter("list", "query", {"type": "array"}, required=True),
        ),
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
    }
    contract = one(operation, path="/x/{id}", method="post")

    with pytest.raises(ContractViolation) as violation:
        called(
            contract, path={"id": "7"}, query={"page": 0, "list": [], "zz": 1}, cookie={"c": 1}, body={"n": "x", "q": 1}
        )

    assert {(f.code, f.place) for f in violation.value.findings} == {
        ("argument.unknown", "query.zz"),
        ("argument.unknown", "cookie.c"),
        ("argument.type", "path.id"),
        ("argument.minimum", "query.page"),
        ("argument.missing", "query.kind"),
        ("argument.missing", "query.list"),
        ("argument.unknown", "body.q"),
        ("argument.required", "body.email"),
        ("argument.type", "body.n"),
    }
    assert violation.value.detail == "op: query.zz is not an argument of this operation (8 more)."


def test_findings_are_bounded() -> None:
    contract = posting({"type": "array", "items": {"type": "integer"}})

    assert len(refusals(contract, body=["x"] * 1_000)) == 10


def test_numbers_written_as_strings_are_not_coerced() -> None:
    contract = one(get(parameter("a", "query", {"type": "integer"}), parameter("s", "query", {"type": "string"})))

    assert refusals(contract, query={"a": "5"}) == [("argument.type", "query.a")]
    assert refusals(contract, query={"s": 5}) == [("argument.type", "query.s")]


@requirement("contract:body:closed")
@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        ({"properties": {"a": {}}}, {"a": 1, "role": "admin"}, [("argument.unknown", "body.role")]),
        ({"properties": {"a": {}}}, {"__proto__": {}}, [("argument.unknown", "body.__proto__")]),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"b": 1},
            [("argument.unknown", "body.b"), ("argument.additional_properties", "body")],
        ),
        ({"properties": {"a": {}}, "additionalProperties": True}, {"b": 1}, []),
        ({"properties": {"a": {}}, "patternProperties": {"^x": {}}}, {"xb": 1}, []),
        ({"type": "object"}, {"b": 1}, []),
        (
            {"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}, "required": ["b"]}]},
            {"c": 1},
            [("argument.unknown", "body.c")],
        ),
        (
            {"oneOf": [{"required": ["a"], "properties": {"a": {}}}, {"properties": {"b": {}}, "required": ["b"]}]},
            {"b": 1},
            [],
        ),
        ({"type": "array"}, {"b": 1}, [("argument.type", "body")]),
    ],
)
def test_fields_that_the_body_does_not_have_are_refused_unless_it_says_that_it_is_open(
    schema: JsonObject, body: Json, expected: list[tuple[str, str]]
) -> None:
    assert refusals(posting(schema), body=body) == expected


def test_a_body_is_required_optional_or_not_there_at_all() -> None:
    assert refusals(posting({}), body=None) == [("argument.missing", "body")]
    assert called(posting({}, required=False)).request.body is None
    assert refusals(one(OK), body={"a": 1}) == [("argument.unknown", "body")]


@requirement("contract:body:deep")
@pytest.mark.parametrize("value", [float("nan"), 2**80, "\ud800", {1: 2}, object()])
def test_what_json_cannot_carry_is_refused_wherever_it_stands(value: Json) -> None:
    deep: Json = {}
    for _ in range(100_000):
        deep = {"a": deep}

    assert [place for _, place in refusals(posting({}), body={"a": value})] == ["body"]
    assert [place for _, place in refusals(posting({}), body=deep)] == ["body"]
    json_parameter: JsonObject = {"name": "a", "in": "query", "content": {"application/json": {}}}
    assert [place for _, place in refusals(one(get(json_parameter)), query={"a": value})] == ["query.a"]


@requirement("contract:body:deep")
def test_a_body_nested_beyond_reason_is_refused_by_a_recursive_schema_too() -> None:
    tree: JsonObject = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}}}
    contract = posting({"$ref": "#/components/schemas/Tree"}, Tree=tree)
    deep: Json = {}
    for _ in range(100_000):
        deep = {"next": deep}

    assert [place for _, place in refusals(contract, body=deep)] == ["body"]


@requirement("contract:header:confined")
@pytest.mark.parametrize("text", ["a\r\nX: 1", "a\nb", "\x00", "é", " padded "])
def test_a_header_argument_cannot_break_out(text: str) -> None:
    contract = one(get(parameter("X-A", "header", {"type": "string"})))

    assert refusals(contract, header={"X-A": text}) == [("argument.form", "header.X-A")]


def test_values_that_their_style_cannot_tell_apart_are_refused() -> None:
    listed: JsonObject = {"type": "array", "items": {"type": "string"}}
    contract = one(
        get(
            parameter("p", "path", listed, style="label", explode=True),
            parameter("s", "query", listed, style="spaceDelimited", explode=False),
            parameter("h", "header", listed),
            parameter("d", "query", listed, style="deepObject"),
            parameter("o", "query", {"type": "object", "additionalProperties": {}}),
            parameter("q", "query", {"type": "string"}),
        ),
        path="/x/{p}",
    )
    fine: JsonObject = {"p": ["a"]}

    assert (
        called(contract, path=fine, query={"s": ["a", "b"]}, header={"h": ["a", "b"]}).request.target == "/x/.a?s=a%20b"
    )
    assert refusals(contract, path={"p": ["a.b"]}) == [("argument.form", "path.p")]
    assert refusals(contract, path=fine, query={"s": ["a b"]}) == [("argument.form", "query.s")]
    assert refusals(contract, path=fine, header={"h": ["a,b"]}) == [("argument.form", "header.h")]
    assert refusals(contract, path=fine, query={"d": ["a"]}) == [("argument.form", "query.d")]
    assert refusals(contract, path=fine, query={"o": {"q": "1"}}) == [("argument.form", "query.o")]
    assert refusals(contract, path=fine, query={"o": {"x": "1"}, "q": "2"}) == []


@requirement("contract:query:confined")
@pytest.mark.parametrize("text", ["a&tenant=B", "a;b=c", "#x", "?y", "a=b", "%26", "+", "\x00", "a&a=2", "../.."])
def test_a_query_argument_stays_one_parameter(text: str) -> None:
    contract = one(get(parameter("a", "query", {"type": "string"})))

    path, _, query = called(contract, query={"a": text}).request.target.partition("?")

    assert path == "/x"
    assert [(name, unquote(value)) for name, value in raw_pairs(query)] == [("a", text)]


def test_a_target_beyond_the_bound_is_refused() -> None:
    contract = compile_contract(
        describe({"/x/{p}": {"get": get(parameter("p", "path", {}), parameter("q", "query", {}))}}),
        api=API,
        settings=ContractSettings(bounds=Bounds(target_bytes=100)),
    )

    assert refusals(contract, path={"p": "a" * 200}) == [("argument.size", "path")]
    assert refusals(contract, path={"p": "a"}, query={"q": "a" * 200}) == [("argument.size", "query")]


# --- paths

_TEMPLATES = contract_of(
    {
        "/users/{id}": {"get": get(operationId="user")},
        "/users/{id}/profile": {"get": get(operationId="profile")},
        "/users/me": {"get": get(operationId="me")},
        "/users/": {"get": get(operationId="list")},
        "/users/{id}/posts/{post}": {"get": get(operationId="post")},
        "/files/{name}.{ext}": {"get": get(operationId="file")},
        "/label/{v}": {"get": get(parameter("v", "path", {"type": "string"}, style="label"), operationId="label")},
        "/matrix/{v}": {"get": get(parameter("v", "path", {"type": "string"}, style="matrix"), operationId="matrix")},
        "/list/{v}": {"get": get(parameter("v", "path", {"type": "array"}), operationId="listed")},
        "/loose/{v}": {"get": get(parameter("v", "path", {"type": "string", "pattern": "^.+$"}), operationId="loose")},
        "/admin": {"get": get(operationId="admin")},
    }
)
_TEMPLATED = [o for o in _TEMPLATES.operations.values() if "{" in o.path]


@requirement("contract:path:confined", "invariant:contract:enforced")
@pytest.mark.parametrize("operation", _TEMPLATED, ids=lambda o: o.key.operation_id)
def test_no_hostile_path_value_reaches_another_operation(operation: object) -> None:
    assert len(HOSTILE) >= 200
    key, names = operation.key, [p.name for p in operation.parameters]  # type: ignore[attr-defined] # an Operation
    built = 0
    for hostile in HOSTILE:
        for victim in names:
            values: dict[str, Json] = dict.fromkeys(names, "x")
            values[victim] = [hostile] if key.operation_id == "listed" else hostile
            request = _request(key, values)
            if request is not None:
                built += 1
                _stays_confined(request, key, hostile)
    assert built > 20


def _request(key: OperationKey, values: dict[str, Json]) -> str | None:
    """The target, or None for a refusal that names a path argument."""
    places: set[str] = set()
    try:
        return called(_TEMPLATES, operation=key.operation_id, path=values).request.target
    except ContractViolation as violation:
        places = {f.place.partition(".")[0] for f in violation.findings}
    assert places == {"path"}
    return None


def _stays_confined(target: str, key: OperationKey, value: str) -> None:
    """However often the application decodes it, and whatever it folds, the same template matches."""
    form = target
    for _ in range(3):
        found = match(_TEMPLATES, "GET", form)
        assert found is not None
        assert found.operation.key == key, (target, value)
        assert not {".", ".."} & set(form.split("/"))
        assert not any(c in form for c in "\\?#\r\n\x00")
        form = unquote(form)


@pytest.mark.parametrize(
    ("schema", "value", "allowed"),
    [
        ({"type": "string"}, "a/b", False),
        ({"pattern": "^[a-z/]+$"}, "a/b", True),
        ({"pattern": "^[a-z/]+$"}, "a//b", True),
        ({"pattern": "^[a-z./]+$"}, "a/../b", False),
        ({"pattern": "^[a-z.]+$"}, "..", False),
        ({"pattern": "^.+$"}, "a/b", False),
        ({"pattern": "^[^/]+$"}, "a#b", True),
        ({"pattern": ".*"}, "a?b", False),
        ({"enum": ["a/b", ".."]}, "a/b", True),
        ({"enum": ["a/b", ".."]}, "..", False),
        ({"const": "50%"}, "50%", True),
        ({"type": "string"}, "50%", False),
        ({"type": "string"}, "a.b", True),
        ({"type": "string"}, "...", True),
        ({"type": "string"}, "Ünïcode ☂", True),
    ],
)
def test_url_delimiters_stand_in_a_path_only_where_the_description_admits_them(
    schema: JsonObject, value: str, allowed: bool
) -> None:
    contract = one(get(parameter("v", "path", schema)), path="/x/{v}")

    problems = refusals(contract, path={"v": value})

    assert problems == ([] if allowed else [("argument.path", "path.v")])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "b"}, []),
        ({"a": "../b"}, [("argument.path", "path.v")]),
        ({"..": "b"}, [("argument.path", "path.v")]),
        ({}, [("argument.path", "path.v")]),
    ],
)
def test_every_part_of_an_object_in_a_path_is_confined(value: Json, expected: list[tuple[str, str]]) -> None:
    contract = one(get(parameter("v", "path", {"type": "object"})), path="/x/{v}")

    assert refusals(contract, path={"v": value}) == expected


def test_a_literal_of_the_template_may_hold_an_encoded_slash() -> None:
    contract = one(get(parameter("v", "path", {"type": "string"})), path="/a%2Fb c/{v}")

    assert called(contract, path={"v": "x"}).request.target == "/a%2Fb%20c/x"


def test_a_value_that_names_another_operation_is_refused() -> None:
    assert refusals(_TEMPLATES, operation="user", path={"id": "me"}) == [("argument.route", "path.id")]
    assert refusals(_TEMPLATES, operation="file", path={"name": "a", "ext": "tar.gz"}) == [
        ("argument.form", "path.name"),
        ("argument.form", "path.ext"),
    ]


# --- context

_PINNED: JsonObject = {
    "/a/{account}": {
        "post": {
            **get(
                parameter("account", "path", {"type": "integer"}),
                parameter("account", "query", {"type": "string"}),
                parameter("X-Account", "header", {"type": "string"}, required=True),
                parameter("free", "query", {"type": "object", "additionalProperties": {}}),
            ),
            "requestBody": {
                "content": {"application/json": {"schema": {"properties": {"account": {"type": "integer"}, "n": {}}}}}
            },
        }
    }
}


def _context(*pins: tuple[Location, str, Json], **fields: object) -> Context:
    return Context(pins=tuple(Pin(location=at, name=n, value=v) for at, n, v in pins), **fields)  # type: ignore[arg-type] # fields of Context


_FULL = _context(
    (Location.PATH, "account", "7"),
    (Location.QUERY, "account", "7"),
    (Location.HEADER, "x-account", "7"),
    (Location.BODY, "account", "7"),
)


@requirement("invariant:tenant:isolated")
def test_the_context_fills_what_it_pins_in_the_type_that_is_declared() -> None:
    built = called(contract_of(_PINNED), _FULL, body={"n": 1})

    assert built.request.target == "/a/7?account=7"
    assert ("X-Account", "7") in built.request.headers
    assert built.request.body == b'{"account":7,"n":1}'
    assert called(contract_of(_PINNED), _FULL).request.body == b'{"account":7}'


@pytest.mark.parametrize(
    "arguments",
    [
        {"path": {"account": 7}},
        {"path": {"account": "7"}},
        {"query": {"account": "7"}},
        {"header": {"X-ACCOUNT": "7"}},
        {"body": {"account": 7}},
    ],
)
def test_a_caller_may_repeat_what_the_context_pins(arguments: dict[str, Json]) -> None:
    plain = called(contract_of(_PINNED), _FULL, **arguments)

    assert plain.request.target == "/a/7?account=7"


@requirement("invariant:tenant:isolated", "contract:body:closed")
@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"path": {"account": 8}}, "path.account"),
        ({"path": {"account": True}}, "path.account"),
        ({"query": {"account": "8"}}, "query.account"),
        ({"query": {"account": ["7", "8"]}}, "query.account"),
        ({"header": {"x-account": "8"}}, "header.X-Account"),
        ({"header": {"X-Account": "7", "X-ACCOUNT": "8"}}, "header.X-Account"),
        ({"body": {"account": 8}}, "body.account"),
        ({"body": {"account": None}}, "body.account"),
        ({"body": [{"account": 8}]}, "body"),
    ],
)
def test_another_value_for_what_the_context_pins_is_a_conflict(arguments: dict[str, Json], place: str) -> None:
    with pytest.raises(ContextConflict) as conflict:
        called(contract_of(_PINNED), _FULL, **arguments)

    assert conflict.value.place == place


@requirement("invariant:tenant:isolated")
def test_no_free_form_argument_smuggles_a_pinned_name() -> None:
    free = one(
        {
            **get(parameter("free", "query", {"type": "object", "additionalProperties": {}})),
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        },
        method="post",
    )
    context = _context((Location.QUERY, "account", "7"), (Location.BODY, "account", 7))

    for arguments in ({"query": {"free": {"account": "8"}}}, {"body": {"account": 8}}, {"body": {"account": True}}):
        with pytest.raises(ContextConflict):
            called(free, context, **arguments)  # type: ignore[arg-type] # literals above
    assert called(free, context, query={"free": {"account": "7"}}, body={"account": 7}).request.target == "/x?account=7"


@requirement("invariant:tenant:isolated")
def test_what_settings_pin_and_this_tenant_has_no_value_for_cannot_be_sent() -> None:
    contract = compile_contract(
        describe({"/x": {"get": get(parameter("account", "query", {}))}}),
        api=API,
        settings=ContractSettings(pins=((Location.QUERY, "account"),)),
    )

    with pytest.raises(ContextConflict):
        called(contract, query={"account": "8"})
    assert called(contract).request.target == "/x"


def test_a_pin_may_be_any_value() -> None:
    contract = one(get(parameter("n", "query", {"type": "integer"})))

    assert called(contract, _pin(Location.QUERY, "n", 7)).request.target == "/x?n=7"


def test_headers_and_cookies_that_the_context_owns_are_not_arguments() -> None:
    contract = one(
        get(
            parameter("X-Key", "header", {"type": "string"}, required=True),
            parameter("c", "cookie", {"type": "string"}),
        )
    )
    owning = Context(headers=(("X-Key", Secret("s")),), owned=frozenset({"x-key"}))

    assert called(contract, owning).request.headers == (("Accept", "application/json"),)
    with pytest.raises(ContextConflict):
        called(contract, owning, header={"X-Key": "mine"})
    for context in (
        Context(owned=frozenset({"cookie", "x-key"})),
        Context(headers=(("Cookie", Secret("a=b")),), owned=owning.owned),
    ):
        with pytest.raises(ContextConflict):
            called(contract, context, cookie={"c": "x"})


def test_a_pinned_query_parameter_without_a_body_leaves_the_body_alone() -> None:
    contract = posting({"type": "array", "items": {}}, required=False)

    assert called(contract, _pin(Location.BODY, "account", 7), body=[1]).request.body == b"[1]"


# --- round trip

_SCALARS = (
    st.text(max_size=10)
    | st.integers(-(2**40), 2**40)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
)
_LISTS = st.lists(st.text(max_size=6), min_size=1, max_size=4)
_OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 99), min_size=1)
_FIELDS: JsonObject = {"type": "object", "properties": {k: {"type": "integer"} for k in "abc"}}
_STRINGS: JsonObject = {"type": "array", "items": {"type": "string"}}
_EVERYTHING = one(
    {
        **get(
            parameter("text", "path", {"type": "string"}),
            parameter("label", "path", {"type": "string"}, style="label"),
            parameter("matrix", "path", _STRINGS, style="matrix", explode=True),
            parameter("word", "query", {"type": "string"}),
            parameter("number", "query", {"type": "number"}),
            parameter("flag", "query", {"type": "boolean"}),
            parameter("many", "query", _STRINGS),
            parameter("joined", "query", _STRINGS, explode=False),
            parameter("piped", "query", _STRINGS, style="pipeDelimited", explode=False),
            parameter("deep", "query", _FIELDS, style="deepObject", explode=True),
            parameter("spread", "query", {"type": "object", "properties": {"r": {"type": "integer"}}}),
            {"name": "json", "in": "query", "content": {"application/json": {"schema": {}}}},
            parameter("X-List", "header", _STRINGS),
            parameter("X-Text", "header", {"type": "string"}),
            parameter("crumb", "cookie", {"type": "string"}),
        ),
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
    },
    path="/v/{text}/l{label}/{matrix}",
    method="post",
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(max_size=4), t, max_size=3),
    max_leaves=6,
)
_ARGUMENTS = st.builds(
    Arguments,
    path=st.fixed_dictionaries({"text": st.text(max_size=8), "label": st.text(max_size=8), "matrix": _LISTS}),
    query=st.fixed_dictionaries(
        {},
        optional={
            "word": st.text(max_size=10),
            "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**40), 2**40),
            "flag": st.booleans(),
            "many": _LISTS,
            "joined": _LISTS,
            "piped": _LISTS,
            "deep": _OBJECTS,
            "spread": st.fixed_dictionaries({"r": st.integers()}),
            "json": _JSON,
        },
    ),
    header=st.fixed_dictionaries({}, optional={"X-List": _LISTS, "X-Text": st.text(max_size=8)}),
    cookie=st.fixed_dictionaries({}, optional={"crumb": st.text(max_size=8)}),
    body=st.none() | st.dictionaries(st.text(max_size=4), _JSON, max_size=3),
)


def _read(contract: Contract, built: BuiltCall) -> Arguments:
    """What the application reads from the finished request, types as declared."""
    path, _, query = built.request.target.partition("?")
    found = match(contract, built.request.method, path)
    assert found is not None
    assert found.operation.key == built.operation.key
    headers = dict(built.request.headers)
    values: dict[Location, dict[str, Json]] = {at: {} for at in Location}
    for each in contract.compiled["op"].parameters:
        codec = each.codec
        match codec.location:
            case Location.PATH:
                texts = read_path(codec, found.raw[codec.name], each.shape)
            case Location.QUERY:
                texts = read_query(codec, raw_pairs(query), each.shape)  # type: ignore[assignment] # None is dealt with below
            case Location.COOKIE:
                texts = read_query(codec, raw_pairs(headers.get("Cookie", "")), each.shape)  # type: ignore[assignment] # as above
            case _:
                raw = headers.get(codec.name)
                texts = None if raw is None else read_header(codec, raw, each.shape)  # type: ignore[assignment] # as above
        if texts is not None:
            values[codec.location][codec.name] = typed(codec, texts, each.reading)
    return Arguments(
        path=values[Location.PATH],
        query=values[Location.QUERY],
        header=values[Location.HEADER],
        cookie=values[Location.COOKIE],
        body=None if built.request.body is None else orjson.loads(built.request.body),
    )


@requirement("contract:build:round_trip", "invariant:contract:enforced")
@given(_ARGUMENTS)
def test_what_is_built_reads_back_to_the_same_operation_and_values(arguments: Arguments) -> None:
    call = Call(operation=OperationKey(API, "op"), arguments=arguments)
    try:
        built = build(call, _EVERYTHING, Context(), tenant_id="t1")
    except ContractViolation as violation:
        refused = {f.code for f in violation.findings}
    else:
        refused = set()
        assert _read(_EVERYTHING, built) == arguments
    assert refused <= {"argument.path", "argument.form"}


@given(st.one_of(_SCALARS, _LISTS, _OBJECTS))
def test_the_shape_of_a_value_is_that_of_its_texts(value: Json) -> None:
    codec = _EVERYTHING.compiled["op"].parameters[3].codec

    expected = {list: "array", dict: "object"}.get(type(value), "scalar")
    assert shape_of(texts_of(codec, value)) == expected
