"""The access log: one line a request, whatever becomes of it."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from facade.demo.helpdesk import Store, build_app, plant
from facade.demo.helpdesk.access_log import AccessLog
from tests.demo.desk import BRIGHT, KEYS, NOW, SEED
from tests.requirements import requirement

Clients = Callable[[web.Application], Awaitable[TestClient[Any, Any]]]


@requirement("demo:log:oracle")
async def test_a_request_that_breaks_has_its_line_too(
    aiohttp_client: Clients, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(":memory:")
    plant(store, seed=SEED)
    path = tmp_path / "access.log"
    with AccessLog(path, lambda: NOW) as log:
        client = await aiohttp_client(build_app(store, clock=lambda: NOW, log=log))
        headers = {"X-Account-Key": KEYS[BRIGHT]}
        assert (await client.get("/whoami", headers=headers)).status == 200
        store.close()
        assert (await client.get("/whoami", headers=headers)).status == 500
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    same = {"at": "2026-11-22T09:00:00.000000+00:00", "method": "GET", "target": "/whoami", "account": BRIGHT}
    assert lines == [{**same, "status": 200, "request_id": None}, {**same, "status": None, "request_id": None}]
    assert "Error handling request" in caplog.text
