"""OpenAPI 3.2: its plain parts are read, the others are told."""

import pytest

from facade.contract import Contract, ContractSettings, compile_contract, match
from facade.kernel import Json, JsonObject, Severity, WriteClass
from tests.requirements import requirement
from tests.rooms.contract.documents import API, OK, called, describe, get, parameter, remarks

WARNING, ERROR = Severity.WARNING, Severity.ERROR


def contract_of(paths: JsonObject, *, root: JsonObject | None = None, **components: Json) -> Contract:
    document = {**describe(paths, "3.2.0", **components), **(root or {})}
    return compile_contract(document, api=API, settings=ContractSettings())


def answering(media: Json, media_type: str = "application/json") -> JsonObject:
    return {"operationId": "op", "responses": {"200": {"description": "ok", "content": {media_type: media}}}}


@requirement("intake:openapi32:plain")
@pytest.mark.parametrize("version", ["3.2", 3.2, "3.2.0", "3.2.7"])
def test_every_patch_of_3_2_is_read(version: Json) -> None:
    document: JsonObject = {"openapi": version, "paths": {"/x": {"get": get()}}}

    assert set(compile_contract(document, api=API, settings=ContractSettings()).operations) == {"op"}


@requirement("intake:openapi32:plain")
def test_nested_tags_are_ignored_and_other_examples_are_read() -> None:
    tags: Json = [{"name": "a", "parent": "b", "kind": "nav", "summary": "A"}, {"name": "b"}]
    example: JsonObject = {"e": {"dataValue": 7, "serializedValue": "7"}}
    operation = get(parameter("n", "query", {"type": "integer"}, examples=example), tags=["a"])
    contract = contract_of({"/x": {"get": operation}}, root={"tags": tags})

    assert contract.operations["op"].tags == ("a",)
    assert [p.example for p in contract.operations["op"].parameters] == [7]
    assert contract.findings == ()


@requirement("intake:openapi32:plain")
def test_references_to_the_description_by_its_own_address_are_local() -> None:
    referred = get({"$ref": "https://app.example/api.json#/components/parameters/Q"})
    own: JsonObject = {"$self": "https://app.example/api.json"}
    contract = contract_of({"/x": {"get": referred}}, root=own, parameters={"Q": parameter("q", "query", {})})
    other = contract_of({"/x": {"get": referred}}, parameters={"Q": parameter("q", "query", {})})

    assert [p.name for p in contract.operations["op"].parameters] == ["q"]
    assert remarks(other) == [("ref.remote", "/paths/~1x/get/parameters/0", ERROR)]


@requirement("intake:openapi32:methods")
def test_more_methods_are_known_to_the_proxy_and_not_for_agents() -> None:
    more: JsonObject = {"COPY": {"operationId": "copy"}, "get": OK, "no method": OK, "LINK": 7}
    contract = contract_of({"/x": {"query": {"operationId": "ask"}, "additionalOperations": more, "get": get()}})
    known = {method: match(contract, method, "/x") for method in ("QUERY", "COPY", "copy", "LINK")}

    assert set(contract.operations) == {"op"}
    assert {m: (f.reachable, f.operation.write_class) for m, f in known.items() if f} == {
        "QUERY": (False, WriteClass.READ),
        "COPY": (False, WriteClass.WRITE),
    }
    assert remarks(contract) == [
        ("operation.method", "/paths/~1x/additionalOperations/no method", ERROR),
        ("operation.object", "/paths/~1x/additionalOperations/LINK", ERROR),
        ("operation.method", "/paths/~1x/additionalOperations/COPY", ERROR),
        ("operation.method", "/paths/~1x/query", ERROR),
    ]


@requirement("intake:openapi32:told")
@pytest.mark.parametrize(("required", "severity"), [(False, WARNING), (True, ERROR)])
def test_a_parameter_that_is_the_whole_query_string_is_told(required: bool, severity: Severity) -> None:
    whole: JsonObject = {"name": "q", "in": "querystring", "required": required, "content": {"application/json": {}}}
    contract = contract_of({"/x": {"get": get(whole)}})

    assert remarks(contract) == [("parameter.in", "/paths/~1x/get/parameters/0", severity)]
    assert bool(contract.operations) is not required


@requirement("intake:openapi32:told")
@pytest.mark.parametrize("media_type", ["application/jsonl", "text/event-stream"])
def test_the_items_of_a_sequence_are_passed_unchecked_and_told(media_type: str) -> None:
    contract = contract_of({"/x": {"get": answering({"itemSchema": {"type": "zorg"}}, media_type)}})

    assert set(contract.operations) == {"op"}
    assert remarks(contract) == [
        (
            "media.item_schema",
            f"/paths/~1x/get/responses/200/content/{media_type.replace('/', '~1')}/itemSchema",
            WARNING,
        )
    ]


@requirement("intake:openapi32:plain")
def test_shared_media_types_are_read_where_they_are_used_and_told_where_they_stand() -> None:
    shared: JsonObject = {"Pet": {"schema": {"type": "object", "properties": {"name": {"type": "str"}}}}}
    media: JsonObject = {"application/json": {"$ref": "#/components/mediaTypes/Pet"}}
    write: JsonObject = {**answering({}), "requestBody": {"required": True, "content": media}}
    components: JsonObject = {
        "mediaTypes": shared,
        "responses": {"R": {"description": "ok", "content": media}},
        "pathItems": {
            "P": {"get": {"operationId": "shared", "responses": {"200": {"$ref": "#/components/responses/R"}}}}
        },
    }
    contract = contract_of({"/x": {"post": write}, "/y": {"$ref": "#/components/pathItems/P"}}, **components)

    assert called(contract, body={"name": "Rex"}).request.body == b'{"name":"Rex"}'
    assert contract.operations["shared"].responses[0].schema["type"] == "object"
    assert {(code, place) for code, place, _ in remarks(contract)} == {
        ("schema.type", "/components/mediaTypes/Pet/schema/properties/name/type")
    }


@requirement("intake:openapi32:told")
def test_a_media_type_that_leads_nowhere_is_told_and_passed() -> None:
    contract = contract_of({"/x": {"get": answering({"$ref": "#/components/mediaTypes/Gone"})}})

    assert set(contract.operations) == {"op"}
    assert remarks(contract) == [("ref.missing", "/paths/~1x/get/responses/200/content/application~1json", WARNING)]


@requirement("intake:openapi32:plain")
def test_what_is_no_object_where_one_belongs_stays_and_is_told() -> None:
    operation: JsonObject = {"operationId": "op", "parameters": {}, "responses": {"200": 7}, "requestBody": 7}
    contract = contract_of({"/x": {"post": operation}, "/y": 7}, parameters=7)

    assert set(contract.operations) == {"op"}
    assert ("path.item", "/paths/~1y", ERROR) in remarks(contract)
