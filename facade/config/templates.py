"""Templates of the tenant context, checked where they are written; `tenancy` says what they may name."""

from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from facade.tenancy import PLACEHOLDERS, parse


def holes_of(template: str) -> tuple[str, ...]:
    """The names between braces, in order: `secret`, `attributes.account_id`."""
    return tuple(part.text for part in parse(template) if part.placeholder)


def _checked(template: str) -> str:
    if not template.isascii() or not template.isprintable() or not template:
        raise PydanticCustomError("template.text", "should be printable ASCII, because headers carry nothing else")
    try:
        parse(template)
    except ValueError as error:
        raise PydanticCustomError("template.name", "{problem}", {"problem": f"has {error}{_guess(error)}"}) from None
    return template


def _guess(error: ValueError) -> str:
    written = str(error).partition("{")[2].partition("}")[0]
    near = get_close_matches(written, (*PLACEHOLDERS, f"attributes.{written}"), n=1, cutoff=0.6)
    return f"; did you mean {{{near[0]}}}?" if near else ""


Template = Annotated[str, AfterValidator(_checked)]
"""Text whose placeholders are all known."""
