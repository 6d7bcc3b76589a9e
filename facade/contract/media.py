"""Media types: which of several to use, and what a body of one may be checked against."""

import re
from collections.abc import Iterable
from typing import Final

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_SAFE: Final = re.compile(r"[!#$&^_.+a-zA-Z0-9-]+/[!#$&^_.+a-zA-Z0-9-]+(?:; ?[a-zA-Z0-9_-]+=[a-zA-Z0-9_.+/-]+)*")


def essence(media_type: str) -> str:
    """Type and subtype, lower case, without parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """JSON by its name: `application/json`, `text/json`, `*+json`, and the ranges that JSON falls into."""
    name = essence(media_type)
    return name.endswith(("/json", "+json")) or name in {"*/*", "application/*"}


def preferred(declared: Iterable[str]) -> str | None:
    """The body's media type that we can write: JSON, then `+json`, then a form; None when there is none."""
    names = list(declared)
    order = (lambda m: essence(m) == JSON, is_json, lambda m: essence(m) == FORM)
    return next((name for fits in order for name in names if fits(name)), None)


def on_the_wire(media_type: str) -> str:
    """What a Content-Type header says for a declared media type; a range becomes JSON, odd characters too."""
    return media_type if _SAFE.fullmatch(media_type) and "*" not in media_type else JSON


def matching(declared: Iterable[str], media_type: str) -> str | None:
    """The declared media type or range that covers one, the most exact first."""
    name = essence(media_type)
    kind = name.partition("/")[0]
    for wanted in (name, f"{kind}/*", "*/*"):
        for candidate in declared:
            if essence(candidate) == wanted:
                return candidate
    return None


def accept(declared: Iterable[str]) -> str:
    """An Accept header for the declared media types of success: JSON alone where there is JSON."""
    names = list(dict.fromkeys(on_the_wire(m) for m in declared))
    return ", ".join([n for n in names if is_json(n)] or names) or JSON
