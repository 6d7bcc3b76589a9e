"""Stores in memory are bounded, tenant by tenant."""

from dataclasses import replace

from facade.adapters.stores.memory import MemoryApprovals, MemoryConversations
from facade.plan import Said, Transcript
from facade.testing.clock import START
from facade.testing.ids import fake_id
from tests.requirements import requirement
from tests.stores.samples import APPROVAL


@requirement("invariant:tenant:isolated")
async def test_a_tenant_that_opens_many_approvals_pushes_out_its_own_oldest() -> None:
    approvals = MemoryApprovals(kept_per_tenant=2)
    theirs = replace(APPROVAL, tenant="bolt")
    await approvals.open(theirs)
    for number in range(3):
        await approvals.open(replace(APPROVAL, id=fake_id(number)))
    kept = [await approvals.find(fake_id(number), tenant_id="acme") is not None for number in range(3)]
    assert kept == [False, True, True]
    assert await approvals.find(theirs.id, tenant_id="bolt") == theirs


@requirement("invariant:tenant:isolated")
async def test_a_tenant_with_many_conversations_pushes_out_the_one_it_left_longest_ago() -> None:
    conversations = MemoryConversations(kept_per_tenant=2)
    turn = (Said(text="hello", at=START),)
    theirs = await conversations.append(Transcript(id="t", tenant="bolt", user="ada"), turn, fingerprint="f")
    first = await conversations.append(Transcript(id="a", tenant="acme", user="ada"), turn, fingerprint="fa")
    await conversations.append(Transcript(id="b", tenant="acme", user="ada"), turn, fingerprint="fb")
    await conversations.append(first, turn, fingerprint=None)
    await conversations.append(Transcript(id="c", tenant="acme", user="ada"), turn, fingerprint=None)
    located = [await conversations.locate(mark, tenant_id="acme", user="ada") for mark in ("fa", "fb")]
    loaded = [await conversations.load(name, tenant_id="acme", user="ada") is not None for name in "abc"]
    assert (located, loaded) == (["a", None], [True, False, True])
    assert await conversations.load("t", tenant_id="bolt", user="ada") == theirs
