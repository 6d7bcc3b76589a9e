"""Schemas as planners see them: 2020-12 keywords with references inlined, to a bounded depth and size.

Below the bounds a schema keeps its type, title and description alone. Validators never use these.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from facade.contract.document import Document, Node, join, mapping, reference, sequence
from facade.contract.faults import Broken
from facade.contract.repairs import nullable, repaired
from facade.contract.settings import Bounds, Dialect
from facade.kernel import Json, JsonObject

_ONE: Final = ("items", "additionalProperties", "not", "contains", "propertyNames")
_MANY: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED: Final = ("properties", "patternProperties")
_KEPT: Final = (
    *("type", "title", "enum", "const", "format", "pattern", "required", "default", "examples", "readOnly"),
    *(
        "writeOnly",
        "deprecated",
        "contentMediaType",
        "contentEncoding",
        "uniqueItems",
        "multipleOf",
        "minimum",
        "maximum",
        "exclusiveMinimum",
    ),
    *("exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
)
_COPIED: Final = frozenset((*_KEPT, "description"))
_NESTED: Final = frozenset((*_ONE, *_MANY, *_NAMED))
_OUTLINE: Final = ("type", "title", "description", "format", "enum", "contentMediaType", "contentEncoding")
_TEXT: Final = 500


class _Inlined(NamedTuple):
    schema: JsonObject
    nodes: int


class CardSchemas:
    """Inlines the schemas of one description; what is referenced at the same depth is inlined once and shared."""

    def __init__(self, document: Document, bounds: Bounds) -> None:
        self._document = document
        self._bounds = bounds
        self._known: dict[tuple[str, int], _Inlined] = {}

    def inline(self, node: Node) -> JsonObject:
        """The schema at `node`; {} where there is none to read."""
        return self._inline(node, self._bounds.card_depth).schema

    def _inline(self, node: Node, depth: int) -> _Inlined:
        ref = reference(node.value)
        if ref is None:
            return self._open(node, depth)
        try:
            target = self._document.resolve(node)
        except Broken:
            return _Inlined({}, 1)
        key = (target.place, depth)
        if key not in self._known:
            self._known[key] = self._open(target, depth)
        found = self._known[key]
        siblings = {k: v for k, v in mapping(node.value).items() if k != "$ref"}
        if not siblings or self._document.dialect is Dialect.V3_0:
            return found
        own = self._open(Node(siblings, node.place), depth)
        return _Inlined({**found.schema, **own.schema}, found.nodes + own.nodes)

    def _open(self, node: Node, depth: int) -> _Inlined:
        if not isinstance(node.value, Mapping):
            return _Inlined({"not": {}} if node.value is False else {}, 1)
        fields, _ = repaired(node.value, node.place, self._document.dialect)
        description = fields.get("description")
        if isinstance(description, str):
            fields["description"] = description[:_TEXT]
        if depth <= 0:
            return _Inlined({k: fields[k] for k in _OUTLINE if k in fields}, 1)
        return self._filled(Node(fields, node.place), depth - 1)

    def _filled(self, node: Node, depth: int) -> _Inlined:
        fields = mapping(node.value)
        out = {k: v for k, v in fields.items() if k in _COPIED}
        if "type" not in fields and self._document.dialect is Dialect.V3_0 and nullable(fields):
            out["nullable"] = True
        return _Inlined(out, 1) if _NESTED.isdisjoint(fields) else self._nested(node, out, depth)

    def _nested(self, node: Node, out: dict[str, Json], depth: int) -> _Inlined:
        """The same with the schemas below it."""
        fields = mapping(node.value)
        budget = _Budget(self, self._bounds.card_nodes, depth)
        for key in _ONE:
            if isinstance(fields.get(key), Mapping | bool):
                out[key] = budget.spend(Node(fields[key], join(node.place, key)))
        for key in _NAMED:
            named = mapping(fields.get(key))
            if named:
                out[key] = {k: budget.spend(Node(v, join(node.place, key, k))) for k, v in named.items()}
        for key in _MANY:
            items = sequence(fields.get(key))
            if items:
                out[key] = [budget.spend(Node(v, join(node.place, key, i))) for i, v in enumerate(items)]
        return _Inlined(out, budget.spent)

    def within(self, node: Node, depth: int, room: int) -> _Inlined:
        """The schema inlined where it fits the room, else its outline."""
        found = self._inline(node, depth)
        return found if found.nodes <= room else self._inline(node, 0)


class _Budget:
    """Shares the nodes of one card among the children of a schema, first come first served."""

    def __init__(self, cards: CardSchemas, nodes: int, depth: int) -> None:
        self._cards = cards
        self._nodes = nodes
        self._depth = depth
        self.spent = 1

    def spend(self, node: Node) -> Json:
        if isinstance(node.value, bool):
            return node.value
        child = self._cards.within(node, self._depth, self._nodes - self.spent)
        self.spent += child.nodes
        return child.schema
