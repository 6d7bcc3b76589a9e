"""Which resource a path is about, and which field of its items names one: rules over names, no application's words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from facade.kernel import Json

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_NAMING: Final = ("id", "uuid", "guid", "key", "slug", "code", "number", "sku", "ref", "handle", "name")


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """`customerId`, `customer_id` and `Customer-ID` alike: ('customer', 'id')."""
    return tuple(word.lower() for word in _WORD.findall(name))


def singular(word: str) -> str:
    """An English plural without its ending, as far as spelling tells."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending) + instead
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@lru_cache(maxsize=4096)
def noun(name: str) -> tuple[str, ...]:
    """The words of a resource's name, the last one in the singular."""
    found = words(name)
    return (*found[:-1], singular(found[-1])) if found else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A path parameter with the collection before it.

    Attributes:
        collection: path template up to the parameter, names left out: `/customers/{}/contacts`.
        segment: the literal that the parameter stands after.
    """

    name: str
    collection: str
    segment: str


def steps_of(path: str) -> tuple[Step, ...]:
    """The parameters of a path template from left to right."""
    steps = []
    for found in _VARIABLE.finditer(path):
        before = path[: found.start()].rstrip("/")
        literals = [s for s in before.split("/") if s and not _VARIABLE.search(s)]
        steps.append(Step(name=found[1], collection=shape_of(before), segment=literals[-1] if literals else ""))
    return tuple(steps)


def shape_of(path: str) -> str:
    """A path template without its parameters' names and its trailing slash."""
    return _VARIABLE.sub("{}", path).rstrip("/")


def ends_in_parameter(path: str) -> bool:
    """True for a path of one item."""
    return path.rstrip("/").endswith("}")


def last_literal(path: str) -> str:
    """The last segment that is no parameter."""
    literals = [s for s in path.split("/") if s and not _VARIABLE.search(s)]
    return literals[-1] if literals else ""


def parent_shapes(path: str) -> tuple[str, ...]:
    """The shapes of the paths above this one, the nearest first."""
    parts = shape_of(path).split("/")
    return tuple("/".join(parts[:n]) for n in range(len(parts) - 1, 1, -1))


def identifier(item: Mapping[str, Json], parameter: str, segment: str) -> str | None:
    """The field of an item that a path parameter takes; None when nothing looks like one."""
    wanted, about = words(parameter), noun(segment)
    scalar = [name for name, value in item.items() if isinstance(value, str | int) and not isinstance(value, bool)]
    rest = wanted[len(about) :] if wanted[: len(about)] == about and len(wanted) > len(about) else ()
    for form in (wanted, rest, wanted[-1:], ("id",)):
        named = next((name for name in scalar if form and words(name) == form), None)
        if named is not None:
            return named
    return None


def naming_field(item: Mapping[str, Json], segment: str) -> str | None:
    """The field that names an item by itself, where no path says which: `id` before `name`."""
    about = noun(segment)
    for word in _NAMING:
        for name in item:
            if words(name) in ((word,), (*about, word)) and isinstance(item[name], str | int):
                return name
    return None


def looks_like_reference(name: str) -> bool:
    """True for names such as `customer_id` or `productSku`."""
    found = words(name)
    return len(found) > 1 and found[-1] in _NAMING and found[-1] != "name"


def resource_named(name: str, collections: Iterable[str]) -> str | None:
    """The collection that a field such as `customer_id`, `customer` or `customerIds` refers to by its name."""
    found = noun(name)
    stem = found[:-1] if len(found) > 1 and found[-1] in _NAMING else found
    matches = [c for c in collections if stem and noun(last_literal(c)) == stem]
    return min(matches, key=len, default=None)


def path_values(template: str, path: str) -> dict[str, str]:
    """The values of whole segments, decoded: the template is matched from the end, whatever stands before it."""
    names, values = template.strip("/").split("/"), path.strip("/").split("/")
    pairs = zip(reversed(names), reversed(values), strict=False)
    return {name[1:-1]: unquote(value) for name, value in pairs if _VARIABLE.fullmatch(name)}
