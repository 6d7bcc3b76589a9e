"""What validation objects to, as findings in the words of the settings file."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from facade.config.section import Section
from facade.kernel import Finding

Place = tuple[int | str, ...]
_SHOWN = frozenset({"literal_error", "enum", "int_parsing", "float_parsing", "bool_parsing", "string_pattern_mismatch"})
_SHORT = 40


def dotted(place: Sequence[int | str]) -> str:
    """`apis.main.upstream`, `tiers.free.rates.0`; '' is the file as a whole."""
    return ".".join(str(part) for part in place)


def places_of(error: ValidationError) -> tuple[Place, ...]:
    """Where each objection stands, as steps into the mapping; a missing key stands in its parent."""
    return tuple(_place(e)[:-1] if e["type"] == "missing" else _place(e) for e in error.errors(include_url=False))


def findings_of(error: ValidationError, root: type[Section]) -> tuple[Finding, ...]:
    """One finding for each objection, in the order of the file."""
    return tuple(_finding(details, root) for details in error.errors(include_url=False))


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """`did you mean `tiers`?`, or what there is to choose from."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return "known: " + ", ".join(sorted(known)) if known else "there is none"


def _finding(details: ErrorDetails, root: type[Section]) -> Finding:
    place = _place(details)
    match details["type"]:
        case "extra_forbidden":
            known = list(_section_at(root, place[:-1]).model_fields)
            message = f"unknown key `{place[-1]}`; {did_you_mean(str(place[-1]), known)}"
        case "missing":
            message = "is missing; add it"
        case _:
            message = _in_our_words(details)
    return Finding(code=f"settings.{details['type']}", place=dotted(place), message=message)


def _place(details: ErrorDetails) -> Place:
    return tuple(part for part in details["loc"] if part != "[key]")


def _in_our_words(details: ErrorDetails) -> str:
    text = details["msg"].replace("Input should be ", "should be ").replace("Input ", "")
    text = text.replace("String should ", "should ").replace("Value error, ", "")
    value = details["input"]
    if details["type"] in _SHOWN and isinstance(value, str | int | float) and len(str(value)) <= _SHORT:
        return f"{text}, not {value!r}"
    return text


def _section_at(root: type[Section], place: Place) -> type[Section]:
    kind: Any = root
    for part in place:
        kind = _inside(kind, part)
    found = _bare(kind)
    return found if isinstance(found, type) and issubclass(found, Section) else root


def _inside(kind: Any, part: int | str) -> Any:
    bare = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, Section):
        known = bare.model_fields.get(str(part))
        return known.annotation if known else bare
    arguments = get_args(bare)
    return arguments[1] if get_origin(bare) in (dict, Mapping) else arguments[0] if arguments else bare


def _bare(kind: Any) -> Any:
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = next(a for a in get_args(kind) if a is not NoneType)
    return kind
