"""How many schemas one value may have to meet at once, references expanded (SEC-SPEC-02: `$ref` bombs)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from facade.contract.document import mapping, reference, sequence
from facade.kernel import Json

_MANY: Final = ("allOf", "anyOf", "oneOf")
_ONE: Final = ("not", "if", "then", "else")
_CHILD: Final = ("items", "additionalProperties", "contains", "unevaluatedItems", "unevaluatedProperties")
_NAMED: Final = ("properties", "patternProperties", "dependentSchemas")
_APPLIED: Final = frozenset((*_MANY, *_ONE))
_NESTED: Final = frozenset((*_MANY, *_ONE, *_CHILD, *_NAMED, "prefixItems"))
"""Most schemas have none of these; asking once is cheaper than looking for each."""
_CHAIN: Final = 32


class Scale:
    """Weighs converted schemas; definitions are weighed once.

    Args:
        definition: the schema behind `#/$defs/NAME`.
        limit: beyond it weights need not be exact.
    """

    def __init__(self, definition: Callable[[str], Json], limit: int) -> None:
        self._definition = definition
        self.limit = limit
        self._known: dict[str, int] = {}
        self._heaviest: dict[str, int] = {}
        self._open: list[str] = []

    def heaviest(self, schema: Json) -> int:
        """The largest weight of the schema or of any schema that stands below it."""
        weight = self._weight(schema)
        return max([weight, *(self.heaviest(child) for child in _below(schema))])

    def heaviest_of(self, name: str) -> int:
        """The same for a definition."""
        if name not in self._heaviest:
            self._heaviest[name] = self.heaviest(self._definition(name))
        return self._heaviest[name]

    def _weight(self, schema: Json) -> int:
        weight = 1 + sum(self._weight(part) for part in _in_place(schema))
        ref = reference(schema)
        return weight + (self._referred(ref.rpartition("/")[2]) if ref else 0)

    def _referred(self, name: str) -> int:
        if name in self._open:
            return 0
        if name not in self._known:
            if len(self._open) >= _CHAIN:
                return self.limit + 1
            self._open.append(name)
            self._known[name] = min(self._weight(self._definition(name)), self.limit + 1)
            self._open.pop()
        return self._known[name]


def _in_place(schema: Json) -> Iterator[Json]:
    fields = mapping(schema)
    if _APPLIED.isdisjoint(fields):
        return
    for key in _MANY:
        yield from sequence(fields.get(key))
    yield from (fields[key] for key in _ONE if key in fields)


def _below(schema: Json) -> Iterator[Json]:
    fields: Mapping[str, Json] = mapping(schema)
    if _NESTED.isdisjoint(fields):
        return
    yield from (fields[key] for key in (*_ONE, *_CHILD) if key in fields)
    for key in (*_MANY, "prefixItems"):
        yield from sequence(fields.get(key))
    for key in _NAMED:
        yield from mapping(fields.get(key)).values()
