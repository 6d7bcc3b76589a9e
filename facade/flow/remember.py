"""Add what happened to the conversation it happened in."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from facade.flow.turns import Asking, Declined, Done, Outcome, Performed, Proposing, Repeated
from facade.kernel import InvalidRequest, LedgerUnavailable, LimitExceeded, Micros, Tenant
from facade.plan import Asked, Event, Failed, Limited, Proposed, Replied, Returned, Said, Settled, Transcript, turns_of
from facade.ports import Ports

_TRIES: Final = 64
"""Turns of one conversation that may be faster, one after the other, before this one is left out of its history."""


async def remember(conversation: str, outcome: Outcome, replied: Replied, tenant: Tenant, ports: Ports) -> int | None:
    """Note in its conversation what an approval by id did; returns the number of the turn that this became."""
    known = await ports.conversations.load(conversation, tenant_id=tenant.id, user=tenant.principal.person)
    return await added(known, (*happened(outcome, ports), replied), None, ports) if known is not None else None


async def added(transcript: Transcript, events: Sequence[Event], fingerprint: str | None, ports: Ports) -> int | None:
    """Append; when another turn was faster, append after it. Histories only grow, so both stand.

    What was done is told even if it cannot be kept: a refusal here would make a client send its write again.

    Returns:
        The number of the turn that was added, None when it was not.
    """
    latest: Transcript | None = transcript
    with suppress(LedgerUnavailable):
        for _ in range(_TRIES):
            with suppress(InvalidRequest):
                kept = await ports.conversations.append(latest or transcript, events, fingerprint=fingerprint)
                return len(turns_of(kept))
            latest = await ports.conversations.load(transcript.id, tenant_id=transcript.tenant, user=transcript.user)
    return None


def turn_events(words: str, outcome: Outcome, text: str, ports: Ports) -> tuple[Event, ...]:
    """A turn from its words to its reply."""
    now = ports.clock.now()
    return (Said(text=words, at=now), *happened(outcome, ports), Replied(text=text, at=now))


def happened(outcome: Outcome, ports: Ports) -> tuple[Event, ...]:
    """The events between the words and the reply: what was settled, what was done, what is open now."""
    now = ports.clock.now()
    done = _done(outcome.done, ports) if isinstance(outcome, Performed | Proposing) else ()
    return (*_settlement(outcome, now), *done, *_opening(outcome, now))


def _settlement(outcome: Outcome, now: Micros) -> tuple[Event, ...]:
    if isinstance(outcome, Performed | Repeated | Declined) and outcome.approval is not None:
        return (Settled(approval=outcome.approval, approved=not isinstance(outcome, Declined), at=now),)
    return ()


def _opening(outcome: Outcome, now: Micros) -> tuple[Event, ...]:
    if isinstance(outcome, Proposing):
        return (Proposed(approval=outcome.approval.id, at=now),)
    return (Asked(question=outcome.question, at=now),) if isinstance(outcome, Asking) else ()


def _done(done: Sequence[Done], ports: Ports) -> tuple[Event, ...]:
    return tuple(_event(each, ports) for each in done)


def _event(done: Done, ports: Ports) -> Event:
    now = ports.clock.now()
    if done.answer is not None:
        return Returned(call=done.call, status=done.answer.status, at=now, micros=done.micros)
    if isinstance(done.error, LimitExceeded):
        return Limited(retry_after=done.error.retry_after, policies=done.error.policies, at=now)
    return Failed(call=done.call, code=done.error.code if done.error else "broken", at=now)
