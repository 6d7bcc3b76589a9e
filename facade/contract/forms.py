"""The fields of an urlencoded or multipart form, from their schemas and Encoding Objects.

Source: OpenAPI 3.0.4, 4.7.15 and 3.1.1, 4.8.15 "Encoding Object". Without a style an object is one JSON text, an array
repeats its field, and a binary string is a file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from facade.contract.compiled import FormField
from facade.contract.document import Node, join, mapping, sequence, text
from facade.contract.faults import broken
from facade.contract.files import IN_A_FORM
from facade.contract.media import JSON, Kind, covers, essence, is_concrete, is_json, kind_of
from facade.contract.multipart import quoted
from facade.contract.reading import Reading, parts_of, reading_of
from facade.contract.settings import Dialect
from facade.contract.styles import Codec, Shape, Unwritable, scalar_text
from facade.contract.workshop import Workshop
from facade.kernel import FRAMING_HEADERS, HEADER_NAME, Json, JsonObject, Location

_LAID_OUT: Final = ("style", "explode", "allowReserved")
_STYLES: Final = ("form", "spaceDelimited", "pipeDelimited", "deepObject")
_PLAIN: Final = "text/plain; charset=utf-8"
_OCTETS: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A Media Type Object of a form: its kind and its Encoding Objects."""

    shop: Workshop
    kind: Kind
    encoding: Node


def form_fields(form: Form, cards: Mapping[str, JsonObject]) -> dict[str, FormField]:
    """How every declared field is written.

    Raises:
        Broken: a name or header that no form can carry.
    """
    return {name: _field(form, name, card) for name, card in cards.items()}


def card_of(field: FormField, card: JsonObject) -> JsonObject:
    """The schema that a planner sees of a field: files as they are given to us."""
    if not field.file:
        return card
    about = " ".join(filter(None, (text(card.get("description")), text(IN_A_FORM["description"]))))
    told = {**{k: card[k] for k in ("title", "readOnly", "deprecated") if k in card}, "description": about}
    return {**told, "type": "array", "items": IN_A_FORM} if field.many else {**IN_A_FORM, **told}


def _field(form: Form, name: str, card: JsonObject) -> FormField:
    encoding = mapping(mapping(form.encoding.value).get(name))
    place = join(form.encoding.place, name)
    reading = reading_of(card)
    codec = _codec(form, name, encoding, reading)
    many = reading.shape() is Shape.ARRAY
    one = _item(card) if many else card
    multipart = form.kind is Kind.MULTIPART
    file = multipart and codec is None and _is_file(one, form.shop.document.dialect)
    media_types = tuple(_media_types(text(encoding.get("contentType"))))
    if multipart:
        _must_fit(name, place)
    return FormField(
        name=name,
        reading=reading if codec else reading_of(one),
        many=many,
        codec=codec,
        file=file,
        json=not file and (_is_compound(reading_of(one)) or any(map(is_json, media_types))),
        media_types=media_types if multipart else (),
        headers=tuple(_headers(form, Node(encoding.get("headers"), join(place, "headers")))) if multipart else (),
    )


def _item(card: JsonObject) -> JsonObject:
    """The schema of an array's items, wherever its alternatives name one; texts where none does."""
    items = (mapping(part["items"]) for part in parts_of(card) if isinstance(part.get("items"), Mapping))
    return next(items, {"type": "string"})


def _media_types(listed: str) -> Iterator[str]:
    for name in (m.strip() for m in listed.split(",")):
        if kind_of(name) is not None:
            yield name if is_concrete(name) else essence(name)


def _must_fit(name: str, place: str) -> None:
    try:
        quoted(name)
    except Unwritable as reason:
        raise broken("body.field", place, f"{name[:80]!r} {reason}") from None


def _codec(form: Form, name: str, encoding: JsonObject, reading: Reading) -> Codec | None:
    """Set where a style is named; OpenAPI 3.0 knows none for multipart forms."""
    if not any(key in encoding for key in _LAID_OUT):
        return None
    if form.kind is Kind.MULTIPART and form.shop.document.dialect is Dialect.V3_0:
        return None
    named = text(encoding.get("style"))
    style = named if named in _STYLES else _STYLES[0]
    explode = encoding.get("explode")
    return Codec(
        name=name,
        location=Location.BODY,
        style=style,
        explode=explode if isinstance(explode, bool) else style in ("form", "deepObject"),
        reserved=encoding.get("allowReserved") is True,
        fields=frozenset(reading.fields),
    )


def _is_file(card: JsonObject, dialect: Dialect) -> bool:
    """A binary string; in 3.1 also what names a media type and no encoding, or nothing at all (3.1.1, 4.8.15.1)."""
    if dialect is not Dialect.V3_0 and not card.keys() - {"title", "description"}:
        return True
    return any(
        part.get("format") == "binary" or ("contentMediaType" in part and "contentEncoding" not in part)
        for part in parts_of(card)
    )


def _is_compound(reading: Reading) -> bool:
    return bool(reading.types) and reading.types <= {"object", "array", "null"} and reading.types != {"null"}


def _headers(form: Form, node: Node) -> Iterator[tuple[str, str]]:
    """Headers of a part whose value the description itself fixes.

    Raises:
        Broken: one is required, and nobody can say its value.
    """
    for name, value in mapping(node.value).items():
        if name.lower() in {"content-type", "content-disposition", "content-transfer-encoding"}:
            continue
        header = form.shop.document.resolve(Node(value, join(node.place, name)))
        fixed = _fixed(form.shop.cards.inline(Node(mapping(header.value).get("schema"), header.place)))
        if fixed and HEADER_NAME.fullmatch(name) and name.lower() not in FRAMING_HEADERS:
            yield name, fixed
        elif mapping(header.value).get("required") is True:
            raise broken("body.encoding", header.place, f"nothing says the value of the part header {name[:80]!r}")


def _fixed(schema: JsonObject) -> str:
    """The one value of a schema, as header text; "" when there is none."""
    listed = sequence(schema.get("enum"))
    values: list[Json] = [schema[k] for k in ("const", "default") if k in schema] or [*listed][: len(listed) == 1]
    value = next(iter(values), None)
    written = scalar_text(value) if isinstance(value, str | int | float) else ""
    return written if all(" " <= c <= "~" for c in written) else ""


def part_type(field: FormField, given: str = "", *, json: bool = False) -> str:
    """The Content-Type of a part.

    Args:
        given: what the caller says of a file; "" when nothing.

    Raises:
        Unwritable: the description allows other media types alone.
    """
    wanted = given or (JSON if json else _OCTETS if field.file else _PLAIN)
    if not field.media_types or any(covers(allowed, wanted) for allowed in field.media_types):
        return wanted
    if not given and len(field.media_types) == 1 and is_concrete(field.media_types[0]):
        return field.media_types[0]
    raise Unwritable(f"must have a 'content_type' of {', '.join(field.media_types)[:200]}")
