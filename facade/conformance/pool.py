"""Values that the application itself has shown: ids for paths, references for bodies, words for filters.

Producer to consumer by resource path and field name: the items of `GET /customers` feed `{customer_id}` of
`/customers/{customer_id}`, through whichever of their fields names them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from facade.conformance.envelopes import items_of
from facade.conformance.resources import (
    Step,
    ends_in_parameter,
    identifier,
    last_literal,
    naming_field,
    noun,
    resource_named,
    shape_of,
    steps_of,
    words,
)
from facade.kernel import Json, JsonObject, Operation, deeper

_ITEMS: Final = 500
_SEEN: Final = 60
_DEPTH: Final = 32
_NEARLY: Final = 0.9
"""Part of a field's values that have to be names of items for the field to refer to them; some items are gone."""
_KINDS: Final = 8
"""A field with at most so many different words is a kind of something; each kind is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a list, and the path arguments under which it was listed."""

    value: JsonObject
    scope: tuple[Json, ...] = ()


@dataclass(slots=True)
class Pool:
    """What one credential has seen.

    Attributes:
        lists: items by the shape of their collection's path.
        seen: scalar values by field name, in the order they came.
    """

    lists: dict[str, list[Item]] = field(default_factory=dict)
    seen: dict[str, dict[Json, None]] = field(default_factory=dict)
    _known: dict[str, set[int]] = field(default_factory=dict)
    _told: dict[str, tuple[int, tuple[str, list[Json]]]] = field(default_factory=dict)

    def learn(self, operation: Operation, scope: Mapping[str, Json], value: Json) -> None:
        """Take in the body of a good answer."""
        if deeper(value, _DEPTH):
            return
        self._note(value)
        if operation.method != "GET" or ends_in_parameter(operation.path):
            return
        items = items_of(value, last_literal(operation.path))
        if items:
            self._add(shape_of(operation.path), items, tuple(scope.values()))

    def made(self, shape: str, value: JsonObject, scope: tuple[Json, ...]) -> None:
        """Take in an item that the run made itself, as if its list had shown it."""
        self._add(shape, [value], scope)

    def gone(self, shape: str, key: Json) -> None:
        """An item is no more; it is known by any of its values."""
        held = self.lists.get(shape, [])
        held[:] = [item for item in held if key not in item.value.values()]

    def _add(self, shape: str, items: list[JsonObject], scope: tuple[Json, ...]) -> None:
        held = self.lists.setdefault(shape, [])
        known = self._known.setdefault(shape, set())
        for value in items:
            mark = hash((scope, repr(value)))
            if mark not in known and len(held) < _ITEMS:
                known.add(mark)
                held.append(Item(value=value, scope=scope))

    def _note(self, value: Json) -> None:
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if isinstance(each, Mapping):
                for name, inner in each.items():
                    self._scalar(name, inner)
                    waiting.append(inner)
            elif isinstance(each, list):
                waiting.extend(each)

    def _scalar(self, name: str, value: Json) -> None:
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            values = self.seen.setdefault(name, {})
            if len(values) < _SEEN:
                values.setdefault(value)

    # --- paths

    def path_arguments(self, operation: Operation, limit: int) -> list[dict[str, Json]]:
        """At most `limit` sets of path arguments that exist, as different from each other as the lists allow."""
        found: list[dict[str, Json]] = [{}]
        for step in steps_of(operation.path):
            examples = [p.example for p in operation.parameters if p.name == step.name and p.example is not None]
            wider = []
            for each in found:
                values = self._values(step, tuple(each.values())) or examples
                wider.append([{**each, step.name: value} for value in values[:limit]])
            found = _interleaved(wider)[:limit]
        return found

    def _values(self, step: Step, scope: tuple[Json, ...]) -> list[Json]:
        exact = [i for i in self.lists.get(step.collection, []) if i.scope == scope]
        named = _named(exact, step) or self._embedded(step, scope)
        if not named and not scope:
            elsewhere = [s for s in self.lists if noun(last_literal(s)) == noun(step.segment)]
            named = _named([i for s in elsewhere for i in self.lists[s]], step)
        telling = len(words(step.name)) > 1  # `account_id` says whose id it is, `id` does not
        return named or (list(self.seen.get(step.name, {})) if telling and not scope else [])

    def _embedded(self, step: Step, scope: tuple[Json, ...]) -> list[Json]:
        """Values that the parent item itself lists: a ticket's `tags` for `/tickets/{id}/tags/{name}`."""
        parent, _, _ = step.collection.rpartition("/")
        above, _, _ = parent.rpartition("/")
        found: list[Json] = []
        for item in self.lists.get(above, []):
            inner = item.value.get(step.segment)
            if scope and scope[-1] in item.value.values() and isinstance(inner, list):
                found += [v for v in inner if isinstance(v, str | int)]
                found += _named([Item(value=v) for v in inner if isinstance(v, Mapping)], step)
        return list(dict.fromkeys(found))

    def identities(self, shape: str, step: Step) -> dict[Json, JsonObject]:
        """Items of a collection by what names them in paths."""
        found: dict[Json, JsonObject] = {}
        for item in self.lists.get(shape, []):
            name = identifier(item.value, step.name, step.segment)
            if name is not None:
                found.setdefault(item.value[name], item.value)
        return found

    # --- references

    def references(self, name: str) -> tuple[str, list[Json]]:
        """The collection that a field refers to, by its name or because all its values do, and values for it.

        Returns:
            An empty shape and no values where nothing tells.
        """
        mark = sum(map(len, self.lists.values())) + len(self.seen.get(name, ()))
        known = self._told.get(name)
        if known is None or known[0] != mark:
            known = self._told[name] = (mark, self._references(name))
        return known[1]

    def _references(self, name: str) -> tuple[str, list[Json]]:
        shape = resource_named(name, self.lists)
        if shape is not None and (found := self._naming(shape, name)):
            return shape, found
        seen = list(self.seen.get(name, {}))
        for each in self.lists:
            known = self._called(each, name)
            if seen and len(set(seen) & set(known)) >= len(seen) * _NEARLY:
                return each, known
        return "", []

    def _called(self, shape: str, name: str) -> list[Json]:
        """What items of a collection are called, by another field than one of that name."""
        segment = last_literal(shape)
        fields = {id(item): naming_field(item.value, segment) for item in self.lists[shape]}
        named = [
            item.value[own] for item in self.lists[shape] if (own := fields[id(item)]) and words(own) != words(name)
        ]
        return list(dict.fromkeys(named))

    def _naming(self, shape: str, name: str) -> list[Json]:
        """What items of a collection are called where a field of that name refers to them."""
        values: dict[Json, None] = {}
        for item in self.lists[shape]:
            own = identifier(item.value, name, last_literal(shape)) or naming_field(item.value, last_literal(shape))
            if own is not None:
                values.setdefault(item.value[own])
        return list(values)


def _named(items: list[Item], step: Step) -> list[Json]:
    values: dict[Json, None] = {}
    for item in diverse([i.value for i in items]):
        name = identifier(item, step.name, step.segment)
        if name is not None:
            values.setdefault(item[name])
    return list(values)


def diverse(items: list[JsonObject]) -> list[JsonObject]:
    """The same items, first one of each kind, then one with each field empty or full, then the rest."""
    first: dict[int, None] = {}
    for name in dict.fromkeys(name for item in items for name in item):
        kinds = dict(_kinds(items, name))
        if len(kinds) <= _KINDS:
            first.update(dict.fromkeys(kinds.values()))
    chosen = [0, len(items) - 1] if items else []
    order = dict.fromkeys([*chosen[:1], *first, *chosen[1:], *range(len(items))])
    return [items[n] for n in order]


def _kinds(items: list[JsonObject], name: str) -> Iterator[tuple[Json, int]]:
    """Where each different value of a field stands first; numbers and long texts count as present or not."""
    met = set()
    for n, item in enumerate(items):
        value = item.get(name)
        kind = value if isinstance(value, str | bool) or value is None else bool(value)
        if kind not in met:
            met.add(kind)
            yield kind, n
        if len(met) > _KINDS:
            return


def _interleaved(rows: list[list[dict[str, Json]]]) -> list[dict[str, Json]]:
    """One of each row, then the second of each, and so on."""
    longest = max(map(len, rows), default=0)
    return [row[n] for n in range(longest) for row in rows if n < len(row)]
