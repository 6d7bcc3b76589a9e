"""Development tokens: made by one key, verified by its other half."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facade.adapters.tokens import (
    Grant,
    Issuer,
    Verifier,
    generate_key,
    mint,
    shared_signing_key,
    signing_key_from,
    verifying_keys,
)
from facade.identity import IssuerRules, principal_from
from facade.kernel import SECOND, Secret, SettingsInvalid, Unauthenticated
from facade.testing.clock import FakeClock
from tests.adapters.tokens.rig import EC, ED, SECRET, bearer, jwk, pem

DEV = IssuerRules(issuer="urn:facade:dev", algorithms=("EdDSA",), audiences=("facade",))
KEY = generate_key()


def verifier(key, rules, clock):
    return Verifier(issuers=[Issuer(rules=rules, keys=verifying_keys(key, rules))], clock=clock)


@pytest.mark.parametrize("text", [KEY.private_pem.reveal(), KEY.private_jwk.reveal()], ids=["pem", "jwk"])
async def test_a_generated_key_signs_in_both_forms_it_is_kept_in(text):
    key, clock = signing_key_from(text), FakeClock()
    assert (key.kid, key.public_jwk) == (KEY.kid, KEY.public_jwk)
    grant = Grant(subject="ann", tenants=("acme",), roles=("agent",))
    claims = await verifier(key, DEV, clock).claims(bearer(mint(key, DEV, grant, now=clock.now())))
    principal = principal_from(claims)
    assert (principal.subject, principal.tenants, principal.roles) == ("ann", ("acme",), frozenset({"agent"}))


async def test_a_minted_token_ends_with_its_lifetime():
    key, clock = signing_key_from(KEY.private_pem.reveal()), FakeClock()
    text = mint(key, DEV, Grant(subject="ann", tenants=("acme",), lifetime_s=60), now=clock.now())
    clock.advance(90 * SECOND)
    with pytest.raises(Unauthenticated):
        await verifier(key, DEV, clock).claims(bearer(text))


async def test_another_key_does_not_verify_it():
    key, clock = signing_key_from(KEY.private_pem.reveal()), FakeClock()
    other = signing_key_from(generate_key().private_pem.reveal())
    text = mint(key, DEV, Grant(subject="ann", tenants=("acme",)), now=clock.now())
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
    shared=st.booleans(),
    types=st.sampled_from([("jwt", "at+jwt", ""), ("at+jwt",), ("jwt",), ("own+jwt",)]),
    audiences=st.sampled_from([(), ("facade",), ("a", "b")]),
)
async def test_whoever_a_token_is_minted_for_is_who_is_read_from_it(paths, grant, shared, types, audiences):
    rules = IssuerRules(
        issuer="urn:facade:dev",
        algorithms=("HS256",) if shared else ("EdDSA",),
        audiences=audiences,
        types=types,
        tenant_claim=paths[0],
        user_claim=paths[1],
        roles_claim=paths[2],
        tier_claim=paths[3],
    )
    key = shared_signing_key(Secret(SECRET)) if shared else signing_key_from(KEY.private_jwk.reveal())
    clock = FakeClock()
    principal = principal_from(
        await verifier(key, rules, clock).claims(bearer(mint(key, rules, grant, now=clock.now())))
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
)
def test_what_is_no_private_ed25519_key_is_a_setting_to_mend(text):
    with pytest.raises(SettingsInvalid) as refused:
        signing_key_from(text, place="identity.dev.key_file")
    assert [f.place for f in refused.value.findings] == ["identity.dev.key_file"]


def test_the_public_half_holds_nothing_private_and_representations_hide_the_rest():
    assert set(KEY.public_jwk) == {"crv", "kty", "x", "kid", "alg", "use"}
    private = json.loads(KEY.private_jwk.reveal())["d"]
    key = signing_key_from(KEY.private_jwk.reveal())
    assert private not in repr(KEY) + repr(key) + str(verifying_keys(key, DEV))
    assert SECRET not in repr(shared_signing_key(Secret(SECRET)))


def test_a_key_of_another_algorithm_does_not_serve_the_issuer():
    for algorithms in (("RS256",), ("HS256",)):
        with pytest.raises(SettingsInvalid):
            verifying_keys(signing_key_from(KEY.private_pem.reveal()), IssuerRules(issuer="i", algorithms=algorithms))
