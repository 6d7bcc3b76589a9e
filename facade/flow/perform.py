"""The waist: the one function that performs a call, for every agent entrance."""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from facade import contract, guard, tenancy
from facade.flow.spend import Purpose, attempt, deciding, spend
from facade.flow.turns import Done, Origin
from facade.guard import Consent
from facade.kernel import (
    Answer,
    ApprovedCall,
    BuiltCall,
    Call,
    Counted,
    FacadeError,
    Finding,
    Micros,
    NotFound,
    Operation,
    Tenant,
    UpstreamUnavailable,
    WriteClass,
)
from facade.ports import Ports

_OFF_LOOP_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Performing:
    """What a performed call left: its exact request, and the answer with the contract's findings."""

    built: BuiltCall
    answer: Answer


async def perform(call: Call, tenant: Tenant, consent: Consent | None, ports: Ports, *, origin: Origin) -> Performing:
    """Admit, build, guard, send, check: one call, once.

    Raises:
        FacadeError: whatever leaf a stage raised; admission precedes the guard, so a refused call is charged.
    """
    async with spend(tenant, _purpose(call, origin, ports), ports) as ticket:
        with deciding(ticket, ports):
            built = build(call, tenant, ports)
            approved = guard.approve(built, ticket, consent, now=ports.clock.now())
        answer = await _sent(approved, ports)
        findings = await _checked(answer, call, ports)
    for finding in findings:
        ports.probe.violated(
            api=call.operation.api, operation=call.operation.operation_id, direction="response", code=finding.code
        )
    return Performing(built=built, answer=replace(answer, findings=findings))


async def tried(call: Call, tenant: Tenant, consent: Consent | None, ports: Ports, *, origin: Origin) -> Done:
    """As `perform`, for a call inside a request: an error becomes a part of what was done."""
    began = ports.clock.monotonic()
    try:
        performing = await perform(call, tenant, consent, ports, origin=origin)
    except FacadeError as error:
        return Done(call=call, error=error, micros=Micros(ports.clock.monotonic() - began))
    took = Micros(ports.clock.monotonic() - began)
    return Done(call=call, built=performing.built, answer=performing.answer, micros=took)


def build(call: Call, tenant: Tenant, ports: Ports) -> BuiltCall:
    """The exact request of a call, in this tenant's context.

    Raises:
        NotFound, ContextConflict, ContractViolation.
    """
    ports.catalogue.operation(call.operation)
    context = tenancy.context_for(tenant, ports.context_rules[call.operation.api])
    compiled = ports.catalogue.contracts[call.operation.api]
    return contract.build(call, compiled, context, tenant_id=tenant.id)


async def _checked(answer: Answer, call: Call, ports: Ports) -> tuple[Finding, ...]:
    """What the contract says to an answer; large ones are looked at in a thread (D11)."""
    described = ports.catalogue.contracts[call.operation.api]
    if answer.size <= _OFF_LOOP_BYTES:
        return contract.check(answer, call.operation, described)
    return await asyncio.to_thread(contract.check, answer, call.operation, described)


async def _sent(approved: ApprovedCall, ports: Ports) -> Answer:
    answer: Answer | None = None
    async for trying in ports.retries.attempts(approved):
        async with trying as this:
            answer = await _once(approved, this.number, ports)
            this.answered(answer)
    if answer is None:
        raise UpstreamUnavailable("The application could not be reached; nothing was sent.")
    return answer


async def _once(approved: ApprovedCall, number: int, ports: Ports) -> Answer:
    with attempt(approved.ticket, number, ports, approval=approved.approval) as opened:
        answer = await ports.upstream.send(approved)
        opened.answered(answer.status)
    return answer


def _purpose(call: Call, origin: Origin, ports: Ports) -> Purpose:
    operation = _known(call, ports)
    writes = operation is not None and operation.write_class is not WriteClass.READ
    return Purpose(
        entrance=origin.entrance,
        api=call.operation.api[:64],
        what=call.operation.operation_id[:128],
        method=operation.method if operation else "",
        units={Counted.CALLS: 1, Counted.WRITES: 1} if writes else {Counted.CALLS: 1},
        request_id=origin.request_id,
        plan=origin.plan,
        until=origin.until,
    )


def _known(call: Call, ports: Ports) -> Operation | None:
    """The card, or None: an unknown operation is charged like a call and refused by the build."""
    try:
        return ports.catalogue.operation(call.operation)
    except NotFound:
        return None
