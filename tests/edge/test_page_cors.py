"""Pages of other origins: an exact list, and only for our own API."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession

from facade.edge.chat import ChatEntrance, ChatRules
from facade.edge.cors import CorsRules, routes, signing
from facade.edge.server import Gate, ServerSettings, application, serving
from tests.edge.chat_scenes import AS_ANN, ORDERS, saying, scripted
from tests.flow.scenes import listing, planned
from tests.requirements import requirement

FRIEND = "https://desk.example"
AT = "/agent/v1/chat/completions"


@asynccontextmanager
async def api(*origins):
    world = scripted(planned(listing()))
    world.upstream.script = [ORDERS]
    ports, gate, rules = world.ports, Gate(), CorsRules(prefix="/agent", origins=frozenset(origins))
    settings = ServerSettings(port=0, drain_s=0.0)
    app = application(settings, gate, world.ids)
    app.add_routes(ChatEntrance(lambda: ports, ChatRules()).routes("/agent"))
    app.add_routes(routes(rules))
    app.on_response_prepare.append(signing(rules))
    async with serving(app, settings, gate) as server, ClientSession(f"http://127.0.0.1:{server.port}") as client:
        yield client


def cors(headers):
    return {n.lower(): v for n, v in headers.items() if n.lower().startswith("access-control-")}


async def preflight(client, origin, path=AT):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with client.options(path, headers=headers) as answer:
        return answer.status, cors(answer.headers)


@requirement("page:cors:exact")
async def test_a_listed_origin_is_told_what_it_may_send_and_read():
    async with api(FRIEND) as client:
        assert await preflight(client, FRIEND) == (
            204,
            {
                "access-control-allow-origin": FRIEND,
                "access-control-allow-methods": "GET, POST, PUT, OPTIONS",
                "access-control-allow-headers": "authorization, content-type, x-facade-tenant, traceparent",
                "access-control-max-age": "600",
            },
        )
        for headers, status in ((AS_ANN, 200), ({}, 401)):
            body = saying("orders", stream=status == 200)
            async with client.post(AT, json=body, headers={**headers, "Origin": FRIEND}) as answer:
                assert (answer.status, answer.headers["Vary"]) == (status, "Origin")
                assert cors(answer.headers)["access-control-allow-origin"] == FRIEND
                assert "retry-after" in cors(answer.headers)["access-control-expose-headers"]
                assert "access-control-allow-credentials" not in cors(answer.headers)


@requirement("page:cors:exact")
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://desk.example.evil.example", "http://desk.example", "null"]
)
async def test_any_other_origin_is_told_nothing(origin):
    async with api(FRIEND) as client:
        assert await preflight(client, origin) == (204, {})
        async with client.post(AT, json=saying("orders"), headers={**AS_ANN, "Origin": origin}) as answer:
            assert (answer.status, cors(answer.headers)) == (200, {})


@requirement("page:cors:exact")
async def test_by_default_there_is_no_cors_at_all():
    async with api() as client:
        status, headers = await preflight(client, FRIEND)
        assert (status, headers) == (405, {})
        async with client.post(AT, json=saying("orders"), headers={**AS_ANN, "Origin": FRIEND}) as answer:
            assert (answer.status, cors(answer.headers), answer.headers.get("Vary")) == (200, {}, None)
