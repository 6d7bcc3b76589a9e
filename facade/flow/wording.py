"""An outcome in words: which sentence of `reply` tells it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from facade import reply
from facade.flow.turns import (
    Asking,
    Declined,
    Done,
    Outcome,
    Performed,
    Proposing,
    Refusing,
    Repeated,
    Stopped,
)
from facade.kernel import NotFound, Operation, OperationKey, Tenant
from facade.ports import Ports
from facade.reply import Manner, Reply


async def told(outcome: Outcome, tenant: Tenant, ports: Ports) -> Reply:
    """As `worded`, beside the event loop: an answer may hold hundreds of thousands of values (D11)."""
    return await asyncio.to_thread(worded, outcome, tenant, ports)


def worded(outcome: Outcome, tenant: Tenant, ports: Ports) -> Reply:
    """Markdown for the person, facts for the program."""
    manner = Manner(locale=tenant.record.locale, time_zone=tenant.record.time_zone)
    return _SENTENCES[type(outcome)](outcome, manner, ports)


def _performed(outcome: Performed, manner: Manner, ports: Ports) -> Reply:
    return _together([_done(each, manner, ports) for each in outcome.done])


def _proposing(outcome: Proposing, manner: Manner, ports: Ports) -> Reply:
    before = [_done(each, manner, ports) for each in outcome.done]
    return _together([*before, reply.proposed(outcome.approval.id, outcome.builts, manner)])


def _asking(outcome: Asking, manner: Manner, ports: Ports) -> Reply:
    question = outcome.question
    return reply.asked(question.text, [choice.label for choice in question.choices], manner)


def _refusing(outcome: Refusing, manner: Manner, ports: Ports) -> Reply:
    known = (_card(key, ports) for key in outcome.refusal.nearest)
    return reply.refused(outcome.refusal.reason, [card for card in known if card is not None], manner)


def _declined(outcome: Declined, manner: Manner, ports: Ports) -> Reply:
    return reply.declined(outcome.approval, manner)


def _repeated(outcome: Repeated, manner: Manner, ports: Ports) -> Reply:
    return reply.repeated(outcome.approval, outcome.text, outcome.data, manner)


def _stopped(outcome: Stopped, manner: Manner, ports: Ports) -> Reply:
    return reply.failed(outcome.error, manner)


def _done(done: Done, manner: Manner, ports: Ports) -> Reply:
    card = _card(done.call.operation, ports)
    if done.error is not None:
        return reply.failed(done.error, manner, card)
    if done.answer is None or card is None:
        return reply.failed(NotFound("Nothing came back."), manner, card)
    request = done.built.request if done.built else None
    return reply.answered(card, done.call, done.answer, manner, request)


def _card(key: OperationKey, ports: Ports) -> Operation | None:
    try:
        return ports.catalogue.operation(key)
    except NotFound:
        return None


def _together(replies: list[Reply]) -> Reply:
    return replies[0] if len(replies) == 1 else reply.joined(replies)


_SENTENCES: Mapping[type, Callable[[Any, Manner, Ports], Reply]] = {
    Performed: _performed,
    Proposing: _proposing,
    Asking: _asking,
    Refusing: _refusing,
    Declined: _declined,
    Repeated: _repeated,
    Stopped: _stopped,
}
