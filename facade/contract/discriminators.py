"""Which of several schemas a value says that it is: `discriminator` beside `oneOf` or `anyOf`.

Source: OpenAPI 3.0.4, 4.7.25 and 3.1.1, 4.8.25. Choices: where the value names a branch, that branch alone is asked, so
that what is wrong is told of it, and a value that two branches would take is what it says it is; a value that names
none fails, as both versions say. Without the property the plain keyword decides. A branch is named by the mapping,
by what its own schema allows the property to be, and by the name of its schema, in this order. A parent whose children
only point back at it by `allOf` has no part in validation (3.1.1, same section).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from facade.contract.document import Document, Node, join, mapping, reference, sequence, text
from facade.contract.faults import Broken
from facade.kernel import Json

_KEYWORDS: Final = ("oneOf", "anyOf")
_SCHEMAS: Final = "/components/schemas/"
_DEPTH: Final = 4
"""Levels of `allOf`, and of discriminators behind one another, that are searched for the values of one branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One branch: the name that findings call it by, the values that name it, and its schema as it stands there."""

    name: str
    values: tuple[str, ...]
    schema: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a discriminator can say: the keyword it stands beside, its property, and the branches."""

    keyword: str
    property: str
    branches: tuple[Choice, ...]

    def values(self) -> list[str]:
        """Everything that the property may be."""
        return [value for branch in self.branches for value in branch.values]


def choices_of(document: Document, node: Node, depth: int = _DEPTH) -> Choices | None:
    """The branches of a schema by the values that name them; None without a discriminator, or with a nameless branch.

    Raises:
        Broken: a branch points at nothing.
    """
    fields = mapping(node.value)
    discriminator = mapping(fields.get("discriminator"))
    name = text(discriminator.get("propertyName"))
    keyword = next((k for k in _KEYWORDS if sequence(fields.get(k))), "")
    if not name or not keyword or depth <= 0:
        return None
    parts = [Node(part, join(node.place, keyword, i)) for i, part in enumerate(sequence(fields[keyword]))]
    explicit = dict(_mapped(document, node.place, discriminator.get("mapping")))
    branches = [*explicit.values(), *(part for part in parts if mapping(part.value).get("type") != "null")]
    schemas = {_place(document, branch): branch for branch in branches}
    named = {value: _place(document, branch) for value, branch in explicit.items()}
    for names in (lambda p: _own(document, schemas[p], name, depth), _implicit):
        for place in schemas:
            for value in names(place):
                named.setdefault(value, place)
    choices = tuple(
        Choice(name=next(_implicit(place), values[0]), values=values, schema=schema)
        for place, schema in schemas.items()
        if (values := tuple(v for v, at in named.items() if at == place))
    )
    return Choices(keyword=keyword, property=name, branches=choices) if len(choices) == len(schemas) else None


def _place(document: Document, part: Node) -> str:
    ref = reference(part.value)
    return part.place if ref is None else document.locate(ref, part.place).place


def _mapped(document: Document, place: str, declared: Json) -> Iterator[tuple[str, Node]]:
    """Values and schemas of a mapping: names of schemas, or references. One that points at nothing names nothing."""
    for value, target in mapping(declared).items():
        ref = text(target)
        node = Node({"$ref": ref if "/" in ref else f"#{join(_SCHEMAS[:-1], ref)}"}, place)
        try:
            document.resolve(node)
        except Broken:
            continue
        yield value, node


def _implicit(place: str) -> Iterator[str]:
    """The name of a shared schema."""
    name = place.removeprefix(_SCHEMAS)
    if place.startswith(_SCHEMAS) and "/" not in name:
        yield name.replace("~1", "/").replace("~0", "~")


def _own(document: Document, schema: Node, name: str, depth: int) -> Iterator[str]:
    """What a branch itself allows the property to be; a branch that is a choice by the same property passes on its
    values."""
    node = document.resolve(schema)
    fields = mapping(node.value)
    said = mapping(document.resolve(Node(mapping(fields.get("properties")).get(name), node.place)).value)
    listed = [said["const"]] if "const" in said else sequence(said.get("enum"))
    yield from (value for value in listed if isinstance(value, str))
    if depth > 1:
        inner = choices_of(document, node, depth - 1)
        yield from inner.values() if inner and inner.property == name else ()
        for i, part in enumerate(sequence(fields.get("allOf"))):
            yield from _own(document, Node(part, join(node.place, "allOf", i)), name, depth - 1)
