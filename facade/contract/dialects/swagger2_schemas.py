"""Swagger 2.0 schemas -> OpenAPI 3.0 schemas, and the draft that a conversion works on.

A schema keeps its shape, so only its root can move. Nothing is copied that need not change.
"""

from collections.abc import Mapping
from typing import Final

from facade.contract.dialects.moves import Moves
from facade.contract.document import Document, Node, join, mapping, reference, sequence
from facade.contract.faults import Broken, warning
from facade.contract.settings import Dialect
from facade.kernel import Finding, Json, JsonObject

_ONE: Final = ("items", "additionalProperties", "not")
_MANY: Final = ("allOf", "anyOf", "oneOf")
_NAMED: Final = ("properties", "patternProperties")
_DEFINITIONS: Final = "#/definitions/"
_SCHEMAS: Final = "#/components/schemas/"
_DEEPEST: Final = 100
"""Deeper schemas stay as they are; compilation refuses them long before."""


class Draft:
    """One conversion: the original, what is found on the way, and schemas that had to move.

    Args:
        root: a Swagger 2.0 description.
    """

    def __init__(self, root: JsonObject) -> None:
        self.root = root
        self.moves = Moves()
        self.findings: list[Finding] = []
        self._original = Document(root=root, dialect=Dialect.V3_0)
        self._defined = mapping(root.get("definitions"))
        self._adopted: dict[str, Json] = {}

    def tell(self, code: str, place: str, message: str) -> None:
        """A warning at a place of the original."""
        self.findings.append(warning(code, place, message))

    def followed(self, node: Node) -> Node | None:
        """The node behind any references; None where they lead nowhere, which compilation then tells."""
        try:
            return self._original.resolve(node)
        except Broken:
            return None

    def _located(self, ref: str, place: str) -> Node | None:
        try:
            return self._original.locate(ref, place)
        except Broken:
            return None

    def definitions(self) -> JsonObject:
        """`definitions` as `components/schemas`, with what else was referred to as a schema."""
        self.moves.add("/components/schemas", "/definitions")
        own = {name: self.schema(Node(v, join("/definitions", name))) for name, v in self._defined.items()}
        return {**own, **self._adopted}

    def schema(self, node: Node, depth: int = 0) -> Json:
        """One schema and all below it."""
        fields = node.value
        if not isinstance(fields, Mapping) or depth > _DEEPEST:
            return fields
        ref = reference(fields)
        if ref is not None:
            return {**fields, "$ref": self._target(ref, node.place)}
        return {**fields, **self._below(node, depth + 1), **_renamed(fields)}

    def _below(self, node: Node, depth: int) -> dict[str, Json]:
        fields, place = mapping(node.value), node.place
        out: dict[str, Json] = {
            key: self.schema(Node(fields[key], join(place, key)), depth)
            for key in _ONE
            if isinstance(fields.get(key), Mapping)
        }
        for key in _MANY:
            if isinstance(fields.get(key), list):
                items = enumerate(sequence(fields[key]))
                out[key] = [self.schema(Node(v, join(place, key, i)), depth) for i, v in items]
        for key in _NAMED:
            if isinstance(fields.get(key), Mapping):
                named = mapping(fields[key]).items()
                out[key] = {k: self.schema(Node(v, join(place, key, k)), depth) for k, v in named}
        return out

    def _target(self, ref: str, place: str) -> str:
        if ref.startswith(_DEFINITIONS):
            # One that points at nothing stays, so that the finding shows what the provider wrote.
            return _SCHEMAS + ref.removeprefix(_DEFINITIONS) if self._located(ref, place) else ref
        if ref in self._defined:
            self.tell("ref.bare", place, f"reference {ref[:80]!r} is a bare name; read as '{_DEFINITIONS}{ref[:80]}'")
            return join("#/components/schemas", ref)
        return self._adopt(ref, place)

    def _adopt(self, ref: str, place: str) -> str:
        """A reference to a schema that stands elsewhere, such as below a path: it becomes a component."""
        node = self._located(ref, place)
        if node is None:
            return ref
        name = node.place.removeprefix("/").replace("/", ".")
        here = join("/components/schemas", name)
        if name not in self._adopted:
            self._adopted[name] = {}
            self.moves.add(here, node.place)
            self._adopted[name] = self.schema(node)
        return f"#{here}"


def _renamed(fields: JsonObject) -> dict[str, Json]:
    """Keywords of one level that are spelled another way in OpenAPI 3.0."""
    out: dict[str, Json] = {}
    discriminator = fields.get("discriminator")
    if isinstance(discriminator, str):
        out["discriminator"] = {"propertyName": discriminator}
    if fields.get("type") == "file":
        out.update(type="string", format="binary")
    if fields.get("x-nullable") is True:
        out["nullable"] = True
        if isinstance(fields.get("enum"), list) and None not in sequence(fields["enum"]):
            out["enum"] = [*sequence(fields["enum"]), None]
    return out
