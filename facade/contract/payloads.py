"""Request bodies: the value of an argument -> octets on the wire, and back for what clients send."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, unquote_plus

import orjson

from facade.contract.compiled import Content, FormField
from facade.contract.files import as_text, file_of
from facade.contract.forms import part_type
from facade.contract.media import MULTIPART, Kind, charset_of, covers, is_concrete
from facade.contract.multipart import Part, Unreadable, boundary_of, read, written
from facade.contract.reading import Reading, cast, loaded, typed
from facade.contract.styles import (
    Codec,
    Pairs,
    Unwritable,
    encoded,
    json_text,
    raw_pairs,
    read_query,
    scalar_text,
    shape_of,
    texts_of,
    write_query,
)
from facade.kernel import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A body as it goes on the wire.

    Attributes:
        said: names and texts of a form, as the application will read them.
    """

    content_type: str
    octets: bytes
    said: tuple[tuple[str, str], ...] = ()


def payload_of(body: Json, content: Content) -> Payload:
    """Write a body.

    Raises:
        Unwritable: it holds what the media type cannot carry.
    """
    return _WRITERS[content.kind](body, content)


def spoken(body: Json, content: Content) -> Json:
    """The value that the description's schema speaks about: files are their octets there.

    Raises:
        Unwritable: what should be a file is none.
    """
    if content.kind is Kind.OCTETS:
        return as_text(file_of(body, text_is_base64=True).octets)
    if not content.files or not isinstance(body, Mapping):
        return body
    return {name: _octets_of(name, value) if name in content.files else value for name, value in body.items()}


def _octets_of(name: str, value: Json) -> Json:
    with _at(name):
        if isinstance(value, list | tuple):
            return [as_text(file_of(each).octets) for each in value]
        return as_text(file_of(value).octets)


# --- one value


def _json(body: Json, content: Content) -> Payload:
    try:
        octets = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        raise Unwritable("is nested too deeply, or holds something that JSON cannot carry") from None
    if orjson.loads(octets) != body:
        raise Unwritable("holds a number that JSON cannot carry")
    return Payload(content_type=content.media_type, octets=octets)


def _text(body: Json, content: Content) -> Payload:
    if not isinstance(body, str):
        raise Unwritable("must be a text")
    try:
        return Payload(content_type=content.media_type, octets=body.encode(content.charset))
    except UnicodeEncodeError:
        raise Unwritable(f"holds characters that {content.charset} cannot carry") from None


def _octets(body: Json, content: Content) -> Payload:
    file = file_of(body, text_is_base64=True)
    content_type = file.content_type or content.media_type
    if not is_concrete(content_type) or not covers(content.media_type, content_type):
        raise Unwritable(f"must be an object whose 'content_type' is one of {content.media_type}")
    return Payload(content_type=content_type, octets=file.octets)


# --- forms


def _form(body: Json, content: Content) -> Payload:
    pieces: list[str] = []
    for name, value in _members(body):
        with _at(name):
            field = content.fields.get(name) or _undeclared(name)
            if field.codec is None:
                pieces += [f"{encoded(name)}={encoded(_text_of(field, each))}" for each in _each(field, value)]
            else:
                pieces += _confined(field.codec, write_query(field.codec, texts_of(field.codec, value)), content)
    joined = "&".join(pieces)
    said = tuple((name, unquote_plus(value)) for name, value in raw_pairs(joined))
    return Payload(content_type=content.media_type, octets=joined.encode("ascii"), said=said)


def _multipart(body: Json, content: Content) -> Payload:
    parts: list[Part] = []
    for name, value in _members(body):
        with _at(name):
            field = content.fields.get(name) or _undeclared(name)
            if field.codec is None:
                parts += [_part(field, each) for each in _each(field, value)]
            else:
                parts += _laid_out(field, field.codec, value, content)
    boundary, octets = written(parts)
    said = tuple((part.name, part.content.decode("utf-8", "replace")) for part in parts)
    return Payload(content_type=f"{MULTIPART}; boundary={boundary}", octets=octets, said=said)


@contextmanager
def _at(name: str) -> Iterator[None]:
    """What cannot be written is told with its field."""
    try:
        yield
    except Unwritable as refusal:
        raise Unwritable(str(refusal), field=name) from None


def _members(body: Json) -> Iterator[tuple[str, Json]]:
    if not isinstance(body, Mapping):
        raise Unwritable("must be an object, whose fields become those of the form")
    return iter(body.items())


def _undeclared(name: str) -> FormField:
    """A field of a form that is open: its value decides."""
    return FormField(name=name, reading=Reading())


def _each(field: FormField, value: Json) -> Sequence[Json]:
    """The values of a field that repeats, or the one of any other."""
    if isinstance(value, str) or not isinstance(value, Sequence) or (field.json and not field.many):
        return (value,)
    if not value:
        raise Unwritable("cannot be empty in a form; leave it out")
    return value


def _text_of(field: FormField, value: Json) -> str:
    if field.json or isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
        return json_text(value)
    return scalar_text(value)


def _confined(codec: Codec, pieces: list[str], content: Content) -> list[str]:
    """No key of an object that is spread over the form is another field's name."""
    names = {name for name, _ in raw_pairs("&".join(pieces))} - {codec.name}
    if names & content.fields.keys():
        raise Unwritable("has a key that is another field of the form")
    return pieces


def _laid_out(field: FormField, codec: Codec, value: Json, content: Content) -> Iterator[Part]:
    """The parts of a field with a style: the same names and texts as in a query, nothing encoded."""
    texts = texts_of(codec, value)
    pieces = raw_pairs("&".join(_confined(codec, write_query(codec, texts), content)))
    if read_query(codec, [(name, quote(unquote(raw), safe=",")) for name, raw in pieces], shape_of(texts)) != texts:
        raise Unwritable(f"cannot be told apart once written in style {codec.style!r}")
    for name, raw in pieces:
        content_type = part_type(field)
        yield Part(name=name, content=unquote(raw).encode(), content_type=content_type, headers=field.headers)


def _part(field: FormField, value: Json) -> Part:
    if not field.file:
        text = _text_of(field, value)
        as_json = field.json or not isinstance(value, str | int | float | bool)
        content_type = part_type(field, json=as_json)
        return Part(name=field.name, content=_utf8(text), content_type=content_type, headers=field.headers)
    file = file_of(value)
    return Part(
        name=field.name,
        content=file.octets,
        content_type=part_type(field, file.content_type),
        filename=file.filename or field.name,
        headers=field.headers,
    )


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Unwritable("holds characters that are not valid Unicode") from None


_WRITERS: Final[Mapping[Kind, Callable[[Json, Content], Payload]]] = {
    Kind.JSON: _json,
    Kind.MULTIPART: _multipart,
    Kind.FORM: _form,
    Kind.TEXT: _text,
    Kind.OCTETS: _octets,
}


# --- reading what clients send


def value_of(raw: bytes, content_type: str, content: Content) -> Json:
    """The value that the description's schema speaks about.

    Raises:
        Unreadable: the octets are not what the media type says; says why.
    """
    match content.kind:
        case Kind.JSON:
            return json_of(raw)
        case Kind.FORM:
            return _form_value(raw, content)
        case Kind.MULTIPART:
            return _parts_value(raw, content_type, content)
        case Kind.TEXT:
            return text_of(raw, content_type)
    return as_text(raw)


def json_of(raw: bytes) -> Json:
    """One JSON value.

    Raises:
        Unreadable: it is none.
    """
    try:
        value: Json = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Unreadable("is not valid JSON") from None
    return value


def text_of(raw: bytes, content_type: str) -> str:
    """Octets as the text that their Content-Type says they are; UTF-8 where it says nothing that is known."""
    return raw.decode(charset_of(content_type) or "utf-8", "replace")


def _form_value(raw: bytes, content: Content) -> Json:
    pairs = raw_pairs(raw.decode("utf-8", "replace"))
    return _fields(content, pairs, lambda field: [_read(field, unquote_plus(v)) for k, v in pairs if k == field.name])


def _parts_value(raw: bytes, content_type: str, content: Content) -> Json:
    parts = read(raw, boundary_of(content_type))
    laid_out = any(field.codec for field in content.fields.values())
    pairs = [(part.name, quote(part.content, safe=",")) for part in parts] if laid_out else []
    return _fields(content, pairs, lambda field: [_read_part(field, p) for p in parts if p.name == field.name])


def _fields(content: Content, pairs: Pairs, own: Callable[[FormField], list[Json]]) -> Json:
    """The declared fields of a form; others are no difference, as with parameters."""
    value: dict[str, Json] = {}
    for name, field in content.fields.items():
        if field.codec is not None:
            texts = read_query(field.codec, pairs, field.reading.shape())
            found = [] if texts is None else [typed(field.codec, texts, field.reading)]
        else:
            found = own(field)
        if found:
            value[name] = found if field.many and field.codec is None else found[0]
    return value


def _read(field: FormField, text: str) -> Json:
    return loaded(text) if field.json else cast(text, field.reading.types)


def _read_part(field: FormField, part: Part) -> Json:
    return as_text(part.content) if field.file else _read(field, text_of(part.content, part.content_type))
