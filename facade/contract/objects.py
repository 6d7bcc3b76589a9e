"""What a JSON object body is made of, its `allOf` merged: the fields that become BODY parameters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from facade.contract.document import Document, Node, join, mapping, sequence, text
from facade.contract.faults import Broken
from facade.contract.repairs import repaired
from facade.kernel import Json, JsonObject

_DEPTH = 16


@dataclass(slots=True)
class Fields:
    """The top-level fields of an object schema.

    Attributes:
        known: every field that some form of the object names.
        spread: those that each form names the same way, in order; they become parameters.
        open: the description says itself that other fields are welcome, or names none at all.
    """

    spread: dict[str, Node] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    open: bool = False
    is_object: bool = False


def fields_of(document: Document, node: Node) -> Fields:
    """Merge the fields of a body schema over `allOf`, and over the one form that is left when null is set aside."""
    fields = Fields()
    _gather(document, node, fields, _Way(spread=True, depth=0))
    fields.open = fields.open or not fields.known
    fields.is_object = fields.is_object or bool(fields.known)
    return fields


@dataclass(frozen=True, slots=True)
class _Way:
    spread: bool
    depth: int


def _gather(document: Document, node: Node, fields: Fields, way: _Way) -> None:
    try:
        node = document.resolve(node) if "$ref" in mapping(node.value) else node
    except Broken:
        fields.open = True
        return
    if way.depth > _DEPTH or not isinstance(node.value, Mapping):
        return
    schema, _ = repaired(node.value, node.place, document.dialect)
    _own(schema, node.place, fields, way)
    for key, i, part in _parts(schema):
        spread = way.spread and (key == "allOf" or len(_forms(schema, key)) == 1)
        _gather(document, Node(part, join(node.place, key, i)), fields, _Way(spread, way.depth + 1))


def _own(schema: JsonObject, place: str, fields: Fields, way: _Way) -> None:
    properties = mapping(schema.get("properties"))
    fields.known |= properties.keys()
    fields.is_object = fields.is_object or schema.get("type") in ("object", ["object", "null"])
    if way.spread:
        fields.required |= {text(name) for name in sequence(schema.get("required"))}
        for name, value in properties.items():
            fields.spread.setdefault(name, Node(value, join(place, "properties", name)))
    extra = schema.get("additionalProperties", schema.get("unevaluatedProperties", False))
    fields.open = fields.open or extra not in (False, None) or bool(mapping(schema.get("patternProperties")))


def _parts(schema: JsonObject) -> Iterator[tuple[str, int, Json]]:
    for key in ("allOf", "anyOf", "oneOf"):
        for i, part in enumerate(sequence(schema.get(key))):
            yield key, i, part


def _forms(schema: JsonObject, key: str) -> list[Json]:
    return [part for part in sequence(schema.get(key)) if mapping(part).get("type") != "null"]
