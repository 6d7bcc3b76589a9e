"""One user message: locate the conversation, read the words, do what may be done, say what was done.

A conversation only appends. Consent is a plain yes in a new turn when exactly one proposal is open; everything else
that looks like a yes approves nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from facade import guard, plan
from facade.flow.decide import settled
from facade.flow.perform import build, tried
from facade.flow.remember import added, turn_events
from facade.flow.spend import Purpose, attempt, spend
from facade.flow.turns import Asking, Done, Origin, Outcome, Performed, Proposing, Refusing, Stopped, Turn, TurnReply
from facade.flow.wording import told
from facade.guard import Approval, ApprovalState
from facade.kernel import BuiltCall, Call, FacadeError, Tenant
from facade.meter import TURN
from facade.plan import Plan, Question, Refusal, Request, Transcript, Understanding
from facade.ports import Ports

MAX_STEPS = 8
"""Calls that one plan may hold; a longer one is refused whole."""


async def converse(turn: Turn, tenant: Tenant, ports: Ports) -> TurnReply:
    """Serve one turn.

    Raises:
        FacadeError: the turn itself is refused (limits, ledger, a conversation that moved on). What happens to calls
            inside it is in the reply.
    """
    async with spend(tenant, Purpose.visit(TURN, turn.origin, turns=1), ports) as ticket:
        with attempt(ticket, 1, ports):
            transcript = await _located(turn, tenant, ports)
            outcome, understanding = await _outcome(turn, transcript, tenant, ports)
            reply = await _replied(turn, transcript, outcome, tenant, ports)
    return replace(reply, understanding=understanding)


async def _located(turn: Turn, tenant: Tenant, ports: Ports) -> Transcript:
    user = tenant.principal.person
    conversation = turn.conversation
    if conversation is None and turn.said_before:
        mark = plan.fingerprint(turn.said_before, turn.heard_last)
        conversation = await ports.conversations.locate(mark, tenant_id=tenant.id, user=user)
    if conversation is not None:
        known = await ports.conversations.load(conversation, tenant_id=tenant.id, user=user)
        if known is not None:
            return known
    return Transcript(id=ports.ids.new(), tenant=tenant.id, user=user)


async def _outcome(
    turn: Turn, transcript: Transcript, tenant: Tenant, ports: Ports
) -> tuple[Outcome, Understanding | None]:
    """What the turn came to, and what the planner weighed for it if it was asked."""
    verdict = plan.consents(turn.words)
    consented = await _consented(verdict, turn, transcript, tenant, ports) if verdict is not None else None
    if consented is not None:
        return consented, None
    understanding = await ports.planner.understand(_request(turn, transcript, tenant, ports))
    return await _planned(understanding, turn, transcript, tenant, ports), understanding


async def _consented(verdict: bool, turn: Turn, transcript: Transcript, tenant: Tenant, ports: Ports) -> Outcome | None:
    """What a plain yes or no comes to; None where there is nothing that it could be about."""
    proposals = await _open_proposals(transcript, tenant, ports)
    if len(proposals) > 1:
        return Refusing(refusal=Refusal(reason="several_open_proposals"))
    about = proposals[0] if proposals else await _spent(transcript, tenant, ports) if verdict else None
    return await _settling(about, verdict, tenant, ports, turn.origin) if about is not None else None


async def _planned(
    understanding: Understanding, turn: Turn, transcript: Transcript, tenant: Tenant, ports: Ports
) -> Outcome:
    match understanding.decision:
        case Plan() as planned:
            return await _run(planned, transcript, tenant, ports, turn.origin)
        case Question() as question:
            return Asking(question=question)
        case Refusal() as refusal:
            return Refusing(refusal=refusal)


async def _settling(known: Approval, approved: bool, tenant: Tenant, ports: Ports, origin: Origin) -> Outcome:
    try:
        return await settled(known, approved=approved, tenant=tenant, ports=ports, origin=origin)
    except FacadeError as error:
        return Stopped(error=error)


async def _open_proposals(transcript: Transcript, tenant: Tenant, ports: Ports) -> tuple[Approval, ...]:
    now = ports.clock.now()
    found = [await ports.approvals.find(approval, tenant_id=tenant.id) for approval in plan.open_proposals(transcript)]
    mine = guard.principal_key(tenant.principal)
    return tuple(a for a in found if a and a.principal == mine and a.state is ApprovalState.OPEN and now < a.expires)


async def _spent(transcript: Transcript, tenant: Tenant, ports: Ports) -> Approval | None:
    """What a yes that is sent once more is about: the approval used in the turn before, which never runs again."""
    used = plan.just_approved(transcript)
    known = await ports.approvals.find(used, tenant_id=tenant.id) if used is not None else None
    mine = known is not None and known.principal == guard.principal_key(tenant.principal)
    return known if known is not None and mine and known.state is not ApprovalState.OPEN else None


def _request(turn: Turn, transcript: Transcript, tenant: Tenant, ports: Ports) -> Request:
    return Request(
        words=turn.words,
        now=ports.clock.now(),
        time_zone=tenant.record.time_zone,
        locale=tenant.record.locale,
        allowed=frozenset(o.key for o in ports.catalogue if guard.allowed(o, tenant)),
        open_question=plan.open_question(transcript),
    )


async def _run(planned: Plan, transcript: Transcript, tenant: Tenant, ports: Ports, origin: Origin) -> Outcome:
    """Reads run, then the writes are proposed as one fixed set with exact values (D3)."""
    if len(planned.steps) > MAX_STEPS:
        return Refusing(refusal=Refusal(reason="plan_too_long"))
    done: list[Done] = []
    writes: list[BuiltCall] = []
    for step in planned.steps:
        taken = await _step(Call(operation=step.operation, arguments=step.arguments), tenant, ports, origin)
        if isinstance(taken, BuiltCall):
            writes.append(taken)
            continue
        done.append(taken)
        if not taken.ok:
            return Performed(done=tuple(done), plan=planned)
    if not writes:
        return Performed(done=tuple(done), plan=planned)
    try:
        approval = await _proposed(writes, transcript, tenant, ports)
    except FacadeError as error:
        return Stopped(error=error)
    return Proposing(approval=approval, builts=tuple(writes), plan=planned, done=tuple(done))


async def _step(call: Call, tenant: Tenant, ports: Ports, origin: Origin) -> Done | BuiltCall:
    """A call that may run now is tried; one that waits for consent comes back built."""
    waiting = _waiting(call, tenant, ports)
    if waiting is not None:
        return waiting
    return await tried(call, tenant, None, ports, origin=origin)


def _waiting(call: Call, tenant: Tenant, ports: Ports) -> BuiltCall | None:
    """The call as it would be sent, if consent is all that it lacks; what else is wrong with it, `perform` refuses."""
    try:
        operation = ports.catalogue.operation(call.operation)
        waits = guard.allowed(operation, tenant) and guard.consent_needed(operation, tenant)
        return build(call, tenant, ports) if waits else None
    except FacadeError:
        return None


async def _proposed(writes: Sequence[BuiltCall], transcript: Transcript, tenant: Tenant, ports: Ports) -> Approval:
    approval = guard.new_approval(
        writes,
        tenant,
        id=ports.ids.new(),
        conversation=transcript.id,
        now=ports.clock.now(),
        lives=ports.approval_lives,
    )
    await ports.approvals.open(approval)
    return approval


async def _replied(turn: Turn, transcript: Transcript, outcome: Outcome, tenant: Tenant, ports: Ports) -> TurnReply:
    said = await told(outcome, tenant, ports)
    mark = plan.fingerprint((*turn.said_before, turn.words), said.text)
    number = await added(transcript, turn_events(turn.words, outcome, said.text, ports), mark, ports)
    return TurnReply(
        conversation=transcript.id,
        outcome=outcome,
        text=said.text,
        data=said.data,
        tables=said.tables,
        number=number,
    )
