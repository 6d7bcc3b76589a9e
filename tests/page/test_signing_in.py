"""People sign in: at an issuer, or with a pasted token."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from facade.adapters.tokens import (
    Issuer,
    IssuerSignIn,
    JwksKeys,
    Registered,
    SessionFetch,
    SignInRules,
    Verifier,
    open_key_session,
)
from facade.identity import IssuerRules
from facade.kernel import SECOND, Micros, Secret
from facade.testing.clock import FakeClock
from facade.testing.world import claims
from tests.edge.chat_scenes import ANN
from tests.page.desk import a_world, orders, person
from tests.page.issuer import AUDIENCE, CLIENT, SECRET, issuing
from tests.page.looking import LOOK
from tests.requirements import requirement

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def desk(**rules):
    """A world that people sign in to at a real issuer; its clock is right, because the issuer's is."""
    async with issuing() as issuer, open_key_session() as session:
        world, fetch = a_world(), SessionFetch(session)
        world.clock = FakeClock(Micros(int(time.time()) * SECOND))  # noqa: TID251 - the issuer's own clock
        own = IssuerRules(issuer=issuer.url, algorithms=("EdDSA",), audiences=(AUDIENCE,))
        keys = JwksKeys(url=f"{issuer.url}/jwks", rules=own, fetch=fetch, clock=world.clock)
        async with Verifier(issuers=[Issuer(rules=own, keys=keys)], clock=world.clock) as verifier:
            identity = IssuerRules(issuer=issuer.url, algorithms=("EdDSA",), audiences=(CLIENT,), required=("nonce",))
            asked = SignInRules(
                issuer=issuer.url, label="Example ID", client_id=CLIENT, client_secret=Secret(SECRET), **rules
            )
            registered = Registered(rules=asked, id_tokens=verifier.under(identity), tokens=verifier)
            world.tokens, world.sign_in = (
                verifier,
                IssuerSignIn([registered], fetch=fetch, codes=fetch, clock=world.clock),
            )
            yield world, issuer
            await world.sign_in.aclose()


@requirement("sign-in:oidc:checked")
async def test_people_sign_in_at_an_issuer_and_talk(browser):
    async with desk() as (world, issuer), person(browser, world, pasted=False) as ann:
        await ann.open()
        await ann.page.get_by_role("button", name="Continue with Example ID").click()
        await ann.page.wait_for_selector("#message")
        assert (ann.page.url, await ann.words(".me-line strong")) == (ann.url, ["ann"])
        assert await ann.page.evaluate("[sessionStorage.length, document.cookie]") == [0, ""]
        await ann.say("show orders", orders(2))
        assert await ann.page.locator(".grid").count() == 1
    (form,) = issuer.forms
    assert form["authorization"].startswith("Basic ")
    assert "client_secret" not in form
    assert "/authorize" in issuer.asked


@requirement("sign-in:oidc:checked")
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("state", "This sign-in was not begun here, or too long ago. Please try again."),
        ("denied", "The sign-in answered “access_denied”."),
        ("nonce", "This sign-in was not begun here; sign in again."),
        ("no id token", "The issuer gave no id token; its sign_in settings may not fit it."),
        ("audience", "The token is for another audience."),
        ("broken", "The issuer's answer cannot be used; sign in again in a moment."),
    ],
)
async def test_whatever_is_wrong_with_a_sign_in_lets_nobody_in(browser, fault, told):
    async with desk() as (world, issuer), person(browser, world, pasted=False) as ann:
        issuer.wrong.add(fault)
        await ann.open()
        await ann.page.get_by_role("button", name="Continue with").click()
        await ann.page.get_by_role("alert").wait_for()
        assert (await ann.words("[role=alert] p"))[0] == told
        assert await ann.page.evaluate("[sessionStorage.length, location.search]") == [0, ""]
        issuer.wrong.clear()
        await ann.page.get_by_role("button", name="Continue with").click()
        await ann.page.wait_for_selector("#message")


@requirement("sign-in:oidc:checked")
async def test_a_code_that_was_used_or_stolen_gives_nothing(browser):
    async with desk() as (world, issuer), person(browser, world, pasted=False) as ann:
        await ann.open()
        code = issuer.grant("n" * 22)
        await ann.page.goto(f"{ann.url}?code={code}&state=made-up")
        await ann.page.get_by_role("alert").wait_for()
        assert (ann.page.url, list(issuer.codes)) == (ann.url, [code])


@requirement("sign-in:oidc:checked", "page:session:kept")
async def test_signing_in_again_comes_back_to_the_conversation(browser):
    async with desk() as (world, _), person(browser, world, pasted=False) as ann:
        await ann.open()
        await ann.page.get_by_role("button", name="Continue with").click()
        await ann.page.wait_for_selector("#message")
        await ann.say("show orders", orders(2))
        world.clock.advance(Micros(700 * SECOND))
        await ann.say("show orders")
        await ann.page.locator(".session-ended").wait_for()
        await ann.page.fill("#message", "half a thought")
        world.clock.step(Micros(int(time.time()) * SECOND))  # noqa: TID251 - the issuer's own clock
        await ann.page.locator(".session-ended button").click()
        await ann.page.locator(".grid").wait_for()
        assert (await ann.words(".said p"), await ann.page.input_value("#message")) == (
            ["show orders"],
            "half a thought",
        )


@requirement("sign-in:pasted:development")
async def test_a_token_is_pasted_only_where_that_is_set_up(browser):
    async with person(browser, a_world(), pasted=False) as ann:
        await ann.open()
        await ann.page.get_by_text("No way to sign in is set up.").wait_for()
        assert await ann.page.locator("#token").count() == 0
    async with person(browser, a_world()) as ann:
        await ann.open()
        await ann.page.goto(f"{ann.url}#token=eyJ.acme-ann.sig")
        await ann.page.locator("#token").wait_for()
        assert await ann.page.input_value("#token") == ""


@requirement("sign-in:oidc:bounded")
async def test_an_issuer_that_is_down_is_told_plainly(browser):
    async with desk() as (world, issuer), person(browser, world) as ann:
        issuer.wrong.add("issuer")
        await ann.open()
        await ann.page.get_by_text("This sign-in cannot be reached at the moment.").wait_for()
        assert await ann.page.get_by_role("button", name="Continue with").is_disabled()
        await asyncio.gather(*(world.sign_in.offers() for _ in range(20)))
        assert issuer.asked.count("/.well-known/openid-configuration") == 1
        issuer.wrong.clear()
        world.clock.advance(Micros(6 * SECOND))
        assert (await world.sign_in.offers())[0].authorization_url == f"{issuer.url}/authorize"
        world.clock.advance(Micros(3000 * SECOND))
        await world.sign_in.offers()
        assert issuer.asked.count("/.well-known/openid-configuration") == 2


@requirement("sign-in:tenants:chosen", "invariant:tenant:isolated")
async def test_who_belongs_to_several_organisations_chooses_one_and_changes_it(browser):
    world = a_world()
    world.tokens.known[ANN] = claims(["acme", "globex"], user="ann")
    async with person(browser, world) as ann:
        await ann.open()
        await ann.paste()
        await ann.page.get_by_role("heading", name="Choose an organisation").wait_for()
        assert await ann.words(".tenants button") == ["acme", "globex"]
        assert await ann.page.evaluate(LOOK) == []
        await ann.page.keyboard.press("Enter")
        await ann.page.wait_for_selector("#message")
        await ann.say("show orders", orders(2))
        await ann.page.get_by_label("Organisation").select_option("globex")
        await ann.page.locator(".hello").wait_for()
        assert (await ann.words(".entry"), await ann.words(".me-line .soft")) == ([], ["globex \u00b7 gold"])
        await ann.say("show orders", orders(2))
        targets = [call.built.request.target.split("/")[2] for call in world.upstream.sent]
        assert targets == ["shop-acme", "shop-globex"]
