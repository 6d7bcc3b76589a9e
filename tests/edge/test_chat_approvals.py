"""Approvals over HTTP: looked at, approved once, declined, expired, unknown."""

import pytest

from facade.kernel import SECOND, Answer, Micros, OutcomeUnknown
from tests.edge.chat_scenes import AS_ANN, AS_BOB, AS_EVE, DELETED_TEXT, app_of, saying, scripted
from tests.flow.scenes import deleting, planned
from tests.requirements import requirement

DELETE = planned(deleting(7))


async def proposed(world, aiohttp_client):
    client = await aiohttp_client(app_of(world))
    async with client.post("/agent/v1/chat/completions", json=saying("delete order 7"), headers=AS_ANN) as answer:
        extension = (await answer.json())["facade"]
    return client, f"/agent/v1/approvals/{extension['approval']['id']}", extension


async def look(client, at, headers=AS_ANN):
    async with client.get(at, headers=headers) as answer:
        return answer.status, await answer.json()


async def decide(client, at, decision, headers=AS_ANN):
    async with client.post(at, json={"decision": decision}, headers=headers) as answer:
        return answer.status, await answer.json()


def sent(world):
    return [(c.built.request.method, c.built.request.target) for c in world.upstream.sent]


@requirement("invariant:consent:exact")
async def test_a_proposal_shows_what_was_proposed_and_runs_once(aiohttp_client):
    world = scripted(DELETE)
    client, at, extension = await proposed(world, aiohttp_client)
    _, before = await look(client, at)
    assert before == {
        **extension["approval"],
        "state": "open",
        "conversation": extension["conversation"],
        "created_at": "2023-11-14T22:13:20Z",
        "text": None,
    }
    world.upstream.script = [Answer(status=204)]
    _, done = await decide(client, at, "approve")
    _, again = await decide(client, at, "approve")
    assert (done["decision"], done["text"], done["facade"]["outcome"]) == ("approve", DELETED_TEXT, "performed")
    assert (again["facade"]["outcome"], again["text"].endswith(DELETED_TEXT)) == ("repeated", True)
    assert sent(world) == [("DELETE", "/orders/7")]
    _, after = await look(client, at)
    assert (after["state"], after["text"]) == ("done", DELETED_TEXT)


async def test_a_declined_proposal_stays_declined(aiohttp_client):
    world = scripted(DELETE)
    client, at, _ = await proposed(world, aiohttp_client)
    assert (await decide(client, at, "decline"))[1]["facade"]["outcome"] == "declined"
    status, refused = await decide(client, at, "approve")
    assert (status, refused["error"]["code"], sent(world)) == (409, "consent_invalid", [])
    assert (await look(client, at))[1]["state"] == "declined"


async def test_an_expired_proposal_says_so(aiohttp_client):
    world = scripted(DELETE)
    client, at, _ = await proposed(world, aiohttp_client)
    world.clock.advance(Micros(300 * SECOND))
    assert (await look(client, at))[1]["state"] == "expired"
    assert (await decide(client, at, "approve"))[0] == 409
    assert sent(world) == []


@requirement("invariant:tenant:isolated")
@pytest.mark.parametrize("headers", [AS_BOB, AS_EVE])
async def test_anothers_proposal_looks_the_same_as_none(aiohttp_client, headers):
    world = scripted(DELETE)
    client, at, _ = await proposed(world, aiohttp_client)
    none = await look(client, "/agent/v1/approvals/none", headers)
    assert await look(client, at, headers) == none
    assert await decide(client, at, "approve", headers) == none
    assert (none[0], sent(world)) == (404, [])


async def test_a_decision_that_is_none_is_refused(aiohttp_client):
    world = scripted(DELETE)
    client, at, _ = await proposed(world, aiohttp_client)
    status, refused = await decide(client, at, "yes")
    assert (status, refused["error"]["param"], sent(world)) == (400, "decision", [])


@requirement("reply:unknown:plain", "chat:retry:discouraged")
async def test_a_lost_answer_is_told_as_unknown(aiohttp_client):
    world = scripted(DELETE)
    client, at, _ = await proposed(world, aiohttp_client)
    world.upstream.script = [OutcomeUnknown("lost")]
    status, told = await decide(client, at, "approve")
    assert (status, told["facade"]["calls"][0]["error"]["code"]) == (200, "outcome_unknown")
    assert "**it may or may not have happened**" in told["text"]
    assert len(sent(world)) == 1
