"""Request bodies -> the media type we write, its validator, and the fields that become BODY parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from facade.contract.compiled import CompiledBody
from facade.contract.document import Node, join, mapping, text
from facade.contract.faults import Broken, broken
from facade.contract.media import FORM, essence, on_the_wire, preferred
from facade.contract.objects import Fields, fields_of
from facade.contract.parameters import Declared
from facade.contract.reading import Reading, reading_of
from facade.contract.schemas import Direction
from facade.contract.styles import Codec
from facade.contract.workshop import Site, Workshop
from facade.kernel import Body, Json, JsonObject, Location, Parameter, Severity

_BODILESS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBody:
    """A body's card, its compiled form, and its top-level fields as parameters."""

    card: Body | None = None
    compiled: CompiledBody | None = None
    parameters: tuple[Parameter, ...] = ()


def body_of(shop: Workshop, site: Site, declared: Declared) -> ReadBody:
    """Read the request body of an operation.

    Raises:
        Broken: a body that a call cannot do without cannot be used.
    """
    node = _object(shop, site, declared)
    if node is None:
        return ReadBody()
    fields = mapping(node.value)
    required = fields.get("required") is True
    try:
        if site.route.method in _BODILESS:
            raise broken(
                "body.method", node.place, f"{site.route.method} has a request body, which HTTP gives no meaning"
            )
        return _read(shop, node, required=required, declared="required" in fields)
    except Broken as fault:
        if required:
            raise
        message = f"{fault.finding.message}; calls go without a body"
        site.remarks.append(replace(fault.finding, message=message, severity=Severity.WARNING))
        return ReadBody()


def _object(shop: Workshop, site: Site, declared: Declared) -> Node | None:
    """The Request Body Object, or what Swagger 2.0 parameters stand for."""
    if "requestBody" in site.operation:
        return shop.document.resolve(Node(site.operation["requestBody"], join(site.route.place, "requestBody")))
    if declared.body is not None:
        fields = mapping(declared.body.value)
        content: JsonObject = {"application/json": {"schema": fields.get("schema", True)}}
        return Node({"content": content, "required": fields.get("required", False)}, declared.body.place)
    if declared.form is not None:
        return _form(declared.form, site.route.place)
    return None


def _form(fields: Mapping[str, Node], place: str) -> Node:
    files = any(mapping(n.value).get("type") == "file" for n in fields.values())
    required = [name for name, n in fields.items() if mapping(n.value).get("required") is True]
    properties: dict[str, Json] = {
        name: {k: v for k, v in mapping(n.value).items() if k not in ("in", "name", "required")}
        for name, n in fields.items()
    }
    schema: JsonObject = {"type": "object", "properties": properties, "required": required}
    media_type = "multipart/form-data" if files else FORM
    return Node({"content": {media_type: {"schema": schema}}, "required": bool(required)}, place)


def _read(shop: Workshop, node: Node, *, required: bool, declared: bool) -> ReadBody:
    content = mapping(mapping(node.value).get("content"))
    chosen = preferred(content)
    if chosen is None:
        names = ", ".join(content) or "no media type"
        raise broken(
            "body.media_type", join(node.place, "content"), f"cannot write {names[:120]}; JSON and forms are supported"
        )
    media = mapping(content[chosen])
    schema = Node(media.get("schema", True), join(node.place, "content", chosen, "schema"))
    validator = shop.schemas.validator(schema, Direction.REQUEST)
    fields = fields_of(shop.document, schema)
    cards = {name: shop.cards.inline(n) for name, n in fields.spread.items()}
    read_only = frozenset(name for name, card in cards.items() if card.get("readOnly") is True)
    form = essence(chosen) == FORM
    compiled = CompiledBody(
        media_type=on_the_wire(chosen),
        chosen=chosen,
        declared=tuple(content),
        required=required,
        validator=validator,
        fields=None if fields.open else frozenset(fields.known) - read_only,
        read_only=read_only,
        form={name: _codec(name, card) for name, card in cards.items()} if form else None,
    )
    card = Body(
        media_type=compiled.media_type,
        required=required,
        schema=shop.cards.inline(schema),
        description=text(mapping(node.value).get("description"))[:2_000],
    )
    # Most descriptions that list required fields only forgot to say that the body itself is required.
    asked = required or not declared
    return ReadBody(card=card, compiled=compiled, parameters=_parameters(shop, fields, cards, asked=asked))


def _codec(name: str, card: JsonObject) -> tuple[Codec, Reading]:
    return Codec(name=name, location=Location.BODY, style="form", explode=True), reading_of(card)


def _parameters(
    shop: Workshop, fields: Fields, cards: Mapping[str, JsonObject], *, asked: bool
) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name=name,
            location=Location.BODY,
            schema=card,
            required=asked and name in fields.required,
            description=text(card.get("description")),
            example=next(iter(_examples(card)), None),
            pinned=shop.pinned(Location.BODY, name),
        )
        for name, card in cards.items()
        if card.get("readOnly") is not True
    )


def _examples(card: JsonObject) -> list[Json]:
    examples = card.get("examples")
    return list(examples) if isinstance(examples, list) else []
