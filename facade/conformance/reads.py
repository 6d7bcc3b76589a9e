"""Reads: lists first, since they know the ids; then items, then ids that nothing has, then generated queries."""

import asyncio
from collections.abc import Mapping
from typing import Final

from facade.conformance.absent import absent_arguments
from facade.conformance.arguments import required_arguments
from facade.conformance.records import Due, Who
from facade.conformance.resources import ends_in_parameter, steps_of, words
from facade.conformance.session import Session
from facade.kernel import Arguments, Json, Location, Operation

_ROUNDS: Final = 3
_ITEMS: Final = 20
_PARENTS: Final = 6
HOSTILE: Final = ("'", '"', "%", "\\", "\x00", "ꙮ 🙂", "<b>", "1 OR 1=1", "-1", "9" * 30)
"""Values that are plain text to a description, and trouble to an application that pastes them together."""


async def discover(session: Session, who: Who = Who.FIRST) -> None:
    """Ask every list that can be asked, until no answer opens another one."""
    asked: set[tuple[str, str]] = set()
    for _ in range(_ROUNDS):
        before = len(asked)
        for operation in session.producers:
            if not ends_in_parameter(operation.path):
                await _ask(session, operation, asked, who)
        if len(asked) == before:
            return


async def _ask(session: Session, operation: Operation, asked: set[tuple[str, str]], who: Who) -> None:
    for path in session.paths(operation, _PARENTS, who=who):
        key = (operation.key.operation_id, repr(path))
        if key not in asked and len(path) == len(steps_of(operation.path)):
            asked.add(key)
            arguments = required_arguments(session, operation, path)
            due = Due.ANSWERED if steps_of(operation.path) or arguments.query else Due.ACCEPTED
            await session.call(operation, arguments, due=due, why="as it is described", who=who)


async def read_items(session: Session) -> None:
    """Read items by ids that lists hold; they must be there."""
    for operation in session.reads:
        if not ends_in_parameter(operation.path):
            continue
        for path in session.paths(operation, _ITEMS):
            sure = all(name in path for name in (s.name for s in steps_of(operation.path))) and _listed(
                session, operation
            )
            due = Due.ACCEPTED if sure else Due.ANSWERED
            await session.call(
                operation, required_arguments(session, operation, path), due=due, why="an id that a list holds"
            )


def _listed(session: Session, operation: Operation) -> bool:
    """The ids come from a list, not from an example of the description."""
    step = steps_of(operation.path)[-1]
    return bool(session.pool.lists.get(step.collection)) or (
        len(words(step.name)) > 1 and step.name in session.pool.seen
    )


async def read_absent(session: Session) -> None:
    """Ask for what nothing has; 404 is due."""
    for operation in session.reads:
        for arguments in absent_arguments(session, operation):
            await session.call(operation, arguments, due=Due.ABSENT, why="an id that nothing has")


async def read_generated(session: Session) -> None:
    """Generated queries, good and bad, and text that breaks careless applications."""
    for operation in session.reads:
        path = next(iter(session.paths(operation, 1)), None)
        if path is None:
            continue
        session.said(operation.key.operation_id)
        await _generated(session, operation, path)
        await _hostile(session, operation, path)


async def _generated(session: Session, operation: Operation, path: Mapping[str, Json]) -> None:
    examples = session.plan.examples
    generator = session.generator
    cases = await asyncio.to_thread(generator.cases, operation, negative=True, limit=examples * 4)
    cases += await asyncio.to_thread(generator.cases, operation, negative=False, limit=examples)
    cases += await asyncio.to_thread(generator.random, operation, limit=examples // 5)
    for case in cases:
        await session.try_generated(case, path)


async def _hostile(session: Session, operation: Operation, path: Mapping[str, Json]) -> None:
    """One odd value for each text parameter in turn."""
    texts = [p for p in operation.inputs if p.location is Location.QUERY and p.schema.get("type") == "string"]
    free = [p for p in texts if not any(k in p.schema for k in ("enum", "const", "format", "pattern"))]
    base = required_arguments(session, operation, path)
    for parameter in free:
        for value in HOSTILE:
            arguments = Arguments(path=base.path, query={**base.query, parameter.name: value}, header=base.header)
            await session.call(operation, arguments, due=Due.ANSWERED, why=f"{parameter.name} with odd text")
