"""The chat entrance as it is described in specs/agent.yaml, and as the OpenAI SDK takes it: on a real port."""

import json
from contextlib import asynccontextmanager
from pathlib import Path

import jsonschema_rs
import openai
import pytest
import yaml
from aiohttp import ClientSession
from openapi_spec_validator import validate

from facade.kernel import SECOND, Answer, Counted, Micros, RateLimit, Tier
from facade.plan import Choice, Question, Refusal
from tests.edge.chat_scenes import (
    ANN,
    AS_ANN,
    DELETED_TEXT,
    ORDERS,
    ORDERS_TEXT,
    PROPOSAL_TEXT,
    saying,
    scripted,
    served,
)
from tests.flow.scenes import deleting, key, listing, planned
from tests.requirements import requirement

SPEC = yaml.safe_load((Path(__file__).parents[2] / "specs" / "agent.yaml").read_text())
AT = "/v1/chat/completions"
LIST, DELETE = planned(listing(status="open")), planned(deleting(7))
QUESTION = Question(text="Which?", choices=(Choice(label="A", value=1), Choice(label="L", operation=key("listOrders"))))


def fits(schema, value):
    """Errors of a value against a schema of the description."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": SPEC["components"], **schema}
    return [e.message for e in jsonschema_rs.validator_for(whole, validate_formats=True).iter_errors(value)]


def described(method, path, status):
    """The schema of an answer; a `KeyError` when the description does not know it."""
    answer = SPEC["paths"][path][method]["responses"][str(status)]
    if "$ref" in answer:
        answer = SPEC["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return answer["content"]["application/json"]["schema"]


@asynccontextmanager
async def checked(world):
    """A client whose every JSON exchange is checked against the description."""
    async with served(world) as base, ClientSession(headers=AS_ANN) as session:

        async def ask(method, path, *, at=None, body=None, headers=None):
            async with session.request(method, base + (at or path), json=body, headers=headers) as answer:
                told = await answer.json()
            assert fits(described(method.lower(), path, answer.status), told) == []
            return answer, told

        yield ask


def test_the_description_is_valid_openapi():
    validate(SPEC)


@requirement("chat:spec:true")
async def test_every_kind_of_answer_is_as_described():
    world = scripted(LIST, DELETE, QUESTION, Refusal(reason="", nearest=(key("listOrders"),)))
    world.upstream.script = [ORDERS, Answer(status=204)]
    async with checked(world) as ask:
        await ask("GET", "/v1/models")
        await ask("GET", "/v1/models/{model}", at="/v1/models/facade")
        await ask("GET", "/v1/models/{model}", at="/v1/models/other")
        outcomes, approval = [], ""
        for words in ("orders", "delete order 7", "hm?", "what?"):
            body = saying(words)
            assert fits({"$ref": "#/components/schemas/ChatRequest"}, body) == []
            _, told = await ask("POST", AT, body=body)
            outcomes.append(told["facade"]["outcome"])
            approval = told["facade"].get("approval", {}).get("id", approval)
        at = f"/v1/approvals/{approval}"
        await ask("GET", "/v1/approvals/{id}", at=at)
        for decision in ("approve", "approve"):
            _, told = await ask("POST", "/v1/approvals/{id}", at=at, body={"decision": decision})
            outcomes.append(told["facade"]["outcome"])
        await ask("GET", "/v1/approvals/{id}", at=at)
        assert outcomes == ["performed", "proposed", "asked", "refused", "performed", "repeated"]


@requirement("chat:spec:true")
async def test_every_refusal_is_as_described():
    tier = Tier(name="gold", rates=(RateLimit(name="r", counts=Counted.REQUESTS, rate=1, per=Micros(SECOND), burst=1),))
    async with checked(scripted(tier=tier)) as ask:
        statuses = [
            (await ask("POST", AT, body=saying("one")))[0].status,
            (await ask("POST", AT, body=saying("two")))[0].status,
            (await ask("POST", AT, body={}))[0].status,
            (await ask("POST", AT, body=saying("x", model="gpt")))[0].status,
            (await ask("POST", AT, body=saying("x"), headers={"Authorization": "Bearer eyJ.no.sig"}))[0].status,
            (await ask("GET", "/v1/approvals/{id}", at="/v1/approvals/none"))[0].status,
            (await ask("GET", "/healthz"))[0].status,
            (await ask("GET", "/readyz"))[0].status,
        ]
    assert statuses == [200, 429, 400, 404, 401, 429, 200, 200]


@requirement("chat:spec:true")
async def test_every_event_of_a_stream_is_a_chunk_as_described():
    world = scripted(DELETE)
    async with served(world) as base, ClientSession(headers=AS_ANN) as session:
        body = saying("delete order 7", stream=True, stream_options={"include_usage": True})
        async with session.post(base + AT, json=body) as answer:
            events = (await answer.text()).strip().split("\n\n")
    assert events.pop() == "data: [DONE]"
    for event in events:
        assert fits({"$ref": "#/components/schemas/ChatChunk"}, json.loads(event.removeprefix("data: "))) == []


@asynccontextmanager
async def sdk(world, **options):
    """The official client against the served entrance."""
    async with (
        served(world) as base,
        openai.AsyncOpenAI(base_url=f"{base}/v1", api_key=ANN, max_retries=0, **options) as client,
    ):
        yield client


@requirement("chat:sdk:served")
async def test_the_sdk_reads_a_whole_reply_and_continues_the_conversation():
    world = scripted(DELETE)
    world.upstream.script = [Answer(status=204)]
    async with sdk(world) as client:
        assert [m.id async for m in client.models.list()] == ["facade"]
        history = [{"role": "user", "content": "delete order 7"}]
        first = await client.chat.completions.create(model="facade", messages=history)
        assert (first.choices[0].message.content, first.choices[0].finish_reason) == (PROPOSAL_TEXT, "stop")
        assert first.model_extra["facade"]["outcome"] == "proposed"
        history += [first.choices[0].message.model_dump(), {"role": "user", "content": "yes"}]
        second = await client.chat.completions.create(model="facade", messages=history)
    assert second.choices[0].message.content == DELETED_TEXT
    assert second.usage.total_tokens == second.usage.prompt_tokens + second.usage.completion_tokens


@requirement("chat:sdk:served")
async def test_the_sdk_reads_a_stream_with_usage():
    world = scripted(LIST)
    world.upstream.script = [ORDERS]
    async with sdk(world) as client:
        stream = await client.chat.completions.create(
            model="facade",
            messages=[{"role": "user", "content": "orders?"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == ORDERS_TEXT
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage.completion_tokens == 33


@requirement("chat:sdk:served")
async def test_the_sdk_raises_its_own_errors():
    tier = Tier(name="gold", rates=(RateLimit(name="r", counts=Counted.TURNS, rate=1, per=Micros(SECOND), burst=1),))
    async with sdk(scripted(tier=tier)) as client:

        async def say(words, model="facade"):
            return await client.chat.completions.create(model=model, messages=[{"role": "user", "content": words}])

        await say("one")
        with pytest.raises(openai.RateLimitError) as limited:
            await say("two")
        assert (limited.value.code, limited.value.response.headers["retry-after"]) == ("rate_limit_exceeded", "1")
        with pytest.raises(openai.NotFoundError) as unknown:
            await say("x", model="gpt")
        assert unknown.value.code == "model_not_found"
        with pytest.raises(openai.BadRequestError) as bad:
            await say(" ")
        assert bad.value.param == "messages[0].content"
    async with served(scripted()) as base, openai.AsyncOpenAI(base_url=f"{base}/v1", api_key="eyJ.no.sig") as stranger:
        with pytest.raises(openai.AuthenticationError):
            await stranger.models.list()
