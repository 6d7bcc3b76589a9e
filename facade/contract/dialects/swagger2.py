"""Swagger 2.0 -> OpenAPI 3.0.

`host`, `basePath` and `schemes` are left out: where the application is, the settings alone say. References to shared
parameters and responses are followed here, because what they become depends on the operation's media types.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from facade.contract.dialects.moves import Plain
from facade.contract.dialects.swagger2_parameters import SplitParameters, plain_parameter, split_parameters
from facade.contract.dialects.swagger2_payloads import plain_response, request_body
from facade.contract.dialects.swagger2_schemas import Draft
from facade.contract.document import Node, join, mapping, sequence, text
from facade.kernel import Json, JsonObject

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch")
_GONE: Final = frozenset(
    {"swagger", "host", "basePath", "schemes", "consumes", "produces", "paths", "definitions", "parameters"}
    | {"responses", "securityDefinitions"}
)
_FLOWS: Final = {"application": "clientCredentials", "accessCode": "authorizationCode"}


def from_swagger2(root: JsonObject) -> Plain:
    """Convert a whole description; what it does not follow from the specification stays as it is."""
    draft = Draft(root)
    paths = {path: _item(draft, path, value) for path, value in mapping(root["paths"]).items()}
    components = {**mapping(root.get("components")), "schemas": draft.definitions()}
    if "securityDefinitions" in root:
        components["securitySchemes"] = _schemes(mapping(root["securityDefinitions"]))
        draft.moves.add("/components/securitySchemes", "/securityDefinitions")
    kept = {name: value for name, value in root.items() if name not in _GONE}
    return Plain(
        root={"openapi": "3.0.3", **kept, "paths": paths, "components": components},
        moves=draft.moves,
        findings=tuple(draft.findings),
    )


def _item(draft: Draft, path: str, value: Json) -> Json:
    here = join("/paths", path)
    node = draft.followed(Node(value, here))
    if node is None or not isinstance(node.value, Mapping):
        return value
    draft.moves.add(here, node.place)
    item = dict(node.value)
    shared = split_parameters(draft, item.get("parameters"), join(node.place, "parameters"))
    for method in _METHODS:
        if isinstance(item.get(method), Mapping):
            operation = Node(item[method], join(node.place, method))
            item[method] = _operation(draft, operation, join(here, method), shared)
    if "parameters" in item:
        item["parameters"] = _plain_list(draft, shared, here)
    return item


def _operation(draft: Draft, node: Node, here: str, shared: SplitParameters) -> JsonObject:
    fields = mapping(node.value)
    operation = {name: v for name, v in fields.items() if name not in ("consumes", "produces", "schemes")}
    own = split_parameters(draft, fields.get("parameters"), join(node.place, "parameters"))
    if "parameters" in fields:
        operation["parameters"] = _plain_list(draft, own, here)
    body = request_body(draft, own.over(shared), _media(draft, fields, "consumes"), here=here, origin=node.place)
    if body is not None:
        operation["requestBody"] = body
    if "responses" in fields:
        operation["responses"] = dict(_responses(draft, Node(fields, node.place), here))
    return operation


def _plain_list(draft: Draft, parameters: SplitParameters, owner: str) -> list[Json]:
    """The parameters that stay parameters, each told where it came from."""
    return [
        plain_parameter(draft, node, join(owner, "parameters", index)) for index, node in enumerate(parameters.plain)
    ]


def _responses(draft: Draft, operation: Node, here: str) -> Iterator[tuple[str, Json]]:
    fields = mapping(operation.value)
    produced = _media(draft, fields, "produces")
    for status, value in mapping(fields["responses"]).items():
        node = Node(value, join(operation.place, "responses", status))
        yield status, plain_response(draft, node, produced, join(here, "responses", status))


def _media(draft: Draft, operation: JsonObject, which: str) -> tuple[str, ...]:
    """Media types of the operation; an empty list of its own clears the global one (Swagger 2.0, Operation Object)."""
    listed = sequence(operation[which]) if which in operation else sequence(draft.root.get(which))
    return tuple(dict.fromkeys(name for name in map(text, listed) if name))


def _schemes(declared: JsonObject) -> JsonObject:
    return {name: _scheme(mapping(scheme)) for name, scheme in declared.items()}


def _scheme(scheme: JsonObject) -> JsonObject:
    if scheme.get("type") == "basic":
        return {**scheme, "type": "http", "scheme": "basic"}
    if scheme.get("type") != "oauth2":
        return scheme
    flow = text(scheme.get("flow"))
    moved = ("authorizationUrl", "tokenUrl", "scopes")
    details = {name: scheme[name] for name in moved if name in scheme}
    kept = {name: value for name, value in scheme.items() if name not in (*moved, "flow")}
    return {**kept, "flows": {_FLOWS.get(flow, flow): details}}
