"""Codes and discovery, against an issuer that can be wrong."""

import asyncio
import json
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
from facade.adapters.tokens.fetch import Fetched
from facade.adapters.tokens.sign_in import AT_ONCE
from facade.identity import IssuerRules
from facade.kernel import SECOND, Micros, NotFound, Overloaded, Secret, Unauthenticated, UpstreamUnavailable
from facade.ports import Code
from facade.testing.clock import FakeClock
from tests.page.issuer import AUDIENCE, CLIENT, SECRET, issuing
from tests.requirements import requirement

NONCE = "n" * 22


@asynccontextmanager
async def desk(**rules):
    async with issuing() as issuer, open_key_session() as session:
        clock, fetch = FakeClock(Micros(int(time.time()) * SECOND)), SessionFetch(session)  # noqa: TID251 - the issuer's
        own = IssuerRules(issuer=issuer.url, algorithms=("EdDSA",), audiences=(AUDIENCE,))
        identity = IssuerRules(issuer=issuer.url, algorithms=("EdDSA",), audiences=(CLIENT,), required=("nonce",))
        keys = JwksKeys(url=f"{issuer.url}/jwks", rules=own, fetch=fetch, clock=clock)
        async with Verifier(issuers=[Issuer(rules=own, keys=keys)], clock=clock) as verifier:
            fields = {"issuer": issuer.url, "label": "Example", "client_id": CLIENT, "client_secret": Secret(SECRET)}
            asked = SignInRules(**{**fields, **rules})
            registered = Registered(rules=asked, id_tokens=verifier.under(identity), tokens=verifier)
            sign_in = IssuerSignIn([registered], fetch=fetch, codes=fetch, clock=clock)
            yield issuer, sign_in
            await sign_in.aclose()


def code(at, **changed):
    fields = {"issuer": at.url, "code": Secret(at.grant(NONCE)), "verifier": Secret("v" * 43), "nonce": NONCE}
    return Code(**{**fields, "redirect_uri": "https://desk.example/agent/chat", **changed})


@requirement("sign-in:oidc:checked")
async def test_a_code_gives_a_verified_token_once():
    async with desk() as (issuer, sign_in):
        given = code(issuer)
        granted = await sign_in.redeem(given)
        assert granted.token.reveal().count(".") == 2
        assert granted.expires is not None
        with pytest.raises(Unauthenticated):
            await sign_in.redeem(given)
    assert [form["code_verifier"] for form in issuer.forms] == ["v" * 43] * 2


@requirement("sign-in:oidc:checked")
async def test_the_id_token_is_used_where_settings_say_so_and_must_fit_them():
    async with desk(use="id_token") as (issuer, sign_in):
        with pytest.raises(Unauthenticated):
            await sign_in.redeem(code(issuer))


@requirement("sign-in:oidc:checked")
@pytest.mark.parametrize("changed", [{"nonce": "m" * 22}, {"code": Secret("unknown")}])
async def test_another_nonce_or_code_is_refused(changed):
    async with desk() as (issuer, sign_in):
        with pytest.raises(Unauthenticated):
            await sign_in.redeem(code(issuer, **changed))


@requirement("sign-in:oidc:bounded")
@pytest.mark.parametrize(
    ("wrong", "document"),
    [
        ("another's", {"issuer": "https://elsewhere.example"}),
        ("plain http", {"token_endpoint": "http://id.example/token"}),
        ("no address", {"authorization_endpoint": 7}),
        ("no object", None),
    ],
)
async def test_a_discovery_document_that_cannot_be_believed_offers_nothing(wrong, document):
    async with desk() as (issuer, sign_in):
        whole = issuer.discovery
        issuer.discovery = lambda: {**whole(), **document} if document is not None else ["no object"]
        (offer,) = await sign_in.offers()
        assert offer.authorization_url is None, wrong
        with pytest.raises(UpstreamUnavailable):
            await sign_in.redeem(code(issuer))


@requirement("sign-in:oidc:bounded")
@pytest.mark.parametrize(
    ("endpoint", "offered"),
    [
        ("https://id.example/token", True),
        ("http://127.0.0.1:9200/_search", False),
        ("https://localhost/token", False),
        ("http://[::1]:80/", False),
    ],
)
async def test_an_issuer_elsewhere_names_no_endpoint_on_this_machine(endpoint, offered):
    class Said:
        async def fetch(self, method, where, headers):
            asked = {"issuer": "https://id.example", "authorization_endpoint": "https://id.example/a"}
            return Fetched(status=200, body=json.dumps({**asked, "token_endpoint": endpoint}).encode())

    rules = SignInRules(issuer="https://id.example", label="Example", client_id=CLIENT)
    registered = Registered(rules=rules, id_tokens=None, tokens=None)
    sign_in = IssuerSignIn([registered], fetch=Said(), codes=Said(), clock=FakeClock(Micros(0)))
    (offer,) = await sign_in.offers()
    await sign_in.aclose()
    assert (offer.authorization_url is not None) is offered


@pytest.mark.parametrize(("methods", "where"), [(["client_secret_post"], "form"), (None, "header"), ([], "header")])
async def test_the_secret_goes_where_the_issuer_takes_it(methods, where):
    async with desk() as (issuer, sign_in):
        whole = issuer.discovery
        issuer.discovery = lambda: {**whole(), "token_endpoint_auth_methods_supported": methods}
        await sign_in.redeem(code(issuer))
        (form,) = issuer.forms
    assert ("client_secret" in form, form["authorization"] != "") == (where == "form", where == "header")


async def test_endpoints_of_the_settings_are_not_asked_for():
    async with desk(authorization_url="https://id.example/a", token_url="http://127.0.0.1:9/t") as (issuer, sign_in):
        (offer,) = await sign_in.offers()
        assert (offer.authorization_url, issuer.asked) == ("https://id.example/a", ["/jwks"])
        with pytest.raises(UpstreamUnavailable):
            await sign_in.redeem(code(issuer))


@requirement("sign-in:oidc:bounded")
async def test_only_so_many_sign_in_at_once_and_nowhere_else():
    async with desk() as (issuer, sign_in):
        outcomes = await asyncio.gather(
            *(sign_in.redeem(code(issuer)) for _ in range(AT_ONCE + 3)), return_exceptions=True
        )
        assert [type(o) for o in outcomes if isinstance(o, Exception)] == [Overloaded] * 3
        with pytest.raises(NotFound):
            await sign_in.redeem(code(issuer, issuer="https://elsewhere.example"))
