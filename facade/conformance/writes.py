"""Writes, asked for with `--writes`: make, read back, change, act, delete, all of it on what the run made itself."""

from collections.abc import Mapping
from dataclasses import replace

from facade.conformance import write_input
from facade.conformance.arguments import required_arguments
from facade.conformance.described import mapping
from facade.conformance.links import check_location
from facade.conformance.making import Bench, Made, unwrapped
from facade.conformance.records import Due, Exchange, Level, response_of
from facade.conformance.resources import ends_in_parameter, naming_field, parent_shapes, shape_of, steps_of
from facade.conformance.session import Session
from facade.conformance.states import State, changed, differences, stable, state_of, unmet
from facade.conformance.write_access import check_access
from facade.kernel import Json, Operation

_ROUNDS = 3
_BODIES = 12
_READ = 3
"""Existing things that are written back as they are, where the run can make none of its own."""


async def check_writes(bench: Bench) -> None:
    """Everything, in the order in which one thing needs another."""
    session = bench.session
    await _make_all(bench)
    for operation in session.writes:
        if operation.method in ("PUT", "PATCH"):
            session.said(f"changes by {operation.key.operation_id}")
            await _change(bench, operation)
    await _act_all(bench)
    await check_access(bench, renewed)
    await write_input.check_input(bench)
    for operation in session.writes:
        if operation.method == "DELETE":
            session.said(f"deletes by {operation.key.operation_id}")
            await _delete(bench, operation)
    _tell_unreached(session)


# --- making


async def _make_all(bench: Bench) -> None:
    """One of everything, again and again while something new made something else possible."""
    waiting = bench.creators
    for _ in range(_ROUNDS):
        left = [each for each in waiting if not await _make(bench, *each)]
        if len(left) == len(waiting):
            break
        waiting = left
    for creator, shape in bench.creators:
        await _make_variants(bench, creator, shape)


async def _make(bench: Bench, creator: Operation, shape: str) -> bool:
    bench.session.said(f"makes by {creator.key.operation_id}")
    for body in bench.session.sampler.bodies(creator) or [None]:
        exchange = await bench.create(creator, shape, body, why="a plain creation")
        if exchange is not None and exchange.response.ok:
            await _created(bench, exchange, shape, body)
            return True
    return await _make_generated(bench, creator, shape)


async def _make_generated(bench: Bench, creator: Operation, shape: str) -> bool:
    """Where our own bodies are refused, Schemathesis may guess better."""
    parents = bench.parents(creator)
    for case in bench.session.generator.cases(creator, negative=False, limit=_BODIES) if parents is not None else ():
        fields = bench.session.sampler.body_references(creator)
        exchange = await bench.session.try_generated(case, bench.path(creator, parents or ()), fields)
        if exchange is not None and exchange.response.ok:
            bench.keep(exchange, shape)
            return True
    return False


async def _make_variants(bench: Bench, creator: Operation, shape: str) -> None:
    """Other valid bodies; each thing is removed at once, so only where there is a DELETE."""
    if bench.operation("DELETE", shape) is None or bench.latest(shape) is None:
        return
    for body in bench.session.sampler.bodies(creator)[1:_BODIES]:
        exchange = await bench.create(creator, shape, body, why="a creation with other fields")
        made = bench.latest(shape)
        if exchange is not None and exchange.response.ok and made is not None and made.exchange is exchange:
            await _created(bench, exchange, shape, body)
            await _remove(bench, made)


async def _remove(bench: Bench, made: Made) -> None:
    operation = bench.operation("DELETE", made.shape)
    if operation is not None:
        arguments = required_arguments(bench.session, operation, bench.path(operation, made.values))
        exchange = await bench.session.call(operation, arguments, due=Due.ACCEPTED, why="a new item is deleted")
        if exchange is not None and exchange.response.ok:
            bench.forget(made)


async def _created(bench: Bench, exchange: Exchange, shape: str, body: Json) -> None:
    """Who creates has to learn where; what was created has to be there as it was sent."""
    session = bench.session
    session.findings.count(exchange.operation.key.operation_id, "created.identified")
    made = bench.latest(shape)
    if made is None or made.exchange is not exchange:
        seen = "neither an id in the body nor Location"
        session.problem(exchange, "created.identified", expected="an id, or Location", seen=seen)
        return
    await check_location(session, exchange)
    read = bench.operation("GET", shape)
    if read is None or read.write_class != "read":
        return
    arguments = required_arguments(session, read, bench.path(read, made.values))
    answer = await session.call(read, arguments, due=Due.ACCEPTED, why="what was just made", who=made.who)
    if answer is not None and answer.response.ok:
        _effect(session, exchange, unmet(body, answer.response.value))


def _effect(session: Session, exchange: Exchange, wrong: list[str]) -> None:
    session.findings.count(exchange.operation.key.operation_id, "write.effect")
    if wrong:
        expected = "what was sent is what is read"
        session.problem(exchange, "write.effect", expected=expected, seen="; ".join(wrong), level=Level.WARNING)


# --- changing


async def targets(bench: Bench, operation: Operation) -> list[tuple[Json, ...]]:
    """Path values of the run's own things that an operation can work on."""
    for shape in (shape_of(operation.path), *parent_shapes(operation.path)):
        own = bench.latest(shape)
        if own is not None and shape.count("{}") == len(steps_of(operation.path)):
            return [own.values]
    return []


async def _change(bench: Bench, operation: Operation) -> None:
    own = await targets(bench, operation)
    for values in own:
        for body in bench.session.sampler.bodies(operation)[:_BODIES]:
            await _put(bench, operation, values, body)
    if not own:
        await _write_back(bench, operation)


async def _put(bench: Bench, operation: Operation, values: tuple[Json, ...], body: Json) -> Exchange | None:
    """Write, read, and for PUT write and read again; the first good write."""
    session = bench.session
    first = await _written(bench, operation, values, body, "a plain change")
    if first is None or not first.response.ok:
        return None
    before = await state_of(bench, operation, values)
    if before is not None and before.shape == shape_of(operation.path):
        _effect(session, first, unmet(body, before.exchange.response.value))
    if operation.method != "PUT":
        return first
    second = await _written(bench, operation, values, body, "the same PUT again")
    if second is not None:
        session.findings.count(operation.key.operation_id, "put.idempotent")
        _same_twice(session, first, second, changed(before, await state_of(bench, operation, values)))
    return first


async def _written(
    bench: Bench, operation: Operation, values: tuple[Json, ...], body: Json, why: str
) -> Exchange | None:
    arguments = required_arguments(bench.session, operation, bench.path(operation, values), body=body)
    return await bench.session.call(operation, arguments, due=Due.ANSWERED, why=why)


def _same_twice(session: Session, first: Exchange, second: Exchange, moved: list[str]) -> None:
    if not second.response.ok:
        moved = [f"status {first.response.status} the first time, {second.response.status} the second"]
    answers = differences(stable(first.response.value), stable(second.response.value))
    if moved or answers:
        seen = "; ".join(moved or answers)
        session.problem(second, "put.idempotent", expected="the second PUT changes nothing", seen=seen)


async def _write_back(bench: Bench, operation: Operation) -> None:
    """For what the run cannot make: read an existing thing and write the same values back, which changes nothing."""
    read = bench.operation("GET", shape_of(operation.path))
    if read is None or operation.body is None:
        return
    names = mapping(operation.body.schema.get("properties"))
    for path in bench.session.paths(operation, _READ):
        values = tuple(path.values())
        before = await state_of(bench, operation, values)
        held = next(iter(unwrapped(before.exchange.response.value)), {}) if before else {}
        body = {name: held[name] for name in names if name in held}
        if before is not None and body and bench.session.sampler.fits(operation, body):
            first = await _put(bench, operation, values, body)
            moved = changed(before, await state_of(bench, operation, values))
            if moved and first is not None:
                expected = "values that were read and written back stay"
                bench.session.problem(first, "write.effect", expected=expected, seen="; ".join(moved))


# --- acting


async def _act_all(bench: Bench) -> None:
    """POSTs that make no item of their own: comments, payments, cancellations, searches."""
    made = {op.key.operation_id for op, _ in bench.creators}
    actions = [op for op in bench.session.writes if op.method == "POST" and op.key.operation_id not in made]
    for operation in actions:
        bench.session.said(f"acts by {operation.key.operation_id}")
        await _act(bench, operation)
    for operation in actions:
        if operation.key.operation_id not in bench.session.reached:
            await _act_prepared(bench, operation, actions)


async def _act(bench: Bench, operation: Operation) -> Exchange | None:
    """Every body on the run's own thing; the last good exchange, if there is one."""
    good = None
    for values in await targets(bench, operation) if steps_of(operation.path) else [()]:
        for body in bench.session.sampler.bodies(operation)[:_BODIES] or [None]:
            exchange = await _written(bench, operation, values, body, "a plain action")
            good = exchange if exchange is not None and exchange.response.ok else good
    if good is not None:
        bench.prepared.setdefault(operation.key.operation_id, None)
    return good


async def _act_prepared(bench: Bench, operation: Operation, actions: list[Operation]) -> None:
    """Some actions need another one before them, as a draft is sent before it is paid; each is tried on a new thing."""
    steps = steps_of(operation.path)
    creation = next((each for each in bench.creators if steps and each[1] == f"{steps[-1].collection}/{{}}"), None)
    others = [a for a in actions if steps_of(a.path) == steps and a.key in _reached(bench) and a is not operation]
    for other in [None, *others] if creation else []:
        if not await _make(bench, *creation):  # type: ignore[misc]  # `else []` above
            return
        if other is not None:
            await _first(bench, other)
        if await _act(bench, operation) is not None:
            bench.prepared[operation.key.operation_id] = other
            return


async def renewed(bench: Bench, operation: Operation, good: Exchange) -> Exchange:
    """A good action as it would be on a new thing in the right state; the old one where no new one can be made."""
    steps = steps_of(operation.path)
    creation = next((each for each in bench.creators if steps and each[1] == f"{steps[-1].collection}/{{}}"), None)
    if creation is None or operation.key.operation_id not in bench.prepared or not await _make(bench, *creation):
        return good
    before = bench.prepared[operation.key.operation_id]
    if before is not None:
        await _first(bench, before)
    for values in await targets(bench, operation):
        body = response_of(0, (), good.request.body or b"").value
        arguments = required_arguments(bench.session, operation, bench.path(operation, values), body=body)
        request = bench.session.built(operation, arguments)
        return good if request is None else replace(good, request=request)
    return good


async def _first(bench: Bench, operation: Operation) -> None:
    """The first body alone: enough to bring a thing into another state."""
    for values in await targets(bench, operation):
        body = next(iter(bench.session.sampler.bodies(operation)), None)
        await _written(bench, operation, values, body, "a step before another")


def _reached(bench: Bench) -> set[object]:
    return {e.operation.key for e in bench.session.reached.values()}


# --- deleting


async def _delete(bench: Bench, operation: Operation) -> None:
    values = await _deletable(bench, operation)
    if values is None:
        return
    session = bench.session
    before = await state_of(bench, operation, values)
    arguments = required_arguments(session, operation, bench.path(operation, values))
    first = await session.call(operation, arguments, due=Due.ANSWERED, why="what the run made")
    if first is None or not first.response.ok:
        return
    session.findings.count(operation.key.operation_id, "delete.effect", "delete.repeat")
    await _gone(bench, operation, values, before, first)
    second = await session.call(operation, arguments, due=Due.ANY, why="the same DELETE again")
    if second is not None and not (
        second.response.ok or second.response.status in {404, 410} or second.response.broken
    ):
        seen = f"status {second.response.status}"
        session.problem(second, "delete.repeat", expected="404, 410 or 2xx", seen=seen)


async def _deletable(bench: Bench, operation: Operation) -> tuple[Json, ...] | None:
    """Path values of something new that may be deleted; None where the run can make no such thing."""
    shape = shape_of(operation.path)
    creation = next((each for each in bench.creators if each[1] == shape), None)
    if creation is not None:
        made = bench.latest(shape) if await _make(bench, *creation) else None
        if made is not None:
            bench.forget(made)
            bench.alive.insert(0, made)  # deleted below; if that fails, the clean-up still knows it
        return made.values if made else None
    if not ends_in_parameter(operation.path):
        return await _singleton(bench, operation)
    return await _put_into(bench, operation)


async def _singleton(bench: Bench, operation: Operation) -> tuple[Json, ...] | None:
    """`/tickets/{id}/assignee`: put something there first."""
    put = bench.operation("PUT", shape_of(operation.path)) or bench.operation("POST", shape_of(operation.path))
    own = await targets(bench, operation)
    body = next(iter(bench.session.sampler.bodies(put)), None) if put else None
    if put is None or not own:
        return None
    exchange = await _written(bench, put, own[0], body, "something to delete")
    return own[0] if exchange is not None and exchange.response.ok else None


async def _put_into(bench: Bench, operation: Operation) -> tuple[Json, ...] | None:
    """`/tickets/{id}/tags/{name}`: put one in, under the name that its answer or its body gives it."""
    step = steps_of(operation.path)[-1]
    post = bench.operation("POST", step.collection)
    own = await targets(bench, post) if post is not None else []
    body = next(iter(bench.session.sampler.bodies(post)), None) if post else None
    if post is None or not own:
        return None
    exchange = await _written(bench, post, own[0], body, "something to delete")
    if exchange is None or not exchange.response.ok:
        return None
    sent = body if isinstance(body, Mapping) else {}
    for item in (sent, *unwrapped(exchange.response.value)):
        name = naming_field(item, step.segment)
        if name is not None:
            return (*own[0], item[name])
    return None


async def _gone(
    bench: Bench, operation: Operation, values: tuple[Json, ...], before: State | None, first: Exchange
) -> None:
    """It cannot be read, or what held it has changed; no list names it."""
    session = bench.session
    after = await state_of(bench, operation, values)
    if before is None or after is None:
        return
    own = before.shape == shape_of(operation.path)
    there = after.status not in {404, 410} if own else not changed(before, after)
    if there and after.status < 500:  # noqa: PLR2004 - a server error tells nothing of it
        seen = f"status {after.status} when it is read" if own else "nothing has changed"
        session.problem(first, "delete.effect", expected="gone after DELETE", seen=seen)
    elif own and before.count is not None and after.count is not None and after.count >= before.count:
        seen = f"{after.count} in the list, {before.count} before"
        session.problem(first, "delete.effect", expected="one less in the list", seen=seen, level=Level.WARNING)


def _tell_unreached(session: Session) -> None:
    """Operations that took no valid input at all: either the tests or the description miss something."""
    for operation in session.writes:
        name = operation.key.operation_id
        exchange = session.refused.get(name)
        if name not in session.reached and exchange is not None:
            seen = f"status {exchange.response.status} at best"
            expected = "2xx for some input that the description allows"
            session.problem(exchange, "input.accepted", expected=expected, seen=seen, level=Level.WARNING)
