"""Conversations, over every store."""

import asyncio

import pytest

from facade.adapters.stores import Stores
from facade.kernel import InvalidRequest
from facade.plan import Event, Said, Transcript
from facade.testing.clock import START
from tests.requirements import requirement
from tests.stores.samples import EVENTS

NEW = Transcript(id="c1", tenant="acme", user="ada")


def said(text: str) -> tuple[Event, ...]:
    return (Said(text=text, at=START),)


async def load(stores: Stores, transcript: Transcript = NEW) -> Transcript | None:
    return await stores.conversations.load(transcript.id, tenant_id=transcript.tenant, user=transcript.user)


async def locate(stores: Stores, fingerprint: str, *, tenant: str = "acme", user: str = "ada") -> str | None:
    return await stores.conversations.locate(fingerprint, tenant_id=tenant, user=user)


async def test_every_kind_of_event_comes_back_as_it_was_kept(stores: Stores) -> None:
    kept = await stores.conversations.append(NEW, EVENTS, fingerprint=None)
    assert kept == Transcript(id="c1", tenant="acme", user="ada", events=EVENTS)
    assert await load(stores) == kept


async def test_turns_are_added_in_order(stores: Stores) -> None:
    transcript = NEW
    for number in range(5):
        transcript = await stores.conversations.append(transcript, said(str(number)), fingerprint=None)
    assert await load(stores) == transcript
    assert [event.text for event in transcript.events if isinstance(event, Said)] == list("01234")


async def test_a_turn_without_events_starts_a_conversation_too(stores: Stores) -> None:
    assert await load(stores) is None
    assert await stores.conversations.append(NEW, (), fingerprint="f") == NEW
    assert await load(stores) == NEW
    assert await locate(stores, "f") == "c1"


@requirement("invariant:tenant:isolated", "conversations:own:only")
@pytest.mark.parametrize(("tenant", "user"), [("acme", "bob"), ("bolt", "ada"), ("bolt", "bob")])
async def test_an_id_or_a_fingerprint_opens_nothing_for_others(stores: Stores, tenant: str, user: str) -> None:
    kept = await stores.conversations.append(NEW, said("mine"), fingerprint="f")
    stranger = Transcript(id="c1", tenant=tenant, user=user)
    assert await load(stores, stranger) is None
    assert await locate(stores, "f", tenant=tenant, user=user) is None
    theirs = await stores.conversations.append(stranger, said("theirs"), fingerprint="f")
    assert (await load(stores), await load(stores, stranger)) == (kept, theirs)


async def test_of_turns_added_to_the_same_version_at_once_one_wins(stores: Stores) -> None:
    start = await stores.conversations.append(NEW, said("first"), fingerprint=None)
    adding = (stores.conversations.append(start, said(str(n)), fingerprint=None) for n in range(20))
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    won = [o for o in outcomes if isinstance(o, Transcript)]
    assert len(won) == 1
    assert {type(o) for o in outcomes if o is not won[0]} == {InvalidRequest}
    assert await load(stores) == won[0]


async def test_a_conversation_cannot_be_started_twice_under_one_id(stores: Stores) -> None:
    kept = await stores.conversations.append(NEW, said("first"), fingerprint="f")
    with pytest.raises(InvalidRequest):
        await stores.conversations.append(NEW, said("again"), fingerprint="g")
    assert (await load(stores), await locate(stores, "g")) == (kept, None)


async def test_a_conversation_that_is_gone_is_not_continued(stores: Stores) -> None:
    lost = Transcript(id="c1", tenant="acme", user="ada", events=said("gone"))
    with pytest.raises(InvalidRequest):
        await stores.conversations.append(lost, said("more"), fingerprint="f")
    assert (await load(stores), await locate(stores, "f")) == (None, None)


async def test_a_fingerprint_locates_the_conversation_that_left_it_last(stores: Stores) -> None:
    first = await stores.conversations.append(NEW, said("hello"), fingerprint="f")
    assert await locate(stores, "f") == "c1"
    first = await stores.conversations.append(first, said("more"), fingerprint="g")
    assert (await locate(stores, "f"), await locate(stores, "g")) == (None, "c1")
    await stores.conversations.append(first, said("approved by its button"), fingerprint=None)
    assert await locate(stores, "g") == "c1"


async def test_of_two_conversations_with_one_fingerprint_the_later_is_located(stores: Stores) -> None:
    for number, name in enumerate(("c1", "c2")):
        turn = (Said(text="hello", at=START + number),)
        await stores.conversations.append(Transcript(id=name, tenant="acme", user="ada"), turn, fingerprint="f")
    assert await locate(stores, "f") == "c2"
