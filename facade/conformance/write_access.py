"""Who may write: nobody without a credential, and nobody to another tenant's things, whatever the answer says."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from facade.conformance.arguments import required_arguments
from facade.conformance.authentication import is_protected
from facade.conformance.making import Bench
from facade.conformance.records import Due, Exchange, Level, Who, response_of
from facade.conformance.resources import shape_of
from facade.conformance.states import changed, state_of
from facade.kernel import Json, Operation

Renewal = Callable[[Bench, Operation, Exchange], Awaitable[Exchange]]
"""Makes a good write good once more: what was cancelled once cannot be cancelled again."""
CONFLICT = 409
_NOBODY = ((Who.NOBODY, "without a credential"), (Who.BROKEN, "with a credential that nobody has"))


async def check_access(bench: Bench, renewed: Renewal) -> None:
    """Send good writes again, to the run's own things, without a credential and as the other tenant."""
    session = bench.session
    shapes = {op.key.operation_id: shape for op, shape in bench.creators}
    for operation in sorted(session.writes, key=lambda op: op.method == "DELETE"):  # who deletes ends the others
        exchange = _repeatable(bench, operation)
        if exchange is None:
            continue
        session.said(f"who may {operation.key.operation_id}")
        shape = shapes.get(operation.key.operation_id)
        if session.plan.protected and is_protected(session, exchange):
            for who, why in _NOBODY:
                await _refused(bench, exchange, shape, who, why)
        accepted = operation.key.operation_id in session.reached or operation.method == "DELETE"
        if session.plan.second and accepted and _concerns_first(bench, exchange):
            fresh = await renewed(bench, operation, exchange)
            if await _has_its_own(bench, fresh):
                continue
            await _refused(bench, fresh, shape, Who.SECOND, "the second tenant writes to the first one's")


def _repeatable(bench: Bench, operation: Operation) -> Exchange | None:
    """A good write to what is still there, a DELETE of it that was never sent, else a write that was refused."""
    name = operation.key.operation_id
    known = bench.session.reached.get(name) or bench.session.refused.get(name)
    if operation.method != "DELETE":
        return known
    made = bench.latest(shape_of(operation.path))
    if made is None:
        return known
    arguments = required_arguments(bench.session, operation, bench.path(operation, made.values))
    request = bench.session.built(operation, arguments)
    return replace(made.exchange, operation=operation, request=request) if request else None


def _concerns_first(bench: Bench, exchange: Exchange) -> bool:
    """The request names something of the first tenant: in its path, or by a reference in its body."""
    if bench.session.path_values(exchange):
        return True
    sent = response_of(200, (), exchange.request.body or b"").value
    return isinstance(sent, Mapping) and any(_refers(bench, exchange, name, value) for name, value in sent.items())


def _refers(bench: Bench, exchange: Exchange, name: str, value: Json) -> bool:
    """A field holds the id of something that the run made, and is not the new thing's own id."""
    shape, _ = bench.session.pool.references(name)
    own = bench.session.sampler.own.get(shape, ())
    return shape != shape_of(exchange.operation.path) and value in own


async def _has_its_own(bench: Bench, exchange: Exchange) -> bool:
    """The second tenant finds something under the same path, which need not be the first one's: better not to touch."""
    values = tuple(bench.session.path_values(exchange).values())
    if not values or any(made.values == values[: len(made.values)] for made in bench.alive):
        return False
    there = await state_of(bench, exchange.operation, values, Who.SECOND)
    return there is not None and there.exchange.response.ok


async def _refused(bench: Bench, exchange: Exchange, shape: str | None, who: Who, why: str) -> None:
    """Send it, judge the answer, and look whether it took effect all the same."""
    session, operation = bench.session, exchange.operation
    check = "tenants.write" if who is Who.SECOND else "auth.required"
    values = tuple(session.path_values(exchange).values())
    before = await state_of(bench, operation, values)
    due = Due.HIDDEN if who is Who.SECOND else Due.DENIED
    answer = await session.send(operation, replace(exchange.request, who=who), due=due, why=why)
    if answer is None:
        return
    session.findings.count(operation.key.operation_id, check)
    if shape is not None:
        bench.keep(answer, shape)
    if answer.response.ok:
        _taken(bench, operation)
    if answer.response.status == CONFLICT and who is Who.SECOND:
        seen = "status 409, which tells that it is there"
        session.problem(answer, check, expected="404 or 403", seen=seen, level=Level.WARNING)
    if answer.response.ok and who is Who.SECOND:
        seen = f"status {answer.response.status}"
        session.problem(answer, check, expected="404, 403 or another refusal", seen=seen)
    moved = changed(before, await state_of(bench, operation, values))
    if moved and not answer.response.ok:
        level = Level.FAILURE if values else Level.WARNING
        seen = f"status {answer.response.status}, and still {'; '.join(moved)}"
        session.problem(answer, check, expected="a refused write changes nothing", seen=seen, level=level)


def _taken(bench: Bench, operation: Operation) -> None:
    """A DELETE that should have been refused was not: there is nothing left to remove."""
    made = bench.latest(shape_of(operation.path))
    if operation.method == "DELETE" and made is not None:
        bench.forget(made)
