"""What becomes of a proposal: approved once, declined, or answered with what it did before."""

from contextlib import suppress

from facade import guard
from facade.flow.perform import build, tried
from facade.flow.remember import remember
from facade.flow.spend import Purpose, attempt, spend
from facade.flow.turns import Declined, Done, Origin, Performed, Repeated, TurnReply
from facade.flow.wording import told
from facade.guard import Approval, ApprovalState, Consent
from facade.kernel import (
    ConsentInvalid,
    ContextConflict,
    ContractViolation,
    Json,
    LedgerUnavailable,
    NotFound,
    OutcomeUnknown,
    Tenant,
)
from facade.meter import Decision
from facade.plan import Replied
from facade.ports import Ports

SETTLING = "approval"
"""`what` of the request that settles a proposal."""


async def decide(approval_id: str, *, approved: bool, tenant: Tenant, ports: Ports, origin: Origin) -> TurnReply:
    """Settle a proposal by its id: one request, no turn.

    Raises:
        FacadeError: as `settled`, or what admission refused.
    """
    async with spend(tenant, settling(origin), ports) as ticket:
        with attempt(ticket, 1, ports):
            known = await own(approval_id, tenant, ports)
            outcome = await settled(known, approved=approved, tenant=tenant, ports=ports, origin=origin)
            said = await told(outcome, tenant, ports)
            replied = Replied(text=said.text, at=ports.clock.now())
            number = await remember(known.conversation, outcome, replied, tenant, ports)
    return TurnReply(
        conversation=known.conversation,
        outcome=outcome,
        text=said.text,
        data=said.data,
        tables=said.tables,
        number=number,
    )


def settling(origin: Origin) -> Purpose:
    """One request about a proposal, by its id."""
    return Purpose.visit(SETTLING, origin)


async def own(approval_id: str, tenant: Tenant, ports: Ports) -> Approval:
    """The approval, if it is this principal's; another's looks the same as none.

    Raises:
        NotFound
    """
    known = await ports.approvals.find(approval_id, tenant_id=tenant.id)
    if known is None or known.principal != guard.principal_key(tenant.principal):
        raise NotFound("There is no such approval.")
    return known


async def settled(
    known: Approval, *, approved: bool, tenant: Tenant, ports: Ports, origin: Origin
) -> Performed | Declined | Repeated:
    """Carry out or decline this principal's own proposal. Who was overtaken is told what it has become instead.

    Raises:
        ConsentInvalid: expired, declined, or its calls are no longer what was approved.
        OutcomeUnknown: it was claimed before and never finished; it does not run again.
    """
    try:
        return await _settled(known, approved, tenant, ports, origin)
    except ConsentInvalid:
        moved = await own(known.id, tenant, ports)
        if moved.state is known.state:
            raise
    return await settled(moved, approved=approved, tenant=tenant, ports=ports, origin=origin)


async def _settled(
    known: Approval, approved: bool, tenant: Tenant, ports: Ports, origin: Origin
) -> Performed | Declined | Repeated:
    match known.state:
        case ApprovalState.DONE:
            return _repeated(known)
        case ApprovalState.CLAIMED:
            raise OutcomeUnknown("This approval is being carried out, or its outcome was lost. It will not run again.")
        case ApprovalState.DECLINED if not approved:
            return Declined(approval=known.id)
        case ApprovalState.OPEN if not approved:
            return await _turned_down(known, tenant, ports, origin)
        case _:
            return await _carried_out(known, tenant, ports, origin)


async def _turned_down(known: Approval, tenant: Tenant, ports: Ports, origin: Origin) -> Declined:
    """Only the store knows whether it was still open: "nothing was changed" must be true when it is said."""
    mine = guard.principal_key(tenant.principal)
    if not await ports.approvals.decline(known.id, tenant_id=tenant.id, principal=mine):
        raise ConsentInvalid("This approval is not open any more.")
    _record(known, "declined", tenant, ports, origin)
    return Declined(approval=known.id)


async def _carried_out(known: Approval, tenant: Tenant, ports: Ports, origin: Origin) -> Performed:
    _unchanged(known, tenant, ports)
    now = ports.clock.now()
    claimed = await ports.approvals.claim(
        known.id, tenant_id=tenant.id, principal=guard.principal_key(tenant.principal), now=now
    )
    consent = guard.consent_from(claimed, tenant, now=now)
    _record(claimed, "approved", tenant, ports, origin)
    outcome = Performed(done=await _each(claimed, consent, tenant, ports, origin), approval=claimed.id)
    said = await told(outcome, tenant, ports)
    with suppress(LedgerUnavailable):  # it stays claimed and never runs again; what was done is told all the same
        await ports.approvals.finish(claimed.id, tenant_id=tenant.id, result={"text": said.text, "data": said.data})
    return outcome


def _unchanged(known: Approval, tenant: Tenant, ports: Ports) -> None:
    """What would be sent now must be what was shown then: a reloaded contract or context asks again."""
    try:
        digests = tuple(build(call, tenant, ports).digest for call in known.calls)
    except (NotFound, ContractViolation, ContextConflict) as error:
        raise ConsentInvalid(f"{error.detail} What was approved cannot be sent any more; ask again.") from error
    if digests != known.digests:
        raise ConsentInvalid("What was approved would be sent differently now; ask again for a new approval.")


async def _each(claimed: Approval, consent: Consent, tenant: Tenant, ports: Ports, origin: Origin) -> tuple[Done, ...]:
    """In order; the first that fails is the last that is tried."""
    done: list[Done] = []
    for call in claimed.calls:
        done.append(await tried(call, tenant, consent, ports, origin=origin))
        if not done[-1].ok:
            break
    return tuple(done)


def _repeated(known: Approval) -> Repeated:
    kept = known.result if isinstance(known.result, dict) else {}
    text: Json = kept.get("text", "")
    return Repeated(approval=known.id, text=text if isinstance(text, str) else "", data=kept.get("data"))


def _record(approval: Approval, outcome: str, tenant: Tenant, ports: Ports, origin: Origin) -> None:
    ports.journal.append(
        Decision(
            id=ports.ids.new(),
            tenant=tenant.id,
            user=tenant.principal.user,
            entrance=origin.entrance,
            api=approval.calls[0].operation.api,
            what=f"{SETTLING}:{approval.id}",
            outcome=outcome,
            units={},
            request_id=origin.request_id,
            at=ports.clock.now(),
        )
    )
