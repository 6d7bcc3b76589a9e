"""Whatever is damaged in a description, it is read around the damage or refused in one line."""

import copy
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from facade.contract import ContractSettings, compile_contract
from facade.kernel import DescriptionInvalid, Finding, Json, JsonObject
from tests.requirements import requirement
from tests.rooms.contract.documents import API, describe, get, parameter

_PET: JsonObject = {
    "type": "object",
    "required": ["kind"],
    "discriminator": {"propertyName": "kind"},
    "properties": {
        "kind": {"type": "string", "enum": ["cat"]},
        "age": {"type": "integer", "minimum": 0, "nullable": True, "x-nullable": True},
        "friends": {"type": "array", "items": {"allOf": [{"$ref": "#/definitions/Pet"}]}},
    },
    "additionalProperties": {"type": "string"},
}
_SWAGGER: JsonObject = {
    "swagger": "2.0",
    "paths": {
        "/pets/{id}": {
            "parameters": [{"$ref": "#/parameters/Id"}],
            "post": {
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "photo", "in": "formData", "type": "file"},
                    {"name": "tags", "in": "formData", "type": "array", "items": {"type": "string"}},
                ],
                "responses": {"200": {"$ref": "#/responses/Pet"}},
            },
            "put": {
                "parameters": [{"name": "pet", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}],
                "responses": {
                    "200": {"schema": {"$ref": "#/definitions/Pet"}, "headers": {"ETag": {"type": "string"}}}
                },
            },
        }
    },
    "parameters": {"Id": {"name": "id", "in": "path", "required": True, "type": "string"}},
    "responses": {"Pet": {"description": "ok", "schema": {"$ref": "#/definitions/Pet"}, "examples": {}}},
    "definitions": {"Pet": _PET},
    "securityDefinitions": {
        "key": {"type": "apiKey", "in": "query", "name": "key"},
        "o": {"type": "oauth2", "scopes": {}},
    },
}
_CONTENT: JsonObject = {"application/json": {"$ref": "#/components/mediaTypes/M"}, "text/jsonl": {"itemSchema": {}}}
_NEWEST: JsonObject = {
    **describe(
        {
            "/x": {
                "query": {"operationId": "ask"},
                "additionalOperations": {"COPY": {"operationId": "copy"}},
                "get": get(parameter("p", "query", {"type": "integer"}, examples={"e": {"dataValue": 1}})),
                "post": {
                    "requestBody": {"required": True, "content": _CONTENT},
                    "responses": {"200": {"description": "ok", "content": _CONTENT}},
                },
            },
            "/y": {"$ref": "#/components/pathItems/Y"},
        },
        "3.2.0",
        mediaTypes={"M": {"schema": {"type": ["object", "null"], "oneOf": [{"const": 1}], "properties": {"a": {}}}}},
        pathItems={"Y": {"get": {"operationId": "y", "tags": ["a"]}}},
    ),
    "$self": "https://app.example/api",
}
_DAMAGE: tuple[Json, ...] = (
    *(None, True, 7, -1.5, "", "x", [], {}, [None], [[]], {"a": None}, {"": {}}),
    *({"$ref": "#/paths"}, {"$ref": 7}, {"$ref": "#/"}, {"$ref": ""}, {"$ref": "https://elsewhere.example/x"}),
)
_KEYS = ("$ref", "type", "in", "items", "properties", "schema", "content", "allOf", "enum", "required", "parameters")
Place = tuple[str | int, ...]


def _places(value: Json, at: Place = ()) -> Iterator[Place]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield (*at, key)
        yield from _places(below, (*at, key))


def _damaged(document: JsonObject, place: Place, key: str | None, damage: Json) -> JsonObject:
    whole = copy.deepcopy(document)
    owner: Json = whole
    for step in place[:-1]:
        owner = owner[step]  # type: ignore[index, call-overload] # a JSON tree
    owner[place[-1] if key is None or isinstance(owner, list) else key] = copy.deepcopy(damage)  # type: ignore[index, call-overload] # a JSON tree
    return whole


_DOCUMENTS = (_SWAGGER, _NEWEST, {**_NEWEST, "openapi": "3.0.3"})
_WHERE = st.sampled_from([(document, place) for document in _DOCUMENTS for place in _places(document)])


@requirement("intake:quirks:invalid", "contract:description:tolerant")
@settings(max_examples=150)
@given(_WHERE, st.none() | st.sampled_from(_KEYS), st.sampled_from(_DAMAGE))
def test_damage_anywhere_is_a_finding_or_one_clear_refusal(
    where: tuple[JsonObject, Place], key: str | None, damage: Json
) -> None:
    damaged = _damaged(*where, key, damage)
    try:
        findings = compile_contract(damaged, api=API, settings=ContractSettings()).findings
    except DescriptionInvalid as refusal:
        findings = (Finding(code=refusal.code, place="/", message=refusal.detail),)

    assert all("\n" not in f.message and f.place.startswith("/") for f in findings)
