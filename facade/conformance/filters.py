"""Filters: a list asked for items with a value holds those and no others.

Which field a parameter filters by is found by name, or by the value itself: asked for one customer's tickets, every
ticket has to name that customer somewhere. Text search is asked for nonsense; whoever answers with everything has not
looked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from facade.conformance.described import mapping
from facade.conformance.lists import Listed, fetch, fullest, identity, is_list
from facade.conformance.paging import paging_of
from facade.conformance.pool import diverse
from facade.conformance.records import Level
from facade.conformance.resources import last_literal, looks_like_reference, noun, singular, words
from facade.conformance.samples import type_of
from facade.conformance.session import Session
from facade.kernel import Arguments, Json, JsonObject, Location, Operation, Parameter

_SEARCHES: Final = frozenset({"q", "query", "search", "text", "term", "keyword", "keywords"})
_NONSENSE: Final = "zqxjkvzqxjkv"
_LOWER: Final = ("from", "min", "after", "since", "gte", "gt", "start")
_UPPER: Final = ("to", "max", "before", "until", "lte", "lt", "end")
_MOMENTS: Final = ("", "at", "on", "date", "time", "day")
_VALUES: Final = 6
_DAY: Final = 10
"""Characters of a calendar day at the beginning of a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a filter promises.

    Attributes:
        values: to ask for, one after the other.
        holds: the item may be in a list that was asked for the value.
        exact: every item of the whole list that it holds for has to come.
        said: the promise in words, the value left open.
    """

    values: tuple[Json, ...]
    holds: Callable[[JsonObject, Json], bool]
    exact: bool
    said: str


async def check_filters(session: Session) -> None:
    """Every list that has both items and parameters that narrow it."""
    for operation in session.reads:
        parameters = [p for p in operation.inputs if p.location is Location.QUERY]
        narrowing = [p for p in parameters if p.name not in paging_of(operation).names]
        if not is_list(operation) or not narrowing:
            continue
        session.said(f"filters of {operation.key.operation_id}")
        found = await fullest(session, operation, 4)
        if found is not None and len(found[1].items) > 1:
            for parameter in narrowing:
                await _check(session, operation, parameter, *found)


async def _check(session: Session, operation: Operation, parameter: Parameter, base: Arguments, whole: Listed) -> None:
    rule = rule_of(session, parameter, whole.items)
    if rule is None:
        if parameter.schema.get("type") == "boolean":
            await _switch(session, operation, parameter, base, whole)
        return
    for value in rule.values:
        asked = [value] if type_of(parameter.schema) == "array" else value
        arguments = replace(base, query={**base.query, parameter.name: asked})
        listed = await fetch(session, operation, arguments)
        if listed is not None:
            session.findings.count(operation.key.operation_id, "filters.obeyed")
            _judge(session, parameter, rule, value, whole, listed)


async def _switch(session: Session, operation: Operation, parameter: Parameter, base: Arguments, whole: Listed) -> None:
    """A flag that no field carries: it should make a difference, one way or the other."""
    segment = last_literal(operation.path)
    everything = [identity(item, segment) for item in whole.items]
    for value in (True, False):
        listed = await fetch(session, operation, replace(base, query={**base.query, parameter.name: value}))
        if listed is None or [identity(item, segment) for item in listed.items] != everything:
            return
    seen = "true and false both return everything"
    expected = f"{parameter.name}: a list that differs"
    session.problem(whole.last, "filters.obeyed", expected=expected, seen=seen, level=Level.WARNING)


def _judge(session: Session, parameter: Parameter, rule: Rule, value: Json, whole: Listed, listed: Listed) -> None:
    wrong = [item for item in listed.items if not rule.holds(item, value)]
    asked = f"{parameter.name}={value}"
    if wrong:
        expected = f"{asked}: only items {rule.said}"
        session.problem(
            listed.last, "filters.obeyed", expected=expected, seen=f"{len(wrong)} of {len(listed.items)} are others"
        )
        return
    segment = last_literal(listed.last.operation.path)
    had = {identity(item, segment) for item in listed.items}
    lost = [i for i in whole.items if rule.holds(i, value) and identity(i, segment) not in had]
    if rule.exact and listed.whole and lost:
        expected = f"{asked}: every item {rule.said}"
        session.problem(listed.last, "filters.obeyed", expected=expected, seen=f"{len(lost)} are missing")


def rule_of(session: Session, parameter: Parameter, items: tuple[JsonObject, ...]) -> Rule | None:
    """What a parameter promises; None where its name and its values tell nothing."""
    found = (
        _searching(parameter, items)
        or _equal(parameter, items)
        or _bounded(parameter, items)
        or _referring(session, parameter, items)
    )
    return found if found and found.values else None


def _searching(parameter: Parameter, items: tuple[JsonObject, ...]) -> Rule | None:
    if parameter.name.lower() not in _SEARCHES:
        return None
    return Rule(values=(_NONSENSE,), holds=_contains, exact=False, said="with that text")


def _contains(value: Json, text: Json) -> bool:
    if isinstance(value, Mapping):
        return any(_contains(inner, text) for inner in value.values())
    if isinstance(value, list):
        return any(_contains(inner, text) for inner in value)
    return str(text).casefold() in str(value).casefold()


# --- equality


def _equal(parameter: Parameter, items: tuple[JsonObject, ...]) -> Rule | None:
    name = field_named(parameter.name, items)
    schema = mapping(parameter.schema.get("items")) if type_of(parameter.schema) == "array" else parameter.schema
    if name is None:
        return None
    listed = schema.get("enum")
    strict = isinstance(listed, list) or type_of(schema) in ("boolean", "integer") or looks_like_reference(name)
    seen = _seen(items, name)
    values = [*listed] if isinstance(listed, list) else [True, False] if type_of(schema) == "boolean" else seen[:3]
    same = _same if strict else _like

    def holds(item: JsonObject, value: Json) -> bool:
        held = item.get(name)
        return any(same(each, value) for each in held) if isinstance(held, list) else same(held, value)

    return Rule(values=tuple(values[:_VALUES]), holds=holds, exact=strict, said=f"whose {name} is that")


def field_named(name: str, items: tuple[JsonObject, ...]) -> str | None:
    """The field of the items that carries a parameter's name, in singular or plural, with or without `_id`."""
    wanted = noun(name)
    present = dict.fromkeys(field for item in items[:50] for field in item)
    for form in (wanted, (*wanted, "id"), (*wanted, "code")):
        for each in present:
            if noun(each) == form and _scalars(items, each):
                return each
    return None


def _scalars(items: tuple[JsonObject, ...], name: str) -> bool:
    held = [item.get(name) for item in items]
    flat = [inner for value in held for inner in (value if isinstance(value, list) else [value])]
    return all(inner is None or isinstance(inner, str | int | float) for inner in flat)


def _seen(items: tuple[JsonObject, ...], name: str) -> list[Json]:
    """Different values of a field, from items as different as possible."""
    held = [item.get(name) for item in diverse(list(items))]
    flat = [inner for value in held for inner in (value if isinstance(value, list) else [value])]
    return [v for v in dict.fromkeys(flat) if isinstance(v, str | int) and not isinstance(v, bool) and v != ""]


def _same(held: Json, value: Json) -> bool:
    if isinstance(held, bool) or isinstance(value, bool):
        return held is value or str(held).lower() == str(value).lower()
    return str(held).casefold() == str(value).casefold()


def _like(held: Json, value: Json) -> bool:
    return str(value).casefold() in str(held).casefold()


# --- bounds


def _bounded(parameter: Parameter, items: tuple[JsonObject, ...]) -> Rule | None:
    found = next(_bounds(parameter.name, items), None)
    if found is None:
        return None
    name, lower = found
    held = sorted((v for v in (_comparable(item.get(name)) for item in items) if v is not None), key=_order)
    if not held or len({type(v) for v in held}) > 1:
        return None
    middle = held[len(held) // 2]
    value = middle[:_DAY] if isinstance(middle, str) and parameter.schema.get("format") == "date" else middle

    def holds(item: JsonObject, asked: Json) -> bool:
        own = _comparable(item.get(name))
        if own is None or isinstance(own, str) is not isinstance(asked, str):
            return True
        left = own[: len(asked)] if isinstance(own, str) and isinstance(asked, str) else own
        return _order(left) >= _order(asked) if lower else _order(left) <= _order(asked)

    bound = "at least" if lower else "at most"
    return Rule(values=(value,), holds=holds, exact=False, said=f"whose {name} is {bound} that")


def _bounds(name: str, items: tuple[JsonObject, ...]) -> Iterator[tuple[str, bool]]:
    """The field that `created_from`, `max_total` or `dueBefore` bounds, and whether from below."""
    parts = words(name)
    for ends, lower in ((_LOWER, True), (_UPPER, False)):
        for stem in [parts[:-1] if parts[-1] in ends else (), parts[1:] if parts[0] in ends else ()]:
            present = list(items[0]) if items and stem else []
            named = [f for f in present if any(words(f) == ((*stem, m) if m else stem) for m in _MOMENTS)]
            ending = [f for f in present if words(f)[-len(stem) :] == stem]
            yield from ((field, lower) for field in (named or (ending if len(ending) == 1 else [])))


def _comparable(value: Json) -> str | float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return value


def _order(value: Json) -> tuple[float, str]:
    return (0.0, value) if isinstance(value, str) else (float(value), "") if isinstance(value, int | float) else (0, "")


# --- references


def _referring(session: Session, parameter: Parameter, items: tuple[JsonObject, ...]) -> Rule | None:
    """A filter by something that exists elsewhere: the value has to stand somewhere in every item."""
    known = [v for v in session.pool.references(parameter.name)[1] if any(_holds(item, v) for item in items)]
    known = known or _by_plural(session, parameter, items)
    if not known:
        return None
    return Rule(values=tuple(known[:3]), holds=_holds, exact=False, said="that name it")


def _by_plural(session: Session, parameter: Parameter, items: tuple[JsonObject, ...]) -> list[Json]:
    """`tag` against a field `tags` or `tag_names` of the items."""
    stem = singular(words(parameter.name)[-1]) if words(parameter.name) else ""
    names = [f for f in (items[0] if items else ()) if words(f) and singular(words(f)[0]) == stem]
    return [v for name in names for v in _seen(items, name)]


def _holds(item: Json, value: Json) -> bool:
    if isinstance(item, Mapping):
        return any(_holds(inner, value) for inner in item.values())
    if isinstance(item, list):
        return any(_holds(inner, value) for inner in item)
    return _same(item, value)
