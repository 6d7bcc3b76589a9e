"""Swagger 2.0 bodies and answers -> OpenAPI 3.0 request bodies and responses."""

from collections.abc import Mapping
from typing import Final

from facade.contract.dialects.swagger2_parameters import SplitParameters, schema_and_style
from facade.contract.dialects.swagger2_schemas import Draft
from facade.contract.document import Node, join, mapping
from facade.contract.media import FORM, JSON, essence
from facade.kernel import Json, JsonObject

_MULTIPART: Final = "multipart/form-data"
_BYTES: Final = "application/octet-stream"


def request_body(
    draft: Draft, parameters: SplitParameters, consumes: tuple[str, ...], *, here: str, origin: str
) -> JsonObject | None:
    """The body that body or form parameters stand for; None when there are none.

    Args:
        here, origin: pointers of the operation in the converted description and in the original.
    """
    place = join(here, "requestBody")
    if parameters.body is not None:
        if parameters.form:
            message = "a body and form fields cannot be sent together; the body is read"
            draft.tell("parameter.body", parameters.body.place, message)
        return _whole(draft, parameters.body, consumes, place)
    if parameters.form:
        draft.moves.add(place, join(origin, "parameters"))
        return _form(draft, parameters.form, consumes, place)
    return None


def _whole(draft: Draft, node: Node, consumes: tuple[str, ...], here: str) -> JsonObject:
    fields = mapping(node.value)
    place = join(node.place, "schema")
    schema = draft.schema(Node(fields.get("schema", {}), place))
    draft.moves.add(here, node.place)
    media_types = [m for m in consumes if essence(m) not in (FORM, _MULTIPART)] or [JSON]
    for media_type in media_types:
        draft.moves.add(join(here, "content", media_type, "schema"), place)
    kept = {name: fields[name] for name in ("description", "required") if name in fields}
    return {**kept, "content": {media_type: {"schema": schema} for media_type in media_types}}


def _form(draft: Draft, form: Mapping[str, Node], consumes: tuple[str, ...], here: str) -> JsonObject:
    uploads = any(mapping(node.value).get("type") == "file" for node in form.values())
    usable = [m for m in consumes if essence(m) == _MULTIPART or (essence(m) == FORM and not uploads)]
    required = [name for name, node in form.items() if mapping(node.value).get("required") is True]
    content: dict[str, Json] = {}
    for media_type in usable or [_MULTIPART if uploads else FORM]:
        schema_place = join(here, "content", media_type, "schema")
        content[media_type] = _media(draft, form, required, schema_place)
    return {"required": bool(required), "content": content}


def _media(draft: Draft, form: Mapping[str, Node], required: list[str], schema_place: str) -> JsonObject:
    properties: dict[str, Json] = {}
    encoding: dict[str, Json] = {}
    for name, node in form.items():
        draft.moves.add(join(schema_place, "properties", name), node.place)
        schema, style = schema_and_style(draft, node)
        described = mapping(node.value).get("description")
        properties[name] = {**schema, "description": described} if isinstance(described, str) else schema
        if style:
            encoding[name] = style
    wanted: JsonObject = {"required": required} if required else {}
    schema = {"type": "object", "properties": properties, **wanted}
    return {"schema": schema, "encoding": encoding} if encoding else {"schema": schema}


def plain_response(draft: Draft, written: Node, produces: tuple[str, ...], here: str) -> Json:
    """An answer with its schema by media type; without one it has no content to check."""
    node = draft.followed(written)
    if node is None or not isinstance(node.value, Mapping):
        return written.value
    fields = node.value
    draft.moves.add(here, node.place)
    answer = {name: value for name, value in fields.items() if name not in ("schema", "examples", "headers")}
    if "schema" in fields:
        answer["content"] = _content(draft, node, produces, here)
    if isinstance(fields.get("headers"), Mapping):
        headers = mapping(fields["headers"]).items()
        answer["headers"] = {
            name: _header(draft, Node(value, join(node.place, "headers", name)), join(here, "headers", name))
            for name, value in headers
        }
    return answer


def _content(draft: Draft, node: Node, produces: tuple[str, ...], here: str) -> JsonObject:
    fields = mapping(node.value)
    place = join(node.place, "schema")
    schema = draft.schema(Node(fields["schema"], place))
    fallback = _BYTES if mapping(fields["schema"]).get("type") == "file" else JSON
    examples = mapping(fields.get("examples"))
    content: dict[str, Json] = {}
    for media_type in produces or (fallback,):
        draft.moves.add(join(here, "content", media_type, "schema"), place)
        example: JsonObject = {"example": examples[media_type]} if media_type in examples else {}
        content[media_type] = {"schema": schema, **example}
    return content


def _header(draft: Draft, node: Node, here: str) -> Json:
    if not isinstance(node.value, Mapping):
        return node.value
    draft.moves.add(join(here, "schema"), node.place)
    described = mapping(node.value).get("description")
    schema, _ = schema_and_style(draft, node)
    return {"schema": schema, **({"description": described} if isinstance(described, str) else {})}
