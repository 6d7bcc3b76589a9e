"""Fixtures: the help desk, asked as either account. Rows are planted once and copied for each test."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from facade.demo.helpdesk import Store, build_app, plant
from tests.demo.desk import BRIGHT, HARBOR, NOW, SEED, Desk
from tests.demo.requests import Good, good_requests

Clients = Callable[[web.Application], Awaitable[TestClient[Any, Any]]]


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("helpdesk") / "planted.sqlite"
    store = Store(str(path))
    plant(store, seed=SEED)
    store.close()
    return path


@pytest.fixture(scope="session")
def known_goods() -> dict[str, Good]:
    """Empty until a test asks for good requests: the rows are the same for all of them."""
    return {}


@pytest.fixture
async def bright(aiohttp_client: Clients, planted: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    store = Store(str(shutil.copy(planted, tmp_path)))
    plant(store, seed=SEED)
    yield Desk(client=await aiohttp_client(build_app(store, clock=lambda: NOW)), account=BRIGHT)
    store.close()


@pytest.fixture
def harbor(bright: Desk) -> Desk:
    return Desk(client=bright.client, account=HARBOR)


@pytest.fixture
async def goods(bright: Desk, known_goods: dict[str, Good]) -> dict[str, Good]:
    if not known_goods:
        known_goods.update(await good_requests(bright))
    return known_goods
