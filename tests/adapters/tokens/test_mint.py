"""Development tokens: made by one key, verified by its other half."""

import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from facade.adapters.tokens import (
    Grant,
    Issuer,
    Verifier,
    generate_key,
    mint,
    signing_key_from,
    verifying_keys,
)
from facade.identity import IssuerRules, principal_from
from facade.kernel import SECOND, SettingsInvalid, Unauthenticated
from facade.testing.clock import FakeClock
from tests.adapters.tokens.rig import EC, ED, bearer, jwk, pem

DEV = IssuerRules(issuer="urn:facade:dev", algorithms=("EdDSA",), audiences=("facade",))
JWK = generate_key().reveal()
KEY = signing_key_from(JWK)
PEM = KEY.material.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def verifier(key, rules, clock):
    return Verifier(issuers=[Issuer(rules=rules, keys=verifying_keys(key, rules))], clock=clock)


@pytest.mark.parametrize("text", [JWK, PEM], ids=["jwk", "pem"])
async def test_a_private_key_signs_in_both_forms_it_may_be_kept_in(text):
    key, clock = signing_key_from(text), FakeClock()
    assert key == KEY
    grant = Grant(subject="ann", tenants=("acme",), roles=("agent",))
    claims = await verifier(key, DEV, clock).claims(bearer(mint(key, DEV, grant, now=clock.now())))
    principal = principal_from(claims)
    assert (principal.subject, principal.tenants, principal.roles) == ("ann", ("acme",), frozenset({"agent"}))


async def test_a_minted_token_ends_with_its_lifetime():
    clock = FakeClock()
    text = mint(KEY, DEV, Grant(subject="ann", tenants=("acme",), lifetime_s=60), now=clock.now())
    clock.advance(90 * SECOND)
    with pytest.raises(Unauthenticated):
        await verifier(KEY, DEV, clock).claims(bearer(text))


async def test_another_key_does_not_verify_it():
    clock, other = FakeClock(), signing_key_from(generate_key().reveal())
    text = mint(KEY, DEV, Grant(subject="ann", tenants=("acme",)), now=clock.now())
    with pytest.raises(Unauthenticated):
        await verifier(other, DEV, clock).claims(bearer(text))


PATHS = st.sampled_from(["tenant", "org.id", "https://app.example/tenant", "a.b.c", "a.b"])
NAMES = st.text(alphabet="abcXYZ019", min_size=1, max_size=12)


@settings(deadline=None, max_examples=50)
@given(
    paths=st.lists(PATHS, min_size=4, max_size=4, unique=True),
    grant=st.builds(
        Grant,
        subject=NAMES,
        tenants=st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
        roles=st.lists(NAMES, max_size=3, unique=True).map(tuple),
        tier=st.none() | NAMES,
    ),
    types=st.sampled_from([("jwt", "at+jwt", ""), ("at+jwt",), ("jwt",), ("own+jwt",)]),
    audiences=st.sampled_from([(), ("facade",), ("a", "b")]),
)
async def test_whoever_a_token_is_minted_for_is_who_is_read_from_it(paths, grant, types, audiences):
    rules = IssuerRules(
        issuer="urn:facade:dev",
        algorithms=("EdDSA",),
        audiences=audiences,
        types=types,
        tenant_claim=paths[0],
        user_claim=paths[1],
        roles_claim=paths[2],
        tier_claim=paths[3],
    )
    clock = FakeClock()
    principal = principal_from(
        await verifier(KEY, rules, clock).claims(bearer(mint(KEY, rules, grant, now=clock.now())))
    )
    read = (principal.subject, principal.user, principal.tenants, principal.roles, principal.tier_claim)
    assert read == (grant.subject, grant.subject, grant.tenants, frozenset(grant.roles), grant.tier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "-----BEGIN PRIVATE KEY-----",
        pem(ED).decode(),
        json.dumps(jwk(ED)),
        json.dumps(jwk(EC)),
        "\ud800",
    ],
    ids=["empty", "object", "list", "cut", "public PEM", "public JWK", "other kind", "no text"],
)
def test_what_is_no_private_ed25519_key_is_a_setting_to_mend(text):
    with pytest.raises(SettingsInvalid) as refused:
        signing_key_from(text, place="identity.dev.key_file")
    assert [f.place for f in refused.value.findings] == ["identity.dev.key_file"]


def test_the_public_half_holds_nothing_private_and_representations_hide_the_rest():
    assert set(KEY.public_jwk) == {"crv", "kty", "x", "kid", "alg", "use"}
    private = json.loads(JWK)["d"]
    assert private not in repr(KEY) + repr(generate_key()) + str(verifying_keys(KEY, DEV))


def test_a_key_of_another_algorithm_does_not_serve_the_issuer():
    for algorithms in (("RS256",), ("HS256",)):
        with pytest.raises(SettingsInvalid):
            verifying_keys(KEY, IssuerRules(issuer="i", algorithms=algorithms))
