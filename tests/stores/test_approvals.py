"""Approvals, over every store."""

import asyncio
from dataclasses import replace

import pytest

from facade.adapters.stores import Stores
from facade.guard import ApprovalState
from facade.kernel import ConsentInvalid, Micros
from facade.testing.clock import START
from facade.testing.ids import fake_id
from tests.requirements import requirement
from tests.stores.samples import ADA, APPROVAL, BOB

RESULT = {"text": "Done.", "data": [1, 2.5, None, {"id": 10**20}]}


async def claim(stores: Stores, *, tenant: str = "acme", who: tuple[str, str] = ADA, now: int = START) -> ApprovalState:
    claimed = await stores.approvals.claim(APPROVAL.id, tenant_id=tenant, principal=who, now=Micros(now))
    return claimed.state


async def refusal(stores: Stores, *, tenant: str = "acme", who: tuple[str, str] = ADA, now: int = START) -> str:
    with pytest.raises(ConsentInvalid) as raised:
        await claim(stores, tenant=tenant, who=who, now=now)
    return raised.value.detail


async def test_a_proposal_comes_back_as_it_was_kept(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    assert await stores.approvals.find(APPROVAL.id, tenant_id="acme") == APPROVAL


@requirement("invariant:consent:exact", "approvals:claim:once")
async def test_of_fifty_claims_at_once_exactly_one_wins(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    outcomes = await asyncio.gather(*(claim(stores) for _ in range(50)), return_exceptions=True)
    assert outcomes.count(ApprovalState.CLAIMED) == 1
    assert [type(o) for o in outcomes if o is not ApprovalState.CLAIMED] == [ConsentInvalid] * 49


async def test_the_winner_holds_the_approval_as_claimed(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    claimed = await stores.approvals.claim(APPROVAL.id, tenant_id="acme", principal=ADA, now=START)
    assert claimed == replace(APPROVAL, state=ApprovalState.CLAIMED)
    assert await stores.approvals.find(APPROVAL.id, tenant_id="acme") == claimed


@requirement("invariant:tenant:isolated", "approvals:claim:own")
async def test_anothers_approval_is_refused_like_one_that_never_was(stores: Stores) -> None:
    missing = await refusal(stores)
    await stores.approvals.open(APPROVAL)
    assert await refusal(stores, who=BOB) == missing
    assert await refusal(stores, who=("https://else.example", "ada")) == missing
    assert await refusal(stores, tenant="bolt") == missing
    assert await stores.approvals.find(APPROVAL.id, tenant_id="bolt") is None
    assert await claim(stores) is ApprovalState.CLAIMED


async def test_an_approval_cannot_be_claimed_from_the_moment_it_expires(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    assert await refusal(stores, now=APPROVAL.expires)
    assert await claim(stores, now=APPROVAL.expires - 1) is ApprovalState.CLAIMED


async def test_what_was_done_is_kept_with_its_result(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    await claim(stores)
    await stores.approvals.finish(APPROVAL.id, tenant_id="acme", result=RESULT)
    done = replace(APPROVAL, state=ApprovalState.DONE, result=RESULT)
    assert await stores.approvals.find(APPROVAL.id, tenant_id="acme") == done


async def test_only_a_claimed_approval_can_be_finished_and_only_once(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    await stores.approvals.finish(APPROVAL.id, tenant_id="acme", result=RESULT)
    assert await stores.approvals.find(APPROVAL.id, tenant_id="acme") == APPROVAL
    await claim(stores)
    await stores.approvals.finish(APPROVAL.id, tenant_id="bolt", result="foreign")
    await stores.approvals.finish(APPROVAL.id, tenant_id="acme", result=RESULT)
    await stores.approvals.finish(APPROVAL.id, tenant_id="acme", result="later")
    found = await stores.approvals.find(APPROVAL.id, tenant_id="acme")
    assert found == replace(APPROVAL, state=ApprovalState.DONE, result=RESULT)


@requirement("approvals:claim:own")
async def test_a_decline_is_its_principals_alone_and_final(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    decline = stores.approvals.decline
    assert not await decline(APPROVAL.id, tenant_id="acme", principal=BOB)
    assert not await decline(APPROVAL.id, tenant_id="bolt", principal=ADA)
    assert not await decline(fake_id(99), tenant_id="acme", principal=ADA)
    assert await decline(APPROVAL.id, tenant_id="acme", principal=ADA)
    assert not await decline(APPROVAL.id, tenant_id="acme", principal=ADA)
    assert await refusal(stores)


async def test_a_claimed_approval_cannot_be_declined(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    await claim(stores)
    assert not await stores.approvals.decline(APPROVAL.id, tenant_id="acme", principal=ADA)


@requirement("approvals:claim:once")
async def test_a_claim_that_is_cancelled_leaves_the_store_usable(stores: Stores) -> None:
    await stores.approvals.open(APPROVAL)
    tasks = [asyncio.create_task(claim(stores)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes.count(ApprovalState.CLAIMED) <= 1
    found = await stores.approvals.find(APPROVAL.id, tenant_id="acme")
    assert found is not None
    assert found.state is ApprovalState.CLAIMED
