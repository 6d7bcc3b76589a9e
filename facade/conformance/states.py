"""What can be read of a thing, so that two moments can be compared: a write took effect, or must not have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from facade.conformance.arguments import required_arguments
from facade.conformance.envelopes import items_of, total_of
from facade.conformance.making import Bench, unwrapped
from facade.conformance.paging import paging_of
from facade.conformance.records import Due, Exchange, Who
from facade.conformance.resources import ends_in_parameter, last_literal, parent_shapes, shape_of, words
from facade.conformance.shapes import shown
from facade.kernel import Json, Operation

_VOLATILE: Final = frozenset(
    {"updated", "modified", "changed", "etag", "version", "revision", "timestamp", "accessed", "lastmodified", "seen"}
)
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")
_MOST: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is read of something at one moment, without what changes by itself.

    Attributes:
        shape: of the path that was read: the thing's own, or of what it belongs to.
        count: how many there are in its list; None where no list tells.
    """

    shape: str
    status: int
    value: Json
    count: int | None
    exchange: Exchange


async def state_of(bench: Bench, operation: Operation, values: tuple[Json, ...], who: Who = Who.FIRST) -> State | None:
    """Read what an operation works on; None when no read tells anything about it."""
    session = bench.session
    shape = shape_of(operation.path)
    for each in (shape, *parent_shapes(operation.path)):
        read = bench.operation("GET", each)
        if read is None or read.write_class != "read":
            continue
        arguments = required_arguments(session, read, bench.path(read, values))
        exchange = await session.call(read, arguments, due=Due.ANY, why="what is there", who=who)
        if exchange is not None:
            count = await _count(bench, each, values, who) if ends_in_parameter(read.path) else _length(exchange)
            value = stable(exchange.response.value)
            return State(shape=each, status=exchange.response.status, value=value, count=count, exchange=exchange)
    return None


async def _count(bench: Bench, shape: str, values: tuple[Json, ...], who: Who) -> int | None:
    listing = bench.operation("GET", shape.rpartition("/")[0])
    if listing is None or ends_in_parameter(listing.path):
        return None
    arguments = required_arguments(bench.session, listing, bench.path(listing, values))
    exchange = await bench.session.call(listing, arguments, due=Due.ANY, why="how many there are", who=who)
    return _length(exchange) if exchange is not None else None


def _length(exchange: Exchange) -> int | None:
    """How many there are in all; None where the answer is one page of several and says no total."""
    value = exchange.response.value
    total = total_of(value)
    if total is not None or paging_of(exchange.operation).turns:
        return total
    items = items_of(value, last_literal(exchange.operation.path))
    return len(items) if items is not None else None


def stable(value: Json) -> Json:
    """A value without what changes by itself: versions, moments of change, clock times."""
    if isinstance(value, Mapping):
        return {name: stable(inner) for name, inner in value.items() if not _VOLATILE & set(words(name))}
    if isinstance(value, list):
        return [stable(inner) for inner in value]
    return "a moment" if isinstance(value, str) and _MOMENT.fullmatch(value) else value


def differences(before: Json, after: Json) -> list[str]:
    """Where two values differ, dotted, a few of them."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        names = [n for n in dict.fromkeys([*before, *after]) if before.get(n) != after.get(n)]
        found = [f"{n}: {shown(before.get(n))} became {shown(after.get(n))}" for n in names]
        return found[:_MOST]
    return [] if before == after else [f"{shown(before)} became {shown(after)}"]


def changed(before: State | None, after: State | None) -> list[str]:
    """What is different between two moments; nothing where one of them is not known."""
    if before is None or after is None:
        return []
    if before.status != after.status:
        return [f"status {before.status} became {after.status}"]
    counted = [f"{before.count} in the list became {after.count}"] if before.count != after.count else []
    return [*counted, *differences(before.value, after.value)]


def unmet(sent: Json, read: Json) -> list[str]:
    """Fields of a body that read back otherwise; those that do not come back at all tell nothing."""
    if not isinstance(sent, Mapping):
        return []
    for item in unwrapped(read):
        shared = [n for n in sent if n in item and isinstance(sent[n], str | int | float | bool)]
        if shared:
            wrong = [n for n in shared if not _same(sent[n], item[n])]
            return [f"{n}: sent {shown(sent[n])}, read {shown(item[n])}" for n in wrong[:_MOST]]
    return []


def _same(sent: Json, read: Json) -> bool:
    if isinstance(sent, str) and isinstance(read, str):
        return sent.strip().casefold() == read.strip().casefold() or bool(_MOMENT.fullmatch(sent))
    return sent == read or str(sent) == str(read)
