"""A proposal that is settled from two sides at once, and turns whose history could not be kept."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from facade.adapters.stores.memory import MemoryApprovals, MemoryConversations
from facade.flow import Declined, Performed, Proposing, Repeated, converse, decide
from facade.guard import Approval
from facade.kernel import Answer, InvalidRequest, Json, LedgerUnavailable, OutcomeUnknown
from facade.meter import Decision
from facade.plan import Event, Transcript
from facade.testing.planners import ScriptedPlanner
from facade.testing.world import World
from tests.flow.scenes import ORIGIN, deleting, opened, planned, said
from tests.requirements import requirement


class Overtaken(MemoryApprovals):
    """Between somebody's look at an approval and what follows, somebody else acts, once."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def find(self, approval_id: str, *, tenant_id: str) -> Approval | None:
        found = await super().find(approval_id, tenant_id=tenant_id)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return found


async def proposed() -> tuple[World, Overtaken, str, str]:
    """A world, its approvals, an open proposal and its conversation."""
    world = opened()
    world.planner = ScriptedPlanner((planned(deleting(7)),))
    world.approvals = approvals = Overtaken()
    world.upstream.respond = lambda _: Answer(status=204)
    reply = await converse(said("delete order 7"), world.tenant("acme"), world.ports)
    assert isinstance(reply.outcome, Proposing)
    return world, approvals, reply.outcome.approval.id, reply.conversation


def approving(world: World, approval: str) -> Callable[[], Awaitable[object]]:
    tenant = world.tenant("acme")
    return lambda: decide(approval, approved=True, tenant=tenant, ports=world.ports, origin=ORIGIN)


@requirement("consent:settled:told-truly")
async def test_a_decline_that_comes_too_late_is_told_what_was_done() -> None:
    world, approvals, approval, _ = await proposed()
    approvals.meanwhile = approving(world, approval)
    late = await decide(approval, approved=False, tenant=world.tenant("acme"), ports=world.ports, origin=ORIGIN)
    assert isinstance(late.outcome, Repeated)
    assert [c.built.request.target for c in world.upstream.sent] == ["/orders/7"]
    assert [r.outcome for r in world.journal.records if isinstance(r, Decision)] == ["approved"]


@requirement("consent:settled:told-truly")
async def test_a_decline_while_the_write_is_under_way_does_not_say_that_nothing_was_done() -> None:
    world, approvals, approval, _ = await proposed()
    tenant = world.tenant("acme")

    async def claimed() -> None:
        await approvals.claim(
            approval, tenant_id="acme", principal=("https://issuer.test", "ann"), now=world.clock.now()
        )

    approvals.meanwhile = claimed
    with pytest.raises(OutcomeUnknown):
        await decide(approval, approved=False, tenant=tenant, ports=world.ports, origin=ORIGIN)


@requirement("consent:settled:told-truly")
async def test_two_declines_at_once_are_both_true_and_one_decision() -> None:
    world, approvals, approval, _ = await proposed()
    tenant = world.tenant("acme")
    approvals.meanwhile = lambda: decide(approval, approved=False, tenant=tenant, ports=world.ports, origin=ORIGIN)
    reply = await decide(approval, approved=False, tenant=tenant, ports=world.ports, origin=ORIGIN)
    assert isinstance(reply.outcome, Declined)
    assert [r.outcome for r in world.journal.records if isinstance(r, Decision)] == ["declined"]


@requirement("consent:settled:told-truly")
async def test_an_approval_that_was_overtaken_is_told_what_was_done() -> None:
    world, approvals, approval, _ = await proposed()
    approvals.meanwhile = approving(world, approval)
    late = await decide(approval, approved=True, tenant=world.tenant("acme"), ports=world.ports, origin=ORIGIN)
    assert isinstance(late.outcome, Repeated)
    assert len(world.upstream.sent) == 1


class Crowded(MemoryConversations):
    """Somebody else is always faster."""

    async def append(self, transcript: Transcript, events: Sequence[Event], *, fingerprint: str | None) -> Transcript:
        raise InvalidRequest("Another turn was added.", place="conversation")


class Down(MemoryConversations):
    """Histories can be read and not written."""

    async def append(self, transcript: Transcript, events: Sequence[Event], *, fingerprint: str | None) -> Transcript:
        raise LedgerUnavailable("The store is down.")


class Forgetful(MemoryApprovals):
    """Cannot keep what an approval did."""

    async def finish(self, approval_id: str, *, tenant_id: str, result: Json) -> None:
        raise LedgerUnavailable("The store is down.")


@requirement("consent:settled:told-truly")
@pytest.mark.parametrize("kept", [Crowded, Down])
async def test_a_write_that_ran_is_told_although_the_history_cannot_be_kept(kept: type[MemoryConversations]) -> None:
    world, _, approval, _ = await proposed()
    world.conversations = kept()
    reply = await decide(approval, approved=True, tenant=world.tenant("acme"), ports=world.ports, origin=ORIGIN)
    again = await converse(said("hello"), world.tenant("acme"), world.ports)
    assert isinstance(reply.outcome, Performed)
    assert again.conversation != reply.conversation


@requirement("consent:settled:told-truly")
async def test_a_write_that_ran_is_told_although_its_result_cannot_be_kept_and_it_never_runs_again() -> None:
    world = opened()
    world.planner = ScriptedPlanner((planned(deleting(7)),))
    world.approvals = Forgetful()
    world.upstream.respond = lambda _: Answer(status=204)
    tenant = world.tenant("acme")
    first = await converse(said("delete order 7"), tenant, world.ports)
    second = await converse(said("yes", conversation=first.conversation), tenant, world.ports)
    assert isinstance(first.outcome, Proposing)
    assert isinstance(second.outcome, Performed)
    with pytest.raises(OutcomeUnknown):
        await decide(first.outcome.approval.id, approved=True, tenant=tenant, ports=world.ports, origin=ORIGIN)
    assert len(world.upstream.sent) == 1
