"""Swagger 2.0 parameters -> OpenAPI 3.0 parameters; those of the body are set apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from facade.contract.dialects.swagger2_schemas import Draft
from facade.contract.document import Node, join, mapping, sequence, text
from facade.kernel import Json, JsonObject

_OF_SCHEMA: Final = (
    *("type", "format", "items", "default", "enum", "pattern", "multipleOf", "uniqueItems", "x-nullable"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems"),
)
_MOVED: Final = frozenset({*_OF_SCHEMA, "collectionFormat", "x-example"})
_STYLES: Final[Mapping[str, tuple[str, bool]]] = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
"""Query and form arrays (Swagger 2.0, Parameter Object, collectionFormat); paths and headers have `csv` alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitParameters:
    """Parameters of a path item or an operation, followed to where they stand.

    Attributes:
        plain: those that stay parameters, in their order.
        form: those of a form, by name.
    """

    plain: tuple[Node, ...] = ()
    body: Node | None = None
    form: Mapping[str, Node] = field(default_factory=dict)

    def over(self, shared: "SplitParameters") -> "SplitParameters":
        """The body of an operation whose path item declares parts of it too; the operation's own win."""
        if self.body is not None:
            return self
        if self.form:
            return SplitParameters(form={**shared.form, **self.form})
        return SplitParameters(body=shared.body, form=shared.form)


def split_parameters(draft: Draft, listed: Json, place: str) -> SplitParameters:
    """Tell the parameters of a list apart by where they travel."""
    plain: list[Node] = []
    body: Node | None = None
    form: dict[str, Node] = {}
    for index, value in enumerate(sequence(listed)):
        written = Node(value, join(place, index))
        node = draft.followed(written) or written
        match mapping(node.value).get("in"):
            case "body" if body is None:
                body = node
            case "body":
                draft.tell("parameter.body", node.place, "an operation has one body parameter; the first one is read")
            case "formData":
                form[text(mapping(node.value).get("name"))] = node
            case _:
                plain.append(node)
    return SplitParameters(plain=tuple(plain), body=body, form=form)


def plain_parameter(draft: Draft, node: Node, here: str) -> Json:
    """A parameter with a schema and a style. One that is none of Swagger 2.0's stays as it is."""
    draft.moves.add(here, node.place)
    fields = node.value
    if not isinstance(fields, Mapping) or "$ref" in fields or "schema" in fields or "content" in fields:
        return fields
    draft.moves.add(join(here, "schema"), node.place)
    kept = {name: value for name, value in fields.items() if name not in _MOVED}
    if "x-example" in fields:
        kept.setdefault("example", fields["x-example"])
    schema, style = schema_and_style(draft, node)
    return {**kept, **style, "schema": schema}


def schema_and_style(draft: Draft, node: Node) -> tuple[JsonObject, JsonObject]:
    """The schema that a parameter spells out itself, and how its array is written.

    OpenAPI 3.0 has no tab-separated arrays, and no arrays in arrays: these are one text there.
    """
    fields = mapping(node.value)
    inline: JsonObject = {name: fields[name] for name in _OF_SCHEMA if name in fields}
    schema = mapping(draft.schema(Node(inline, node.place)))
    if fields.get("type") != "array":
        return schema, {}
    separated = text(fields.get("collectionFormat")) or "csv"
    many = fields.get("in") in ("query", "formData")
    nested = mapping(fields.get("items")).get("type") == "array"
    if nested or separated not in (_STYLES if many else ("csv",)):
        what = "an array of arrays" if nested else f"an array separated by {separated[:20]!r}"
        draft.tell("parameter.collection", node.place, f"{what} has no form in OpenAPI 3; read as one text")
        return {"type": "string"}, {}
    style, explode = _STYLES[separated]
    return schema, {"style": style, "explode": explode} if many else {}
