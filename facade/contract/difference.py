"""What changed from one contract to the next, and whom it breaks.

*Clients* are programs that call the application through the proxy, written against the older description. *Plans* are
what was kept against the older contract: conversations, proposals, workflows, tests. What is neither is told too, for
people. Operations are told apart by method and path with the names of parameters left out, so that a new id or a new
parameter name is a renaming and not an operation that came and one that went.

Schemas are compared as cards show them: references inlined to a bounded depth. Where the descriptions differ and no
card does, one line says so.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from facade.contract.contrast import contrasts
from facade.contract.records import Contract
from facade.contract.schemas import Direction
from facade.contract.trie import Branch, Entry
from facade.kernel import Body, Json, Location, Operation, Parameter, ResponseShape

_NAME: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Whom one kind of change breaks, and what it means."""

    clients: bool = False
    plans: bool = False
    means: str


RULES: Final[Mapping[str, Rule]] = {
    "operation.removed": Rule(clients=True, plans=True, means="is gone"),
    "operation.added": Rule(means="is new"),
    "operation.renamed": Rule(plans=True, means="has another id"),
    "operation.withdrawn": Rule(plans=True, means="is out of agents' reach now"),
    "operation.offered": Rule(means="is within agents' reach now"),
    "operation.write_class": Rule(plans=True, means="has another write class, so consent is asked otherwise"),
    "operation.idempotency": Rule(means="is tried again after a lost answer otherwise than before"),
    "operation.deprecated": Rule(means="is deprecated, or no longer"),
    "operation.text": Rule(means="is described in other words"),
    "parameter.removed": Rule(clients=True, plans=True, means="is gone"),
    "parameter.added": Rule(means="is new and optional"),
    "parameter.demanded": Rule(clients=True, plans=True, means="is new and required"),
    "parameter.renamed": Rule(plans=True, means="has another name at the same place of the path"),
    "parameter.required": Rule(clients=True, plans=True, means="is required now"),
    "parameter.optional": Rule(means="is optional now"),
    "parameter.pinned": Rule(clients=True, plans=True, means="is filled from the tenant's context now"),
    "parameter.unpinned": Rule(plans=True, means="is no longer filled from the tenant's context"),
    "parameter.style": Rule(clients=True, means="is written in another way"),
    "parameter.text": Rule(means="is described in other words"),
    "body.removed": Rule(clients=True, plans=True, means="is no longer taken"),
    "body.added": Rule(means="is taken now, and optional"),
    "body.demanded": Rule(clients=True, plans=True, means="is taken now, and required"),
    "body.required": Rule(clients=True, plans=True, means="is required now"),
    "body.optional": Rule(means="is optional now"),
    "body.media_type": Rule(clients=True, means="has another media type"),
    "body.text": Rule(means="is described in other words"),
    "request.narrowed": Rule(clients=True, plans=True, means="allows less"),
    "request.widened": Rule(means="allows more"),
    "request.field_removed": Rule(clients=True, plans=True, means="is gone"),
    "request.field_added": Rule(means="is new and optional"),
    "request.field_demanded": Rule(clients=True, plans=True, means="is new and required"),
    "request.required": Rule(clients=True, plans=True, means="is required now"),
    "request.optional": Rule(means="is optional now"),
    "request.default": Rule(plans=True, means="has another default"),
    "request.text": Rule(means="is described in other words"),
    "response.removed": Rule(clients=True, means="is no longer answered"),
    "response.added": Rule(means="is a new answer"),
    "response.narrowed": Rule(means="holds less than it might have"),
    "response.widened": Rule(clients=True, means="may hold what it could not before"),
    "response.field_removed": Rule(clients=True, plans=True, means="is gone"),
    "response.field_added": Rule(means="is new"),
    "response.field_demanded": Rule(means="is new, and always there"),
    "response.required": Rule(means="is always there now"),
    "response.optional": Rule(clients=True, means="may be missing now"),
    "response.default": Rule(means="has another default"),
    "response.text": Rule(means="is described in other words"),
    "contract.elsewhere": Rule(means="changed where operations do not show it: deep in a schema, or used by none"),
}
"""Every kind of change. A line of a report is its operation, its place and what this table says it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two contracts.

    Attributes:
        kind: a key of `RULES`.
        operation: its id, the newer one where it was renamed; empty for the description as a whole.
        place: what of the operation changed, such as `query.status` or `200 application/json.results[].id`; empty for
            the operation itself.
        detail: keyword, or older and newer value, where they say more.
    """

    kind: str
    operation: str = ""
    place: str = ""
    detail: str = ""

    @property
    def clients(self) -> bool:
        """Breaks programs written against the older description."""
        return RULES[self.kind].clients

    @property
    def plans(self) -> bool:
        """Breaks what was kept against the older contract."""
        return RULES[self.kind].plans

    @property
    def breaking(self) -> bool:
        """Breaks anything."""
        return self.clients or self.plans

    @property
    def means(self) -> str:
        """The change in words, to stand after operation and place."""
        return f"{RULES[self.kind].means} ({self.detail})" if self.detail else RULES[self.kind].means


def difference(old: Contract, new: Contract) -> tuple[Change, ...]:
    """What changed from `old` to `new`: what breaks comes first, then by operation."""
    if old.version == new.version:
        return ()
    before, after = _operations(old.routes), _operations(new.routes)
    found = [_alone("operation.removed", before[way]) for way in before.keys() - after.keys()]
    found += [_alone("operation.added", after[way]) for way in after.keys() - before.keys()]
    for way in before.keys() & after.keys():
        found += _met(before[way], after[way])
    found.sort(key=lambda c: (not c.breaking, c.operation, c.place, c.kind, c.detail))
    return tuple(dict.fromkeys(found)) or (Change(kind="contract.elsewhere"),)


def _operations(branch: Branch) -> dict[tuple[str, str], Entry]:
    """Every operation whose path can be read, hidden and broken ones too, by method and shape of the path."""
    found: dict[tuple[str, str], Entry] = {}
    waiting = [branch]
    while waiting:
        here = waiting.pop()
        for method, entry in here.ends.items():
            found[method, _NAME.sub("{}", entry.operation.path)] = entry
        waiting.extend(here.literals.values())
        waiting.extend(child for _, child in here.templates)
    return found


def _alone(kind: str, entry: Entry) -> Change:
    """An operation on one side only; an id that has moved to another path is told apart by the path."""
    operation = entry.operation
    return Change(kind=kind, operation=operation.key.operation_id, detail=f"{operation.method} {operation.path}")


def _whole(kind: str, entry: Entry) -> Change:
    return Change(kind=kind, operation=entry.operation.key.operation_id)


def _met(old: Entry, new: Entry) -> Iterator[Change]:
    if old.reachable != new.reachable:
        yield _whole("operation.offered" if new.reachable else "operation.withdrawn", new)
    if old.operation != new.operation:
        yield from _operation(old.operation, new.operation)


def _operation(old: Operation, new: Operation) -> Iterator[Change]:
    operation = new.key.operation_id
    for kind, before, after in (
        ("operation.renamed", old.key.operation_id, operation),
        ("operation.write_class", old.write_class.value, new.write_class.value),
        ("operation.idempotency", old.idempotency_header or "none", new.idempotency_header or "none"),
    ):
        if before != after:
            yield Change(kind=kind, operation=operation, detail=f"{before} -> {after}")
    if old.deprecated != new.deprecated:
        yield Change(kind="operation.deprecated", operation=operation)
    if (old.title, old.summary, old.description, old.tags) != (new.title, new.summary, new.description, new.tags):
        yield Change(kind="operation.text", operation=operation)
    yield from _parameters(old, new)
    yield from _body(old, new)
    yield from _responses(old, new)


# --- what is sent


def _parameters(old: Operation, new: Operation) -> Iterator[Change]:
    operation = new.key.operation_id
    renamed = dict(zip(_NAME.findall(old.path), _NAME.findall(new.path), strict=False))
    before, after = _declared(old, renamed), _declared(new, {})
    for place in before.keys() | after.keys():
        was, now = before.get(place), after.get(place)
        if now is None:
            yield Change(kind="parameter.removed", operation=operation, place=place)
        elif was is None:
            kind = "parameter.demanded" if now.required and not now.pinned else "parameter.added"
            yield Change(kind=kind, operation=operation, place=place)
        elif was != now:
            yield from _parameter(was, now, operation, place)


def _declared(operation: Operation, renamed: Mapping[str, str]) -> dict[str, Parameter]:
    """Parameters by place; fields of the body are compared with the body."""
    found = {}
    for each in operation.parameters:
        if each.location is not Location.BODY:
            name = renamed.get(each.name, each.name) if each.location is Location.PATH else each.name
            found[f"{each.location.value}.{name.lower() if each.location is Location.HEADER else name}"] = each
    return found


def _parameter(old: Parameter, new: Parameter, operation: str, place: str) -> Iterator[Change]:
    if old.location is Location.PATH and old.name != new.name:
        detail = f"{old.name} -> {new.name}"
        yield Change(kind="parameter.renamed", operation=operation, place=place, detail=detail)
    for was, now, on, off in (
        (old.required, new.required, "parameter.required", "parameter.optional"),
        (old.pinned, new.pinned, "parameter.pinned", "parameter.unpinned"),
    ):
        if was != now:
            yield Change(kind=on if now else off, operation=operation, place=place)
    if (old.style, old.explode) != (new.style, new.explode):
        detail = f"{_written(old)} -> {_written(new)}"
        yield Change(kind="parameter.style", operation=operation, place=place, detail=detail)
    if (old.description, old.example) != (new.description, new.example):
        yield Change(kind="parameter.text", operation=operation, place=place)
    yield from _schemas(old.schema, new.schema, operation, place, Direction.REQUEST)


def _written(parameter: Parameter) -> str:
    return f"{parameter.style}, exploded" if parameter.explode else parameter.style


def _body(old: Operation, new: Operation) -> Iterator[Change]:
    operation, was, now = new.key.operation_id, old.body, new.body
    if was is None or now is None:
        yield from _body_whole(was, now, operation)
        return
    if was.required != now.required:
        yield Change(kind="body.required" if now.required else "body.optional", operation=operation, place="body")
    if was.media_type != now.media_type:
        detail = f"{was.media_type} -> {now.media_type}"
        yield Change(kind="body.media_type", operation=operation, place="body", detail=detail)
    if was.description != now.description:
        yield Change(kind="body.text", operation=operation, place="body")
    yield from _schemas(was.schema, now.schema, operation, "body", Direction.REQUEST)


def _body_whole(old: Body | None, new: Body | None, operation: str) -> Iterator[Change]:
    if old is not None:
        yield Change(kind="body.removed", operation=operation, place="body")
    if new is not None:
        yield Change(kind="body.demanded" if new.required else "body.added", operation=operation, place="body")


# --- what comes back


def _responses(old: Operation, new: Operation) -> Iterator[Change]:
    operation = new.key.operation_id
    before, after = _answers(old), _answers(new)
    for place in before.keys() | after.keys():
        was, now = before.get(place), after.get(place)
        if now is None or was is None:
            kind = "response.removed" if now is None else "response.added"
            yield Change(kind=kind, operation=operation, place=place)
            continue
        if was.description != now.description:
            yield Change(kind="response.text", operation=operation, place=place)
        yield from _schemas(was.schema, now.schema, operation, place, Direction.RESPONSE)


def _answers(operation: Operation) -> dict[str, ResponseShape]:
    return {f"{each.status} {each.media_type}".strip(): each for each in operation.responses}


# --- schemas


def _schemas(old: Json, new: Json, operation: str, place: str, direction: Direction) -> Iterator[Change]:
    way = "request" if direction is Direction.REQUEST else "response"
    for each in contrasts(old, new, place=place, direction=direction):
        yield Change(kind=f"{way}.{each.turn.value}", operation=operation, place=each.place, detail=each.what)
