"""Lists as pages and filters see them: fetch all of one, tell items apart, know the parameters by their names."""

from dataclasses import dataclass, replace
from typing import Final

import orjson

from facade.conformance.arguments import required_arguments
from facade.conformance.envelopes import items_of, next_cursor, total_of
from facade.conformance.paging import LARGE, Paging, paging_of
from facade.conformance.records import Due, Exchange, Who
from facade.conformance.resources import ends_in_parameter, last_literal, naming_field
from facade.conformance.session import Session
from facade.kernel import Arguments, Json, JsonObject, Operation

_MOST_PAGES: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Part or all of a list.

    Attributes:
        whole: nothing is missing, as far as the answers tell.
        last: the exchange that brought the last part.
        longest: the most items on one page.
    """

    items: tuple[JsonObject, ...]
    whole: bool
    last: Exchange
    pages: int = 1
    longest: int = 0
    total: int | None = None


def is_list(operation: Operation) -> bool:
    """A GET of something that is no single item."""
    return operation.method == "GET" and not ends_in_parameter(operation.path)


async def fetch(
    session: Session, operation: Operation, base: Arguments, *, size: int = 0, who: Who = Who.FIRST
) -> Listed | None:
    """All parts of a list, one after the other; None when it does not answer as a list.

    Args:
        size: items of one part; 0 for as many as allowed.
    """
    paging = paging_of(operation)
    wanted = size or min(paging.largest, LARGE)
    items: list[JsonObject] = []
    found: Listed | None = None
    cursor: str | None = None
    longest = 0
    for turn in range(_MOST_PAGES):
        query = {**base.query, **_part(paging, turn, wanted, cursor)}
        exchange = await session.call(
            operation, replace(base, query=query), due=Due.ANSWERED, why=f"part {turn + 1} of the list", who=who
        )
        part = _items(exchange)
        if exchange is None or part is None:
            return found
        items += part
        longest = max(longest, len(part))
        cursor = next_cursor(exchange.response.value)
        done = not paging.turns or not part or _ended(paging, part, wanted, cursor, exchange, len(items))
        found = Listed(
            items=tuple(items),
            whole=done,
            last=exchange,
            pages=turn + 1,
            longest=longest,
            total=total_of(exchange.response.value),
        )
        if done:
            return found
    return found


def _part(paging: Paging, turn: int, size: int, cursor: str | None) -> dict[str, Json]:
    query: dict[str, Json] = {paging.size: size} if paging.size else {}
    if paging.cursor:
        return {**query, paging.cursor: cursor} if cursor else query
    if paging.page:
        return {**query, paging.page: paging.first + turn}
    return {**query, paging.offset: turn * size} if paging.offset and paging.size else query


def _ended(
    paging: Paging, part: list[JsonObject], size: int, cursor: str | None, exchange: Exchange, held: int
) -> bool:
    if paging.cursor:
        return not cursor
    if not paging.size and not paging.page:
        return True
    total = total_of(exchange.response.value)
    if total is not None and held >= total:
        return True
    return bool(paging.size) and total is None and len(part) < size


def _items(exchange: Exchange | None) -> list[JsonObject] | None:
    if exchange is None or not exchange.response.ok:
        return None
    return items_of(exchange.response.value, last_literal(exchange.operation.path))


def identity(item: JsonObject, segment: str) -> str:
    """What tells an item from the others: the field that names it, else all of it."""
    name = naming_field(item, segment)
    return f"{name}={item[name]}" if name else orjson.dumps(item, option=orjson.OPT_SORT_KEYS).decode()


async def fullest(session: Session, operation: Operation, parents: int = 12) -> tuple[Arguments, Listed] | None:
    """The list with the most items among those of several parents, with the arguments that ask for it."""
    best: tuple[Arguments, Listed] | None = None
    for path in session.paths(operation, parents):
        base = required_arguments(session, operation, path)
        listed = await fetch(session, operation, base)
        if listed is not None and (best is None or len(listed.items) > len(best[1].items)):
            best = (base, listed)
    return best
