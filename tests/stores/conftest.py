"""Each test of the shared suite gets every backend in turn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from facade.adapters.stores import Stores, open_stores
from tests.stores.backends import BACKENDS


@pytest.fixture(params=BACKENDS)
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with open_stores(BACKENDS[request.param](tmp_path)) as opened:
        yield opened
