"""The parts of a multipart form, where every parser finds the same ones; anything else is refused.

Stricter than RFC 7578 on purpose: what one framework reads as a part, a name or an end and another does not (bare line
feeds, folded headers, escaped quotes, text before the first part, a boundary inside a line) has no place beside a
pinned field.
"""

import re
from collections.abc import Iterator
from typing import Final

from facade.kernel import InvalidRequest

_PARAMETERS: Final = r"((?:\s*;\s*[\w*-]+=(?:\"[^\"\\]*\"|[^\s;\"\\]+))*)\s*"
_FORM: Final = re.compile(rf"(?ai)multipart/form-data{_PARAMETERS}")
_DISPOSITION: Final = re.compile(rf"(?ai)form-data{_PARAMETERS}")
_PARAMETER: Final = re.compile(r'(?a)([\w*-]+)=(?:"([^"\\]*)"|([^\s;"\\]+))')
_LINE: Final = re.compile(r"(?a)([\w-]{1,64}):[ \t]*([^\r\n\x00]*)")
_PLAIN: Final = frozenset({"", "7bit", "8bit", "binary"})
_HEAD: Final = 4_096
"""Bytes of one part's head."""


def parts_of(body: bytes, media_type: str, most: int) -> Iterator[tuple[str, str]]:
    """Name and text of every part.

    Args:
        most: parts; more are refused before any is looked at.

    Raises:
        InvalidRequest: more than that, or parsers could disagree.
    """
    boundary = _told(_FORM, media_type.strip(), "boundary")
    delimiter = b"--" + boundary.encode()
    if body.count(delimiter) > most + 1:
        raise InvalidRequest(f"The body has more than {most} fields.", place="body")
    first, *pieces = (b"\r\n" + body).split(delimiter)
    if first != b"\r\n" or pieces[-1:] not in ([b"--"], [b"--\r\n"]):
        raise _unlike("the multipart form that it says it is")
    for piece in pieces[:-1]:
        if not (piece.startswith(b"\r\n") and piece.endswith(b"\r\n")):
            raise _unlike("the multipart form that it says it is")
        yield _part(piece[2:-2])


def _part(piece: bytes) -> tuple[str, str]:
    head, blank, content = piece.partition(b"\r\n\r\n")
    lines = [_LINE.fullmatch(line) for line in head[:_HEAD].decode("utf-8", "replace").split("\r\n")]
    fields = [(line[1].lower(), line[2].strip()) for line in lines if line]
    told = dict(fields)
    if not blank or len(head) > _HEAD or len(told) != len(lines):
        raise _unlike("a multipart form whose parts have plain heads")
    if told.get("content-transfer-encoding", "").lower() not in _PLAIN or "multipart/" in told.get("content-type", ""):
        raise _unlike("a multipart form of plain parts")
    return _told(_DISPOSITION, told.get("content-disposition", ""), "name"), content.decode("utf-8", "replace")


def _told(header: re.Pattern[str], text: str, name: str) -> str:
    """The one value of a parameter, which has no second spelling (`name*`) beside it."""
    found = header.fullmatch(text)
    parameters = [
        (key.lower(), quoted or plain) for key, quoted, plain in _PARAMETER.findall(found[1] if found else "")
    ]
    values: list[str] = [value for key, value in parameters if key.rstrip("*") == name]
    if len(values) != 1 or f"{name}*" in dict(parameters) or not values[0]:
        raise _unlike(f"a multipart form with one plain {name} where there must be one")
    return values[0]


def _unlike(wanted: str) -> InvalidRequest:
    return InvalidRequest(f"The body must be {wanted}.", place="body")
