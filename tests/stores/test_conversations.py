"""Conversations, over every store."""

import asyncio

import pytest

from facade.adapters.stores import Stores
from facade.kernel import InvalidRequest, Micros
from facade.plan import Event, Replied, Said, Transcript
from facade.ports import Heading, Rating
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


async def begun(stores: Stores, id_: str, *, at: int, tenant: str = "acme", user: str = "ada") -> Heading:
    fresh = Transcript(id=id_, tenant=tenant, user=user)
    moment = Micros(START + at)
    await stores.conversations.append(fresh, (Said(text=f"about {id_}", at=moment),), fingerprint=None)
    return Heading(id=id_, title=f"about {id_}", updated=moment)


@requirement("conversations:listed:own", "invariant:tenant:isolated")
async def test_conversations_are_listed_latest_first_for_exactly_their_user(stores: Stores) -> None:
    first, second = await begun(stores, "c1", at=1), await begun(stores, "c2", at=3)
    tied = await begun(stores, "c3", at=3)
    await begun(stores, "c4", at=9, user="bob")
    await begun(stores, "c5", at=9, tenant="bolt")
    await stores.conversations.append(Transcript(id="c6", tenant="acme", user="ada"), (), fingerprint="f")

    async def listed(limit: int, before: Heading | None = None) -> tuple[Heading, ...]:
        mark = (before.updated, before.id) if before else None
        return await stores.conversations.listed(tenant_id="acme", user="ada", limit=limit, before=mark)

    assert await listed(10) == (tied, second, first)
    assert (await listed(1), await listed(1, tied), await listed(5, second)) == ((tied,), (second,), (first,))
    assert await listed(5, first) == ()
    assert await stores.conversations.listed(tenant_id="none", user="ada", limit=5, before=None) == ()


async def test_a_conversation_that_goes_on_moves_to_the_front_and_keeps_its_title(stores: Stores) -> None:
    older, newer = await begun(stores, "c1", at=1), await begun(stores, "c2", at=2)
    known = await load(stores)
    assert known is not None
    await stores.conversations.append(known, (Said(text="more", at=Micros(START + 5)),), fingerprint=None)
    listed = await stores.conversations.listed(tenant_id="acme", user="ada", limit=5, before=None)
    assert listed == (Heading(id="c1", title=older.title, updated=Micros(START + 5)), newer)


async def test_a_conversation_that_began_without_words_has_no_title(stores: Stores) -> None:
    await stores.conversations.append(NEW, (Replied(text="Done.", at=START),), fingerprint=None)
    listed = await stores.conversations.listed(tenant_id="acme", user="ada", limit=5, before=None)
    assert listed == (Heading(id="c1", title="", updated=START),)


@requirement("conversations:rated:own")
async def test_a_rating_replaces_the_one_before_and_can_be_taken_back(stores: Stores) -> None:
    await begun(stores, "c1", at=1)
    whose = {"tenant_id": "acme", "user": "ada"}
    good, bad = Rating(up=True, comment="", at=START), Rating(up=False, comment="wrong month", at=Micros(START + 1))
    for turn, rating in ((1, good), (2, good), (1, bad)):
        assert await stores.conversations.rate("c1", turn, rating, **whose)
    assert await stores.conversations.ratings("c1", **whose) == {1: bad, 2: good}
    assert await stores.conversations.rate("c1", 1, None, **whose)
    assert await stores.conversations.rate("c1", 7, None, **whose)
    assert await stores.conversations.ratings("c1", **whose) == {2: good}


@requirement("conversations:rated:own", "invariant:tenant:isolated")
@pytest.mark.parametrize(("tenant", "user"), [("acme", "bob"), ("bolt", "ada")])
async def test_nobody_else_rates_or_sees_ratings(stores: Stores, tenant: str, user: str) -> None:
    await begun(stores, "c1", at=1)
    good = Rating(up=True, comment="", at=START)
    assert await stores.conversations.rate("c1", 1, good, tenant_id="acme", user="ada")
    assert not await stores.conversations.rate("c1", 1, None, tenant_id=tenant, user=user)
    assert await stores.conversations.ratings("c1", tenant_id=tenant, user=user) == {}
    assert await stores.conversations.ratings("c1", tenant_id="acme", user="ada") == {1: good}
