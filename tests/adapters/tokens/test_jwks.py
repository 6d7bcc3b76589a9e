"""A key server over real HTTP: rotation, outage, spray, withdrawal (SEC-JWT-13 to 16) and unfit keys (19)."""

import asyncio
import json

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import OKPAlgorithm
from structlog.testing import capture_logs

from facade.adapters.tokens import JwksKeys, keys_from_jwks, keys_from_pem
from facade.adapters.tokens.keys import Unfit, read_jwks
from facade.kernel import SECOND, SettingsInvalid, Unauthenticated
from facade.testing.clock import FakeClock
from tests.adapters.tokens.rig import (
    BROKEN,
    EC,
    ED,
    ED_OTHER,
    ED_SET,
    RSA,
    KeyServed,
    ScriptedFetch,
    bearer,
    jwk,
    jwks,
    ok,
    pem,
    rules,
    token,
    values,
)
from tests.requirements import requirement

BOTH = jwks(jwk(ED, "ed"), jwk(ED_OTHER, "new"))
HOUR = 3600 * SECOND


async def refused(served, text):
    with pytest.raises(Unauthenticated):
        await served.verifier.claims(bearer(text))


async def test_keys_are_fetched_once_for_many_tokens(aiohttp_server):
    async with KeyServed(aiohttp_server) as served:
        texts = [served.token(sub=f"u-{number}") for number in range(20)]
        assert await asyncio.gather(*(served.accepts(text) for text in texts)) == ["acme"] * 20
        assert (served.server.hits, served.verifier.ready) == (1, True)


@requirement("SEC-JWT-04")
async def test_an_address_inside_the_token_is_never_asked(aiohttp_server):
    async with KeyServed(aiohttp_server) as served, KeyServed(aiohttp_server) as trap:
        trap.server.publish(jwks(jwk(ED_OTHER, "ed")))
        trap_hits = trap.server.hits
        for member in ("jku", "x5u"):
            header = {"alg": "EdDSA", "kid": "ed", member: str(trap.http.make_url("/jwks"))}
            await refused(served, token(ED_OTHER, header, values(served.clock)))
        assert trap.server.hits == trap_hits


@requirement("SEC-JWT-13")
async def test_a_new_key_is_accepted_at_once_after_one_fetch(aiohttp_server):
    async with KeyServed(aiohttp_server) as served:
        served.server.publish(BOTH)
        texts = [served.token(ED_OTHER, "new", sub=f"u-{number}") for number in range(20)]
        assert await asyncio.gather(*(served.accepts(text) for text in texts)) == ["acme"] * 20
        assert await served.accepts(served.token()) == "acme"
        assert served.server.hits == 2


def html(_):
    return web.Response(text="<html>maintenance</html>", content_type="text/html")


def error(_):
    return web.Response(status=500, body=ED_SET)


def redirect(request):
    raise web.HTTPFound(location=str(request.url.with_query("again")))


def truncated(_):
    return web.Response(body=ED_SET[:-10])


def empty(_):
    return web.Response(body=jwks())


def packed(_):
    return web.Response(body=ED_SET, headers={"Content-Encoding": "gzip"})


def hundred_thousand_keys(_):
    return web.Response(body=b'{"keys":[' + b"{}," * 80_000 + b"{}]}")


async def endless(request):
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(1600):
        await response.write(b" " * 65_536)
    return response


async def cut(request):
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(ED_SET[:50])
    request.transport.abort()
    return response


OUTAGES = [html, error, redirect, truncated, empty, packed, hundred_thousand_keys, endless, cut]


@requirement("SEC-JWT-14")
@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: outage.__name__)
async def test_known_keys_serve_for_a_day_while_the_key_server_is_broken(aiohttp_server, outage):
    async with KeyServed(aiohttp_server) as served:
        served.server.answer = outage
        for _ in range(23):
            served.clock.advance(HOUR)
            assert await served.accepts(served.token()) == "acme"
            await served.keys.settled()
            await refused(served, served.token(ED_OTHER, "new"))
            await served.keys.settled()
        served.clock.advance(HOUR)
        await refused(served, served.token())
        await served.keys.settled()
        served.server.publish(BOTH)
        served.clock.advance(30 * SECOND)
        assert await served.accepts(served.token(ED_OTHER, "new")) == "acme"


@requirement("SEC-JWT-14")
async def test_nobody_waits_for_a_key_server_that_hangs(aiohttp_server):
    release = asyncio.Event()

    async def hang(_):
        await release.wait()
        return web.Response(status=503)

    async with KeyServed(aiohttp_server) as served:
        served.server.answer = error
        served.clock.advance(300 * SECOND)
        assert await served.accepts(served.token()) == "acme"
        served.server.answer = hang
        served.clock.advance(30 * SECOND)
        assert await served.accepts(served.token(sub="u-2")) == "acme"
        await refused(served, served.token(ED_OTHER, "new"))
        assert served.keys.fetching
        release.set()
        await served.keys.settled()


@requirement("SEC-JWT-14")
async def test_a_key_server_that_hangs_is_given_up(aiohttp_server):
    async def hang(_):
        await asyncio.Event().wait()

    async with KeyServed(aiohttp_server, deadline_s=0.05) as served:
        served.server.answer = hang
        served.clock.advance(300 * SECOND)
        assert await served.accepts(served.token()) == "acme"


@requirement("SEC-JWT-14")
async def test_without_keys_nothing_is_accepted_and_the_start_is_not_ready():
    clock, fetch = FakeClock(), ScriptedFetch(BROKEN)
    keys = JwksKeys(url="https://id.example/jwks", rules=rules(), fetch=fetch, clock=clock)
    await keys.warm()
    assert not keys.ready
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            await keys.find("ed", "EdDSA")
    assert len(fetch.asked) == 1
    fetch.then(ok(ED_SET))
    clock.advance(30 * SECOND)
    assert (await keys.find("ed", "EdDSA")).kid == "ed"
    assert keys.ready
    await keys.warm()
    assert len(fetch.asked) == 2


@requirement("SEC-JWT-15")
async def test_a_spray_of_key_ids_costs_one_fetch_a_cooldown(aiohttp_server):
    async with KeyServed(aiohttp_server) as served:
        for round_ in range(3):
            for number in range(400):
                await refused(served, served.token(ED_OTHER, f"k-{round_}-{number}"))
            assert served.server.hits == 2 + round_
            assert await served.accepts(served.token()) == "acme"
            served.clock.advance(30 * SECOND)


@requirement("SEC-JWT-15")
async def test_a_first_token_with_an_unknown_key_id_costs_one_fetch():
    fetch = ScriptedFetch(ok(ED_SET))
    keys = JwksKeys(url="https://id.example/jwks", rules=rules(), fetch=fetch, clock=FakeClock())
    spray = (keys.find(f"k-{number}", "EdDSA") for number in range(50))
    outcomes = await asyncio.gather(*spray, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unauthenticated}
    assert len(fetch.asked) == 1


@requirement("SEC-JWT-16", "SEC-JWT-17")
async def test_a_withdrawn_key_stops_serving_within_five_minutes_remembered_or_not(aiohttp_server):
    async with KeyServed(aiohttp_server) as served:
        served.server.publish(BOTH)
        old, new = served.token(), served.token(ED_OTHER, "new")
        assert [await served.accepts(old), await served.accepts(new)] == ["acme", "acme"]
        served.server.publish(jwks(jwk(ED_OTHER, "new")))
        served.clock.advance(300 * SECOND)
        await refused(served, old)
        assert await served.accepts(new) == "acme"


@requirement("SEC-JWT-16")
async def test_a_forced_fetch_withdraws_a_key_at_once(aiohttp_server):
    async with KeyServed(aiohttp_server) as served:
        old = served.token()
        assert await served.accepts(old) == "acme"
        served.server.publish(jwks(jwk(ED_OTHER, "new")))
        assert await served.accepts(served.token(ED_OTHER, "new")) == "acme"
        await refused(served, old)


@requirement("SEC-JWT-16", "SEC-JWT-17")
async def test_a_key_replaced_under_its_old_id_ends_what_was_remembered(aiohttp_server):
    async with KeyServed(aiohttp_server) as served:
        old = served.token()
        assert await served.accepts(old) == "acme"
        served.server.publish(jwks(jwk(ED_OTHER, "ed")))
        served.clock.advance(300 * SECOND)
        await refused(served, old)
        assert await served.accepts(served.token(ED_OTHER, "ed")) == "acme"


async def test_keys_are_fetched_ahead_in_the_background(aiohttp_server):
    async with KeyServed(aiohttp_server) as served:
        served.clock.advance(240 * SECOND)
        assert await served.accepts(served.token()) == "acme"
        await served.keys.settled()
        served.clock.advance(239 * SECOND)
        assert await served.accepts(served.token(sub="u-2")) == "acme"
        assert served.server.hits == 2


async def test_a_waiter_that_goes_away_stops_nobodys_fetch():
    arrived, release = asyncio.Event(), asyncio.Event()

    async def slow():
        arrived.set()
        await release.wait()
        return ok(ED_SET)

    fetch = ScriptedFetch(slow)
    keys = JwksKeys(url="https://id.example/jwks", rules=rules(), fetch=fetch, clock=FakeClock())
    first, second = (asyncio.ensure_future(keys.find("ed", "EdDSA")) for _ in range(2))
    await arrived.wait()
    first.cancel()
    release.set()
    assert (await second).kid == "ed"
    assert (first.cancelled(), len(fetch.asked)) == (True, 1)


async def test_closing_stops_a_fetch_that_is_under_way():
    arrived = asyncio.Event()

    async def hang():
        arrived.set()
        await asyncio.Event().wait()

    keys = JwksKeys(url="https://id.example/jwks", rules=rules(), fetch=ScriptedFetch(hang), clock=FakeClock())
    asked = asyncio.ensure_future(keys.find("ed", "EdDSA"))
    await arrived.wait()
    await keys.aclose()
    with pytest.raises(Unauthenticated):
        await asked


WEAK_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - the weak key to be refused
P192 = {"kty": "EC", "crv": "P-192", "x": "A" * 32, "y": "A" * 32, "kid": "p192"}


def jwk_of_ed448(kid):
    return {**OKPAlgorithm.to_jwk(ed448.Ed448PrivateKey.generate().public_key(), as_dict=True), "kid": kid}


UNFIT = {
    "use enc": jwk(EC, "bad", use="enc"),
    "use null": jwk(EC, "bad", use=None),
    "key_ops": jwk(EC, "bad", key_ops=["sign"]),
    "key_ops text": jwk(EC, "bad", key_ops="verify"),
    "RSA 1024": jwk(WEAK_RSA, "bad", alg="RS256"),
    "P-192": P192,
    "secp256k1": jwk(ec.generate_private_key(ec.SECP256K1()), "bad"),
    "Ed448": jwk_of_ed448("bad"),
    "off the curve": jwk(EC, "bad", x="A" * 43),
    "alg none": jwk(EC, "bad", alg="none"),
    "alg null": jwk(EC, "bad", alg=None),
    "alg list": jwk(EC, "bad", alg=["ES256"]),
    "alg of another family": jwk(EC, "bad", alg="RS256"),
    "alg HS256": jwk(EC, "bad", alg="HS256"),
    "alg that is not accepted": jwk(RSA, "bad", alg="PS512"),
    "private": jwk(EC, "bad", d="AAAA"),
    "shared secret": {"kty": "oct", "k": "AAAA", "kid": "bad"},
    "kty": {"kty": ["RSA"], "kid": "bad"},
    "nothing": {},
    "no object": "key",
    "kid number": jwk(EC, 7),
    "kid empty": jwk(EC, ""),
    "kid long": jwk(EC, "k" * 257),
    "x number": jwk(ED_OTHER, "bad", x=7),
    "x missing": jwk(ED_OTHER, "bad", x=...),
    "n missing": jwk(RSA, "bad", n=...),
}


@requirement("SEC-JWT-19")
@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
async def test_an_unfit_key_is_ignored_with_a_finding(unfit):
    document = jwks(jwk(ED, "ed"), unfit)
    fetch = ScriptedFetch(ok(document))
    keys = JwksKeys(url="https://id.example/jwks", rules=rules(), fetch=fetch, clock=FakeClock())
    with capture_logs() as logs:
        await keys.warm()
    assert [(f.code, f.place) for f in keys.findings] == [("jwks.ignored", "/keys/1")]
    assert [log["event"] for log in logs] == ["jwks_key_ignored"]
    assert (await keys.find("ed", "EdDSA")).kid == "ed"
    for alg in ("ES256", "RS256", "HS256", "EdDSA"):
        with pytest.raises(Unauthenticated):
            await keys.find("bad", alg)


@requirement("SEC-JWT-19")
def test_two_keys_of_one_id_are_both_ignored_and_one_key_twice_is_one():
    read = read_jwks(jwks(jwk(ED, "a"), jwk(ED_OTHER, "a"), jwk(EC, "b"), jwk(EC, "b")), rules().algorithms)
    assert [f.place for f in read.findings] == ["/keys/0", "/keys/1"]
    assert (len(read.keys), read.keys.find("a", "EdDSA")) == (1, None)
    assert read.keys.find("b", "ES256").kid == "b"


@requirement("SEC-JWT-19")
def test_a_key_without_alg_serves_where_the_settings_leave_one_algorithm():
    document = jwks(jwk(RSA, "r"), jwk(ED, "e"))
    assert read_jwks(document, ("RS256", "EdDSA")).keys.find("r", "RS256").algorithms == frozenset({"RS256"})
    read = read_jwks(document, ("RS256", "PS256", "EdDSA"))
    assert (read.keys.find("r", "RS256"), [f.place for f in read.findings]) == (None, ["/keys/0"])
    named = read_jwks(jwks(jwk(RSA, "r", alg="PS256")), ("RS256", "PS256"))
    assert [named.keys.find("r", alg) is None for alg in ("RS256", "PS256")] == [True, False]


def test_a_token_without_a_key_id_needs_the_only_key_that_fits():
    read = read_jwks(jwks(jwk(ED, "a"), jwk(ED_OTHER, "b"), jwk(EC)), rules().algorithms)
    assert read.keys.find(None, "EdDSA") is None
    assert read.keys.find(None, "ES256") == read.keys.find("unknown", "ES256")


@requirement("SEC-JWT-19")
@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[]}', b'{"keys":[1]}', b"\xff", b'{"keys":[' + b"1," * 256 + b"1]}"],
)
def test_a_document_without_a_usable_key_is_refused(document):
    with pytest.raises(Unfit if document not in {b"", b"\xff"} else ValueError):
        read_jwks(document, rules().algorithms)
    with pytest.raises(SettingsInvalid):
        keys_from_jwks(document, rules())


@given(
    st.dictionaries(
        st.sampled_from(["kty", "crv", "x", "y", "n", "e", "alg", "use", "key_ops", "kid"]),
        st.sampled_from(["RSA", "EC", "OKP", "P-256", "Ed25519", "Ed448", "AQAB", "A" * 43, "A" * 342, "RS256", "sig"])
        | st.text(max_size=4)
        | st.none()
        | st.integers(-1, 3)
        | st.lists(st.none(), max_size=1),
    )
)
def test_any_jwk_is_a_key_or_a_reason(members):
    try:
        read = read_jwks(json.dumps(members).encode(), rules().algorithms)
    except ValueError:
        return
    assert len(read.keys) == 1


@pytest.mark.parametrize(
    "text", [b"", b"-----BEGIN PUBLIC KEY-----\n", pem(WEAK_RSA), pem(ec.generate_private_key(ec.SECP256K1()))]
)
def test_a_pem_that_holds_no_fit_public_key_is_refused(text):
    with pytest.raises(SettingsInvalid):
        keys_from_pem(text, rules())


async def test_one_jwk_alone_is_a_document_too():
    keys = keys_from_jwks(json.dumps(jwk(ED, "ed")).encode(), rules())
    assert await keys.holds(await keys.find("ed", "EdDSA"))
    await keys.warm()
    await keys.aclose()
