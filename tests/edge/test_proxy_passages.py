"""A proxied exchange as its client, the application and the ledger see it."""

import re

import pytest

from facade.edge.credentials import CredentialRules
from facade.edge.headers import ForwardRules
from facade.edge.proxy import ProxyRules
from facade.identity import Claims, Credential
from facade.kernel import (
    SECOND,
    Counted,
    CredentialKind,
    Micros,
    RateLimit,
    Rights,
    Rule,
    Secret,
    Tier,
    Unauthenticated,
)
from facade.meter import Intent, Settle
from facade.tenancy import ContextRules, HeaderRule
from facade.testing.wire import OK, always, each
from facade.testing.world import World, claims
from tests.edge.proxying import CONTEXT, PINS, bearer, jwt, problem, request, rig, status, token, world
from tests.requirements import requirement

KEYS = CredentialRules(saas_headers=("x-account-key",))


def ledger(made: World) -> list[tuple[str, ...]]:
    """Intents and settlements as short rows."""
    rows: list[tuple[str, ...]] = []
    for record in made.journal.records:
        match record:
            case Intent():
                rows.append(("intent", record.tenant, record.what, str(dict(record.units))))
            case Settle():
                rows.append(("settle", record.outcome, str(record.status)))
            case _:
                rows.append(("decision", record.outcome))
    return rows


def unchanged(head: bytes) -> bytes:
    """A request's head without what a proxy may change: Host, hop-by-hop and forwarding headers, trace, Via."""
    pattern = rb"(?im)^(host|connection|x-forwarded-\w+|traceparent|via|x-request-id|x-tenant-id|authorization): .*\r\n"
    return re.sub(pattern, b"", head + b"\r\n")


REQUESTS = {
    "get": request("/x?a=1&a=2&b=%2F;c"),
    "empty query": request("/x?"),
    "escapes": request("/%7Ea/b%2Fc/%E2%82%AC;v=1?q=%20+"),
    "headers": request(
        "/", "Accept: a", "ACCEPT-Language: de", "X-B: 1", "X-B: 2", "Cookie: a=1; b=2", "User-Agent: c/1"
    ),
    "delete with a body": request("/x", "Content-Type: a/b", method="DELETE", body=b"xyz"),
    "get with a body": request("/x", "Content-Type: a/b", body=b"xyz"),
    "post": request("/x", "Content-Type: application/json; charset=x", method="POST", body=b'{"a": 1 }'),
    "encoded body": request("/x", "Content-Encoding: gzip", method="PUT", body=b"\x1f\x8bjunk"),
    "patch": request("/x", 'If-Match: W/"1"', "Prefer: x", method="PATCH", body=b"{}"),
    "options": request("/x", "Origin: https://a", "Access-Control-Request-Method: PUT", method="OPTIONS"),
    "head": request("/x", "Range: bytes=0-3", method="HEAD"),
    "http 1.0": request("/x", "Accept: a", version="HTTP/1.0"),
}


@requirement("invariant:proxy:unchanged")
@pytest.mark.parametrize("name", REQUESTS)
async def test_the_application_receives_what_it_would_have_received_without_us(name: str) -> None:
    raw = REQUESTS[name]
    async with rig() as r:
        direct_head, _, direct_body = raw.partition(b"\r\n\r\n")
        await r.raw(raw)
        got = r.app.received[0]
        assert unchanged(got.head) == unchanged(direct_head.replace(b"HTTP/1.0", b"HTTP/1.1"))
        assert got.body == direct_body


ANSWERS = {
    "json": OK,
    "no media type": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\nhi",
    "odd status": b"HTTP/1.1 299 Very Odd\r\nContent-Type: a/b\r\nContent-Length: 0\r\nDate: now\r\n\r\n",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\nDate: now\r\n\r\n",
    "cookies": b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nServer: s\r\nContent-Length: 0\r\nDate: \r\n\r\n",
    "not modified": b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nDate: now\r\n\r\n',
    "no content": b"HTTP/1.1 204 No Content\r\nX-A: 1\r\nDate: now\r\n\r\n",
    "encoded": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\nDate: now\r\n\r\n\x1f\x8b\x00",
    "error": b"HTTP/1.1 503 No\r\nRetry-After: 9\r\nContent-Length: 2\r\nDate: now\r\n\r\nno",
    "large": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nDate: now\r\n\r\n" + b"x" * 100_000,
}


@requirement("invariant:proxy:unchanged")
@pytest.mark.parametrize("name", ANSWERS)
async def test_the_client_receives_what_it_would_have_received_without_us(name: str) -> None:
    async with rig(always(ANSWERS[name])) as r:
        got = await r.raw(request("/"))
    added = rb"(?im)^(via: 1\.1 facade|connection: close)\r\n"
    if name == "json":
        added += rb"|^date: .*\r\n"
    assert re.sub(added, b"", got) == ANSWERS[name]


@requirement("invariant:proxy:unchanged")
async def test_a_head_request_is_answered_with_the_length_and_without_the_body() -> None:
    async with rig(always(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nDate: now\r\n\r\n")) as r:
        got = await r.raw(request("/", method="HEAD"))
    assert got == b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nDate: now\r\nVia: 1.1 facade\r\nConnection: close\r\n\r\n"


@requirement("proxy:ledger:settled")
async def test_a_tenants_passage_is_admitted_carries_its_context_and_is_settled() -> None:
    async with rig() as r:
        assert status(await r.raw(request("/accounts/acme-1/things", bearer("acme")))) == 200
        assert status(await r.raw(request("/accounts/acme-1/things", bearer("acme"), method="POST", body=b"{}"))) == 200
        assert [(x.values("x-tenant-id"), x.values("authorization")) for x in r.app.received] == [(["acme"], [])] * 2
        assert ledger(r.world) == [
            ("intent", "acme", "GET /accounts/{account_id}/things", str({Counted.REQUESTS: 1})),
            ("settle", "ok", "200"),
            ("intent", "acme", "POST /accounts/{account_id}/things", str({Counted.REQUESTS: 1, Counted.WRITES: 1})),
            ("settle", "ok", "200"),
        ]


async def test_traffic_that_nobody_vouches_for_passes_without_context_or_ledger() -> None:
    async with rig() as r:
        assert status(await r.raw(request("/x", "Authorization: Bearer opaque", "X-Tenant-ID: acme"))) == 200
        got = r.app.received[0]
        assert (got.values("authorization"), got.values("x-tenant-id")) == (["Bearer opaque"], [])
        assert r.world.journal.records == []


@requirement("invariant:proxy:unchanged")
async def test_a_token_of_another_issuer_is_the_applications_own_affair() -> None:
    foreign = f"Authorization: Bearer {jwt({'iss': 'https://app.example'})}"
    async with rig() as r:
        assert status(await r.raw(request("/x", foreign))) == 200
        assert r.app.received[0].values("authorization") == [foreign.partition(": ")[2]]


@requirement("proxy:identity:fail-closed")
async def test_a_token_of_ours_that_is_not_valid_is_refused_and_nothing_is_sent() -> None:
    async with rig() as r:
        assert problem(await r.raw(request("/x", bearer("mallory"))))[:2] == (401, "unauthenticated")
        assert (r.app.received, r.world.journal.records) == ([], [])


@requirement("proxy:identity:fail-closed")
async def test_anonymous_traffic_is_refused_where_that_is_configured_but_for_preflights() -> None:
    async with rig(rules=ProxyRules(anonymous="refuse")) as r:
        assert problem(await r.raw(request("/x")))[:2] == (401, "unauthenticated")
        assert problem(await r.raw(request("/x", method="OPTIONS")))[:2] == (401, "unauthenticated")
        preflight = request("/x", "Origin: https://a", "Access-Control-Request-Method: PUT", method="OPTIONS")
        assert status(await r.raw(preflight)) == 200
        assert len(r.app.received) == 1


def keyed_world(*, passes: bool) -> World:
    rules = ContextRules(headers=(HeaderRule(name="X-Account-Key", value="{secret}"),), pass_credential=passes)
    made = world(context=rules)
    known = claims("acme")
    made.tokens.known["own-key"] = Claims(
        rules=known.rules,
        values=known.values,
        kind=CredentialKind.SAAS,
        credential_id=known.credential_id,
        presented=("X-Account-Key", Secret("own-key")),
    )
    return made


@requirement("proxy:credentials:kept-apart")
@pytest.mark.parametrize(
    ("header", "key", "authorization"),
    [
        ("X-Account-Key: own-key", ["own-key"], []),
        ("X-Account-Key: unknown", ["unknown"], []),
        (bearer("acme"), ["key-of-acme"], []),
        ("Authorization: Bearer own-key", [], ["Bearer own-key"]),
    ],
)
async def test_the_application_gets_the_tenants_credential_or_the_clients_own_but_never_both(
    header: str, key: list[str], authorization: list[str]
) -> None:
    api = {"forward": ForwardRules(credential_headers=frozenset({"x-account-key"}))}
    async with rig(made=keyed_world(passes=False), rules=ProxyRules(credentials=KEYS), api=api) as r:
        assert status(await r.raw(request("/x", header))) == 200
        got = r.app.received[0]
        assert (got.values("x-account-key"), got.values("authorization")) == (key, authorization)


@requirement("proxy:credentials:kept-apart", "invariant:proxy:unchanged")
@pytest.mark.parametrize(
    ("headers", "key"),
    [
        (("X-Account-Key: own-key",), ["own-key"]),
        (("X_Account_Key: own-key",), []),
        (("X-Account-Key: own-key", bearer("acme")), ["key-of-acme"]),
    ],
)
async def test_clients_keep_the_key_that_the_context_tells_for_others_also_where_nobody_recognises_it(
    headers: tuple[str, ...], key: list[str]
) -> None:
    rules = ContextRules(
        headers=(HeaderRule(name="X-Account-Key", value="{secret}"), HeaderRule(name="X-Tenant-ID", value="{tenant}"))
    )
    async with rig(made=world(context=rules)) as r:
        assert status(await r.raw(request("/x", *headers, "X-Tenant-ID: beta"))) == 200
        got = r.app.received[0]
        assert (got.values("x-account-key"), "beta" in got.values("x-tenant-id")) == (key, False)


async def test_a_foreign_token_beside_a_known_key_leaves_the_key_in_charge() -> None:
    foreign = f"Authorization: Bearer {jwt({'iss': 'https://app.example'})}"
    async with rig(made=keyed_world(passes=False), rules=ProxyRules(credentials=KEYS)) as r:
        await r.raw(request("/x", foreign, "X-Account-Key: own-key"))
        assert r.app.received[0].values("authorization") == [foreign.partition(": ")[2]]
        assert [row[1] for row in ledger(r.world)] == ["acme", "ok"]


@requirement("limits:odd-headers:no-way-out", "invariant:limits:exact")
@pytest.mark.parametrize(
    "headers",
    [
        ("X-Account-Key: own-key", "X-Facade-Tenant: acme", "X-Facade-Tenant: acme"),
        ("X-Account-Key: own-key", "X-Account-Key: own-key"),
        ("X-Account-Key: own-key", "X-Account-Key: worthless"),
        ("X-Account-Key: worthless", "Authorization: Bearer own-key"),
        ("X_Account_Key: own-key",),
        ("X.Account.Key: own-key", "X-Account-Key: worthless"),
    ],
)
async def test_no_arrangement_of_headers_takes_a_credential_past_its_tenants_ledger(headers: tuple[str, ...]) -> None:
    """What arrives with a good credential in it stands in the ledger; else it is refused or dropped."""
    api = {"forward": ForwardRules(credential_headers=frozenset({"x-account-key"}))}
    made = keyed_world(passes=False)
    async with rig(made=made, rules=ProxyRules(credentials=KEYS), api=api) as r:
        await r.raw(request("/x", *headers))
        arrived = [each for each in r.app.received if b"own-key" in each.head]
        assert [row[0] for row in ledger(made)] == ["intent", "settle"] * len(arrived)


@requirement("limits:odd-headers:no-way-out", "proxy:identity:fail-closed")
async def test_a_credential_that_nobody_can_be_asked_about_now_does_not_pass_unmetered() -> None:
    class Hurried:
        async def claims(self, credential: Credential) -> Claims:
            raise Unauthenticated("The application could not be asked.", doubt=True)

    made = keyed_world(passes=False)
    made.tokens = Hurried()  # type: ignore[assignment] # any object with claims()
    async with rig(made=made, rules=ProxyRules(credentials=KEYS)) as r:
        answer = await r.raw(request("/x", "X-Account-Key: own-key"))
        assert problem(answer)[:2] == (503, "overloaded")
        assert b"Retry-After: 1" in answer
        assert r.app.received == []


@requirement("invariant:limits:exact", "invariant:tenant:isolated")
async def test_a_tenant_at_its_limit_is_told_so_and_another_is_not_touched() -> None:
    limit = RateLimit(name="r", counts=Counted.REQUESTS, rate=1, per=Micros(60 * SECOND), burst=2)
    async with rig(made=world(tier=Tier(name="gold", rates=(limit,)))) as r:
        first, second, third = [await r.raw(request("/x", bearer("acme"))) for _ in range(3)]
        assert [status(each) for each in (first, second, third)] == [200, 200, 429]
        assert b'RateLimit: "r";r=1;t=' in first
        assert b"Retry-After: 60" in third
        assert status(await r.raw(request("/x", bearer("beta")))) == 200
        assert len(r.app.received) == 3


FORM = "Content-Type: application/x-www-form-urlencoded"
CONFLICTS = {
    "path": (request("/accounts/beta-1/things", bearer("acme")), "path.account_id"),
    "encoded path": (request("/accounts/%62eta-1/things", bearer("acme")), "path.account_id"),
    "query": (request("/x?account_id=beta-1", bearer("acme")), "query.account_id"),
    "second query value": (request("/x?account_id=acme-1&account_id=beta-1", bearer("acme")), "query.account_id"),
    "folded query": (request("/x?ACCOUNT_ID%5B%5D=beta-1", bearer("acme")), "query.account_id"),
    "other method": (request("/accounts/beta-1/things", bearer("acme"), method="DELETE"), "path.account_id"),
    "trailing slash": (request("/accounts/beta-1/things/", bearer("acme")), "path.account_id"),
    "another case": (request("/Accounts/beta-1/things", bearer("acme")), "path.account_id"),
    "empty segment": (request("/accounts//beta-1/things", bearer("acme")), "path.account_id"),
    "undescribed below": (request("/accounts/beta-1/secrets", bearer("acme")), "path.account_id"),
    "indexed query": (request("/x?account_id%5B0%5D=beta-1", bearer("acme")), "query.account_id"),
    "body of no type": (
        request("/x", bearer("acme"), method="POST", body=b'  {"account_id":"beta-1"}'),
        "body.account_id",
    ),
    "form": (
        request("/x", bearer("acme"), FORM, method="POST", body=b"account_id=beta-1"),
        "body.account_id",
    ),
    "body": (
        request("/x", bearer("acme"), "Content-Type: application/json", method="POST", body=b'{"account_id":"beta-1"}'),
        "body.account_id",
    ),
    "large body": (
        request(
            "/x",
            bearer("acme"),
            "Content-Type: application/json",
            method="POST",
            body=b'{"account_id":"beta-1"}' + b" " * 100_000,
        ),
        "body.account_id",
    ),
    "multipart": (
        request(
            "/x",
            bearer("acme"),
            "Content-Type: multipart/form-data; boundary=b",
            method="POST",
            body=b'--b\r\nContent-Disposition: form-data; name="account_id"\r\n\r\nbeta-1\r\n--b--\r\n',
        ),
        "body.account_id",
    ),
}


@requirement("proxy:pins:compared", "invariant:tenant:isolated")
@pytest.mark.parametrize("name", CONFLICTS)
async def test_a_value_that_the_context_fixes_cannot_be_another(name: str) -> None:
    raw, place = CONFLICTS[name]
    rules = ContextRules(headers=CONTEXT.headers, pins=PINS)
    async with rig(made=world(context=rules)) as r:
        assert problem(await r.raw(raw)) == (403, "context_conflict", place)
        assert (r.app.received, ledger(r.world)) == ([], [("decision", "context_conflict")])


@requirement("proxy:pins:compared")
async def test_the_tenants_own_value_passes_with_the_body_as_it_was_sent() -> None:
    rules = ContextRules(headers=CONTEXT.headers, pins=PINS)
    body = b'{ "account_id" : "acme-1", "n": 1 }'
    own = request(
        "/accounts/acme-1/things?account_id=acme-1",
        bearer("acme"),
        "Content-Type: application/json",
        method="POST",
        body=body,
    )
    async with rig(made=world(context=rules)) as r:
        assert status(await r.raw(own)) == 200
        assert (r.app.received[0].body, r.app.received[0].values("content-length")) == (body, [str(len(body))])


@requirement("proxy:pins:compared")
async def test_what_cannot_be_compared_is_refused() -> None:
    rules = ContextRules(headers=CONTEXT.headers, pins=PINS)
    json_post = {"method": "POST"}
    async with rig(made=world(context=rules)) as r:
        unclear = request("/accounts/a%2Fb/things", bearer("acme"))
        assert problem(await r.raw(unclear)) == (400, "invalid_request", "path")
        kind = "Content-Type: application/json"
        twice = request("/x", bearer("acme"), kind, body=b'{"account_id":"acme-1","account_id":"beta-1"}', **json_post)
        assert problem(await r.raw(twice)) == (400, "invalid_request", "body")
        packed = request("/x", bearer("acme"), kind, "Content-Encoding: gzip", body=b"\x1f\x8bjunk", **json_post)
        assert problem(await r.raw(packed)) == (400, "invalid_request", "body")
        for more in (("Content-Encoding: identity", "Content-Encoding: gzip"), ("Content_Encoding: gzip",)):
            hidden = request("/x", bearer("acme"), "Content-Type: text/plain", *more, body=b"\x1f\x8bjunk", **json_post)
            assert problem(await r.raw(hidden)) == (400, "invalid_request", "body")
        shifted = request("/x", bearer("acme"), f"{kind}; charset=utf-7", body=b'{"account+AF8-id":"b"}', **json_post)
        assert problem(await r.raw(shifted)) == (400, "invalid_request", "Content-Type")
        large = request("/x", bearer("acme"), kind, body=b" " * 1_048_577, **json_post)
        assert problem(await r.raw(large)) == (413, "too_large", "body")
        assert r.app.received == []


@requirement("proxy:pins:compared", "invariant:proxy:unchanged")
@pytest.mark.parametrize("body", [b"\x89PNG" * 500_000, b" " * 1_100_000, b"\n\n\x00x"])
async def test_a_body_without_fields_passes_as_it_is_however_large(body: bytes) -> None:
    rules = ContextRules(headers=CONTEXT.headers, pins=PINS)
    async with rig(made=world(context=rules)) as r:
        image = request("/x", bearer("acme"), "Content-Type: image/png", method="POST", body=body)
        assert status(await r.raw(image)) == 200
        assert r.app.received[0].body == body


@requirement("proxy:spellings:one-meaning")
async def test_a_denied_operation_is_denied_in_another_spelling() -> None:
    rights = Rights(deny=(Rule(operations=("listThings",)),))
    async with rig(made=world(tier=Tier(name="gold", rights=rights))) as r:
        for target in ("/accounts/acme-1/things", "/accounts/acme-1/things/", "/Accounts/acme-1//things"):
            for method in ("GET", "HEAD"):
                assert status(await r.raw(request(target, bearer("acme"), method=method))) == 403
        assert (
            status(await r.raw(request("/accounts/acme-1/things/", bearer("acme"), method="POST", body=b"{}"))) == 200
        )
        assert len(r.app.received) == 1


async def test_rights_narrow_what_a_tenant_may_reach_also_where_the_contract_is_silent() -> None:
    reads = Rights(allow=(Rule(tags=("things",), methods=("GET",)), Rule(paths=("/open/*",))))
    empty = always(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    async with rig(empty, made=world(tier=Tier(name="gold", rights=reads))) as r:
        asked = [
            request("/accounts/acme-1/things", bearer("acme")),
            request("/accounts/acme-1/things", bearer("acme"), method="HEAD"),
            request("/open/door", bearer("acme")),
            request("/accounts/acme-1/things", bearer("acme"), method="POST", body=b"{}"),
            request("/elsewhere", bearer("acme")),
        ]
        assert [status(await r.raw(each)) for each in asked] == [200, 200, 200, 403, 403]
        assert len(r.app.received) == 3


async def test_our_own_paths_never_reach_the_application() -> None:
    async with rig() as r:
        assert status(await r.raw(request("/agent/healthz"))) == 200
        for target in ("/agent", "/agent/", "/agent/other", "/%61gent/x", "/agent?x=1"):
            assert problem(await r.raw(request(target)))[:2] == (404, "not_found")
        assert r.app.received == []
        assert status(await r.raw(request("/agents"))) == 200


async def test_a_mounted_application_sees_its_paths_without_the_mount() -> None:
    api = {"mount": "/crm", "forward": ForwardRules(prefix="/crm")}
    async with rig(api=api) as r:
        await r.raw(request("/crm/a?b=1"))
        await r.raw(request("/crm?b=1"))
        assert [x.line.split()[1] for x in r.app.received] == [b"/a?b=1", b"/?b=1"]
        assert r.app.received[0].values("x-forwarded-prefix") == ["/crm"]
        assert problem(await r.raw(request("/crmx")))[:2] == (404, "not_found")


@requirement("proxy:ledger:settled", "upstream:faults:named")
async def test_an_application_that_does_not_answer_is_a_problem_and_a_settlement() -> None:
    async with rig(each(None)) as r:
        assert problem(await r.raw(request("/x", bearer("acme"), method="PUT", body=b"x")))[:2] == (
            502,
            "upstream_broken",
        )
        assert ledger(r.world)[1:] == [("settle", "upstream_broken", "None")]
        assert len(r.app.received) == 1


@requirement("proxy:stale:read-again", "proxy:ledger:settled")
async def test_a_read_on_a_connection_that_the_application_closed_is_tried_once_more() -> None:
    async with rig(each(OK, None, OK, None, None)) as r:
        assert [status(await r.raw(request("/x", bearer("acme")))) for _ in range(3)] == [200, 200, 502]
        assert len(r.app.received) == 5
        assert [row[1:] for row in ledger(r.world) if row[0] == "settle"] == [
            ("ok", "200"),
            ("upstream_broken", "None"),
            ("ok", "200"),
            ("upstream_broken", "None"),
            ("upstream_broken", "None"),
        ]
        units = [row[3] for row in ledger(r.world) if row[0] == "intent"]
        assert units == [str({Counted.REQUESTS: 1}), str({Counted.REQUESTS: 1}), "{}", str({Counted.REQUESTS: 1}), "{}"]


async def test_a_client_whose_token_grants_several_tenants_chooses_one_and_the_choice_stays_here() -> None:
    made = world()
    known = claims("acme")
    made.tokens.known[token("both")] = Claims(
        rules=known.rules,
        values={**known.values, "tenant": ["acme", "beta"]},
        kind=known.kind,
        credential_id=known.credential_id,
    )
    async with rig(made=made) as r:
        assert status(await r.raw(request("/x", bearer("both"), "X-Facade-Tenant: beta"))) == 200
        assert problem(await r.raw(request("/x", bearer("both"), "X-Facade-Tenant: other")))[:2] == (403, "forbidden")
        assert r.app.received[0].values("x-tenant-id") == ["beta"]
        assert r.app.received[0].values("x-facade-tenant") == []
