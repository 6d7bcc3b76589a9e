"""Probes and metrics."""

from dataclasses import replace

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter

from facade.contract import Catalogue
from facade.edge.health import Health
from facade.edge.metrics import Metrics
from tests.flow.scenes import opened


def app_of(world, *, serving=True, loaded=True, registry=None):
    ports = world.ports if loaded else replace(world.ports, catalogue=Catalogue(contracts={}))
    app = web.Application()
    app.add_routes(Health(lambda: serving, lambda: ports).routes("/agent"))
    app.add_routes(Metrics(registry or CollectorRegistry()).routes("/agent"))
    return app


async def get(client, path, **headers):
    async with client.get(path, headers=headers) as answer:
        text = await answer.text()
        return answer.status, answer.headers["Content-Type"].partition(";")[0], text


async def test_a_live_process_says_so_whatever_else_fails(aiohttp_client):
    world = opened()
    world.journal.full = True
    client = await aiohttp_client(app_of(world, serving=False, loaded=False))
    assert await get(client, "/agent/healthz") == (200, "application/json", '{"status": "ok"}')


@pytest.mark.parametrize(
    ("serving", "loaded", "writable", "status"),
    [(True, True, True, 200), (False, True, True, 503), (True, False, True, 503), (True, True, False, 503)],
)
async def test_readiness_names_the_check_that_fails(aiohttp_client, serving, loaded, writable, status):
    world = opened()
    world.journal.full = not writable
    client = await aiohttp_client(app_of(world, serving=serving, loaded=loaded))
    async with client.get("/agent/readyz") as answer:
        assert (answer.status, await answer.json()) == (
            status,
            {
                "status": "ready" if status == 200 else "not ready",
                "checks": {"accepting": serving, "contract": loaded, "journal": writable},
            },
        )


async def test_metrics_come_in_the_form_that_the_scraper_takes(aiohttp_client):
    registry = CollectorRegistry()
    Counter("seen", "Seen.", registry=registry).inc()
    client = await aiohttp_client(app_of(opened(), registry=registry))
    status, media_type, text = await get(client, "/agent/metrics")
    assert (status, media_type, "seen_total 1.0" in text) == (200, "text/plain", True)
    _, open_media_type, open_text = await get(
        client, "/agent/metrics", Accept="application/openmetrics-text; version=1.0.0"
    )
    assert (open_media_type, open_text.endswith("# EOF\n")) == ("application/openmetrics-text", True)
