"""Files as arguments: a text, or an object with a name, a media type and the octets in base64."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from facade.contract.media import is_concrete
from facade.contract.styles import Unwritable
from facade.kernel import Json, JsonObject

_KEYS: Final = frozenset({"filename", "content_type", "base64", "text"})
_LONGEST: Final = 255

_OBJECT: Final[JsonObject] = {
    "type": "object",
    "properties": {
        "filename": {"type": "string", "maxLength": _LONGEST},
        "content_type": {"type": "string"},
        "base64": {"type": "string", "contentEncoding": "base64"},
        "text": {"type": "string"},
    },
    "additionalProperties": False,
}
IN_A_FORM: Final[JsonObject] = {
    "description": "A file: its text, or an object with either its text or its octets in base64.",
    "anyOf": [{"type": "string", "format": "binary"}, _OBJECT],
}
"""The card of a file among the fields of a form."""

WHOLE: Final[JsonObject] = {
    "description": "Octets in base64, or an object with either a text or octets in base64.",
    "anyOf": [{"type": "string", "contentEncoding": "base64"}, _OBJECT],
}
"""The card of a body that is one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What an argument says a file is; empty where it does not say."""

    octets: bytes
    filename: str = ""
    content_type: str = ""


def file_of(value: Json, *, text_is_base64: bool = False) -> File:
    """Read an argument as a file.

    Raises:
        Unwritable: it is none; says why.
    """
    if isinstance(value, str):
        return File(octets=_decoded(value) if text_is_base64 else _encoded(value))
    if not isinstance(value, Mapping) or not value.keys() <= _KEYS or len(value.keys() & {"base64", "text"}) != 1:
        raise Unwritable(
            "is a file: give its text, or an object with 'filename', 'content_type', and either 'text' or 'base64'"
        )
    told = {name: each for name, each in value.items() if isinstance(each, str)}
    if len(told) != len(value):
        raise Unwritable("is a file whose name, media type and content must be strings")
    return File(
        octets=_decoded(told["base64"]) if "base64" in told else _encoded(told["text"]),
        filename=_name(told.get("filename", "")),
        content_type=_media_type(told.get("content_type", "")),
    )


def as_text(octets: bytes) -> str:
    """Octets as a text that has one character for each, so that a schema's lengths count octets (OpenAPI 3.1.1)."""
    return octets.decode("latin-1")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unwritable("is not base64") from None


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Unwritable("holds characters that are not valid Unicode") from None


def _name(filename: str) -> str:
    if len(filename) > _LONGEST or filename in {".", ".."} or any(c < " " or c in "/\\\x7f" for c in filename):
        raise Unwritable("has a filename that is no plain name: leave out folders and control characters")
    return _encoded(filename).decode()


def _media_type(content_type: str) -> str:
    if content_type and not is_concrete(content_type):
        raise Unwritable("has a 'content_type' that is no media type, such as 'image/png'")
    return content_type
