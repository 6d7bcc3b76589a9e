"""Descriptions in the wild: each of their quirks, in a description of our own."""

from collections.abc import Mapping

import pytest

from facade.contract import Contract, ContractSettings, compile_contract, match, observe_request, parse
from facade.kernel import Json, JsonObject, Location, NotFound, Severity
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
    refusals,
    remarks,
    schema_of,
)

WARNING, ERROR = Severity.WARNING, Severity.ERROR


def found(contract: Contract, method: str, path: str) -> tuple[str, Mapping[str, str]] | None:
    matched = match(contract, method, path)
    return None if matched is None else (matched.operation.key.operation_id, matched.path)


def observed(contract: Contract, method: str, target: str, body: bytes = b"") -> list[tuple[str, str]]:
    """(code, place) of what a client's own request has against it."""
    path, _, query = target.partition("?")
    matched = match(contract, method, path)
    assert matched is not None
    headers = (("Content-Type", "application/json"),) if body else ()
    return [(f.code, f.place) for f in observe_request(matched, query, headers, body, contract)]


# --- invalid is normal


@requirement("intake:quirks:invalid")
def test_a_description_with_something_wrong_everywhere_still_offers_what_can_be_read() -> None:
    contract = contract_of(
        {
            "/fine": {"get": {"operationId": "fine"}},
            "/nothing": None,
            "/empty": {"get": None, "summary": None, "parameters": None},
            "/odd": {
                "get": {
                    "operationId": "odd",
                    "parameters": None,
                    "responses": None,
                    "tags": None,
                    "security": None,
                    "summary": 7,
                    "deprecated": "no",
                }
            },
            "/typed": {
                "get": get(
                    parameter("a", "query", {"type": "str"}),
                    parameter("b", "query", {"type": "string", "enum": []}),
                    parameter("c", "query", {"type": "String", "required": False}),
                    parameter("d", "query", {"type": "array", "items": None}),
                    parameter("e", "query", {"properties": None, "additionalProperties": None, "enum": None}),
                    parameter("f", "query", {"type": "object", "properties": {"n": None}, "default": None}),
                    parameter("g", "query", None),
                    operationId="typed",
                )
            },
        }
    )

    assert set(contract.operations) == {"fine", "odd", "typed"}
    assert {p.name for p in contract.operations["typed"].parameters} == set("abcdefg")
    assert [(code, place) for code, place, severity in remarks(contract) if severity is ERROR] == [
        ("path.item", "/paths/~1nothing"),
        ("operation.object", "/paths/~1empty/get"),
    ]


@requirement("intake:quirks:invalid")
@pytest.mark.parametrize(
    "root",
    [
        {"info": None},
        {"components": None},
        {"components": {"schemas": None, "securitySchemes": None}},
        {"components": {"securitySchemes": {"a": None, "b": {"type": "apiKey"}}}},
        {"servers": None, "tags": None, "security": None},
        {"host": "elsewhere.example", "basePath": "/v1", "schemes": ["https"]},
    ],
)
def test_what_is_null_or_does_not_belong_at_the_top_of_a_description_does_no_harm(root: JsonObject) -> None:
    contract = compile_contract({**describe({"/x": {"get": get()}}), **root}, api=API, settings=ContractSettings())

    assert (set(contract.operations), contract.findings) == ({"op"}, ())


@requirement("intake:quirks:invalid")
@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("My Type", "#/components/schemas/My Type"),
        ("My Type", "#/components/schemas/My%20Type"),
        ("Page«Item»", "#/components/schemas/Page«Item»"),
        ("Page[Item]", "#/components/schemas/Page[Item]"),
        ("a/b~c", "#/components/schemas/a~1b~0c"),
        ("app.v1.Type", "#/components/schemas/app.v1.Type"),
    ],
)
def test_components_may_be_called_anything(name: str, ref: str) -> None:
    contract = contract_of(
        {"/x": {"get": get(parameter("a", "query", {"$ref": ref}))}}, schemas={name: {"type": "integer"}}
    )

    assert (schema_of(contract, "a"), contract.findings) == ({"type": "integer"}, ())


@requirement("intake:quirks:invalid")
def test_path_parameters_that_nobody_declared_are_texts() -> None:
    contract = contract_of({"/a/{x}/b/{y}": {"get": get(parameter("x", "path", {"type": "integer"}))}})

    assert called(contract, path={"x": 1, "y": "z"}).request.target == "/a/1/b/z"
    assert remarks(contract) == [("parameter.undeclared", "/paths/~1a~1{x}~1b~1{y}/get", WARNING)]


@requirement("intake:quirks:invalid")
def test_parameters_of_swagger_2_inside_openapi_3_are_read_as_what_they_stand_for() -> None:
    listed: JsonObject = {
        "name": "l",
        "in": "query",
        "type": "array",
        "items": {"type": "integer"},
        "collectionFormat": "multi",
    }
    body: JsonObject = {
        "name": "b",
        "in": "body",
        "required": True,
        "schema": {"properties": {"a": {"type": "integer"}}},
    }
    contract = contract_of({"/x": {"post": get(listed, body)}})

    assert [(p.location, p.name) for p in contract.operations["op"].parameters] == [
        (Location.QUERY, "l"),
        (Location.BODY, "a"),
    ]
    assert called(contract, query={"l": [1, 2]}, body={"a": 3}).request.target == "/x?l=1&l=2"
    assert refusals(contract, query={"l": ["z"]}, body={"a": 3}) == [("argument.type", "query.l.0")]


@requirement("intake:quirks:invalid")
def test_yaml_is_read_as_it_was_meant() -> None:
    written = b"openapi: 3.1\npaths: {/x: {get: {operationId: no, responses: {200: {description: ok}}}}}\n"
    contract = compile_contract(parse(written, place="x"), api=API, settings=ContractSettings())

    assert [r.status for r in contract.operations["no"].responses] == ["200"]


# --- what is missing


@requirement("intake:quirks:ids")
@pytest.mark.parametrize(
    ("declared", "name"),
    [
        (None, "get_files_name"),
        ("", "get_files_name"),
        (7, "get_files_name"),
        ("list files/all.v1", "list_files_all_v1"),
        ("api.files.views.FileViewSet.list", "api_files_views_FileViewSet_list"),
        ("x" * 70, "x" * 55 + "_" + "c71bd109"),
    ],
)
def test_operations_get_names_that_every_protocol_can_carry(declared: Json, name: str) -> None:
    contract = contract_of({"/files/{name}": {"get": {**OK, "operationId": declared}}})

    assert set(contract.operations) == {name}


@requirement("intake:quirks:authentication")
def test_a_description_without_authentication_is_read_like_any_other() -> None:
    several: JsonObject = {
        "basic": {"type": "http", "scheme": "basic"},
        "token": {"type": "apiKey", "in": "header", "name": "Authorization"},
        "odd": {"type": "zorg"},
    }
    bare, rich = one(OK), one({**OK, "security": [{"basic": []}, {"token": []}, {}]}, securitySchemes=several)

    assert (bare.operations.keys(), bare.findings) == (rich.operations.keys(), rich.findings)


# --- what is wrong is observed


@requirement("intake:quirks:wrong")
def test_requests_that_the_description_gets_wrong_are_observed_and_not_refused() -> None:
    body: JsonObject = {
        "required": True,
        "content": {"application/json": {"schema": {"properties": {"n": {"type": "integer"}}}}},
    }
    operation = {**get(parameter("page", "query", {"type": "integer"})), "requestBody": body}
    contract = contract_of({"/x/{id}": {"post": operation}})

    assert observed(contract, "POST", "/x/a-slug?page=~two&undocumented=1") == [
        ("request.type", "query.page"),
        ("request.missing", "body"),
    ]
    assert observed(contract, "POST", "/x/a-slug?page=2", b'{"n": null}') == [("request.type", "body.n")]


# --- paths


@requirement("intake:quirks:paths")
def test_a_path_with_a_trailing_slash_is_another_path() -> None:
    only = contract_of({"/with/": {"get": get(operationId="with")}, "/without": {"get": get(operationId="without")}})
    both = contract_of({"/x": {"get": get(operationId="bare")}, "/x/": {"get": get(operationId="slashed")}})

    assert [found(only, "GET", path) for path in ("/with/", "/with", "/without", "/without/")] == [
        ("with", {}),
        None,
        ("without", {}),
        None,
    ]
    assert [found(both, "GET", path) for path in ("/x", "/x/")] == [("bare", {}), ("slashed", {})]
    assert [called(both, operation=name).request.target for name in ("bare", "slashed")] == ["/x", "/x/"]


@requirement("intake:quirks:paths")
@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/files/{id}.{ext}", "/files/a.b.pdf", {"id": "a.b", "ext": "pdf"}),
        ("/files/{id}.png", "/files/7.png", {"id": "7"}),
        ("/days/{year}-{month}-{day}", "/days/2026-11-22", {"year": "2026", "month": "11", "day": "22"}),
        ("/v{version}/x", "/v2/x", {"version": "2"}),
        ("/{a}:{verb}", "/x:stop", {"a": "x", "verb": "stop"}),
        ("/talks/{code__iexact}/", "/talks/AbC/", {"code__iexact": "AbC"}),
        ("/o/{org-id}/{the id}", "/o/1/2", {"org-id": "1", "the id": "2"}),
        ("/o('{key}')", "/o('7')", {"key": "7"}),
    ],
)
def test_segments_may_hold_more_than_a_name_and_names_any_character(
    template: str, path: str, values: Mapping[str, str]
) -> None:
    contract = contract_of({template: {"get": get()}})

    assert found(contract, "GET", path) == ("op", values)
    assert called(contract, path=values).request.target == path


@requirement("intake:quirks:paths")
def test_a_literal_file_name_wins_over_a_name_with_a_suffix_and_that_over_a_bare_one() -> None:
    paths = ("/t/latest.png", "/t/{id}.png", "/t/{id}.{ext}", "/t/{id}")
    contract = contract_of({path: {"get": get(operationId=f"op{n}")} for n, path in enumerate(paths)})

    asked = ("/t/latest.png", "/t/7.png", "/t/7.gif", "/t/7")
    assert [(found(contract, "GET", path) or ("", {}))[0] for path in asked] == ["op0", "op1", "op2", "op3"]


# --- twins


@requirement("intake:quirks:twins")
def test_paths_that_differ_in_case_alone_are_two_operations_and_told() -> None:
    contract = contract_of({"/Users": {"get": OK}, "/users": {"get": OK}})

    assert [found(contract, "GET", path) for path in ("/Users", "/users", "/USERS")] == [
        ("get_Users", {}),
        ("get_users", {}),
        None,
    ]
    assert [code for code, _, _ in remarks(contract)] == ["operation.id_case"]


@requirement("intake:quirks:twins")
def test_methods_of_a_path_that_share_an_id_are_told_apart() -> None:
    contract = contract_of({"/x": {"get": get(operationId="same"), "post": get(operationId="same")}})
    names = {o.method: name for name, o in contract.operations.items()}

    assert names == {"GET": "same_get_x_541a2d0d", "POST": "same_post_x_98c9b58a"}
    with pytest.raises(NotFound):
        called(contract, operation="same")


@requirement("intake:quirks:twins")
def test_paths_that_no_request_can_tell_apart_leave_the_first_to_agents_and_are_told() -> None:
    contract = contract_of({"/x/{a}": {"get": get(operationId="a")}, "/x/{b}": {"get": get(operationId="b")}})

    assert set(contract.operations) == {"a"}
    assert [finding for finding in remarks(contract) if finding[2] is ERROR] == [
        ("path.same", "/paths/~1x~1{b}/get", ERROR)
    ]
