"""The shop behind a chat page, with a person in front of it."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, ConsoleMessage, Page

from bench.browser import context
from facade.edge.chat import ChatEntrance, ChatRules
from facade.edge.page import PageEntrance, PageRules, read_assets
from facade.edge.server import Gate, ServerSettings, application, serving
from facade.kernel import SECOND, Answer
from facade.plan import Choice, Question
from facade.testing.world import World
from tests.edge.chat_scenes import ANN, WordPlanner, scripted
from tests.flow.scenes import deleting, key, listing, planned

EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (?:4\d\d|502)")
"""What a browser's console says of answers that a test provokes."""

VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""

PLANS = {
    "show orders": planned(listing(status="open")),
    "orders by month": planned(listing()),
    "List orders": planned(listing()),
    "delete order 7": planned(deleting(7)),
}
QUESTION = Question(
    text="What would you like to see?",
    choices=(Choice(label="List orders", operation=key("listOrders")), Choice(label="Something else", value="x")),
)


def a_world(**more: Any) -> World:
    """The shop with a planner that knows a few words."""
    world = scripted(**more)
    world.planner = WordPlanner({**PLANS, "show me something": QUESTION})
    return world


def orders(count: int = 25) -> Answer:
    """So many orders, and among their names some that mean no good."""
    names = ['=HYPERLINK("http://evil.example")', "<img src=x onerror=window.hacked=1>", "张伟", 'a,"b"', "+1", "-2.5"]
    rows = [
        {"id": n, "customer": names[n] if n < len(names) else f"Customer {n}", "status": "open" if n % 2 else "sent"}
        for n in range(count)
    ]
    return Answer(status=200, media_type="application/json", body={"items": rows, "total": 40})


def months() -> Answer:
    """A series."""
    rows = [{"month": f"2026-{n:02d}", "revenue": 1000.5 * n, "orders": n} for n in range(1, 8)]
    return Answer(status=200, media_type="application/json", body={"items": rows})


@asynccontextmanager
async def served(world: World, *, pasted: bool = True, begin_s: float = 0.05) -> AsyncIterator[str]:
    """The page and the API it uses behind the real server; yields the page's address."""
    ports, gate = world.ports, Gate()
    settings = ServerSettings(port=0, drain_s=0.0)
    app: web.Application = application(settings, gate, world.ids)
    app.add_routes(ChatEntrance(lambda: ports, ChatRules(begin_s=begin_s, mounts={"shop": "/desk"})).routes("/agent"))
    app.add_routes(PageEntrance(lambda: ports, PageRules(pasted=pasted), read_assets("/agent")).routes())
    async with serving(app, settings, gate) as server:
        yield f"http://127.0.0.1:{server.port}/agent/chat"


@dataclass
class Person:
    """Somebody with a browser. `world` is theirs to script."""

    page: Page
    world: World
    url: str
    said: list[str] = field(default_factory=list)

    async def open(self) -> None:
        """Go to the page; its clock is the server's."""
        await self.page.clock.install(time=self.world.clock.now() / SECOND)
        await self.page.goto(self.url)

    async def paste(self, token: str = ANN) -> None:
        """Sign in with a token."""
        await self.page.fill("#token", token)
        await self.page.click(".paste button")

    async def enter(self, token: str = ANN) -> None:
        """Open and sign in."""
        await self.open()
        await self.paste(token)
        await self.page.wait_for_selector("#message")

    async def say(self, words: str, *answers: Any) -> None:
        """Send a message; the application answers its calls so. Waits for what comes of it."""
        self.world.upstream.script.extend(answers)
        turns = await self.page.locator(".turn").count()
        await self.page.fill("#message", words)
        await self.page.keyboard.press("Enter")
        await self.page.locator(".turn").nth(turns).locator(".turn-foot, .notice").first.wait_for()

    @property
    def last(self) -> Any:
        """The last turn."""
        return self.page.locator(".turn").last

    async def words(self, selector: str) -> list[str]:
        """The visible text of everything that a selector finds."""
        texts: list[str] = await self.page.locator(selector).all_inner_texts()
        return [" ".join(text.split()) for text in texts]


@asynccontextmanager
async def person(browser: Browser, world: World, *, pasted: bool = True, **options: Any) -> AsyncIterator[Person]:
    """A person at the page. Leaving checks that the browser had nothing to complain about."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.match(message.text):
            complaints.append(message.text)

    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(world, pasted=pasted))
        opened = await stack.enter_async_context(context(browser, **{"reduced_motion": "reduce", **options}))
        await opened.add_init_script(VIOLATIONS)
        page = await opened.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield Person(page=page, world=world, url=url)
        assert await page.evaluate("window.violations") == []
        assert complaints == []
