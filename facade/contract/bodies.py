"""Request bodies -> the media type we write, its validator, and the fields that become BODY parameters."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from facade.contract.compiled import CompiledBody, Content
from facade.contract.document import Node, join, mapping, text
from facade.contract.faults import Broken, broken
from facade.contract.files import WHOLE
from facade.contract.forms import Form, card_of, form_fields
from facade.contract.media import FORM, MULTIPART, Kind, by_preference, charset_of, essence, kind_of, on_the_wire
from facade.contract.objects import Fields, fields_of
from facade.contract.parameters import Declared
from facade.contract.reading import reading_of
from facade.contract.schemas import Direction
from facade.contract.workshop import Site, Workshop
from facade.kernel import Body, Json, JsonObject, Location, Parameter, Severity

_BODILESS = frozenset({"GET", "HEAD"})
_FORMS: Final = frozenset({Kind.FORM, Kind.MULTIPART})
_TEXT: Final[JsonObject] = {"type": "string"}


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
    try:
        if site.route.method in _BODILESS:
            raise broken(
                "body.method", node.place, f"{site.route.method} has a request body, which HTTP gives no meaning"
            )
        return _read(shop, site, node)
    except Broken as fault:
        if mapping(node.value).get("required") is True:
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
    return Node({"content": {MULTIPART if files else FORM: {"schema": schema}}, "required": bool(required)}, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Media:
    """One Media Type Object, read.

    Attributes:
        schema: of the value that is written.
        cards: of its fields, by name.
    """

    content: Content
    schema: Node
    fields: Fields
    cards: Mapping[str, JsonObject]


def _read(shop: Workshop, site: Site, node: Node) -> ReadBody:
    body = mapping(node.value)
    content = Node(body.get("content"), join(node.place, "content"))
    names = by_preference(mapping(content.value))
    if not names:
        listed = ", ".join(mapping(content.value)) or "no media type"
        raise broken(
            "body.media_type",
            content.place,
            f"cannot write {listed[:120]}; declare one that is not multipart/mixed or the like",
        )
    chosen = _media(shop, content, names[0])
    read_only = frozenset(name for name, card in chosen.cards.items() if card.get("readOnly") is True)
    compiled = CompiledBody(
        chosen=names[0],
        declared=tuple(mapping(content.value)),
        contents={names[0]: chosen.content, **dict(_others(shop, site, content, names[1:]))},
        required=body.get("required") is True,
        fields=None if chosen.fields.open else frozenset(chosen.fields.known) - read_only,
        read_only=read_only,
    )
    card = Body(
        media_type=chosen.content.media_type,
        required=compiled.required,
        schema=_card(shop, chosen),
        description=text(body.get("description"))[:2_000],
    )
    # Most descriptions that list required fields only forgot to say that the body itself is required.
    asked = compiled.required or "required" not in body
    return ReadBody(card=card, compiled=compiled, parameters=_parameters(shop, chosen, asked=asked))


def _others(shop: Workshop, site: Site, content: Node, names: Iterable[str]) -> Iterator[tuple[str, Content]]:
    """What else clients may send. What cannot be read goes unchecked: calls do not need it."""
    for name in names:
        try:
            yield name, _media(shop, content, name).content
        except Broken as fault:
            message = f"{fault.finding.message}; bodies of {name[:80]!r} go unchecked"
            site.remarks.append(replace(fault.finding, message=message, severity=Severity.WARNING))


def _media(shop: Workshop, content: Node, name: str) -> _Media:
    media = mapping(mapping(content.value)[name])
    place = join(content.place, name)
    kind = kind_of(name) or Kind.JSON
    schema = Node(media.get("schema", True), join(place, "schema"))
    if kind is Kind.TEXT and "string" not in (reading_of(shop.cards.inline(schema)).types or {"string"}):
        schema = Node(_TEXT, schema.place)  # an array of rows, say, which the text spells: only the text is checked
    fields = fields_of(shop.document, schema) if kind in {Kind.JSON, *_FORMS} else Fields(open=True)
    cards = {field: shop.cards.inline(node) for field, node in fields.spread.items()}
    form = Form(shop=shop, kind=kind, encoding=Node(media.get("encoding"), join(place, "encoding")))
    written = form_fields(form, cards) if kind in _FORMS else {}
    compiled = Content(
        media_type=_content_type(name, kind),
        kind=kind,
        validator=shop.schemas.validator(schema, Direction.REQUEST),
        charset=charset_of(name) or "utf-8",
        fields=written,
        files=frozenset(field for field, how in written.items() if how.file),
    )
    shown = {field: card_of(written[field], card) for field, card in cards.items()} if written else cards
    return _Media(content=compiled, schema=schema, fields=fields, cards=shown)


def _content_type(name: str, kind: Kind) -> str:
    """What the header says; a text without a charset that we know is UTF-8, and says so where its type has no rule."""
    written = on_the_wire(name)
    if kind is not Kind.TEXT or not written.startswith("text/") or charset_of(written):
        return written
    return f"{essence(written) if 'charset' in written.lower() else written}; charset=utf-8"


def _card(shop: Workshop, media: _Media) -> JsonObject:
    """The schema of the whole argument, files as they are given to us."""
    if media.content.kind is Kind.OCTETS:
        return WHOLE
    card = shop.cards.inline(media.schema)
    properties = card.get("properties")
    if not media.content.fields or not isinstance(properties, Mapping):
        return card
    return {**card, "properties": {name: media.cards.get(name, value) for name, value in properties.items()}}


def _parameters(shop: Workshop, media: _Media, *, asked: bool) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name=name,
            location=Location.BODY,
            schema=card,
            required=asked and name in media.fields.required,
            description=text(card.get("description")),
            example=next(iter(_examples(card)), None),
            pinned=shop.pinned(Location.BODY, name),
        )
        for name, card in media.cards.items()
        if card.get("readOnly") is not True
    )


def _examples(card: JsonObject) -> list[Json]:
    examples = card.get("examples")
    return list(examples) if isinstance(examples, list) else []
