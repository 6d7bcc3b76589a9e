"""One browser for all tests of the page; without one on this machine they are skipped, and CI allows no skips."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bench.browser import browser_path, browsing


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if browser_path() is None:
        pytest.skip("there is no Chromium on this machine")
    async with browsing() as opened:
        yield opened
