"""Pictures of the chat page, made by playing a script over the demo: `make screenshots`."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page

from bench.browser import browsing, context
from facade.cli.demo import Demo, demo

REVENUE = "Show revenue by month"
LATE = "Show late invoices over 5000"
OPEN_TICKET = "Open an urgent ticket for C-1019 with subject 'Export is empty', tag it export"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: how the browser is, and what is done before it is taken."""

    name: str
    play: Callable[[Page], Awaitable[None]]
    dark: bool = False
    phone: bool = False
    chinese: bool = False
    signed_in: bool = True


async def say(page: Page, words: str) -> None:
    """Send a message and wait for its answer."""
    before = await page.locator(".turn-foot").count()
    await page.fill("#message", words)
    await page.keyboard.press("Enter")
    await page.locator(".turn-foot").nth(before).wait_for()


async def _nothing(page: Page) -> None:
    await page.locator(".welcome-card .ways > *").first.wait_for()


async def _hello(page: Page) -> None:
    await page.locator(".hello").wait_for()


async def _rows(page: Page) -> None:
    await say(page, "List our customers")
    await say(page, LATE)


async def _trail(page: Page) -> None:
    await say(page, LATE)
    await page.locator(".trail summary").click()
    await page.locator(".trail-body").scroll_into_view_if_needed()


async def _chart(page: Page) -> None:
    await say(page, LATE)
    await say(page, REVENUE)


async def _proposal(page: Page) -> None:
    await say(page, "Show the urgent tickets that are new")
    await say(page, OPEN_TICKET)


async def _decided(page: Page) -> None:
    await say(page, OPEN_TICKET)
    before = await page.locator(".turn-foot").count()
    await page.locator(".proposal .primary").click()
    await page.locator(".turn-foot").nth(before).wait_for()
    await say(page, "Assign an agent to ticket 4560")


async def _limit(page: Page) -> None:
    for _ in range(12):
        await say_or_fail(page, "List our products")
        if await page.locator(".notice.limit").count():
            return


async def say_or_fail(page: Page, words: str) -> None:
    """Send a message and wait for whatever comes of it."""
    turns = await page.locator(".turn").count()
    await page.fill("#message", words)
    await page.keyboard.press("Enter")
    await page.locator(".turn").nth(turns).locator(".turn-foot, .notice").first.wait_for()


SHOTS = (
    Shot(name="sign-in", play=_nothing, signed_in=False),
    Shot(name="sign-in-phone-dark", play=_nothing, signed_in=False, phone=True, dark=True),
    Shot(name="hello-light", play=_hello),
    Shot(name="rows-light", play=_rows),
    Shot(name="rows-dark", play=_rows, dark=True),
    Shot(name="trail-light", play=_trail),
    Shot(name="chart-light", play=_chart),
    Shot(name="chart-dark", play=_chart, dark=True),
    Shot(name="proposal-light", play=_proposal),
    Shot(name="proposal-dark", play=_proposal, dark=True),
    Shot(name="decided-light", play=_decided),
    Shot(name="phone-light", play=_chart, phone=True),
    Shot(name="phone-proposal-dark", play=_proposal, phone=True, dark=True),
    Shot(name="chinese-light", play=_proposal, chinese=True),
    Shot(name="limit-light", play=_limit),
)


async def take(browser: Browser, started: Demo, shot: Shot, folder: Path, *, who: int = 0) -> Path:
    """One picture."""
    size = {"width": 390, "height": 844} if shot.phone else {"width": 1360, "height": 900}
    options = {
        "viewport": size,
        "device_scale_factor": 2 if shot.phone else 1,
        "color_scheme": "dark" if shot.dark else "light",
        "locale": "zh-CN" if shot.chinese else "en-GB",
        "reduced_motion": "reduce",
    }
    async with context(browser, **options) as opened:
        page = await opened.new_page()
        await page.goto(f"{started.agent}/chat")
        if shot.signed_in:
            await page.fill("#token", started.people[1 if shot.name.startswith("limit") else who].token)
            await page.locator(".paste button").click()
            await page.locator("#message").wait_for()
        await shot.play(page)
        await page.wait_for_timeout(250)
        path = folder / f"{shot.name}.png"
        await page.screenshot(path=path)
        return path


async def main(folder: Path, only: list[str]) -> None:
    """Every picture, or those that are named."""
    with tempfile.TemporaryDirectory(prefix="facade-screenshots-") as scratch:
        async with demo(Path(scratch), port=0) as started, browsing() as browser:
            for shot in SHOTS:
                if not only or shot.name in only:
                    print(await take(browser, started, shot, folder))


if __name__ == "__main__":
    pictures = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")
    pictures.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(pictures, sys.argv[2:]))
