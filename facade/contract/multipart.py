"""`multipart/form-data` as bytes (RFC 7578; names and filenames as the HTML standard writes them).

The boundary is made from the content, so the same fields are the same bytes, and the consent that binds them holds.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from facade.contract.styles import Unwritable

MAX_PARTS: Final = 1_000
"""Parts that are read or written; a body of more is not looked into."""

_ESCAPES: Final = (('"', "%22"), ("\r", "%0D"), ("\n", "%0A"))
_BOUNDARY: Final = re.compile(r'(?i);\s*boundary\s*=\s*(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))')
_PARAMETER: Final = re.compile(r';\s*([a-zA-Z*]+)\s*=\s*(?:"((?:\\"|[^"])*)"|([^\s;"]+))')
_PADDING: Final = re.compile(rb"[ \t]*\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part. `headers` are those beside Content-Disposition and Content-Type."""

    name: str
    content: bytes
    content_type: str = ""
    filename: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Unreadable(ValueError):
    """The bytes are not the multipart form that they are said to be. Never leaves the room."""


def quoted(name: str) -> str:
    """A name or filename between quotes, nothing in which ends them or the line.

    Raises:
        Unwritable: it holds a backslash or control character, which parsers disagree about.
    """
    for character, escape in _ESCAPES:
        name = name.replace(character, escape)
    if any(c < " " or c in "\\\x7f" for c in name):
        raise Unwritable("has a name with a backslash or a control character, which a form cannot carry")
    return f'"{name}"'


def written(parts: Sequence[Part]) -> tuple[str, bytes]:
    """The boundary and the body.

    Raises:
        Unwritable: more parts than are read anywhere, or a name that a form cannot carry.
    """
    if len(parts) > MAX_PARTS:
        raise Unwritable(f"makes more than {MAX_PARTS} parts")
    blocks = [_head(part) + part.content for part in parts]
    boundary = _boundary(blocks)
    lines = [b"".join((b"--", boundary, b"\r\n", block, b"\r\n")) for block in blocks]
    return boundary.decode(), b"".join((*lines, b"--", boundary, b"--\r\n"))


def _head(part: Part) -> bytes:
    disposition = f"form-data; name={quoted(part.name)}"
    if part.filename is not None:
        disposition += f"; filename={quoted(part.filename)}"
    lines = [("Content-Disposition", disposition), *part.headers]
    lines += [("Content-Type", part.content_type)] if part.content_type else []
    try:
        return "".join(f"{name}: {value}\r\n" for name, value in lines).encode() + b"\r\n"
    except UnicodeEncodeError:
        raise Unwritable("holds characters that are not valid Unicode") from None


def _boundary(blocks: Sequence[bytes]) -> bytes:
    """The same for the same blocks. No block holds it: that would be a text with its own SHA-256 inside."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(len(block).to_bytes(8, "big"))
        digest.update(block)
    return digest.hexdigest().encode()


def boundary_of(content_type: str) -> str:
    """The boundary that a Content-Type header names; "" when it names none."""
    found = _BOUNDARY.search(content_type)
    return (found[1] or found[2]) if found else ""


def read(body: bytes, boundary: str) -> list[Part]:
    """The parts of a body.

    Raises:
        Unreadable: no such boundary, no end, more than `MAX_PARTS`, or a part without a name.
    """
    if not boundary:
        raise Unreadable("its Content-Type names no boundary")
    delimiter = b"\r\n--" + boundary.encode("utf-8", "replace")
    pieces = (b"\r\n" + body).split(delimiter, MAX_PARTS + 2)
    if not pieces[-1].startswith(b"--"):
        raise Unreadable("it does not end with its boundary, or has too many parts")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    padding = _PADDING.match(piece)
    head, blank, content = piece[padding.end() :].partition(b"\r\n\r\n") if padding else (b"", b"", b"")
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n"))
    fields = {name.strip().lower(): value.strip() for name, _, value in lines}
    disposition = ";" + fields.pop("content-disposition", "").partition(";")[2]
    told = {n.lower(): _unquoted(q or plain) for n, q, plain in _PARAMETER.findall(disposition)}
    if not blank or "name" not in told:
        raise Unreadable("a part has no name")
    filename = told.get("filename", told.get("filename*"))
    media_type = fields.pop("content-type", "")
    return Part(
        name=told["name"],
        content=content,
        content_type=media_type,
        filename=filename,
        headers=tuple(sorted(fields.items())),
    )


def _unquoted(text: str) -> str:
    """Browsers write `%22`, older clients `\\"`."""
    text = text.replace('\\"', '"')
    for character, escape in _ESCAPES:
        text = text.replace(escape, character)
    return text
