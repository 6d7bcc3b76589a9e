"""Media types: how a body of one is written and read, and which of several to use.

Choices: of several declared media types the first of this order is written: `application/json`, other JSON
(`+json`, patches, `*/*`), `multipart/form-data` (which carries whatever a form does, and files), urlencoded forms,
text (plain, CSV, XML, YAML and the like), and octets last. Within one kind the description's own order decides.
"""

import codecs
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
JSON: Final = "application/json"
_NAME: Final = r"[!#$&^_.+a-zA-Z0-9-]+"
_SAFE: Final = re.compile(rf"{_NAME}/{_NAME}(?:; ?[a-zA-Z0-9_-]+=[a-zA-Z0-9_.+/-]+)*")
_RANGE: Final = re.compile(rf"(?:\*|{_NAME})/(?:\*|{_NAME})")
_CHARSET: Final = re.compile(r'(?i);\s*charset\s*=\s*"?([a-z0-9_.:-]{1,40})')
_NO_CHARSETS: Final = frozenset(
    {"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)
"""Encodings of Python that are none of text on the wire."""
_TEXTUAL: Final = frozenset(
    f"application/{name}"
    for name in (
        *("xml", "yaml", "x-yaml", "csv", "text", "javascript", "ecmascript", "graphql", "sql", "toml", "rtf"),
        *("x-ndjson", "ndjson", "jsonl", "x-jsonlines", "json-lines", "json-seq", "x-json-stream", "stream+json"),
    )
)
"""Text by name: among them streams of JSON, which are not one JSON (RFC 7464, NDJSON)."""


class Kind(StrEnum):
    """How a body's value becomes bytes, in the order of preference."""

    JSON = "json"
    MULTIPART = "multipart"
    FORM = "form"
    TEXT = "text"
    OCTETS = "octets"


def essence(media_type: str) -> str:
    """Type and subtype, lower case, without parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """One JSON value by its name: `application/json`, `text/json`, `*+json`, and the ranges that JSON falls into."""
    name = essence(media_type)
    return (name.endswith(("/json", "+json")) and name not in _TEXTUAL) or name in {"*/*", "application/*"}


def is_text(media_type: str) -> bool:
    """Text by its name, and not one JSON value."""
    name = essence(media_type)
    return not is_json(name) and (name.startswith("text/") or name in _TEXTUAL or name.endswith(("+xml", "+yaml")))


def kind_of(media_type: str) -> Kind | None:
    """How a body of this media type is written; None for other multipart types and for what is no media type."""
    name = essence(media_type)
    if not _RANGE.fullmatch(name) or (name.startswith("multipart/") and name not in {MULTIPART, "multipart/*"}):
        return None
    rules = (
        (name.startswith("multipart/"), Kind.MULTIPART),
        (is_json(name), Kind.JSON),
        (name == FORM, Kind.FORM),
        (is_text(name), Kind.TEXT),
    )
    return next((kind for holds, kind in rules if holds), Kind.OCTETS)


def by_preference(declared: Iterable[str]) -> list[str]:
    """The declared media types that can be written, the one to use first."""
    order = list(Kind)
    kinds = ((kind_of(name), name) for name in declared)
    ranked = [((essence(name) != JSON, order.index(kind)), name) for kind, name in kinds if kind is not None]
    return [name for _, name in sorted(ranked, key=lambda pair: pair[0])]


def preferred(declared: Iterable[str]) -> str | None:
    """The first of `by_preference`; None when there is none."""
    return next(iter(by_preference(declared)), None)


def on_the_wire(media_type: str) -> str:
    """What a Content-Type header says for a declared media type. A range becomes the plainest type in it.

    Parameters stay unless they hold odd characters. A range of pictures or the like has no plainest type and stays.
    """
    name = essence(media_type)
    if "*" in name:
        return {"text/*": "text/plain", "multipart/*": MULTIPART}.get(name, JSON if is_json(name) else name)
    return media_type if _SAFE.fullmatch(media_type) else name if _RANGE.fullmatch(name) else JSON


def is_concrete(media_type: str) -> bool:
    """True for what a Content-Type header may say: one type, no range, nothing that breaks out of the header."""
    return bool(_SAFE.fullmatch(media_type)) and "*" not in media_type


def matching(declared: Iterable[str], media_type: str) -> str | None:
    """The declared media type or range that covers one, the most exact first."""
    name = essence(media_type)
    for wanted in (name, f"{name.partition('/')[0]}/*", "*/*"):
        for candidate in declared:
            if essence(candidate) == wanted:
                return candidate
    return None


def charset_of(content_type: str) -> str:
    """The charset that a media type names, as Python calls it; "" when it names none that texts are written in."""
    found = _CHARSET.search(content_type)
    try:
        name = codecs.lookup(found[1]).name if found else ""
        "".encode(name or "ascii")
    except (LookupError, UnicodeError):
        return ""
    return "" if name in _NO_CHARSETS else name


def covers(allowed: str, media_type: str) -> bool:
    """True when a media type is the one allowed, or in the range."""
    return matching((allowed,), media_type) is not None


def accept(declared: Iterable[str]) -> str:
    """An Accept header for the declared media types of success: JSON alone where there is JSON."""
    names = list(dict.fromkeys(_acceptable(m) for m in declared))
    return ", ".join([n for n in names if is_json(n)] or names) or JSON


def _acceptable(media_type: str) -> str:
    """As it goes into an Accept header, where ranges may stand; those that cover JSON ask for it."""
    name = essence(media_type)
    if is_json(name) and "*" in name:
        return JSON
    return name if "*" in name and _RANGE.fullmatch(name) else on_the_wire(media_type)
