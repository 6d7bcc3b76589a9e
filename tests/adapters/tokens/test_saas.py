"""The application's own credentials: listed, or told by the application."""

import asyncio
import hashlib
import json

import pytest
from aiohttp import web

from facade.adapters.tokens import (
    Fetched,
    FetchFailed,
    Introspection,
    MappedCredentials,
    OutgoingFetch,
    Question,
    SaasRules,
    SessionFetch,
    Verifier,
    open_key_session,
)
from facade.adapters.tokens.fetch import MAX_BODY_BYTES
from facade.adapters.tokens.saas import AT_ONCE
from facade.adapters.upstream import UpstreamSettings, open_session
from facade.identity import Claims, Credential, IssuerRules
from facade.kernel import SECOND, CredentialKind, Secret, SettingsInvalid, Unauthenticated
from facade.testing.clock import FakeClock
from tests.adapters.tokens.rig import BROKEN, ScriptedFetch, ok
from tests.requirements import requirement

KEY = SaasRules(headers=("x-account-key",))
TOKEN = SaasRules(headers=("authorization",), scheme="Token")
WHOLE = SaasRules(headers=("authorization",))
WHO = Question(target="/v1/whoami", tenant="/account/id", user="/user/login", roles="/user/roles")
ANN = {"account": {"id": 42}, "user": {"login": "ann", "roles": ["agent", 7]}}


def own(value, header="x-account-key"):
    return Credential(kind=CredentialKind.SAAS, header=header, value=Secret(value))


def claims(values, value, presented, issuer="urn:facade:saas"):
    return Claims(
        rules=IssuerRules(issuer=issuer, algorithms=()),
        values=values,
        kind=CredentialKind.SAAS,
        credential_id=hashlib.sha256(value.encode()).hexdigest(),
        presented=(presented[0], Secret(presented[1])),
    )


def digest(value):
    return hashlib.sha256(value.encode()).hexdigest()


def asking(fetch, clock=None, rules=KEY, question=WHO):
    return Introspection(rules=rules, question=question, fetch=fetch, clock=clock or FakeClock())


@pytest.mark.parametrize(
    ("rules", "credential", "presented"),
    [
        (KEY, own("k-1"), ("x-account-key", "k-1")),
        (KEY, own("k-1", "authorization"), ("x-account-key", "k-1")),
        (TOKEN, own("Token k-1", "authorization"), ("authorization", "Token k-1")),
        (TOKEN, own("token  k-1", "authorization"), ("authorization", "Token k-1")),
        (TOKEN, own("k-1", "authorization"), ("authorization", "Token k-1")),
        (WHOLE, own("k-1", "authorization"), ("authorization", "Bearer k-1")),
    ],
)
async def test_a_listed_credential_is_whose_the_list_says(rules, credential, presented):
    values = {"sub": "ann", "tenant": "acme", "roles": ["agent"]}
    verifier = Verifier(issuers=[], saas=[MappedCredentials(rules, {digest("k-1"): values})], clock=FakeClock())
    assert await verifier.claims(credential) == claims(values, credential.value.reveal(), presented)


@pytest.mark.parametrize(
    ("rules", "credential"),
    [
        (KEY, own("k-2")),
        (KEY, own("K-1")),
        (KEY, own("k-1", "x-other-key")),
        (KEY, own("")),
        (KEY, own(digest("k-1"))),
        (TOKEN, own("Basic k-1", "authorization")),
    ],
)
async def test_a_credential_that_is_not_listed_is_refused(rules, credential):
    listed = MappedCredentials(rules, {digest("k-1"): {"sub": "ann", "tenant": "acme"}})
    async with Verifier(issuers=[], saas=[listed], clock=FakeClock()) as verifier:
        with pytest.raises(Unauthenticated):
            await verifier.claims(credential)


async def test_the_application_tells_whose_credential_it_is():
    fetch = ScriptedFetch(ok(ANN))
    verifier = Verifier(issuers=[], saas=[asking(fetch)], clock=FakeClock())
    values = {"tenant": "42", "sub": "ann", "roles": ["agent", "7"]}
    assert await verifier.claims(own("k-1")) == claims(values, "k-1", ("x-account-key", "k-1"))
    assert fetch.asked == [("GET", "/v1/whoami", {"x-account-key": "k-1"})]


@requirement("invariant:tenant:isolated")
async def test_a_credential_in_a_header_of_something_else_is_not_shown_to_the_application():
    fetch = ScriptedFetch(ok(ANN))
    assert await asking(fetch).recognise(own("k-1", "x-other-key")) is None
    assert fetch.asked == []


async def test_without_a_place_for_roles_there_are_none():
    question = Question(target="/me", tenant="/account/id", user="/user/login", method="POST")
    fetch = ScriptedFetch(ok(ANN))
    recognised = await asking(fetch, rules=TOKEN, question=question).recognise(own("Token k", "authorization"))
    assert recognised == claims({"tenant": "42", "sub": "ann"}, "Token k", ("authorization", "Token k"))
    assert fetch.asked == [("POST", "/me", {"authorization": "Token k"})]


async def test_what_the_settings_list_is_not_asked_for():
    fetch = ScriptedFetch(ok(ANN))
    listed = MappedCredentials(KEY, {digest("k-1"): {"sub": "ann", "tenant": "acme"}})
    verifier = Verifier(issuers=[], saas=[listed, asking(fetch)], clock=FakeClock())
    assert [(await verifier.claims(own(key))).values["tenant"] for key in ("k-1", "k-2")] == ["acme", "42"]
    assert len(fetch.asked) == 1


@requirement("SEC-JWT-18", "invariant:tenant:isolated")
@pytest.mark.parametrize(
    "answer",
    [
        *(Fetched(status=status, body=json.dumps(ANN).encode()) for status in (301, 302, 400, 401, 403, 404, 429, 500)),
        ok(b""),
        ok(b"<html>"),
        ok(b'{"account":{"id":42,"id":43},"user":{"login":"ann","roles":[]}}'),
        ok([]),
        ok({}),
        ok({"account": {"id": 42}}),
        ok({"account": {"id": None}, "user": {"login": "ann", "roles": []}}),
        ok({"account": {"id": True}, "user": {"login": "ann", "roles": []}}),
        ok({"account": {"id": "*"}, "user": {"login": "ann", "roles": []}}),
        ok({"account": {"id": ""}, "user": {"login": "ann", "roles": []}}),
        ok({"account": {"id": 42}, "user": {"login": None, "roles": []}}),
        ok({"account": {"id": 42}, "user": {"login": "ann"}}),
        ok({"account": {"id": 42}, "user": {"login": "ann", "roles": {"agent": 1}}}),
        BROKEN,
        RuntimeError("a fault of ours"),
    ],
    ids=lambda answer: f"{getattr(answer, 'status', '')} {getattr(answer, 'body', answer)!r}"[:60],
)
async def test_any_other_answer_is_no_identity(answer):
    verifier = Verifier(issuers=[], saas=[asking(ScriptedFetch(answer))], clock=FakeClock())
    with pytest.raises(Unauthenticated):
        await verifier.claims(own("k-1"))


async def test_an_answer_is_believed_for_a_minute():
    clock, fetch = FakeClock(), ScriptedFetch(ok(ANN))
    introspection = asking(fetch, clock)
    first = await introspection.recognise(own("k-1"))
    clock.advance(60 * SECOND - 1)
    assert await introspection.recognise(own("k-1")) is first
    fetch.then(Fetched(status=401, body=b""))
    clock.advance(1)
    assert await introspection.recognise(own("k-1")) is None
    assert len(fetch.asked) == 2


async def test_a_refusal_is_believed_for_ten_seconds():
    clock, fetch = FakeClock(), ScriptedFetch(Fetched(status=401, body=b""))
    introspection = asking(fetch, clock)
    assert [await introspection.recognise(own("k-1")) for _ in range(3)] == [None] * 3
    fetch.then(ok(ANN))
    clock.advance(10 * SECOND)
    assert (await introspection.recognise(own("k-1"))).values["tenant"] == "42"
    assert len(fetch.asked) == 2


async def test_trouble_is_not_remembered():
    fetch = ScriptedFetch(BROKEN, Fetched(status=503, body=b""), ok(ANN))
    introspection = asking(fetch)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await introspection.recognise(own("k-1"))
    assert (await introspection.recognise(own("k-1"))).values["tenant"] == "42"


@requirement("invariant:tenant:isolated")
async def test_one_credential_is_asked_once_and_another_for_itself():
    arrived, release = asyncio.Event(), asyncio.Event()

    async def slow():
        arrived.set()
        await release.wait()
        return ok(ANN)

    fetch = ScriptedFetch(slow, ok({**ANN, "account": {"id": "umbra"}}))
    introspection = asking(fetch)
    asked = [asyncio.ensure_future(introspection.recognise(own("k-1"))) for _ in range(5)]
    await arrived.wait()
    other = await introspection.recognise(own("k-2"))
    release.set()
    told = await asyncio.gather(*asked)
    assert other.values["tenant"] == "umbra"
    assert [each.values["tenant"] for each in told] == ["42"] * 5
    assert [headers for _, _, headers in fetch.asked] == [{"x-account-key": "k-1"}, {"x-account-key": "k-2"}]


@requirement("invariant:tenant:isolated")
async def test_the_same_value_in_another_header_is_another_credential():
    two = SaasRules(headers=("x-account-key", "x-partner-key"))
    fetch = ScriptedFetch(ok(ANN), ok({**ANN, "account": {"id": "umbra"}}))
    introspection = asking(fetch, rules=two)
    told = [await introspection.recognise(own("k-1", header)) for header in two.headers]
    assert [each.values["tenant"] for each in told] == ["42", "umbra"]


async def test_strangers_credentials_do_not_become_the_applications_load():
    async def hang():
        await asyncio.Event().wait()

    fetch = ScriptedFetch(hang)
    introspection = asking(fetch)
    asked = [asyncio.ensure_future(introspection.recognise(own(f"k-{number}"))) for number in range(AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(Unauthenticated) as refused:
        await introspection.recognise(own("one more"))
    assert refused.value.doubt
    await introspection.aclose()
    ends = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(end) for end in ends} == {Unauthenticated}


async def test_what_is_remembered_is_bounded():
    question = Question(target="/me", tenant="/account/id", user="/user/login", entries=2)
    fetch = ScriptedFetch(ok(ANN))
    introspection = asking(fetch, question=question)
    for key in ("k-1", "k-2", "k-3", "k-3", "k-1"):
        await introspection.recognise(own(key))
    assert [headers["x-account-key"] for _, _, headers in fetch.asked] == ["k-1", "k-2", "k-3", "k-1"]


@pytest.mark.parametrize("pointer", ["account", "/a~b", "~"])
@pytest.mark.parametrize("field", ["tenant", "user", "roles"])
def test_a_misspelt_pointer_is_a_setting_to_mend(pointer, field):
    fields = {"tenant": "/t", "user": "/u", "roles": "/r", field: pointer}
    with pytest.raises(SettingsInvalid) as refused:
        asking(ScriptedFetch(), question=Question(target="/me", **fields))
    assert [f.place for f in refused.value.findings] == [f"identity.saas.introspection.{field}"]


async def app_server(aiohttp_server):
    seen = []

    async def me(request):
        seen.append((request.raw_path, request.headers.get("x-account-key"), request.headers.get("cookie")))
        return web.json_response(ANN, headers={"Set-Cookie": "sid=1"})

    async def big(_):
        return web.Response(body=b" " * (MAX_BODY_BYTES + 1))

    async def moved(_):
        raise web.HTTPFound(location="/me")

    app = web.Application()
    app.router.add_get("/me", me)
    app.router.add_get("/big", big)
    app.router.add_get("/moved", moved)
    return await aiohttp_server(app), seen


async def test_the_application_is_asked_over_its_own_session(aiohttp_server):
    server, seen = await app_server(aiohttp_server)
    async with open_session(UpstreamSettings(base=str(server.make_url("/")).rstrip("/"))) as outgoing:
        fetch = OutgoingFetch(outgoing)
        question = Question(target="/me?full=%31", tenant="/account/id", user="/user/login")
        introspection = asking(fetch, question=question)
        assert (await introspection.recognise(own("k-1"))).values == {"tenant": "42", "sub": "ann"}
        assert (await introspection.recognise(own("k-2"))).values == {"tenant": "42", "sub": "ann"}
        assert seen == [("/me?full=%31", "k-1", None), ("/me?full=%31", "k-2", None)]
        assert (await fetch.fetch("GET", "/moved", {})).status == 302
        with pytest.raises(FetchFailed):
            await fetch.fetch("GET", "/big", {})


async def test_an_application_that_is_not_there_cannot_be_asked():
    async with open_session(UpstreamSettings(base="http://127.0.0.1:1")) as outgoing:
        with pytest.raises(FetchFailed):
            await OutgoingFetch(outgoing).fetch("GET", "/me", {})


async def test_a_small_question_follows_nothing_and_reads_little(aiohttp_server):
    server, seen = await app_server(aiohttp_server)
    async with open_key_session() as session:
        fetch = SessionFetch(session)
        assert (await fetch.fetch("GET", str(server.make_url("/moved")), {})).status == 302
        assert json.loads((await fetch.fetch("GET", str(server.make_url("/me")), {})).body) == ANN
        for where in (str(server.make_url("/big")), "http://127.0.0.1:1/", "ftp://x", "", "http://[", "/me"):
            with pytest.raises(FetchFailed):
                await fetch.fetch("GET", where, {})
        with pytest.raises(FetchFailed):
            await fetch.fetch("GET", str(server.make_url("/me")), {"x": "a\r\nb: c"})
        assert len(seen) == 1
