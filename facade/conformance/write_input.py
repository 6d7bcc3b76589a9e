"""Bad input to writes: generated against the schema, not JSON at all, of another type, too large, to nothing at all."""

import asyncio
from dataclasses import replace
from typing import Final

import orjson

from facade.conformance.absent import absent_value
from facade.conformance.arguments import required_arguments
from facade.conformance.making import Bench
from facade.conformance.records import Due, Exchange, Level, Request
from facade.conformance.resources import steps_of
from facade.conformance.session import may_be_empty
from facade.conformance.states import State, changed, state_of
from facade.kernel import Json, Operation

_CUT: Final = b'{"cut": '


async def check_input(bench: Bench) -> None:
    """For every write that has taken good input."""
    session = bench.session
    shapes = {op.key.operation_id: shape for op, shape in bench.creators}
    for operation in session.writes:
        good = session.reached.get(operation.key.operation_id)
        if good is None:
            continue
        session.said(f"bad input to {operation.key.operation_id}")
        shape = shapes.get(operation.key.operation_id)
        before = await _of_others(bench, operation, good)
        await _generated(bench, operation, good, shape)
        await _put_back(bench, operation, good, before)
        await _absent(bench, operation, good)
        if good.request.body is not None:
            for request, why, due in _unreadable(operation, good):
                answer = await session.send(operation, request, due=due, why=why)
                _judge(bench, answer, shape, why)


async def _of_others(bench: Bench, operation: Operation, good: Exchange) -> State | None:
    """How something looks that the run did not make, before it is written to."""
    values = tuple(bench.session.path_values(good).values())
    own = any(made.values == values[: len(made.values)] for made in bench.alive)
    return await state_of(bench, operation, values) if values and not own else None


async def _put_back(bench: Bench, operation: Operation, good: Exchange, before: State | None) -> None:
    """Bad input was taken after all: write back what was there, as the good request does."""
    values = tuple(bench.session.path_values(good).values())
    if before is not None and changed(before, await state_of(bench, operation, values)):
        await bench.session.send(operation, good.request, due=Due.ANY, why="what was there is put back")


async def _generated(bench: Bench, operation: Operation, good: Exchange, shape: str | None) -> None:
    session = bench.session
    path = session.path_values(good)
    limit = session.plan.examples * 4
    fields = session.sampler.body_references(operation)
    for case in await asyncio.to_thread(session.generator.cases, operation, negative=True, limit=limit):
        answer = await session.try_generated(case, path, fields)
        if answer is not None and shape is not None:
            bench.keep(answer, shape)


def _unreadable(operation: Operation, good: Exchange) -> list[tuple[Request, str, Due]]:
    """Bodies that are not JSON, of another type, or missing."""
    request = good.request
    untyped = tuple((n, v) for n, v in request.headers if n.lower() != "content-type")
    found = [
        (replace(request, body=_CUT), "a body that is cut short", Due.UNREADABLE),
        (replace(request, body=b"\xff\xfe\x00"), "a body that is no text", Due.UNREADABLE),
    ]
    if operation.body is not None and operation.body.required:
        found.append((replace(request, body=None, headers=untyped), "no body where one is required", Due.UNREADABLE))
    return found


def _judge(bench: Bench, answer: Exchange | None, shape: str | None, why: str) -> None:
    if answer is None:
        return
    session = bench.session
    session.findings.count(answer.operation.key.operation_id, "input.refused")
    if shape is not None:
        bench.keep(answer, shape)
    if answer.response.ok:
        seen = f"status {answer.response.status}"
        level = Level.WARNING if answer.request.body is None and may_be_empty(session, answer) else Level.FAILURE
        session.problem(answer, "input.refused", expected=f"4xx: {why}", seen=seen, level=level)


async def _absent(bench: Bench, operation: Operation, good: Exchange) -> None:
    """The same write to an id that nothing has; a PUT may create where it says so."""
    session = bench.session
    names = [step.name for step in steps_of(operation.path)]
    declared = session.subject.contract.compiled[operation.key.operation_id].responses
    if not names or (operation.method == "PUT" and "201" in declared):
        return
    known = session.path_values(good)
    for name in dict.fromkeys([names[-1], names[0]]):
        value = absent_value(session, operation, name, known[name])
        body: Json = _body(good)
        if value is not None:
            arguments = required_arguments(session, operation, {**known, name: value}, body=body)
            await session.call(operation, arguments, due=Due.ABSENT, why="a write to an id that nothing has")


def _body(good: Exchange) -> Json:
    try:
        value: Json = orjson.loads(good.request.body) if good.request.body else None
    except orjson.JSONDecodeError:
        return None
    return value
