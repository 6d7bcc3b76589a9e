"""What a JSON object body is made of, its `allOf` merged: the fields that become BODY parameters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from facade.contract.document import Document, Node, join, mapping, sequence, text
from facade.contract.repairs import repaired
from facade.kernel import Json, JsonObject


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
    """Merge the fields of a body schema over `allOf`, and over the one form that is left when null is set aside.

    Every schema is visited once, so loops end and shared parts cost nothing. The schema has been compiled before, so
    its references hold.
    """
    fields = Fields()
    _gather(document, node, fields)
    fields.open = fields.open or not fields.known
    fields.is_object = fields.is_object or bool(fields.known)
    return fields


def _gather(document: Document, start: Node, fields: Fields) -> None:
    seen: set[tuple[str, bool]] = set()
    waiting = [(start, True)]
    while waiting:
        node, spread = waiting.pop()
        node = document.resolve(node)
        if (node.place, spread) in seen or not isinstance(node.value, Mapping):
            continue
        seen.add((node.place, spread))
        schema, _ = repaired(node.value, node.place, document.dialect)
        _own(schema, node.place, fields, spread=spread)
        below = []
        for key, i, part in _parts(schema):
            whole = key == "allOf" or len(_forms(schema, key)) == 1
            below.append((Node(part, join(node.place, key, i)), spread and whole))
        waiting += reversed(below)


def _own(schema: JsonObject, place: str, fields: Fields, *, spread: bool) -> None:
    properties = mapping(schema.get("properties"))
    fields.known |= properties.keys()
    fields.is_object = fields.is_object or schema.get("type") in ("object", ["object", "null"])
    if spread:
        fields.required |= {text(name) for name in sequence(schema.get("required"))}
        for name, value in properties.items():
            fields.spread.setdefault(name, Node(value, join(place, "properties", name)))
    if "discriminator" in schema and not {"oneOf", "anyOf"} & schema.keys():
        fields.open = True  # a parent: its children, which point back at it, have fields that it does not know
    extra = schema.get("additionalProperties", schema.get("unevaluatedProperties", False))
    fields.open = fields.open or extra not in (False, None) or bool(mapping(schema.get("patternProperties")))


def _parts(schema: JsonObject) -> Iterator[tuple[str, int, Json]]:
    for key in ("allOf", "anyOf", "oneOf"):
        for i, part in enumerate(sequence(schema.get(key))):
            yield key, i, part


def _forms(schema: JsonObject, key: str) -> list[Json]:
    return [part for part in sequence(schema.get(key)) if mapping(part).get("type") != "null"]
