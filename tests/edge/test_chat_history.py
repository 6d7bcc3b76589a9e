"""What a user sees again, over HTTP, as specs/agent.yaml describes it."""

import pytest

from facade.kernel import SECOND, Answer, Counted, Micros, Period, Quota, RateLimit, Tier
from facade.plan import Choice, Question
from facade.testing.world import claims
from tests.contract.test_agent_api import AT, checked
from tests.edge.chat_scenes import (
    ANN,
    AS_BOB,
    AS_EVE,
    DELETED_TEXT,
    ORDERS,
    ORDERS_TEXT,
    PROPOSAL_TEXT,
    saying,
    scripted,
)
from tests.flow.scenes import deleting, key, listing, planned
from tests.requirements import requirement

LIST, DELETE = planned(listing(status="open")), planned(deleting(7))
QUESTION = Question(text="Which?", choices=(Choice(label="A", value=1), Choice(label="L", operation=key("listOrders"))))
ALL, ONE = "/v1/conversations", "/v1/conversations/{id}"
RATE = "/v1/conversations/{id}/turns/{turn}/feedback"


async def say(ask, words, conversation=None):
    _, told = await ask("POST", AT, body=saying(words, facade={"conversation": conversation}))
    return told["facade"]


@requirement("conversations:told:whole", "chat:spec:true")
async def test_a_conversation_is_told_turn_by_turn():
    world = scripted(LIST, DELETE, QUESTION, DELETE)
    world.upstream.script = [ORDERS, Answer(status=204)]
    async with checked(world) as ask:
        id_ = (await say(ask, "orders"))["conversation"]
        proposed = (await say(ask, "delete order 7", id_))["approval"]["id"]
        await ask("POST", "/v1/approvals/{id}", at=f"/v1/approvals/{proposed}", body={"decision": "approve"})
        await say(ask, "hm?", id_)
        await ask("PUT", RATE, at=f"{ALL}/{id_}/turns/1/feedback", body={"rating": "up"})
        _, told = await ask("GET", ONE, at=f"{ALL}/{id_}")
    name = {"api": "shop", "id": "listOrders"}
    first, second, third, fourth = told["turns"]
    assert (told["id"], told["earlier"]) == (id_, 0)
    assert first == {
        "turn": 1,
        "at": "2023-11-14T22:13:20Z",
        "said": "orders",
        "decision": None,
        "text": ORDERS_TEXT,
        "plan": {
            "version": 1,
            "steps": [{"operation": name, "title": "List orders", "arguments": {"query": {"status": "open"}}}],
        },
        "calls": [{"operation": name, "status": 200, "micros": 0, "error": None}],
        "approval": None,
        "choices": [],
        "feedback": {"rating": "up", "comment": None},
    }
    assert (second["said"], second["text"], second["approval"]["state"]) == ("delete order 7", PROPOSAL_TEXT, "done")
    assert second["approval"]["calls"][0]["target"] == "/orders/7"
    assert (third["said"], third["text"]) == (None, DELETED_TEXT)
    assert third["decision"] == {"id": proposed, "decision": "approve"}
    assert [choice["label"] for choice in fourth["choices"]] == ["A", "L"]


@requirement("conversations:told:whole")
async def test_what_failed_and_what_met_a_limit_is_told_too():
    calls = RateLimit(name="calls", counts=Counted.CALLS, rate=1, per=Micros(SECOND), burst=1)
    world = scripted(LIST, LIST, planned(listing(status="never")), tier=Tier(name="gold", rates=(calls,)))
    world.upstream.script = [ORDERS]
    async with checked(world) as ask:
        id_ = (await say(ask, "orders"))["conversation"]
        limited = await say(ask, "orders", id_)
        world.clock.advance(Micros(SECOND))
        await say(ask, "nonsense", id_)
        _, told = await ask("GET", ONE, at=f"{ALL}/{id_}")
    error = limited["calls"][0]["error"]
    assert (error["code"], error["retry_after"], error["policies"]) == ("limit_exceeded", 1, ["calls"])
    assert [[call["error"] for call in turn["calls"]] for turn in told["turns"]] == [
        [None],
        ["limit_exceeded"],
        ["contract_violation"],
    ]


@requirement("conversations:listed:own", "invariant:tenant:isolated")
async def test_conversations_are_listed_latest_first_page_by_page_for_their_own_user():
    world = scripted(*([LIST] * 5))
    world.upstream.respond = lambda call: ORDERS
    async with checked(world) as ask:
        for number in range(5):
            await say(ask, f"orders {number}")
            world.clock.advance(Micros(SECOND))
        titles, cursor, pages = [], "", 0
        while cursor is not None:
            _, told = await ask("GET", ALL, at=f"{ALL}?limit=2{cursor and f'&cursor={cursor}'}")
            titles += [each["title"] for each in told["conversations"]]
            cursor, pages = told["next"], pages + 1
        assert (titles, pages) == ([f"orders {n}" for n in (4, 3, 2, 1, 0)], 3)
        for stranger in (AS_BOB, AS_EVE):
            _, theirs = await ask("GET", ALL, headers=stranger)
            assert theirs == {"conversations": [], "next": None}


@requirement("conversations:listed:own", "conversations:rated:own", "invariant:tenant:isolated")
async def test_an_id_shows_and_rates_nothing_of_others():
    world = scripted(LIST)
    world.upstream.script = [ORDERS]
    async with checked(world) as ask:
        id_ = (await say(ask, "orders"))["conversation"]
        for stranger in (AS_BOB, AS_EVE):
            shown, _ = await ask("GET", ONE, at=f"{ALL}/{id_}", headers=stranger)
            rated, _ = await ask(
                "PUT", RATE, at=f"{ALL}/{id_}/turns/1/feedback", body={"rating": "up"}, headers=stranger
            )
            assert (shown.status, rated.status) == (404, 404)
        _, mine = await ask("GET", ONE, at=f"{ALL}/{id_}")
    assert mine["turns"][0]["feedback"] is None


@requirement("conversations:rated:own", "chat:spec:true")
async def test_a_rating_is_kept_changed_and_taken_back():
    world = scripted(LIST)
    world.upstream.script = [ORDERS]
    async with checked(world) as ask:
        id_ = (await say(ask, "orders"))["conversation"]
        at = f"{ALL}/{id_}/turns/1/feedback"
        steps = [{"rating": "up"}, {"rating": "down", "comment": " wrong month "}, {"rating": "none"}]
        kept = []
        for body in steps:
            await ask("PUT", RATE, at=at, body=body)
            kept.append((await ask("GET", ONE, at=f"{ALL}/{id_}"))[1]["turns"][0]["feedback"])
    assert kept == [{"rating": "up", "comment": None}, {"rating": "down", "comment": "wrong month"}, None]


@requirement("invariant:errors:clear")
@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"rating": "great"}, "rating"),
        ({}, "rating"),
        ({"rating": "up", "comment": 7}, "comment"),
        ({"rating": "up", "comment": "x" * 1001}, "comment"),
        ({"rating": "up", "more": 1}, "body"),
    ],
)
async def test_a_bad_rating_names_its_place(body, place):
    world = scripted(LIST)
    world.upstream.script = [ORDERS]
    async with checked(world) as ask:
        id_ = (await say(ask, "orders"))["conversation"]
        answer, told = await ask("PUT", RATE, at=f"{ALL}/{id_}/turns/1/feedback", body=body)
    assert (answer.status, told["error"]["param"]) == (400, place)


@pytest.mark.parametrize("turn", ["0", "2", "x", "9999999999999", "%D9%A1"])
async def test_there_is_no_such_turn(turn):
    world = scripted(LIST)
    world.upstream.script = [ORDERS]
    async with checked(world) as ask:
        id_ = (await say(ask, "orders"))["conversation"]
        answer, _ = await ask("PUT", RATE, at=f"{ALL}/{id_}/turns/{turn}/feedback", body={"rating": "up"})
    assert answer.status == 404


@requirement("invariant:errors:clear")
@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=WzEsIDJd", "cursor"),
        ("cursor=" + "A" * 1000, "cursor"),
    ],
)
async def test_a_bad_page_names_its_place(query, place):
    async with checked(scripted()) as ask:
        answer, told = await ask("GET", ALL, at=f"{ALL}?{query}")
    assert (answer.status, told["error"]["param"]) == (400, place)


@requirement("conversations:me:free")
async def test_i_learn_who_i_am_and_where_my_limits_stand_for_nothing():
    rate = RateLimit(name="r", counts=Counted.REQUESTS, rate=60, per=Micros(60 * SECOND), burst=2)
    quota = Quota(name="q", counts=Counted.CALLS, amount=100, period=Period.DAY)
    world = scripted(LIST, tier=Tier(name="gold", rates=(rate,), quotas=(quota,), concurrency=3))
    world.upstream.script = [ORDERS]
    async with checked(world) as ask:
        await say(ask, "orders")
        for _ in range(5):
            _, me = await ask("GET", "/v1/me")
    day = me["limits"][1]["per_s"]
    assert me == {
        "tenant": "acme",
        "tenants": ["acme"],
        "user": "ann",
        "roles": [],
        "tier": "gold",
        "autonomy": "confirm",
        "locale": "en",
        "time_zone": "UTC",
        "expires_at": None,
        "max_message_chars": 4000,
        "mounts": {},
        "limits": [
            {"name": "r", "amount": 2, "remaining": 1, "reset_s": 1, "counts": "requests", "allows": 60, "per_s": 60},
            {
                "name": "q",
                "amount": 100,
                "remaining": 99,
                "reset_s": me["limits"][1]["reset_s"],
                "counts": "calls",
                "allows": 100,
                "per_s": 86_400,
            },
            {
                "name": "concurrency",
                "amount": 3,
                "remaining": 3,
                "reset_s": 0,
                "counts": "requests",
                "allows": 3,
                "per_s": 0,
            },
        ],
        "examples": [{"operation": {"api": "shop", "id": "listOrders"}, "title": "List orders"}],
    }
    assert day == 86_400


@requirement("chat:tables:data")
async def test_history_costs_a_request_and_no_turn():
    tier = Tier(
        name="gold",
        rates=(
            RateLimit(name="requests", counts=Counted.REQUESTS, rate=1, per=Micros(SECOND), burst=2),
            RateLimit(name="turns", counts=Counted.TURNS, rate=1, per=Micros(SECOND), burst=1),
        ),
    )
    async with checked(scripted(tier=tier)) as ask:
        statuses = [(await ask("GET", ALL))[0].status for _ in range(3)]
        _, me = await ask("GET", "/v1/me")
    assert (statuses, [limit["remaining"] for limit in me["limits"]]) == ([200, 200, 429], [0, 1])


@requirement("conversations:me:free", "invariant:tenant:isolated")
async def test_who_acts_for_several_tenants_learns_which_and_says_which():
    world = scripted(LIST)
    world.tokens.known[ANN] = claims(["acme", "globex"], user="ann")
    async with checked(world) as ask:
        _, told = await ask("GET", "/v1/tenants")
        unsaid, _ = await ask("GET", "/v1/me")
        _, here = await ask("GET", "/v1/me", headers={"x-facade-tenant": "globex"})
        foreign, _ = await ask("GET", "/v1/me", headers={"x-facade-tenant": "initech"})
        nobody, _ = await ask("GET", "/v1/tenants", headers={"Authorization": "Bearer eyJ.no.sig"})
    assert (told, here["tenant"], here["tenants"]) == ({"tenants": ["acme", "globex"]}, "globex", ["acme", "globex"])
    assert (unsaid.status, foreign.status, nobody.status) == (403, 403, 401)
