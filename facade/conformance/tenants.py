"""Two tenants kept apart: what one sees in its lists, the other can neither find in its own nor read by id.

The same id may stand for different things in two tenants, and a catalogue may be common to all: an item counts as
leaked only when both see the same content under the same id, and when their lists are not the same altogether.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from facade.conformance.arguments import required_arguments
from facade.conformance.envelopes import items_of
from facade.conformance.filters import rule_of
from facade.conformance.lists import fetch, is_list
from facade.conformance.paging import paging_of
from facade.conformance.pool import Pool
from facade.conformance.reads import discover
from facade.conformance.records import Due, Exchange, Level, Who
from facade.conformance.resources import Step, ends_in_parameter, last_literal, shape_of, steps_of
from facade.conformance.session import Session
from facade.kernel import Json, JsonObject, Location, Operation

_TRIED: Final = 6
_FIELDS: Final = 3
"""Items that agree in so many fields beside their id are the same item."""


async def check_reads(session: Session) -> None:
    """Lists, then items by id, in both directions."""
    if not session.plan.second:
        session.notes.append("No --other-header was given, so nothing tells whether tenants are kept apart.")
        return
    session.said("the other tenant's lists")
    await discover(session, Who.SECOND)
    for who in (Who.FIRST, Who.SECOND):
        await _whole_lists(session, who)
    await _foreign_filters(session)
    for operation in session.reads:
        if steps_of(operation.path):
            session.said(f"the other tenant's {last_literal(operation.path)}")
            await _items(session, operation, Who.FIRST, Who.SECOND)
            await _items(session, operation, Who.SECOND, Who.FIRST)
    await _lists(session)


async def _whole_lists(session: Session, who: Who) -> None:
    """Every page of every list, so that both sides are complete."""
    for operation in session.reads:
        for path in session.paths(operation, 2, who=who) if is_list(operation) else ():
            if len(path) == len(steps_of(operation.path)):
                await fetch(session, operation, required_arguments(session, operation, path), who=who)


async def _foreign_filters(session: Session) -> None:
    """As the second tenant, filter lists by what belongs to the first."""
    for operation in session.reads:
        if not is_list(operation) or steps_of(operation.path):
            continue
        for parameter in operation.inputs:
            if parameter.location is Location.QUERY and parameter.name not in paging_of(operation).names:
                items = tuple(i.value for i in session.pool.lists.get(shape_of(operation.path), ()))
                rule = rule_of(session, parameter, items) if items else None
                for value in rule.values[:2] if rule else ():
                    base = required_arguments(session, operation, {})
                    arguments = replace(base, query={**base.query, parameter.name: value})
                    why = "the first tenant's value in a filter"
                    await session.call(operation, arguments, due=Due.ANSWERED, why=why, who=Who.SECOND)


# --- by id


async def _items(session: Session, operation: Operation, owner: Who, other: Who) -> None:
    theirs = {repr(p) for p in session.paths(operation, 500, who=other)}
    paths = [p for p in session.paths(operation, 500, who=owner) if repr(p) not in theirs]
    for path in paths[:_TRIED]:
        arguments = required_arguments(session, operation, path)
        mine = await session.call(operation, arguments, due=Due.ANSWERED, why="an own item", who=owner)
        if mine is None or not mine.response.ok:
            continue
        why = f"the {owner} tenant's id with the {other} tenant's credential"
        answer = await session.call(operation, arguments, due=Due.HIDDEN, why=why, who=other)
        if answer is not None:
            session.findings.count(operation.key.operation_id, "tenants.read")
            _hidden(session, mine, answer)


def _hidden(session: Session, mine: Exchange, answer: Exchange) -> None:
    if not answer.response.ok:
        return
    operation = answer.operation
    if is_list(operation):
        held = items_of(answer.response.value, last_literal(operation.path))
        if held or "404" in session.subject.contract.compiled[operation.key.operation_id].responses:
            leaked = f"status {answer.response.status} with {len(held or ())} items"
            session.problem(answer, "tenants.read", expected="404 or 403", seen=leaked)
    elif alike(mine.response.value, answer.response.value):
        session.problem(
            answer, "tenants.read", expected="404 or 403", seen=f"status {answer.response.status} and the item"
        )
    else:
        seen = f"status {answer.response.status} with another content"
        session.problem(answer, "tenants.read", expected="404 or 403", seen=seen, level=Level.WARNING)


def alike(left: Json, right: Json) -> bool:
    """The same thing seen twice: equal, or objects that agree in most of their fields."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        shared = [name for name in left if name in right]
        same = [name for name in shared if left[name] == right[name]]
        return len(same) >= min(len(shared), max(_FIELDS, len(shared) * 2 // 3)) > 0
    return left == right


# --- lists


async def _lists(session: Session) -> None:
    """Compare what both have ever seen in the lists of the same resource."""
    first, second = session.pools[Who.FIRST], session.pools[Who.SECOND]
    for operation in session.reads:
        shape = shape_of(operation.path)
        step = _step_of(session, shape)
        if not is_list(operation) or shape not in first.lists or shape not in second.lists:
            continue
        session.findings.count(operation.key.operation_id, "tenants.list")
        shared = _shared(first, second, shape, step)
        if not shared:
            continue
        exchange = session.reached.get(operation.key.operation_id)
        if exchange is not None:
            _tell(session, exchange, shared, len(first.lists[shape]), len(second.lists[shape]))


def _tell(session: Session, exchange: Exchange, shared: list[Json], first: int, second: int) -> None:
    seen = f"{len(shared)} items in the lists of both, such as {shared[0]!s:.40}"
    if len(shared) >= max(first, second):
        expected = "lists that differ, unless this is common to all tenants"
        session.problem(exchange, "tenants.list", expected=expected, seen=seen, level=Level.WARNING)
    else:
        session.problem(exchange, "tenants.list", expected="no item in the lists of both tenants", seen=seen)


def _shared(first: Pool, second: Pool, shape: str, step: Step) -> list[Json]:
    mine, theirs = first.identities(shape, step), second.identities(shape, step)
    return [key for key, item in mine.items() if key in theirs and _same_row(item, theirs[key])]


def _same_row(left: JsonObject, right: JsonObject) -> bool:
    return len(left) >= _FIELDS and alike(left, right)


def _step_of(session: Session, shape: str) -> Step:
    """The path parameter that takes this collection's ids; else a field `id`, which tags, for one, have not."""
    for operation in session.subject.contract.operations.values():
        if operation.method == "GET" and ends_in_parameter(operation.path):
            step = steps_of(operation.path)[-1]
            if step.collection == shape or last_literal(shape) == step.segment:
                return step
    return Step(name="id", collection=shape, segment=last_literal(shape))
