"""The whole of it: real processes, real settings, a real sign-in, the real planner."""

from pathlib import Path

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser

from bench.browser import context
from tests.e2e.desk import desk
from tests.page.issuer import AUDIENCE, CLIENT, SECRET, issuing
from tests.requirements import requirement

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


@requirement("sign-in:oidc:checked", "page:trail:exact", "page:rows:charted", "page:cors:exact")
async def test_a_person_signs_in_and_works_with_the_help_desk(browser: Browser, tmp_path: Path) -> None:
    async with issuing() as issuer:
        sign_in = {"client_id": CLIENT, "client_secret": SECRET, "label": "Example ID"}
        keys = {"jwks_url": f"{issuer.url}/jwks"}
        own = {"issuer": issuer.url, "algorithms": ["EdDSA"], "audiences": [AUDIENCE], "keys": keys, "sign_in": sign_in}
        changes = {"identity": {"issuers": [own]}, "cors": {"origins": ["https://desk.example"]}}
        async with desk(tmp_path, changes=changes) as started, context(browser) as opened:
            account = started.helpdesk.said["accounts"][0]["id"]
            issuer.claims = {"tenant": account, "roles": ["member"]}
            page = await opened.new_page()
            await page.goto(f"{started.facade.url}/agent/chat")
            await page.get_by_role("button", name="Continue with Example ID").click()
            await page.fill("#message", "Show late invoices over 5000")
            await page.keyboard.press("Enter")
            await page.locator(".grid").wait_for()
            assert await page.locator("tbody tr").count() > 1
            await page.get_by_text("How this was done").click()
            assert "← your words: “late”" in await page.locator(".source").all_inner_texts()
            assert await page.locator(".target").inner_text() == "/invoices?status=late&min_total=5000"
            assert await page.locator(".considered li").count() > 1
            await page.fill("#message", "Show revenue by month")
            await page.keyboard.press("Enter")
            await page.get_by_role("img", name="Line chart of Invoiced by Month").wait_for()
            assert started.access_log()[0]["target"] == "/invoices?status=late&min_total=5000"
            await _no_foreign_cors(started.facade.url)


async def _no_foreign_cors(url: str) -> None:
    """Ours for ours: what is listed may use our API, and nothing under the prefix carries the application's."""
    async with ClientSession() as client:
        for path, allowed in (
            ("/agent/v1/me", "https://desk.example"),
            ("/agent/nothing", None),
            ("/agent/chat", None),
        ):
            async with client.get(url + path, headers={"Origin": "https://desk.example"}) as answer:
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed
