"""Everybody can use it: keyboard, names, contrast, languages, narrow screens."""

import re
from contextlib import asynccontextmanager

import pytest

from tests.page.desk import a_world, months, orders, person
from tests.page.looking import LOOK
from tests.requirements import requirement

pytestmark = pytest.mark.asyncio(loop_scope="session")
NARROW = {"viewport": {"width": 360, "height": 740}}


async def everything(ann):
    """A conversation in which every kind of thing is on the screen."""
    await ann.say("show orders", orders())
    await ann.say("orders by month", months())
    await ann.say("show me something")
    await ann.say("delete order 7")
    for summary in await ann.page.locator("summary").all():
        if await summary.is_visible():
            await summary.click()


async def sideways(page):
    return await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")


@requirement("page:access:sound", "page:narrow:fits")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{}, NARROW], ids=["wide", "narrow"])
async def test_names_landmarks_and_contrast_are_right(browser, scheme, screen):
    async with person(browser, a_world(), color_scheme=scheme, **screen) as ann:
        await ann.open()
        await ann.page.locator("#token").wait_for()
        assert (await ann.page.evaluate(LOOK), await sideways(ann.page)) == ([], 0)
        await ann.paste("eyJ.unknown.sig")
        await ann.page.get_by_role("alert").wait_for()
        assert await ann.page.evaluate(LOOK) == []
        await ann.page.locator("#token").wait_for()
        await ann.paste()
        await ann.page.locator(".hello").wait_for()
        assert (await ann.page.evaluate(LOOK), await sideways(ann.page)) == ([], 0)
        await everything(ann)
        assert (await ann.page.evaluate(LOOK), await sideways(ann.page)) == ([], 0)


@requirement("page:access:sound")
async def test_the_look_finds_what_is_planted(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.page.evaluate(
            """() => {
                const main = document.querySelector("main");
                const add = (tag, dress) => main.append(Object.assign(document.createElement(tag), dress));
                add("button", {});
                add("h1", {textContent: "again"});
                add("p", {textContent: "pale", className: "pale", id: "message"});
                const sheet = new CSSStyleSheet();
                sheet.replaceSync(".pale { color: #c9c9c9 }");
                document.adoptedStyleSheets = [sheet];
            }"""
        )
        found = await ann.page.evaluate(LOOK)
    assert [f.partition(":")[0].split(" 1.")[0] for f in found] == [
        "2 first headings",
        "id message twice",
        "no name",
        "too small",
        "contrast",
    ]


@requirement("page:keyboard:whole")
async def test_a_write_is_asked_for_and_approved_without_a_mouse(browser):
    async with person(browser, a_world()) as ann:
        await ann.open()
        press = ann.page.keyboard.press
        await ann.page.locator("#token").wait_for()
        await tab_to(ann.page, "#token")
        await ann.page.keyboard.type("eyJ.acme-ann.sig")
        await press("Enter")
        await ann.page.wait_for_selector("#message:focus")
        await ann.page.keyboard.type("delete order")
        await press("Shift+Enter")
        assert await ann.page.input_value("#message") == "delete order\n"
        await press("Backspace")
        await ann.page.keyboard.type(" 7")
        await press("Enter")
        await ann.page.locator(".proposal").wait_for()
        await tab_to(ann.page, ".proposal .primary", back=True)
        assert await ann.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        await press("Enter")
        await ann.page.get_by_text("Approved").first.wait_for()
        await tab_to(ann.page, ".skip", back=True)
        assert (await ann.page.locator(".skip").bounding_box())["y"] > 0
        await press("Enter")
        assert await ann.page.evaluate("document.activeElement.id") == "message"


async def tab_to(page, selector, *, back=False):
    """Press Tab until something has the focus."""
    for _ in range(40):
        if await page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{selector} cannot be reached")


@requirement("page:access:sound")
async def test_what_happens_is_announced(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        async with heard(ann.page) as said:
            await ann.say("delete order 7")
            await ann.page.clock.fast_forward("04:01")
            await ann.page.locator("#announcer", has_text="expires").wait_for(state="attached")
        told = await said()
    assert told[0] == "Needs your approval"
    assert re.fullmatch(r"The proposal expires in 5\d s\.", told[1])


@asynccontextmanager
async def heard(page):
    """Everything that the polite live region says."""
    await page.evaluate(
        """() => {
            window.heard = [];
            const place = document.getElementById("announcer");
            new MutationObserver(() => place.textContent && window.heard.push(place.textContent))
                .observe(place, {childList: true});
        }"""
    )

    async def said():
        return [words for words in await page.evaluate("window.heard") if words]

    yield said


@requirement("page:languages:two")
async def test_it_speaks_chinese_to_those_whose_browser_does_and_changes_at_a_press(browser):
    async with person(browser, a_world(), locale="zh-CN") as ann:
        await ann.enter()
        assert await ann.page.evaluate("document.documentElement.lang") == "zh-Hans"
        assert await ann.words(".hello h2") == ["您想做什么？"]  # noqa: RUF001 - Chinese
        await ann.say("delete order 7")
        assert (await ann.words(".proposal h3"), await ann.words(".proposal button")) == (
            ["需要您的批准"],
            ["批准", "拒绝"],
        )
        await ann.page.fill("#message", "还没发送")
        await ann.page.get_by_role("button", name="语言: English").click()
        assert (await ann.words(".proposal button"), await ann.page.input_value("#message")) == (
            ["Approve", "Decline"],
            "还没发送",
        )
        assert await ann.page.evaluate("document.documentElement.lang") == "en"
        await ann.page.reload()
        await ann.page.get_by_role("heading", name="Sign in").wait_for()


@requirement("page:languages:two")
async def test_both_tables_have_the_same_words_with_the_same_holes(browser):
    async with person(browser, a_world()) as ann:
        await ann.open()
        tables = await ann.page.evaluate(
            """async () => {
                const at = document.querySelector("script[src]").src.replace("main.js", "words.js");
                return (await import(at)).TABLES;
            }"""
        )

    def holes(text):
        return sorted(part.split("}")[0] for part in text.split("{")[1:])

    english, chinese = ({key: holes(text) for key, text in tables[name].items()} for name in ("en", "zh"))
    assert english == chinese


@requirement("page:narrow:fits", "page:keyboard:whole")
async def test_on_a_phone_the_side_opens_and_closes(browser):
    async with person(browser, a_world(), **NARROW) as ann:
        await ann.enter()
        menu = ann.page.get_by_role("button", name="Open the menu")
        assert await ann.page.get_by_role("button", name="New conversation").is_visible() is False
        await menu.click()
        assert await menu.get_attribute("aria-expanded") == "true"
        await ann.page.get_by_role("button", name="New conversation").wait_for()
        assert await sideways(ann.page) == 0
        await ann.page.keyboard.press("Escape")
        await ann.page.get_by_role("button", name="New conversation").wait_for(state="hidden")
        assert await menu.evaluate("(e) => e === document.activeElement")


@requirement("page:access:sound")
async def test_the_appearance_can_be_chosen(browser):
    async with person(browser, a_world(), color_scheme="dark") as ann:
        await ann.enter()
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = await ann.page.evaluate(ground)
        await ann.page.get_by_role("button", name="Appearance: Auto").click()
        light = await ann.page.evaluate(ground)
        assert (dark, light) == ("rgb(18, 20, 19)", "rgb(246, 244, 239)")
        await ann.page.get_by_role("button", name="Appearance: Light").click()
        assert await ann.page.evaluate(ground) == dark
