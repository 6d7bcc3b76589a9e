"""Templates of the tenant context: text with `{tenant}`, `{tier}`, `{user}`, `{subject}`, `{secret}` or
`{attributes.NAME}` in it."""

import re
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_PLAIN = ("tenant", "tier", "user", "subject", "secret")
_ATTRIBUTE = re.compile(r"attributes\.[A-Za-z_][A-Za-z0-9_-]*\Z")
_HOLE = re.compile(r"\{([^{}]*)\}")


def holes_of(template: str) -> tuple[str, ...]:
    """The names between braces, in order: `secret`, `attributes.account_id`."""
    return tuple(_HOLE.findall(template))


def _checked(template: str) -> str:
    if "{" in _HOLE.sub("", template) or "}" in _HOLE.sub("", template):
        raise PydanticCustomError("template.braces", "has an unpaired brace; write names as {{tenant}}")
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in template):  # noqa: PLR2004 - ASCII controls, RFC 9110 section 5.5
        raise PydanticCustomError("template.control", "has a control character; a header cannot carry it")
    for name in holes_of(template):
        if name not in _PLAIN and not _ATTRIBUTE.match(name):
            raise PydanticCustomError("template.name", "{problem}", {"problem": _unknown(name)})
    return template


def _unknown(name: str) -> str:
    near = get_close_matches(name, (*_PLAIN, f"attributes.{name}"), n=1, cutoff=0.5)
    known = ", ".join(f"{{{n}}}" for n in _PLAIN)
    guess = f"did you mean {{{near[0]}}}" if near else f"known are {known} and {{attributes.NAME}}"
    return f"knows no {{{name}}}; {guess}"


Template = Annotated[str, AfterValidator(_checked)]
"""Text whose holes are all known."""
