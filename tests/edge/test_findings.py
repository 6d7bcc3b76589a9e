"""Findings as page and as data, and who may look."""

from base64 import b64encode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client import CollectorRegistry, Counter

from facade.contract import Contract
from facade.edge.findings import FindingsEntrance
from facade.edge.metrics import Metrics
from facade.edge.monitoring import Monitoring
from facade.edge.server import REQUEST_ID
from facade.kernel import Finding, Secret, Severity
from facade.testing.world import World
from tests.requirements import requirement

Client = TestClient[web.Request, web.Application]

BROKEN = Finding(code="schema.type", place="/paths/~1x", message="<script>alert(1)</script>", severity=Severity.WARNING)


def site(*, contract: Contract, registry: CollectorRegistry, token: str | None = None) -> web.Application:
    world = World(contracts={"main": contract}, rules={})
    monitoring = Monitoring(token=Secret(token) if token else None)

    @web.middleware
    async def numbered(request: web.Request, handler: object) -> web.StreamResponse:
        request[REQUEST_ID] = "r1"
        return await handler(request)  # type: ignore[operator,no-any-return]

    app = web.Application(middlewares=[numbered])
    app.add_routes(FindingsEntrance(lambda: world.ports, registry, monitoring).routes("/agent"))
    app.add_routes(Metrics(registry, monitoring).routes("/agent"))
    return app


def counted(*rows: tuple[str, str, str, str, int]) -> CollectorRegistry:
    registry = CollectorRegistry()
    counter = Counter("facade_contract_violations", "-", ("api", "operation", "direction", "code"), registry=registry)
    for *labels, times in rows:
        counter.labels(*labels).inc(times)
    return registry


SOUND = Contract(api="main", version="1", title="Main")
FOUND = Contract(api="main", version="1", title="Main", findings=(BROKEN,))
ROWS = (("main", "listX", "response", "response.type", 2), ("main", "addX", "request", "request.missing", 7))


@requirement("findings:shown")
async def test_findings_are_data_for_whoever_asks_for_json(aiohttp_client: object) -> None:
    client: Client = await aiohttp_client(site(contract=FOUND, registry=counted(*ROWS)))  # type: ignore[operator]
    answer = await client.get("/agent/findings", headers={"Accept": "application/json"})
    assert await answer.json() == {
        "description": [
            {
                "api": "main",
                "code": "schema.type",
                "severity": "warning",
                "place": "/paths/~1x",
                "message": BROKEN.message,
            }
        ],
        "traffic": [
            {"api": "main", "operation": "addX", "direction": "request", "code": "request.missing", "times": 7},
            {"api": "main", "operation": "listX", "direction": "response", "code": "response.type", "times": 2},
        ],
    }


@requirement("findings:shown")
async def test_the_page_shows_them_with_every_text_escaped_and_no_script(aiohttp_client: object) -> None:
    client: Client = await aiohttp_client(site(contract=FOUND, registry=counted(*ROWS)))  # type: ignore[operator]
    answer = await client.get("/agent/findings")
    page = await answer.text()
    assert "addX" in page
    assert page.index("addX") < page.index("listX")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    style = await client.get("/agent/findings/style.css")
    assert (style.status, style.content_type, "/agent/findings/style.css" in page) == (200, "text/css", True)


@requirement("findings:shown")
async def test_the_page_says_that_there_is_nothing(aiohttp_client: object) -> None:
    client: Client = await aiohttp_client(site(contract=SOUND, registry=CollectorRegistry()))  # type: ignore[operator]
    page = await (await client.get("/agent/findings")).text()
    assert "Nothing is wrong with the descriptions." in page
    assert "<table" not in page


@requirement("findings:guarded")
@pytest.mark.parametrize("path", ["/agent/findings", "/agent/metrics"])
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        ("Bearer wrong", 401),
        ("Bearer right", 200),
        (aiohttp.encode_basic_auth("anyone", "right"), 200),
        ("Basic !", 401),
        (f"Basic {b64encode(b'right').decode()}", 401),
    ],
)
async def test_where_there_is_a_token_it_must_be_shown(
    aiohttp_client: object, path: str, authorization: str, status: int
) -> None:
    app = site(contract=SOUND, registry=CollectorRegistry(), token="right")
    client: Client = await aiohttp_client(app)  # type: ignore[operator]
    answer = await client.get(path, headers={"Authorization": authorization})
    assert (answer.status, "Basic" in answer.headers.get("WWW-Authenticate", "")) == (status, status == 401)
