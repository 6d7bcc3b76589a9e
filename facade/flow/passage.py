"""One proxied exchange: the tenant's rights and pins, one spend, one attempt, settled when its stream closes."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from facade import guard
from facade.flow.spend import Purpose, attempt, deciding, spend
from facade.guard import PassageParts
from facade.kernel import (
    Context,
    ContractViolation,
    Counted,
    Entrance,
    Finding,
    Operation,
    Tenant,
    Ticket,
    UpstreamBroken,
    WriteClass,
)
from facade.ports import Passage, Ports, Relay, Relayed

_OFF_LOOP_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """What a passage is about, besides its bytes.

    Attributes:
        operation: the described operation that it matches, if any.
        meant: without one, the operations that an application might serve for it all the same.
        path: the path part of its target.
        parts: what pins can be compared with.
        differences: where it differs from the contract that it is held to.
    """

    tenant: Tenant
    context: Context
    request: Passage
    operation: Operation | None
    meant: tuple[Operation, ...] = ()
    path: str
    parts: PassageParts
    differences: tuple[Finding, ...] = ()
    request_id: str


@asynccontextmanager
async def through(passing: Passing, relay: Relay, ports: Ports) -> AsyncGenerator[tuple[Ticket, Relayed]]:
    """Admit, check, and relay a tenant's passage; leaving the context settles it, however it is left.

    A read whose connection broke before any answer is tried once more, as a second attempt with its own intent: kept
    connections are closed by their other end at any moment, and no client should see that (REL-UP-11).

    Raises:
        FacadeError: what admission, rights, pins or the relay raised.
    """
    request = passing.request
    async with spend(passing.tenant, _purpose(passing), ports) as ticket:
        with deciding(ticket, ports):
            for judged in (passing.operation, *passing.meant):
                guard.passable(judged, request.method, passing.path, request.api, passing.tenant)
            await _unpinned(passing)
            undiffering(passing.differences)
        left = 2 if _repeatable(request) else 1
        for number in range(1, left + 1):
            answered = False
            try:
                with attempt(ticket, number, ports) as opened:
                    async with relay.exchange(request) as relayed:
                        opened.answered(relayed.status)
                        answered = True
                        yield ticket, relayed
            except UpstreamBroken:
                if answered or number == left:
                    raise
            else:
                return


def undiffering(differences: tuple[Finding, ...]) -> None:
    """Let on only what the contract allows, where a passage is held to it.

    Raises:
        ContractViolation: with every difference.
    """
    if differences:
        raise ContractViolation("The request differs from the API's description.", findings=differences)


@asynccontextmanager
async def unvouched(request: Passage, relay: Relay) -> AsyncGenerator[tuple[None, Relayed]]:
    """Relay a passage that no tenant answers for: nothing is charged and nothing recorded. Repeated as `through` does.

    Raises:
        FacadeError: what the relay raised.
    """
    left = 2 if _repeatable(request) else 1
    for number in range(1, left + 1):
        answered = False
        try:
            async with relay.exchange(request) as relayed:
                answered = True
                yield None, relayed
        except UpstreamBroken:
            if answered or number == left:
                raise
        else:
            return


async def _unpinned(passing: Passing) -> None:
    """No value of the client's own where the context fixes one; large bodies are compared in a thread (D11)."""
    pins, parts = passing.context.pins, passing.parts
    if len(parts.body or b"") <= _OFF_LOOP_BYTES:
        guard.unpinned(pins, parts)
    else:
        await asyncio.to_thread(guard.unpinned, pins, parts)


def _repeatable(request: Passage) -> bool:
    """Safe by method, and nothing of it was consumed."""
    return request.method in guard.SAFE_METHODS and request.body is None and request.upgrade is None


def _purpose(passing: Passing) -> Purpose:
    request = passing.request
    judged = passing.operation or guard.undescribed(request.method, passing.path, request.api)
    return Purpose(
        entrance=Entrance.PROXY,
        api=request.api,
        what=f"{request.method} {judged.path if passing.operation else '*'}",
        method=request.method,
        units=_units(judged),
        request_id=passing.request_id,
    )


def _units(operation: Operation) -> Mapping[Counted, int]:
    """A write is a write through whichever door it comes."""
    if operation.write_class is WriteClass.READ:
        return {Counted.REQUESTS: 1}
    return {Counted.REQUESTS: 1, Counted.WRITES: 1}
