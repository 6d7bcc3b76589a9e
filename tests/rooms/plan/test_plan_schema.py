"""Schemas as owners ship them, read as what a value must look like."""

import pytest

from facade.kernel import Json, JsonObject
from facade.plan.lexicon import ENGLISH
from facade.plan.schema import Kind, shape_of
from facade.plan.slots import required_objects, slots_of
from tests.requirements import requirement
from tests.rooms.contract.documents import OK, one

KINDS: list[tuple[JsonObject, str, Kind]] = [
    ({"type": "string"}, "title", Kind.TEXT),
    ({"type": "integer"}, "size", Kind.INTEGER),
    ({"type": ["null", "number"]}, "price", Kind.NUMBER),
    ({"type": "bool"}, "open", Kind.BOOLEAN),
    ({"type": "string", "format": "date-time"}, "when", Kind.MOMENT),
    ({"type": "string", "format": "uuid"}, "key", Kind.UUID),
    ({"type": "string"}, "owner_email", Kind.EMAIL),
    ({"type": "string"}, "start_date", Kind.DATE),
    ({"type": "string"}, "created_at", Kind.MOMENT),
    ({"type": "string"}, "openingTime", Kind.TIME),
    ({"type": "string"}, "phone", Kind.PHONE),
    ({"type": "string"}, "website", Kind.URL),
    ({"type": "string", "description": "in the form MM/DD/YYYY"}, "arrival", Kind.DATE),
    ({"type": "string", "example": "18:30"}, "arrival", Kind.TIME),
    ({"properties": {"a": {}}}, "thing", Kind.OBJECT),
    ({"allOf": [{"type": "integer"}, {"minimum": 1}]}, "level", Kind.INTEGER),
    ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, "level", Kind.INTEGER),
    ({"type": "string", "format": "binary"}, "report", Kind.OBJECT),
    ({"anyOf": [{"type": "string", "format": "binary"}, {"type": "object"}]}, "report", Kind.OBJECT),
    ({}, "is_open", Kind.BOOLEAN),
    ({}, "anything", Kind.TEXT),
]


@pytest.mark.parametrize(("schema", "name", "kind"), KINDS)
def test_a_schema_and_a_name_tell_what_a_value_is(schema: JsonObject, name: str, kind: Kind) -> None:
    assert shape_of(schema, name=name).kind is kind


@requirement("bodies:multipart:files")
def test_a_file_is_nothing_that_words_can_fill() -> None:
    fields: JsonObject = {"title": {"type": "string"}, "file": {"type": "string", "format": "binary"}}
    content: JsonObject = {
        "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": fields}}
    }
    contract = one({**OK, "requestBody": {"required": True, "content": content}}, "/reports", "post")
    operation = contract.operations["op"]

    assert [slot.path for slot in slots_of(operation, ENGLISH)] == [("title",)]
    assert [parameter.name for parameter in required_objects(operation)] == ["file"]


def test_a_list_is_read_by_its_items() -> None:
    shape = shape_of({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}})
    assert (shape.many, shape.kind, shape.choices) == (True, Kind.TEXT, ("a", "b"))


DEFAULTS: list[tuple[JsonObject, Json, bool]] = [
    ({"type": "string", "default": "x"}, "x", True),
    ({"const": 3}, 3, True),
    ({"enum": ["only"]}, "only", True),
    ({"type": "string", "enum": ["m", "ft"], "description": "Default is 'm'."}, "m", True),
    ({"type": "integer", "description": "How many. Defaults to 10."}, 10, True),
    ({"type": "number", "description": "default: 0.5"}, 0.5, True),
    ({"type": "boolean", "description": "Default is false"}, False, True),
    ({"type": "string", "description": "Default is whatever you like"}, None, False),
    ({"type": "integer", "description": "The default is sensible"}, None, False),
    ({"type": "string"}, None, False),
]


@pytest.mark.parametrize(("schema", "default", "known"), DEFAULTS)
def test_a_default_is_known_only_where_it_is_documented(schema: JsonObject, default: Json, known: bool) -> None:
    shape = shape_of(schema)
    assert (shape.default, shape.has_default) == (default, known)


DIRTY: list[JsonObject] = [
    {"type": 7, "enum": "abc", "required": "false", "properties": []},
    {"type": [], "items": "x", "allOf": "y", "oneOf": [3]},
    {"type": "array"},
    {"format": 5, "description": ["a"], "example": {}},
]


@pytest.mark.parametrize("schema", DIRTY)
def test_a_dirty_schema_is_survived(schema: JsonObject) -> None:
    assert shape_of(schema).required == frozenset()
