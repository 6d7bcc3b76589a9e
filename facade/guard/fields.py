"""What a passage's query and body say by name, in every spelling that some framework reads as the same name."""

import json
import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias
from urllib.parse import parse_qsl

from facade.guard.parts import parts_of
from facade.kernel import InvalidRequest, Json

MAX_FIELDS: Final = 1_000
"""Fields of a query or a form that are looked at; more are refused."""

Reading: TypeAlias = Literal["json", "form", "multipart"]
Said: TypeAlias = list[tuple[str, str]]

_FORM: Final = "application/x-www-form-urlencoded"
_BEFORE_JSON: Final = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"
"""White space, byte order marks, and the empty halves of UTF-16."""

_CHARSET: Final = re.compile(r"""(?ai)charset[*]?\s*=\s*["']?([^\s",;]*?)["']?(?=[\s,;]|$)""")
_PLAIN: Final = re.compile(r"(?ai)utf-?8|(?:us-)?ascii|iso-8859-\d+|latin-?1|(?:windows-|cp)125\d")
"""Charsets in which every byte of ASCII is what it is in ASCII."""

_SAME: Final = re.compile(r"[ .]")


def reading_of(media_type: str, start: bytes) -> Reading | None:
    """How an application may read a body; None when it has no fields.

    What looks like JSON is JSON whatever it is called: many applications never look at the media type.

    Args:
        media_type: the whole `Content-Type`, '' without one.
        start: the first bytes of the body.
    """
    essence = media_type.partition(";")[0].strip().lower()
    if "json" in essence:
        return "json"
    if essence == _FORM:
        return "form"
    if essence.startswith("multipart/"):
        return "multipart"
    return "json" if start.lstrip(_BEFORE_JSON)[:1] in {b"{", b"["} else None


def plain_charset(media_type: str) -> bool:
    """False when a media type names a charset in which ASCII could hide something else, as it can in UTF-7: an
    application that reads it would find other names than we do."""
    return all(_PLAIN.fullmatch(name) for name in _CHARSET.findall(media_type))


def field_name(name: str) -> str:
    """One spelling for names that frameworks fold: case, what follows a NUL, and blanks and dots as PHP reads them."""
    return _SAME.sub("_", name.partition("\0")[0].strip().lower())


def names(pinned: str, said: str) -> bool:
    """True when a name of a query or form means the pinned field, or a part of it (`account[]`, `account[0]`)."""
    wanted, name = field_name(pinned), field_name(said)
    return name == wanted or name.startswith(f"{wanted}[")


def query_fields(query: str, place: str = "query") -> Said:
    """`;` separates for some, too.

    Raises:
        InvalidRequest: more than `MAX_FIELDS`.
    """
    try:
        return parse_qsl(query.replace(";", "&"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise InvalidRequest(f"The {place} has more than {MAX_FIELDS} fields.", place=place) from None


def body_fields(body: bytes, media_type: str) -> Said:
    """The top-level fields of a body.

    Raises:
        InvalidRequest: it cannot be read in one way only.
    """
    reading = reading_of(media_type, body)
    if reading is not None and not plain_charset(media_type):
        raise InvalidRequest("Send the body in UTF-8: your tenant fixes fields of it.", place="Content-Type")
    match reading:
        case "json":
            return list(_json_fields(body))
        case "form":
            return query_fields(body.decode("utf-8", "replace"), "body")
        case "multipart":
            return list(parts_of(body, media_type, MAX_FIELDS))
    return []


def _json_fields(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        value: Json = json.loads(body, object_pairs_hook=_unrepeated)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body must be plain JSON without repeated names.", place="body") from None
    for row in value if isinstance(value, list) else [value]:
        for name, each in row.items() if isinstance(row, dict) else ():
            yield name, each if isinstance(each, str) else json.dumps(each)


def _unrepeated(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated name")
    return found
