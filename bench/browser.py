"""A headless Chromium of this machine, driven for real: for the tests of the page and for its screenshots."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, async_playwright

FLAGS: Final[Sequence[str]] = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str | None:
    """Where a browser is; None without one."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """One browser with a fresh profile.

    Raises:
        FileNotFoundError: there is none on this machine.
    """
    path = browser_path()
    if path is None:
        raise FileNotFoundError("There is no Chromium here; Debian's package is `chromium`.")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def context(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """A context with short patience: everything is on this machine."""
    opened = await browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 860}, **options})
    opened.set_default_timeout(8_000)
    try:
        yield opened
    finally:
        await opened.close()
