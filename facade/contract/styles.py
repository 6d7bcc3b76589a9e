"""Parameter values <-> their text on the wire, by OpenAPI style (OpenAPI 3.0.4 and 3.1.1, "Style Values").

Everything written is read back before it is sent, so an array item that holds its own delimiter is refused rather
than split. Writing is strict; reading takes what clients really send (raw `|`, `+` for a space).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import isfinite
from typing import Final, TypeAlias
from urllib.parse import quote, unquote, unquote_plus

import orjson

from facade.kernel import Json, Location

Texts: TypeAlias = str | tuple[str, ...] | Mapping[str, str]
Pairs: TypeAlias = Sequence[tuple[str, str]]
_EXACT: Final = 2**53
_DELIMITERS: Final = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}
_SPLITTERS: Final = {
    "spaceDelimited": re.compile(r"%20|\+"),
    "pipeDelimited": re.compile(r"%7[Cc]|\|"),
}


class Shape(StrEnum):
    """How a value is laid out on the wire."""

    SCALAR = "scalar"
    ARRAY = "array"
    OBJECT = "object"


class Unwritable(ValueError):
    """The value has no form in this style; says why, and in which `field` of a body. Never leaves the room."""

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How one parameter is written and read.

    Attributes:
        json: its value is one JSON text (`content` in place of `schema`).
        reserved: `allowReserved`; characters that delimit nothing in a query stay as they are.
        fields: names that an exploded object takes from the query or a form; empty: every name not in `claimed`.
        claimed: query names that belong to other parameters.
    """

    name: str
    location: Location
    style: str
    explode: bool
    json: bool = False
    reserved: bool = False
    fields: frozenset[str] = frozenset()
    claimed: frozenset[str] = frozenset()


def shape_of(value: Texts) -> Shape:
    """The shape of a value that is about to be written."""
    if isinstance(value, str):
        return Shape.SCALAR
    return Shape.OBJECT if isinstance(value, Mapping) else Shape.ARRAY


def texts_of(codec: Codec, value: Json) -> Texts:
    """A value as the texts that its style lays out.

    Raises:
        Unwritable: null, or nested deeper than the style can say.
    """
    if codec.json:
        return json_text(value, ascii_only=codec.location is Location.HEADER)
    if isinstance(value, Mapping):
        return {str(k): scalar_text(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(scalar_text(v) for v in value)
    return scalar_text(value)


def json_text(value: Json, *, ascii_only: bool = False) -> str:
    """Canonical JSON: sorted keys, no spaces."""
    try:
        written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        if orjson.loads(written) != value:
            raise Unwritable("holds a number that JSON cannot carry")
    except TypeError:
        raise Unwritable("holds something that JSON cannot carry") from None
    return json.dumps(orjson.loads(written), separators=(",", ":")) if ascii_only else written.decode()


def scalar_text(value: Json) -> str:
    """Booleans and numbers as JSON writes them, whole numbers without a fraction."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if isfinite(value):
            return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    raise Unwritable("cannot be null, nested or not a number here; leave it out or give a plain value")


# --- flat lists of encoded pieces


def _pieces(texts: Texts, encode: Callable[[str], str], *, paired: bool) -> list[str]:
    if isinstance(texts, str):
        return [encode(texts)]
    if not isinstance(texts, Mapping):
        return [encode(t) for t in texts]
    if paired:
        return [f"{encode(k)}={encode(v)}" for k, v in texts.items()]
    return [encode(t) for pair in texts.items() for t in pair]


def _unpieces(pieces: Sequence[str], decode: Callable[[str], str], shape: Shape, *, paired: bool) -> Texts:
    if shape is Shape.ARRAY:
        return tuple(decode(p) for p in pieces)
    if shape is Shape.OBJECT and paired:
        return {decode(k): decode(v) for k, _, v in (p.partition("=") for p in pieces)}
    if shape is Shape.OBJECT:
        return {decode(k): decode(v) for k, v in zip(pieces[::2], pieces[1::2], strict=False)}
    return decode(pieces[0])


def encoded(piece: str, safe: str = "") -> str:
    """Percent-encode everything but unreserved characters, and those named."""
    try:
        return quote(piece, safe=safe)
    except UnicodeEncodeError:
        raise Unwritable("holds characters that are not valid Unicode") from None


_RESERVED: Final = "/?:@!$'()*"
"""What `allowReserved` leaves as it is: not `#[]`, which no query holds, nor `&=+,;`, which some server splits at."""


def _value(codec: Codec) -> Callable[[str], str]:
    """How the values of a query parameter are encoded."""
    return partial(encoded, safe=_RESERVED) if codec.reserved else encoded


def _same(piece: str) -> str:
    return piece


# --- path


def write_path(codec: Codec, texts: Texts) -> str:
    """The encoded text of a path parameter."""
    pieces = _pieces(texts, encoded, paired=codec.explode)
    if codec.style == "label":
        return "." + ("." if codec.explode else ",").join(pieces)
    if codec.style == "matrix":
        name = encoded(codec.name)
        if codec.explode and not isinstance(texts, str):
            return "".join(f";{p}" if isinstance(texts, Mapping) else f";{name}={p}" for p in pieces)
        return f";{name}={','.join(pieces)}"
    return ",".join(pieces)


def read_path(codec: Codec, raw: str, shape: Shape) -> Texts:
    """The inverse of `write_path`; text that does not have the style's marks reads as itself."""
    separator = ","
    body = raw
    if codec.style == "label":
        body, separator = raw.removeprefix("."), "." if codec.explode else ","
    elif codec.style == "matrix":
        name = f"{encoded(codec.name)}="
        body = raw.removeprefix(";")
        if codec.explode and shape is not Shape.SCALAR:
            parts = body.split(";")
            if shape is Shape.ARRAY:
                return tuple(unquote(p.removeprefix(name)) for p in parts)
            return _unpieces(parts, unquote, shape, paired=True)
        body = body.removeprefix(name)
    pieces = [body] if shape is Shape.SCALAR else body.split(separator)
    return _unpieces(pieces, unquote, shape, paired=codec.explode)


# --- query, cookie and form bodies


def write_query(codec: Codec, texts: Texts) -> list[str]:
    """The `name=value` pieces of a query parameter, encoded. An empty array or object is no piece at all."""
    name, value = encoded(codec.name), _value(codec)
    if isinstance(texts, str):
        return [f"{name}={value(texts)}"]
    if codec.style == "deepObject":
        if not isinstance(texts, Mapping):
            raise Unwritable("must be an object here")
        return [f"{encoded(f'{codec.name}[{k}]')}={value(v)}" for k, v in texts.items()]
    if codec.explode and isinstance(texts, Mapping):
        return [f"{encoded(k)}={value(v)}" for k, v in texts.items()]
    pieces = _pieces(texts, value, paired=False)
    if codec.explode:
        return [f"{name}={p}" for p in pieces]
    return [f"{name}={_DELIMITERS.get(codec.style, ',').join(pieces)}"] if pieces else []


def read_query(codec: Codec, pairs: Pairs, shape: Shape) -> Texts | None:
    """The texts of a parameter among raw pairs (names decoded, values still encoded); None when it is absent."""
    if shape is Shape.OBJECT and (codec.explode or codec.style == "deepObject"):
        return _fields(codec, pairs) or None
    own = [v for k, v in pairs if k == codec.name]
    if not own:
        return None
    if shape is Shape.ARRAY and codec.explode:
        return tuple(unquote_plus(v) for v in own)
    pieces = own if shape is Shape.SCALAR else _split(codec, own[0])
    return _unpieces(pieces, unquote_plus, shape, paired=False)


def _fields(codec: Codec, pairs: Pairs) -> dict[str, str]:
    """What belongs to an object whose fields are query names of their own."""
    if codec.style == "deepObject":
        opening = f"{codec.name}["
        own = ((k, v) for k, v in pairs if k.startswith(opening) and k[-1] == "]" and k not in codec.claimed)
        return {k[len(opening) : -1]: unquote_plus(v) for k, v in own}
    return {k: unquote_plus(v) for k, v in pairs if _mine(codec, k)}


def _split(codec: Codec, raw: str) -> list[str]:
    if codec.style == "form":
        return raw.split(",")
    return _SPLITTERS[codec.style].split(raw)


def _mine(codec: Codec, name: str) -> bool:
    return name in codec.fields if codec.fields else name not in codec.claimed


def raw_pairs(query: str) -> list[tuple[str, str]]:
    """Split a query into (decoded name, encoded value), keeping order and repeats."""
    parts = (piece.partition("=") for piece in query.split("&") if piece)
    return [(unquote_plus(name), value) for name, _, value in parts]


# --- headers


def write_header(codec: Codec, texts: Texts) -> str:
    """A header's value. Headers carry no percent-encoding, so only visible ASCII passes.

    Raises:
        Unwritable: line breaks, control characters or characters beyond ASCII.
    """
    value = ",".join(_pieces(texts, _same, paired=codec.explode))
    if not all(" " <= c <= "~" for c in value):
        raise Unwritable("can only hold visible ASCII characters in a header")
    return value


def read_header(codec: Codec, raw: str, shape: Shape) -> Texts:
    """The inverse of `write_header`, surrounding spaces dropped."""
    pieces = [raw] if shape is Shape.SCALAR else raw.split(",")
    return _unpieces([p.strip() for p in pieces], _same, shape, paired=codec.explode)
