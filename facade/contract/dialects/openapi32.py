"""OpenAPI 3.2 -> OpenAPI 3.1: the plain parts.

What 3.2 adds to media types is resolved here: shared ones (`components/mediaTypes`) are put where they are used, and
the schema of one item of a sequence (`itemSchema`) is left out with a word, so that such bodies pass unchecked. What it
adds elsewhere (`query`, `additionalOperations`, `$self`, `dataValue`) is read like anything else; the rest, such as the
hierarchy of tags, says nothing about requests.

Source: OpenAPI Specification 3.2.0, Media Type Object, Components Object.
"""

from collections.abc import Callable, Mapping
from typing import Final

from facade.contract.dialects.moves import Moves, Plain
from facade.contract.document import Document, Node, join, mapping
from facade.contract.faults import Broken, warning
from facade.contract.settings import Dialect
from facade.kernel import Finding, Json, JsonObject

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

_Rewrite = Callable[[Node], Json]


def from_openapi32(root: JsonObject) -> Plain:
    """Convert a whole description. Nothing is copied that need not change."""
    draft = _Draft(root)
    components = mapping(root.get("components"))
    shared = {
        name: _each(Node(components[name], join("/components", name)), rewrite)
        for name, rewrite in (
            ("requestBodies", draft.holder),
            ("responses", draft.holder),
            ("parameters", draft.holder),
            ("pathItems", draft.item),
        )
        if name in components
    }
    plain: dict[str, Json] = {**root, "openapi": "3.1.1", "paths": _each(Node(root["paths"], "/paths"), draft.item)}
    if shared:
        plain["components"] = {**components, **shared}
    return Plain(root=plain, moves=draft.moves, findings=tuple(draft.findings))


class _Draft:
    def __init__(self, root: JsonObject) -> None:
        self.moves = Moves()
        self.findings: list[Finding] = []
        self._original = Document(root=root, dialect=Dialect.V3_1)

    def item(self, node: Node) -> Json:
        """A path item."""
        rewrites: dict[str, _Rewrite] = dict.fromkeys(_METHODS, self.operation)
        rewrites["additionalOperations"] = lambda below: _each(below, self.operation)
        return _some(node, rewrites)

    def operation(self, node: Node) -> Json:
        """An operation."""
        return _some(
            node,
            {
                "requestBody": self.holder,
                "responses": lambda below: _each(below, self.holder),
                "parameters": self._list,
            },
        )

    def holder(self, node: Node) -> Json:
        """Whatever has `content`: a request body, an answer, a parameter."""
        return _some(node, {"content": lambda below: _each(below, self._media)})

    def _list(self, node: Node) -> Json:
        if not isinstance(node.value, list):
            return node.value
        return [self.holder(Node(value, join(node.place, i))) for i, value in enumerate(node.value)]

    def _media(self, node: Node) -> Json:
        try:
            found = self._original.resolve(node)
        except Broken as fault:
            self.findings.append(warning(fault.finding.code, fault.finding.place, fault.finding.message))
            return {}
        if found.place != node.place:
            self.moves.add(node.place, found.place)
        fields = mapping(found.value)
        if "itemSchema" not in fields:
            return found.value
        message = "the items of a sequence are passed as they are and not checked"
        self.findings.append(warning("media.item_schema", join(found.place, "itemSchema"), message))
        return {name: value for name, value in fields.items() if name != "itemSchema"}


def _each(node: Node, rewrite: _Rewrite) -> Json:
    if not isinstance(node.value, Mapping):
        return node.value
    return {name: rewrite(Node(value, join(node.place, name))) for name, value in node.value.items()}


def _some(node: Node, rewrites: Mapping[str, _Rewrite]) -> Json:
    if not isinstance(node.value, Mapping):
        return node.value
    here = {name: node.value[name] for name in rewrites if name in node.value}
    return {**node.value, **{name: rewrites[name](Node(value, join(node.place, name))) for name, value in here.items()}}
