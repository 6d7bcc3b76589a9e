"""A large, believable description: as many operations as asked for, the same ones every time.

For load figures and for tests that need size. Areas x resources x five actions give 1,000 operations; beyond that the
areas get numbers. `wide` makes it as heavy as the largest descriptions are: answers that spell out what they hold,
field by field, with words and an example.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from facade.kernel import Json, JsonObject

_AREAS: Final = (
    *("sales", "support", "billing", "inventory", "hiring", "payroll", "travel", "fleet", "legal", "marketing"),
    *("events", "learning", "security", "facilities", "research", "quality", "shipping", "purchasing", "planning"),
    "community",
)
_RESOURCES: Final = ("order", "report", "request", "contract", "member", "plan", "note", "task", "document", "campaign")
_DETAILS: Final = ("owner", "origin", "review", "delivery", "warranty", "history", "category", "location", "channel")
_STATES: Final = ("draft", "open", "approved", "closed")


class _Subject(NamedTuple):
    area: str
    name: str

    @property
    def schema(self) -> str:
        return f"{self.area.title()}{self.name.title()}"

    @property
    def path(self) -> str:
        return f"/{self.area}/{self.name}s"


def synthetic_document(operations: int = 1_000, *, wide: int = 0) -> JsonObject:
    """An OpenAPI 3.0.3 description with exactly that many operations.

    Args:
        wide: fields that each answer spells out beside the ones of its schema; 1,675 operations with 48 are 18 MB.
    """
    paths: dict[str, dict[str, Json]] = {}
    schemas: dict[str, Json] = {"Problem": _object({"title": {"type": "string"}}, "title")}
    for _, (subject, path, method, operation) in zip(range(operations), _operations(), strict=False):
        paths.setdefault(path, {})[method] = _widened(operation, subject, wide) if wide else operation
        schemas.setdefault(subject.schema, _record(subject))
    return {
        "openapi": "3.0.3",
        "info": {"title": "Synthetic", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _subjects() -> Iterator[_Subject]:
    number = 0
    while True:
        suffix = str(number) if number else ""
        yield from (_Subject(f"{area}{suffix}", name) for area in _AREAS for name in _RESOURCES)
        number += 1


def _operations() -> Iterator[tuple[_Subject, str, str, JsonObject]]:
    for subject in _subjects():
        one = f"{subject.path}/{{{subject.name}_id}}"
        yield subject, subject.path, "get", _list(subject)
        yield subject, subject.path, "post", _change(subject, "create", "Create a")
        yield subject, one, "get", _operation(subject, "get", "Show one", [_id(subject)], _ref(subject))
        yield subject, one, "patch", _change(subject, "update", "Change a", [_id(subject)])
        yield subject, one, "delete", _operation(subject, "delete", "Delete a", [_id(subject)], None)


def _list(subject: _Subject) -> JsonObject:
    parameters: list[Json] = [
        _query("status", {"type": "string", "enum": list(_STATES)}, f"Only {subject.name}s in this state."),
        _query("q", {"type": "string", "maxLength": 100}, "Words in the title."),
        _query("created_from", {"type": "string", "format": "date"}, "Created on this day or later."),
        _query("page", {"type": "integer", "minimum": 1, "default": 1}, "Page number."),
        _query("per_page", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Rows on a page."),
    ]
    rows: JsonObject = {"type": "array", "items": _ref(subject)}
    page = _object({"results": rows, "total": {"type": "integer"}}, "results")
    return _operation(subject, "list", "List", parameters, page)


def _change(subject: _Subject, verb: str, phrase: str, parameters: list[Json] | None = None) -> JsonObject:
    body: JsonObject = {"required": True, "content": {"application/json": {"schema": _ref(subject)}}}
    return {**_operation(subject, verb, phrase, parameters or [], _ref(subject)), "requestBody": body}


def _operation(
    subject: _Subject, verb: str, phrase: str, parameters: list[Json], answer: JsonObject | None
) -> JsonObject:
    many = "s" if verb == "list" else ""
    content: JsonObject = {"content": {"application/json": {"schema": answer}}} if answer else {}
    problem: JsonObject = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "operationId": f"{verb}{subject.schema}{many}",
        "tags": [subject.area],
        "summary": f"{phrase} {subject.area} {subject.name}{many}",
        "parameters": parameters,
        "responses": {
            "200" if answer else "204": {"description": "Done", **content},
            "404": {"description": "Unknown", "content": problem},
        },
    }


def _widened(operation: JsonObject, subject: _Subject, wide: int) -> JsonObject:
    """The operation with a full answer of its own beside the shared ones."""
    name = str(operation["operationId"])
    fields: dict[str, Json] = {"record": _ref(subject)}
    example: dict[str, Json] = {}
    for number in range(wide):
        field = f"{subject.name}_{_DETAILS[number % len(_DETAILS)]}_{number}"
        fields[field] = _detail(subject, number)
        example[field] = f"{subject.area} {number}"
    answer: JsonObject = {"schema": _object(fields, "record"), "example": example}
    full: JsonObject = {"description": f"Everything that {name} knows.", "content": {"application/json": answer}}
    return {**operation, "responses": {**_mapping(operation["responses"]), "203": full}}


def _detail(subject: _Subject, number: int) -> JsonObject:
    words = f"What the {subject.area} team keeps about the {_DETAILS[number % len(_DETAILS)]} of a {subject.name}."
    match number % 4:
        case 0:
            return {"type": "string", "maxLength": 100 + number, "description": words, "example": words[:40]}
        case 1:
            return {"type": "array", "description": words, "items": {"type": "string", "format": "uuid"}}
        case 2:
            inner: dict[str, Json] = {"at": {"type": "string", "format": "date-time"}, "by": {"type": "integer"}}
            return {**_object(inner, "at"), "description": words}
    return {"type": "number", "minimum": number, "nullable": True, "description": words}


def _mapping(value: Json) -> JsonObject:
    return value if isinstance(value, Mapping) else {}


def _record(subject: _Subject) -> JsonObject:
    fields: dict[str, Json] = {
        "id": {"type": "integer", "readOnly": True},
        "title": {"type": "string", "maxLength": 200, "description": f"Title of the {subject.name}."},
        "status": {"type": "string", "enum": list(_STATES)},
        "owner_email": {"type": "string", "format": "email", "nullable": True},
        "amount": {"type": "number", "minimum": 0},
        "due_on": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "parent": _ref(subject),
    }
    return _object(fields, "title")


def _object(fields: dict[str, Json], *required: str) -> JsonObject:
    return {"type": "object", "required": list(required), "properties": fields}


def _ref(subject: _Subject) -> JsonObject:
    return {"$ref": f"#/components/schemas/{subject.schema}"}


def _id(subject: _Subject) -> JsonObject:
    schema: JsonObject = {"type": "integer", "minimum": 1}
    return {"name": f"{subject.name}_id", "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: JsonObject, description: str) -> JsonObject:
    return {"name": name, "in": "query", "schema": schema, "description": description}
