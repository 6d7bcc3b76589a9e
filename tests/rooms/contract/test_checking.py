import pytest

from facade.contract import (
    Bounds,
    Contract,
    ContractSettings,
    Override,
    check,
    compile_contract,
    match,
    observe_request,
    observe_response,
)
from facade.kernel import Answer, Json, JsonObject, OperationKey, Severity
from tests.requirements import requirement
from tests.rooms.contract.documents import API, OK, answering, describe, get, one, parameter, posting

KEY = OperationKey(API, "op")


def _of(contract: Contract, answer: Answer) -> list[tuple[str, str]]:
    return [(f.code, f.place) for f in check(answer, KEY, contract)]


def _responses(responses: JsonObject, method: str = "get") -> Contract:
    return one({"responses": responses}, method=method)


def _json(schema: JsonObject, media_type: str = "application/json") -> JsonObject:
    return {"description": "", "content": {media_type: {"schema": schema}}}


_INTEGER: JsonObject = {"type": "integer"}
_MANY = _responses(
    {
        "200": _json(_INTEGER),
        "2XX": _json({"type": "string"}),
        "404": _json({"type": "object"}, "application/problem+json"),
        "default": _json({"type": "boolean"}),
    }
)


@pytest.mark.parametrize(
    ("answer", "findings"),
    [
        (Answer(status=200, media_type="application/json", body=1), []),
        (Answer(status=200, media_type="application/json; charset=utf-8", body=1), []),
        (Answer(status=200, media_type="application/json", body="x"), [("response.type", "body")]),
        (Answer(status=201, media_type="application/json", body="x"), []),
        (Answer(status=201, media_type="application/json", body=1), [("response.type", "body")]),
        (Answer(status=404, media_type="application/problem+json", body={}), []),
        (Answer(status=404, media_type="application/json", body={}), [("response.media_type", "content-type")]),
        (Answer(status=404, media_type="", text="no"), [("response.media_type", "content-type")]),
        (Answer(status=500, media_type="application/json", body=True), []),
        (Answer(status=200, media_type="text/html", text="<p>"), [("response.media_type", "content-type")]),
        (Answer(status=200, media_type="application/json", text="{cut"), [("response.body", "body")]),
        (Answer(status=200, media_type="application/json"), [("response.body", "body")]),
        (Answer(status=204), []),
        (Answer(status=304), []),
    ],
)
def test_an_answer_is_held_against_its_own_status_then_its_range_then_the_default(
    answer: Answer, findings: list[tuple[str, str]]
) -> None:
    assert _of(_MANY, answer) == findings


def test_a_status_that_is_not_declared_is_a_finding_where_any_is() -> None:
    assert _of(_responses({"200": {"description": ""}}), Answer(status=500)) == [("response.status", "status")]
    assert _of(_responses({}), Answer(status=500)) == []


def test_an_answer_declared_without_content_may_be_anything() -> None:
    assert _of(_responses({"200": {"description": ""}}), Answer(status=200, media_type="text/html", text="x")) == []


def test_null_and_no_body_look_alike_so_neither_is_missing_where_null_is_allowed() -> None:
    contract = answering({"type": "string", "nullable": True})

    assert _of(contract, Answer(status=200, media_type="application/json")) == []


def test_media_ranges_are_matched_and_what_is_not_json_is_not_looked_into() -> None:
    content: JsonObject = {"text/*": {"schema": _INTEGER}, "application/*": {"schema": _INTEGER}}
    contract = _responses({"200": {"description": "", "content": content}})

    assert _of(contract, Answer(status=200, media_type="text/csv", text="a;b")) == []
    assert _of(contract, Answer(status=200, media_type="application/json", body="x")) == [("response.type", "body")]
    assert _of(contract, Answer(status=200, media_type="application/pdf", text="x")) == []
    assert _of(contract, Answer(status=200, media_type="application/pdf", size=3)) == []
    assert _of(contract, Answer(status=200, media_type="image/png")) == [("response.body", "body")]
    assert _of(contract, Answer(status=200, media_type="image/png", size=3)) == [
        ("response.media_type", "content-type")
    ]
    assert _of(contract, Answer(status=200, media_type="image/png", text="x")) == [
        ("response.media_type", "content-type")
    ]


_TEXTS = _responses(
    {
        "200": {
            "description": "",
            "content": {
                "text/plain": {"schema": {"type": "string", "maxLength": 2}},
                "text/csv": {"schema": {"type": "array", "items": {"type": "object"}}},
                "application/octet-stream": {"schema": {"type": "string", "format": "binary", "maxLength": 2}},
                "application/x-ndjson": {"schema": {"type": "object"}},
            },
        }
    }
)


@requirement("bodies:answers:checked")
@pytest.mark.parametrize(
    ("media_type", "body", "findings"),
    [
        ("text/plain", b"ab", []),
        ("text/plain; charset=utf-16-le", b"a\0b\0", []),
        ("text/plain", b"abc", [("response.max_length", "body")]),
        ("text/csv", b"a;b\n1;2", []),
        ("application/octet-stream", b"\xff\xfe", []),
        ("application/octet-stream", b"\xff\xfe\xfd", [("response.max_length", "body")]),
        ("application/x-ndjson", b"{}\n{}", []),
        ("text/html", b"<p>", [("response.media_type", "content-type")]),
        ("text/plain", b"", [("response.body", "body")]),
    ],
)
def test_text_and_octets_are_held_against_schemas_of_text_and_octets(
    media_type: str, body: bytes, findings: list[tuple[str, str]]
) -> None:
    found = match(_TEXTS, "GET", "/x")
    assert found is not None

    assert [(f.code, f.place) for f in observe_response(found, 200, media_type, body, _TEXTS)] == findings


@requirement("bodies:answers:checked")
def test_an_agents_answer_is_checked_as_far_as_it_was_kept() -> None:
    assert _of(_TEXTS, Answer(status=200, media_type="text/plain", text="abc", size=3)) == [
        ("response.max_length", "body")
    ]
    assert _of(_TEXTS, Answer(status=200, media_type="text/csv", text="a;b", size=3)) == []
    assert _of(_TEXTS, Answer(status=200, media_type="application/octet-stream", size=3)) == []


@requirement("bodies:checking:bounded")
@pytest.mark.parametrize(("size", "code"), [(0, "response.type"), (3, "response.type"), (4, "body.unchecked")])
def test_an_answer_above_the_bound_is_not_looked_into_and_says_so(size: int, code: str) -> None:
    contract = compile_contract(
        describe({"/x": {"get": {"operationId": "op", "responses": {"200": _json(_INTEGER)}}}}),
        api=API,
        settings=ContractSettings(bounds=Bounds(checked_bytes=3)),
    )

    (found,) = check(Answer(status=200, media_type="application/json", body="a", size=size), KEY, contract)

    assert (found.code, found.severity) == (code, Severity.INFO if size > 3 else Severity.ERROR)


def test_answers_to_head_have_no_body() -> None:
    contract = _responses({"200": _json(_INTEGER)}, method="head")

    assert _of(contract, Answer(status=200, media_type="application/json")) == []


def test_findings_are_bounded_and_quote_no_values() -> None:
    contract = answering({"type": "array", "items": {"type": "integer", "enum": [1, 2]}})
    findings = check(Answer(status=200, media_type="application/json", body=["secret"] * 500), KEY, contract)

    assert len(findings) == 10
    assert "secret" not in repr(findings)


def test_an_operation_that_is_not_compiled_is_not_checked() -> None:
    assert check(Answer(status=500), OperationKey(API, "unknown"), _MANY) == ()


# --- proxied exchanges

_BODY: JsonObject = {"type": "object", "required": ["n"], "properties": {"n": _INTEGER, "id": {"readOnly": True}}}
_PROXIED = one(
    {
        **get(
            parameter("id", "path", _INTEGER),
            parameter("page", "query", _INTEGER, required=True),
            parameter("empty", "query", _INTEGER, allowEmptyValue=True),
            parameter("many", "query", {"type": "array", "items": _INTEGER}),
            parameter("X-List", "header", {"type": "array", "items": _INTEGER}),
            parameter("crumb", "cookie", _INTEGER),
        ),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _BODY}, "text/csv": {"schema": {"type": "string"}}},
        },
        "responses": {"200": _json(_INTEGER)},
    },
    path="/x/{id}",
    method="post",
)
_JSON = ("Content-Type", "application/json")


def _seen(
    path: str = "/x/1",
    query: str = "page=1",
    headers: tuple[tuple[str, str], ...] = (_JSON,),
    body: bytes | None = b'{"n":1}',
) -> list[tuple[str, str]]:
    found = match(_PROXIED, "POST", path)
    assert found is not None
    return [(f.code, f.place) for f in observe_request(found, query, headers, body, _PROXIED)]


@pytest.mark.parametrize(
    ("request_parts", "findings"),
    [
        ({}, []),
        ({"query": "page=1&undeclared=x&empty="}, []),
        ({"path": "/x/a"}, [("request.type", "path.id")]),
        ({"query": ""}, [("request.missing", "query.page")]),
        ({"query": "page="}, [("request.type", "query.page")]),
        ({"query": "page=1&page=x"}, [("request.repeated", "query.page")]),
        ({"query": "page=1&empty=x"}, [("request.type", "query.empty")]),
        ({"query": "page=1&many=1&many=x"}, [("request.type", "query.many.1")]),
        ({"headers": (_JSON, ("x-list", "1, 2"), ("X-LIST", "3"))}, []),
        ({"headers": (_JSON, ("X-List", "1,b"))}, [("request.type", "header.X-List.1")]),
        ({"headers": (_JSON, ("Cookie", "a=b; crumb=5"))}, []),
        ({"headers": (_JSON, ("Cookie", "a=b"), ("cookie", "crumb=x"))}, [("request.type", "cookie.crumb")]),
        ({"body": None}, []),
        ({"body": b""}, [("request.missing", "body")]),
        ({"body": b"{"}, [("request.body", "body")]),
        ({"body": b"{}"}, [("request.required", "body.n")]),
        ({"body": b'{"n":1,"id":2}'}, [("request.one_way", "body.id")]),
        ({"body": b'{"n":1,"extra":2}'}, []),
        ({"headers": (("Content-Type", "text/csv"),), "body": b"a;b"}, []),
        ({"headers": (("Content-Type", "text/plain"),)}, [("request.media_type", "content-type")]),
        ({"headers": ()}, [("request.media_type", "content-type")]),
    ],
)
def test_a_proxied_request_is_observed(request_parts: dict[str, object], findings: list[tuple[str, str]]) -> None:
    assert _seen(**request_parts) == findings  # type: ignore[arg-type] # parts of the request above


def test_a_proxied_form_is_observed() -> None:
    schema: JsonObject = {"type": "object", "required": ["a"], "properties": {"a": _INTEGER, "b": {"type": "array"}}}
    content: JsonObject = {"application/x-www-form-urlencoded": {"schema": schema}}
    contract = one({**OK, "requestBody": {"content": content}}, method="post")
    headers = (("content-type", "application/x-www-form-urlencoded; charset=utf-8"),)
    found = match(contract, "POST", "/x")
    assert found is not None

    def seen(body: bytes) -> list[tuple[str, str]]:
        return [(f.code, f.place) for f in observe_request(found, "", headers, body, contract)]

    assert seen(b"a=1&b=x&b=y&other=1") == []
    assert seen(b"a=x") == [("request.type", "body.a")]
    assert seen(b"b=1") == [("request.required", "body.a")]
    assert seen(b"\xff") == [("request.required", "body.a")]
    assert seen(b"") == []


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        (b"1", []),
        (b'"x"', [("response.type", "body")]),
        (b"{", [("response.body", "body")]),
        (b"", [("response.body", "body")]),
        (None, []),
        (b"[" * 5_000, [("response.body", "body")]),
        (b"[" * 100_000 + b"]" * 100_000, [("response.body", "body")]),
        (b"[" * 100 + b"]" * 100, [("response.depth", "body")]),
    ],
)
@requirement("contract:body:deep")
def test_a_proxied_answer_is_observed(body: bytes | None, findings: list[tuple[str, str]]) -> None:
    found = match(_PROXIED, "POST", "/x/1")
    assert found is not None

    seen = observe_response(found, 200, "application/json", body, _PROXIED)

    assert [(f.code, f.place) for f in seen] == findings


def test_hidden_operations_are_observed_and_broken_ones_are_not() -> None:
    broken: Json = {**OK, "requestBody": {"required": True, "content": {"multipart/mixed": {}}}}
    contract = compile_contract(
        describe({"/x": {"get": get(parameter("a", "query", _INTEGER)), "post": broken}}),
        api=API,
        settings=ContractSettings(overrides={"op": Override(hide=True)}),
    )
    hidden, unusable = match(contract, "GET", "/x"), match(contract, "POST", "/x")
    assert hidden is not None
    assert unusable is not None

    assert [f.code for f in observe_request(hidden, "a=x", (), b"", contract)] == ["request.type"]
    assert observe_request(unusable, "", (), b"x", contract) == ()
    assert observe_response(unusable, 500, "text/html", b"x", contract) == ()


def test_a_content_parameter_is_observed_as_json() -> None:
    spelled: JsonObject = {"name": "a", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}
    contract = one(get(spelled))
    found = match(contract, "GET", "/x")
    assert found is not None

    assert observe_request(found, "a=%7B%7D", (), b"", contract) == ()
    assert [f.code for f in observe_request(found, "a=%7B", (), b"", contract)] == ["request.type"]


def test_bodies_that_are_not_declared_are_not_looked_at() -> None:
    contract = one(OK)
    found = match(contract, "GET", "/x")
    assert found is not None

    assert observe_request(found, "", (), b"{", contract) == ()


def test_an_optional_body_may_stay_away() -> None:
    contract = posting(_BODY, required=False)
    found = match(contract, "POST", "/x")
    assert found is not None

    assert observe_request(found, "", (), b"", contract) == ()
