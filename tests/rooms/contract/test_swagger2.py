"""Swagger 2.0: read as if it had been written in OpenAPI 3.0, with findings that point into what was written."""

import pytest

from facade.contract import Contract, ContractSettings, compile_contract, match
from facade.contract.dialects import plain
from facade.contract.parameters import credentials_of
from facade.kernel import Body, Json, JsonObject, Location, Severity
from tests.requirements import requirement
from tests.rooms.contract.documents import API, called, refusals, remarks

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
WARNING, ERROR = Severity.WARNING, Severity.ERROR


def swagger(paths: JsonObject, **fields: Json) -> JsonObject:
    return {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": paths, **fields}


def contract_of(paths: JsonObject, **fields: Json) -> Contract:
    return compile_contract(swagger(paths, **fields), api=API, settings=ContractSettings())


def one(method: str = "get", /, *parameters: Json, shared: JsonObject | None = None, **fields: Json) -> Contract:
    operation: JsonObject = {"operationId": "op", "responses": {"200": {"description": "ok"}}, **fields}
    return contract_of({"/x": {method: {**operation, "parameters": list(parameters)}}}, **(shared or {}))


def body_of(contract: Contract) -> Body:
    found = contract.operations["op"].body
    assert found is not None
    return found


def answer_of(produces: Json, response: JsonObject, **fields: Json) -> Json:
    """The converted `200` of an operation."""
    operation: JsonObject = {"produces": produces, "responses": {"200": response}}
    root = plain(swagger({"/x": {"get": operation}}, **fields)).root
    return root["paths"]["/x"]["get"]["responses"]["200"]  # type: ignore[call-overload, index, return-value] # a JSON tree


@requirement("intake:swagger2:read")
@pytest.mark.parametrize("version", ["2.0", 2.0, 2])
def test_swagger_2_is_read_however_its_version_is_written(version: Json) -> None:
    document = {**swagger({"/x": {"get": {"operationId": "op"}}}), "swagger": version}

    assert set(compile_contract(document, api=API, settings=ContractSettings()).operations) == {"op"}


@requirement("intake:swagger2:read")
def test_a_call_of_a_swagger_2_operation_is_built_and_checked() -> None:
    contract = contract_of(
        {
            "/pets/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer", "minimum": 1}],
                "put": {
                    "operationId": "op",
                    "parameters": [
                        {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                        {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}},
                    ],
                    "responses": {"200": {"description": "ok"}},
                },
            }
        },
        definitions={"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
    )

    built = called(contract, path={"id": 7}, query={"tags": ["a", "b"]}, body={"name": "Rex"})

    assert (built.request.method, built.request.target, built.request.body) == (
        "PUT",
        "/pets/7?tags=a,b",
        b'{"name":"Rex"}',
    )
    assert contract.findings == ()
    assert refusals(contract, path={"id": 0}, body={"name": 1}) == [
        ("argument.minimum", "path.id"),
        ("argument.type", "body.name"),
    ]


@requirement("intake:servers:ignored")
def test_host_and_base_path_are_never_believed() -> None:
    contract = contract_of(
        {"/x": {"get": {"operationId": "op", "schemes": ["http"]}}}, host="evil.test", basePath="/v1", schemes=["http"]
    )

    assert called(contract).request.target == "/x"
    assert match(contract, "GET", "/v1/x") is None
    assert "evil" not in repr(plain(swagger({}, host="evil.test", basePath="/evil")).root)


# --- parameters


@requirement("intake:swagger2:parameters")
def test_what_a_parameter_spells_out_becomes_its_schema() -> None:
    listed: JsonObject = {
        "name": "a",
        "in": "query",
        "type": "string",
        "format": "date",
        "enum": ["2024-01-01"],
        "x-nullable": True,
        "x-example": "2024-01-01",
        "description": "A day",
        "allowEmptyValue": True,
    }

    (read,) = one("get", listed).operations["op"].parameters

    assert read.schema["enum"] == ["2024-01-01", None]
    assert read.schema["format"] == "date"
    assert (read.description, read.example, read.required) == ("A day", "2024-01-01", False)


@requirement("intake:swagger2:arrays")
@pytest.mark.parametrize(
    ("place", "written", "wire"),
    [
        ("query", {}, "/x/v?a=p,q"),
        ("query", {"collectionFormat": "csv"}, "/x/v?a=p,q"),
        ("query", {"collectionFormat": "ssv"}, "/x/v?a=p%20q"),
        ("query", {"collectionFormat": "pipes"}, "/x/v?a=p%7Cq"),
        ("query", {"collectionFormat": "multi"}, "/x/v?a=p&a=q"),
        ("path", {"collectionFormat": "csv"}, "/x/p,q"),
    ],
)
def test_arrays_are_written_as_their_collection_format_says(place: str, written: JsonObject, wire: str) -> None:
    listed: JsonObject = {"name": "a", "in": place, "type": "array", "items": {"type": "string"}, **written}
    fixed: JsonObject = {"name": "a", "in": "path", "type": "string", "enum": ["v"]}
    parameters = [listed] if place == "path" else [listed, fixed]
    operation: JsonObject = {"operationId": "op", "parameters": parameters}
    contract = contract_of({"/x/{a}": {"get": operation}})

    given: JsonObject = (
        {"path": {"a": ["p", "q"]}} if place == "path" else {"query": {"a": ["p", "q"]}, "path": {"a": "v"}}
    )

    assert called(contract, **given).request.target == wire


@requirement("intake:swagger2:arrays")
@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("query", {"collectionFormat": "tsv"}),
        ("header", {"collectionFormat": "ssv"}),
        ("query", {"items": {"type": "array", "items": {}}}),
    ],
)
def test_an_array_that_openapi_3_cannot_write_is_one_text_and_told(place: str, more: JsonObject) -> None:
    contract = one("get", {"name": "a", "in": place, "type": "array", "items": {"type": "string"}, **more})

    assert [p.schema for p in contract.operations["op"].parameters] == [{"type": "string"}]
    assert remarks(contract) == [("parameter.collection", "/paths/~1x/get/parameters/0", WARNING)]


@requirement("intake:swagger2:parameters")
def test_shared_parameters_are_followed_and_the_operations_own_win() -> None:
    contract = contract_of(
        {
            "/x": {
                "parameters": [
                    {"$ref": "#/parameters/Page"},
                    {"name": "b", "in": "body", "schema": {"properties": {"shared": {}}}},
                ],
                "get": {"operationId": "read", "parameters": [{"name": "page", "in": "query", "type": "string"}]},
                "post": {"operationId": "write"},
                "put": {
                    "operationId": "own",
                    "parameters": [{"name": "c", "in": "body", "schema": {"properties": {"own": {}}}}],
                },
            }
        },
        parameters={"Page": {"name": "page", "in": "query", "type": "integer"}},
    )

    def inputs(operation: str) -> list[tuple[str, Json]]:
        return [(p.name, p.schema.get("type")) for p in contract.operations[operation].parameters]

    assert inputs("read") == [("page", "string")]
    assert inputs("write") == [("page", "integer"), ("shared", None)]
    assert inputs("own") == [("page", "integer"), ("own", None)]


@requirement("intake:swagger2:parameters")
def test_parameters_that_already_have_a_schema_are_left_alone() -> None:
    contract = one("get", {"name": "a", "in": "query", "schema": {"type": "integer"}}, {"$ref": "#/parameters/Gone"}, 7)

    assert "op" not in contract.operations
    assert ("ref.missing", "/paths/~1x/get/parameters/1", ERROR) in remarks(contract)


# --- bodies


@requirement("intake:swagger2:bodies")
@pytest.mark.parametrize(
    ("consumes", "shared", "written"),
    [
        (None, [], JSON),
        ([], ["application/vnd.x+json"], JSON),
        (None, ["application/vnd.x+json"], "application/vnd.x+json"),
        (["application/vnd.y+json"], [JSON], "application/vnd.y+json"),
        ([MULTIPART, FORM, 7], [], JSON),
    ],
)
def test_a_body_is_written_as_the_operation_or_the_description_consumes(
    consumes: Json, shared: Json, written: str
) -> None:
    own: JsonObject = {} if consumes is None else {"consumes": consumes}
    body: JsonObject = {"name": "b", "in": "body", "required": True, "description": "All", "schema": {"type": "object"}}

    found = body_of(one("post", body, shared={"consumes": shared}, **own))

    assert (found.media_type, found.required, found.description) == (written, True, "All")


@requirement("intake:swagger2:bodies")
def test_form_parameters_are_the_fields_of_one_form() -> None:
    parameters: list[Json] = [
        {"name": "name", "in": "formData", "type": "string", "required": True, "description": "Its name"},
        {"name": "tags", "in": "formData", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"},
    ]
    contract = one("post", *parameters)
    root = plain(swagger({"/x": {"post": {"parameters": parameters}}})).root
    fields: JsonObject = {
        "name": {"type": "string", "description": "Its name"},
        "tags": {"type": "array", "items": {"type": "string"}},
    }

    assert root["paths"]["/x"]["post"] == {  # type: ignore[call-overload, index] # a JSON tree
        "parameters": [],
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {"type": "object", "properties": fields, "required": ["name"]},
                    "encoding": {"tags": {"style": "form", "explode": True}},
                }
            },
        },
    }
    assert called(contract, body={"name": "ab", "tags": ["p", "q"]}).request.body == b"name=ab&tags=p&tags=q"


@requirement("intake:swagger2:bodies")
@pytest.mark.parametrize("consumes", [[], [FORM], [MULTIPART], [JSON, MULTIPART]])
def test_a_form_with_a_file_is_multipart(consumes: Json) -> None:
    upload: JsonObject = {"name": "u", "in": "formData", "type": "file"}
    root = plain(swagger({"/x": {"post": {"parameters": [upload], "consumes": consumes}}})).root
    schema: JsonObject = {"type": "object", "properties": {"u": {"type": "string", "format": "binary"}}}

    assert root["paths"]["/x"]["post"]["requestBody"] == {  # type: ignore[call-overload, index] # a JSON tree
        "required": False,
        "content": {MULTIPART: {"schema": schema}},
    }


@requirement("intake:swagger2:bodies")
def test_fields_of_a_form_may_be_shared_by_the_path() -> None:
    shared: JsonObject = {"name": "a", "in": "formData", "type": "string"}
    own: JsonObject = {"name": "b", "in": "formData", "type": "string"}
    contract = contract_of({"/x": {"parameters": [shared], "post": {"operationId": "op", "parameters": [own]}}})

    assert [(p.name, p.location) for p in contract.operations["op"].parameters] == [
        ("a", Location.BODY),
        ("b", Location.BODY),
    ]


@requirement("intake:swagger2:bodies")
def test_of_several_bodies_the_first_is_read_and_the_others_are_told() -> None:
    first: JsonObject = {"name": "b", "in": "body", "schema": {"properties": {"first": {}}}}
    second: JsonObject = {"name": "c", "in": "body", "schema": {"properties": {"second": {}}}}
    contract = one("post", first, second, {"name": "f", "in": "formData", "type": "string"})

    assert [p.name for p in contract.operations["op"].parameters] == ["first"]
    assert remarks(contract) == [
        ("parameter.body", "/paths/~1x/post/parameters/1", WARNING),
        ("parameter.body", "/paths/~1x/post/parameters/0", WARNING),
    ]


# --- answers


@requirement("intake:swagger2:answers")
@pytest.mark.parametrize(
    ("produces", "schema", "content"),
    [
        ([], {"type": "integer"}, {JSON: {"schema": {"type": "integer"}}}),
        (["text/csv", JSON], {}, {"text/csv": {"schema": {}}, JSON: {"schema": {}}}),
        ([], {"type": "file"}, {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}),
        (["text/pdf"], {"type": "file"}, {"text/pdf": {"schema": {"type": "string", "format": "binary"}}}),
    ],
)
def test_an_answer_has_its_schema_in_every_media_type_that_is_produced(
    produces: Json, schema: Json, content: JsonObject
) -> None:
    assert answer_of(produces, {"description": "ok", "schema": schema}) == {"description": "ok", "content": content}


@requirement("intake:swagger2:answers")
def test_examples_and_headers_of_an_answer_go_where_openapi_3_has_them() -> None:
    response: JsonObject = {
        "description": "ok",
        "schema": {"type": "object"},
        "examples": {JSON: {"a": 1}, "text/odd": "x"},
        "headers": {"X-Left": {"type": "integer", "description": "What is left"}, "X-Odd": 7, "X-Bare": {}},
    }

    assert answer_of([JSON], response) == {
        "description": "ok",
        "content": {JSON: {"schema": {"type": "object"}, "example": {"a": 1}}},
        "headers": {
            "X-Left": {"schema": {"type": "integer"}, "description": "What is left"},
            "X-Odd": 7,
            "X-Bare": {"schema": {}},
        },
    }


@requirement("intake:swagger2:answers")
def test_shared_answers_take_the_media_types_of_each_operation() -> None:
    shared: JsonObject = {"Bad": {"description": "bad", "schema": {"type": "object"}}}
    response: JsonObject = {"$ref": "#/responses/Bad"}

    assert answer_of(["a/b"], response, responses=shared) == {
        "description": "bad",
        "content": {"a/b": {"schema": {"type": "object"}}},
    }
    assert answer_of(["a/b"], {"$ref": "#/responses/Gone"}) == {"$ref": "#/responses/Gone"}


# --- schemas


@requirement("intake:swagger2:schemas")
def test_schemas_are_spelled_as_openapi_3_spells_them() -> None:
    definitions: JsonObject = {
        "Pet": {
            "discriminator": "kind",
            "x-nullable": True,
            "properties": {
                "owner": {"$ref": "#/definitions/Owner"},
                "photo": {"type": "file"},
                "mood": {"enum": ["good", None], "x-nullable": True},
            },
            "additionalProperties": {"$ref": "#/definitions/Owner"},
        },
        "Owner": {"allOf": [{"$ref": "Pet"}, {"items": {"$ref": "#/paths/~1x/get/responses/200/schema"}}]},
        "Odd": 7,
    }
    paths: JsonObject = {"/x": {"get": {"responses": {"200": {"schema": {"items": {"$ref": "#/definitions/Pet"}}}}}}}
    told = plain(swagger(paths, definitions=definitions))
    owner: JsonObject = {"$ref": "#/components/schemas/Owner"}
    pet: JsonObject = {"$ref": "#/components/schemas/Pet"}

    assert told.root["components"] == {
        "schemas": {
            "Pet": {
                "discriminator": {"propertyName": "kind"},
                "x-nullable": True,
                "nullable": True,
                "properties": {
                    "owner": owner,
                    "photo": {"type": "string", "format": "binary"},
                    "mood": {"enum": ["good", None], "x-nullable": True, "nullable": True},
                },
                "additionalProperties": owner,
            },
            "Owner": {
                "allOf": [
                    pet,
                    {"items": {"$ref": "#/components/schemas/paths.~01x.get.responses.200.schema"}},
                ]
            },
            "Odd": 7,
            "paths.~1x.get.responses.200.schema": {"items": pet},
        }
    }
    assert [(f.code, f.place) for f in told.findings] == [("ref.bare", "/definitions/Owner/allOf/0")]


@requirement("intake:swagger2:schemas")
def test_a_schema_that_is_referred_to_where_it_stands_is_adopted_once() -> None:
    ref: JsonObject = {"$ref": "#/x-shared/Pet"}
    definitions: JsonObject = {"A": ref, "B": {"items": ref}, "C": {"$ref": "#/x-shared/Gone"}, "D": {"allOf": None}}
    shared: JsonObject = {"Pet": {"properties": {"friend": ref}}}
    root = plain(swagger({}, definitions=definitions, **{"x-shared": shared})).root
    adopted: JsonObject = {"$ref": "#/components/schemas/x-shared.Pet"}

    assert root["components"] == {
        "schemas": {
            "A": adopted,
            "B": {"items": adopted},
            "C": {"$ref": "#/x-shared/Gone"},
            "D": {"allOf": None},
            "x-shared.Pet": {"properties": {"friend": adopted}},
        }
    }


@requirement("intake:swagger2:schemas")
def test_schemas_that_refer_to_themselves_or_nest_without_end_are_converted() -> None:
    deep: JsonObject = {"$ref": "#/definitions/Deep"}
    for _ in range(150):
        deep = {"items": deep}
    looped: JsonObject = {"items": {"$ref": "#/definitions/Pet/items"}}
    told = plain(swagger({}, definitions={"Deep": deep, "Pet": looped}))

    assert told.findings == ()
    assert told.root["components"]["schemas"]["Pet"] == {"items": {"$ref": "#/components/schemas/Pet/items"}}  # type: ignore[call-overload, index] # a JSON tree


# --- security


@requirement("intake:swagger2:security")
def test_security_definitions_become_schemes_and_keys_stay_away_from_agents() -> None:
    flows: JsonObject = {"tokenUrl": "/t", "scopes": {"a": "b"}}
    declared: JsonObject = {
        "basic": {"type": "basic", "description": "Old"},
        "key": {"type": "apiKey", "in": "query", "name": "k"},
        "code": {"type": "oauth2", "flow": "accessCode", **flows},
        "implicit": {"type": "oauth2", "flow": "implicit", **flows},
    }
    root = plain(swagger({}, securityDefinitions=declared)).root

    assert root["components"]["securitySchemes"] == {  # type: ignore[call-overload, index] # a JSON tree
        "basic": {"type": "http", "scheme": "basic", "description": "Old"},
        "key": {"type": "apiKey", "in": "query", "name": "k"},
        "code": {"type": "oauth2", "flows": {"authorizationCode": flows}},
        "implicit": {"type": "oauth2", "flows": {"implicit": flows}},
    }
    assert credentials_of(root) == {(Location.QUERY, "k")}
    contract = one("get", {"name": "k", "in": "query", "type": "string"}, shared={"securityDefinitions": declared})
    assert contract.operations["op"].parameters == ()


# --- findings


@requirement("intake:swagger2:places")
@pytest.mark.parametrize(
    ("method", "operation", "shared", "code", "place"),
    [
        (
            "get",
            {"parameters": [{"name": "a", "in": "query", "type": "str"}]},
            {},
            "schema.type",
            "/paths/~1x/get/parameters/0/type",
        ),
        (
            "get",
            {"parameters": [{"name": "b", "in": "header", "type": "string"}, {"$ref": "#/parameters/A"}]},
            {"parameters": {"A": {"name": "a", "in": "query", "type": "str"}}},
            "schema.type",
            "/parameters/A/type",
        ),
        (
            "post",
            {"parameters": [{"$ref": "#/parameters/B"}]},
            {"parameters": {"B": {"name": "b", "in": "body", "schema": {"properties": {"a": {"type": "str"}}}}}},
            "schema.type",
            "/parameters/B/schema/properties/a/type",
        ),
        (
            "post",
            {"parameters": [{"name": "a", "in": "query"}, {"name": "b", "in": "formData", "type": "str"}]},
            {},
            "schema.type",
            "/paths/~1x/post/parameters/1/type",
        ),
        (
            "get",
            {"responses": {"200": {"schema": {"type": "str"}}}},
            {},
            "schema.type",
            "/paths/~1x/get/responses/200/schema/type",
        ),
        (
            "get",
            {"responses": {"200": {"$ref": "#/responses/R"}}},
            {"responses": {"R": {"schema": {"$ref": "#/definitions/D"}}}, "definitions": {"D": {"type": "str"}}},
            "schema.type",
            "/definitions/D/type",
        ),
        (
            "get",
            {"responses": {"200": {"schema": {"$ref": "#/definitions/Gone"}}}},
            {},
            "ref.missing",
            "/paths/~1x/get/responses/200/schema",
        ),
    ],
)
def test_findings_point_into_the_document_that_was_written(
    method: str, operation: JsonObject, shared: JsonObject, code: str, place: str
) -> None:
    contract = contract_of({"/x": {method: operation}}, **shared)

    assert [(f.code, f.place) for f in contract.findings] == [(code, place)]


@requirement("intake:swagger2:places")
def test_a_path_item_that_stands_elsewhere_is_converted_and_told_where_it_stands() -> None:
    item: JsonObject = {"get": {"operationId": "op", "parameters": [{"name": "a", "in": "query", "type": "str"}]}}
    contract = contract_of(
        {"/x": {"$ref": "#/x-items/one"}, "/y": {"$ref": "#/gone"}, "/z": 7}, **{"x-items": {"one": item}}
    )

    assert set(contract.operations) == {"op"}
    assert remarks(contract) == [
        ("ref.missing", "/paths/~1y", ERROR),
        ("path.item", "/paths/~1z", ERROR),
        ("schema.type", "/x-items/one/get/parameters/0/type", WARNING),
    ]
