"""People talk: rows, charts, approvals, choices, limits, endings."""

import asyncio
import re

import pytest

from facade.kernel import SECOND, Answer, Counted, Micros, OutcomeUnknown, RateLimit, Tier
from tests.edge.chat_scenes import ANN, BOB, PausedPlanner
from tests.page.desk import a_world, months, orders, person
from tests.requirements import requirement

pytestmark = pytest.mark.asyncio(loop_scope="session")
GONE = Answer(status=204)


def sent(world):
    return [(c.built.request.method, c.built.request.target) for c in world.upstream.sent]


@requirement("page:rows:sorted-and-paged")
async def test_rows_are_sorted_and_leafed_through(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("show orders", orders())
        assert await ann.words(".grid-title") == ["Orders 25 of 40 rows"]
        assert (await ann.words(".pager span"), await ann.page.locator("tbody tr").count()) == (["1\u201310 of 25"], 10)
        await ann.page.get_by_label("Next page").click()
        assert (await ann.words(".pager span"))[0] == "11\u201320 of 25"
        header = ann.page.get_by_role("columnheader", name="ID")
        for order, first in (("ascending", "0"), ("descending", "24"), ("none", "0")):
            await header.get_by_role("button").click()
            assert await header.get_attribute("aria-sort") == order
            assert (await ann.words("tbody tr:first-child th"), (await ann.words(".pager span"))[0]) == (
                [first],
                "1\u201310 of 25",
            )


@requirement("page:data:inert")
async def test_what_strangers_wrote_stays_text_on_the_screen_and_in_a_spreadsheet(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("show orders", orders())
        cells = await ann.words("tbody td:nth-child(3)")
        assert cells[:3] == ['=HYPERLINK("http://evil.example")', "<img src=x onerror=window.hacked=1>", "张伟"]
        assert await ann.page.evaluate("[window.hacked, document.images.length, document.links.length]") == [None, 0, 1]
        async with ann.page.expect_download() as waiting:
            await ann.page.get_by_role("button", name="Download CSV").click()
        download = await waiting.value
        lines = (await download.path()).read_bytes().decode("utf-8-sig").split("\r\n")
        assert (download.suggested_filename, lines[0]) == ("Orders.csv", "ID,Status,Customer")
        assert lines[1:7] == [
            '0,sent,"\'=HYPERLINK(""http://evil.example"")"',
            "1,open,<img src=x onerror=window.hacked=1>",
            "2,sent,张伟",
            '3,open,"a,""b"""',
            "4,sent,'+1",
            "5,open,-2.5",
        ]
        await ann.say("<script>window.hacked=1</script><b>x</b>")
        assert (await ann.words(".said p"))[-1] == "<script>window.hacked=1</script><b>x</b>"
        assert await ann.page.evaluate("window.hacked") is None


@requirement("page:rows:charted")
async def test_a_series_is_drawn_and_its_table_is_one_press_away(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("orders by month", months())
        plot = ann.page.get_by_role("img", name="Line chart of Revenue by Month: 7 values")
        assert (await plot.locator(".dot").count(), await plot.locator("title").first.text_content()) == (
            7,
            "2026-01: 1,000.50",
        )
        await ann.page.get_by_label("Measure").select_option(label="Orders")
        assert await ann.page.get_by_role("img", name="Line chart of Orders by Month").count() == 1
        await ann.page.get_by_role("button", name="Table").click()
        assert await ann.page.locator("tbody tr").count() == 7
        await ann.say("show orders", orders(3))
        assert await ann.last.get_by_role("button", name="Chart").count() == 0


@requirement("page:trail:exact")
async def test_the_panel_tells_the_plan_and_the_exact_call_and_a_copy_holds_no_token(browser):
    permissions = ["clipboard-read", "clipboard-write"]
    async with person(browser, a_world(), permissions=permissions) as ann:
        await ann.enter()
        await ann.say("show orders", orders(2))
        await ann.page.get_by_text("How this was done").click()
        assert await ann.words(".target") == ["/shops/shop-acme/orders?status=open"]
        assert (await ann.words(".state"), await ann.words(".step-title")) == (["200 OK"], ["List orders listOrders"])
        await ann.page.get_by_role("button", name="Copy as curl").click()
        copied = await ann.page.evaluate("navigator.clipboard.readText()")
        origin = ann.url.removesuffix("/agent/chat")
        assert copied == (
            f"curl -X GET '{origin}/desk/shops/shop-acme/orders?status=open' "
            "-H \"Authorization: Bearer $TOKEN\" -H 'Accept: application/json'"
        )


@requirement("page:approval:exact")
async def test_a_write_shows_its_exact_values_and_runs_once_when_it_is_approved(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("delete order 7")
        assert await ann.words(".proposal h3") == ["Needs your approval"]
        assert (await ann.words(".proposal .target"), await ann.words(".values tr")) == (
            ["/orders/7"],
            ["order_id path 7"],
        )
        assert await ann.words(".write-class") == ["Deletes, or cannot be undone"]
        assert sent(ann.world) == []
        assert re.fullmatch(r"Expires in (5:00|4:5\d)", (await ann.words(".countdown"))[0])
        ann.world.upstream.script.append(GONE)
        await ann.page.get_by_role("button", name="Approve").click()
        await ann.page.get_by_text("Deleted order 7.").wait_for()
        assert (await ann.words(".verdict"), sent(ann.world)) == (["Approved"], [("DELETE", "/orders/7")])
        assert await ann.page.evaluate("document.activeElement.textContent") == "Proposal"


@requirement("page:approval:exact")
async def test_a_declined_or_expired_proposal_sends_nothing(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("delete order 7")
        await ann.page.get_by_role("button", name="Decline").click()
        await ann.page.get_by_text("Declined. Nothing was changed.").first.wait_for()
        await ann.say("delete order 7")
        await ann.page.clock.fast_forward("05:01")
        await ann.last.get_by_text("Expired. Nothing was changed").wait_for()
        assert (await ann.page.get_by_role("button", name="Approve").count(), sent(ann.world)) == (0, [])


@requirement("page:approval:exact")
async def test_a_write_whose_answer_was_lost_is_not_called_done(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("delete order 7")
        ann.world.upstream.script.append(OutcomeUnknown("The answer was lost."))
        await ann.page.get_by_role("button", name="Approve").click()
        await ann.page.get_by_text("it may or may not have happened").wait_for()
        assert await ann.last.locator(".state.bad").count() == 1


@requirement("page:choices:buttons")
async def test_a_choice_is_one_press(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("show me something")
        buttons = ann.page.get_by_role("group", name="Choices").get_by_role("button")
        assert [" ".join(text.split()) for text in await buttons.all_inner_texts()] == [
            "1 List orders",
            "2 Something else",
        ]
        ann.world.upstream.script.append(orders(2))
        await buttons.first.click()
        await ann.page.locator(".grid").wait_for()
        assert await ann.words(".said p") == ["show me something", "List orders"]
        assert (await buttons.first.is_disabled(), await buttons.first.get_attribute("aria-pressed")) == (True, "true")


@requirement("page:limits:plain")
async def test_a_limit_is_told_in_plain_words_and_the_wait_is_counted_down(browser):
    rate = RateLimit(name="turns", counts=Counted.TURNS, rate=2, per=Micros(60 * SECOND), burst=1)
    async with person(browser, a_world(tier=Tier(name="free", rates=(rate,)))) as ann:
        await ann.enter()
        await ann.say("show orders", orders(2))
        await ann.say("show orders", orders(3))
        assert await ann.words(".notice strong") == ["A limit is reached"]
        assert "Your tier “free” allows 2 messages a minute." in (await ann.words(".notice p"))[0]
        again = ann.last.get_by_role("button")
        assert await again.is_disabled()
        assert re.fullmatch(r"Try again in (30|2\d) s", await again.inner_text())
        assert await ann.page.locator(".request-id code").count() == 1
        ann.world.clock.advance(Micros(30 * SECOND))
        await ann.page.clock.fast_forward("00:31")
        await ann.page.get_by_role("button", name="Try again", exact=True).click()
        await ann.last.locator(".grid").wait_for()
        assert await ann.words(".said p") == ["show orders", "show orders"]


@requirement("page:session:kept")
async def test_a_session_that_ends_keeps_the_conversation_and_the_unsent_words(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("show orders", orders(2))
        claims = ann.world.tokens.known.pop(ANN)
        await ann.say("orders by month")
        await ann.page.locator(".session-ended").wait_for()
        assert await ann.words(".session-ended strong") == ["Your session has ended"]
        await ann.page.fill("#message", "not yet sent")
        ann.world.tokens.known["eyJ.fresh.sig"] = claims
        await ann.page.locator(".session-ended #token").wait_for()
        await ann.paste("eyJ.fresh.sig")
        await ann.page.locator(".session-ended").wait_for(state="detached")
        assert await ann.page.input_value("#message") == "not yet sent"
        await ann.say("orders by month", months())
        assert len(ann.world.conversations._shelves["acme"].kept) == 1


@requirement("page:session:kept")
async def test_nothing_of_one_user_is_left_when_another_signs_in(browser):
    async with person(browser, a_world()) as ann:
        await ann.enter()
        await ann.say("show orders", orders(2))
        await ann.page.get_by_label("Sign out").click()
        await ann.page.locator("#token").wait_for()
        stored = "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie])"
        assert ANN not in await ann.page.evaluate(stored)
        await ann.paste(BOB)
        await ann.page.locator(".hello").wait_for()
        assert (await ann.words(".entry"), await ann.words(".me-line strong")) == ([], ["bob"])


@requirement("page:history:continued")
async def test_earlier_conversations_are_listed_shown_and_continued(browser):
    world = a_world()
    async with person(browser, world) as ann:
        await ann.enter()
        await ann.say("delete order 7")
        await ann.page.get_by_role("button", name="Decline").click()
        await ann.page.get_by_text("Declined. Nothing was changed.").first.wait_for()
        await ann.page.get_by_role("button", name="New conversation").click()
        world.clock.advance(Micros(SECOND))
        await ann.say("show orders", orders(2))
        await ann.page.get_by_label("This was helpful").click()
        await ann.page.reload()
        await ann.paste()
        await ann.page.locator(".entry").first.wait_for()
        assert await ann.words(".entry") == ["show orders", "delete order 7"]
        await ann.page.get_by_role("button", name="show orders").click()
        await ann.page.locator(".grid").wait_for()
        assert await ann.page.get_by_label("This was helpful").get_attribute("aria-pressed") == "true"
        await ann.page.get_by_role("button", name="delete order 7").click()
        await ann.page.locator(".proposal.settled").wait_for()
        assert await ann.words(".decision") == ["You declined a proposal"]
        assert await ann.page.locator(".entry[aria-current]").inner_text() == "delete order 7"
        await ann.say("show orders", orders(1))
        kept = world.conversations._shelves["acme"].kept
        assert sorted(len(t.events) for t in kept.values()) == [3, 8]


@requirement("page:feedback:kept")
async def test_what_was_wrong_can_be_said(browser):
    world = a_world()
    async with person(browser, world) as ann:
        await ann.enter()
        await ann.say("show orders", orders(2))
        await ann.page.get_by_label("This was not helpful").click()
        await ann.page.get_by_label("What was wrong?").fill("the wrong month")
        await ann.page.get_by_role("button", name="Send", exact=True).first.click()
        await ann.page.get_by_text("Thank you.").wait_for()
        (conversation,) = world.conversations._shelves["acme"].kept
        kept = await world.conversations.ratings(conversation[1], tenant_id="acme", user=conversation[0])
        assert {n: (r.up, r.comment) for n, r in kept.items()} == {1: (False, "the wrong month")}


@requirement("page:waits:told")
async def test_a_wait_shows_that_something_is_done_and_can_be_left(browser):
    world = a_world()
    world.planner = paused = PausedPlanner(world.planner)
    async with person(browser, world) as ann:
        await ann.enter()
        await ann.page.fill("#message", "show orders")
        await ann.page.keyboard.press("Enter")
        await paused.asked.wait()
        await ann.page.get_by_text("Working on it …").wait_for()
        await ann.page.clock.fast_forward("00:05")
        await ann.page.get_by_text(re.compile(r"Working on it … \d+ s")).wait_for()
        await ann.page.get_by_role("button", name="Stop waiting").click()
        await ann.page.get_by_text("You stopped waiting.").wait_for()
        paused.go.set()
        await asyncio.sleep(0)
