"""Tokens against fixed keys: what is proved, and everything that is refused (SEC-JWT)."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from facade.adapters.tokens import Issuer, Verifier, keys_from_jwks, keys_from_pem, keys_from_secret
from facade.edge.credentials import CredentialRules, credential_of
from facade.identity import Claims, principal_from
from facade.kernel import SECOND, CredentialKind, Secret, SettingsInvalid, Unauthenticated
from facade.testing.clock import FakeClock
from tests.adapters.tokens.rig import (
    ALL_SET,
    EC,
    ED,
    ED_OTHER,
    ED_SET,
    ISSUER,
    RSA,
    SECRET,
    b64,
    bearer,
    der,
    jwk,
    jwks,
    pem,
    rules,
    secret_verifier,
    sign,
    static_verifier,
    token,
    values,
)
from tests.requirements import requirement

HEADER = {"alg": "EdDSA", "kid": "ed"}


@pytest.fixture
def clock():
    return FakeClock()


async def refused(verifier, text):
    with pytest.raises(Unauthenticated):
        await verifier.claims(bearer(text))


@pytest.mark.parametrize(("key", "alg", "kid"), [(ED, "EdDSA", "ed"), (EC, "ES256", "ec"), (RSA, "RS256", "rsa")])
async def test_a_token_in_order_becomes_its_claims(clock, key, alg, kid):
    text = token(key, {"alg": alg, "kid": kid, "typ": "at+jwt"}, values(clock))
    claims = await static_verifier(clock).claims(bearer(text))
    assert claims == Claims(
        rules=rules(),
        values=values(clock),
        kind=CredentialKind.JWT,
        credential_id=hashlib.sha256(text.encode()).hexdigest(),
        presented=("Authorization", Secret(f"Bearer {text}")),
    )
    assert principal_from(claims).tenants == ("acme",)


async def test_a_shared_secret_verifies_its_own_tokens(clock):
    claims = await secret_verifier(clock).claims(bearer(token(SECRET, {"alg": "HS256"}, values(clock))))
    assert claims.values == values(clock)


@pytest.mark.parametrize("key", [ED, EC, RSA])
async def test_a_public_key_in_pem_serves_any_key_id(clock, key):
    verifier = Verifier(issuers=[Issuer(rules=rules(), keys=keys_from_pem(pem(key), rules()))], clock=clock)
    alg = {ED: "EdDSA", EC: "ES256", RSA: "RS256"}[key]
    for header in ({"alg": alg}, {"alg": alg, "kid": "whatever"}):
        claims = await verifier.claims(bearer(token(key, header, values(clock))))
        assert claims.values == values(clock)


@requirement("SEC-JWT-01")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", None, [], ["EdDSA"], {}, "", ...])
@pytest.mark.parametrize("signed", [True, False])
async def test_a_token_without_an_algorithm_is_refused(clock, alg, signed):
    header = {"kid": "ed"} if alg is ... else {"kid": "ed", "alg": alg}
    text = token(ED, header, values(clock))
    await refused(static_verifier(clock), text if signed else text.rpartition(".")[0] + ".")


@requirement("SEC-JWT-01", "SEC-JWT-20")
async def test_an_empty_signature_is_refused(clock):
    text = token(ED, HEADER, values(clock)).rpartition(".")[0]
    for spoilt in (text, text + ".", text + "..", text + ".e30"):
        await refused(static_verifier(clock), spoilt)


@requirement("SEC-JWT-02")
@pytest.mark.parametrize("key", [ED, EC, RSA])
@pytest.mark.parametrize("form", ["pem", "pem without end", "der", "jwk", "jwks"])
async def test_a_public_key_is_no_shared_secret(clock, key, form):
    secret = {
        "pem": pem(key),
        "pem without end": pem(key).rstrip(b"\n"),
        "der": der(key),
        "jwk": json.dumps(jwk(key)).encode(),
        "jwks": jwks(jwk(key)),
    }[form]
    for kid in ({}, {"kid": "ed"}, {"kid": "ec"}, {"kid": "rsa"}):
        for alg in ("HS256", "HS384", "HS512"):
            await refused(static_verifier(clock), token(secret, {"alg": alg, **kid}, values(clock)))


@requirement("SEC-JWT-02")
@pytest.mark.parametrize("algorithms", [(), ("HS256",), ("RS256", "HS256"), ("EdDSA", "none", "HS512")])
def test_public_keys_and_hmac_are_not_set_up_together(algorithms):
    mixed = rules(algorithms=algorithms)
    for make in (
        lambda: keys_from_jwks(ALL_SET, mixed),
        lambda: keys_from_pem(pem(RSA), mixed),
    ):
        with pytest.raises(SettingsInvalid):
            make()


@requirement("SEC-JWT-02")
@pytest.mark.parametrize(
    ("secret", "algorithms"),
    [
        (SECRET, ("HS256", "RS256")),
        (SECRET, ()),
        ("too short", ("HS256",)),
        (pem(RSA).decode(), ("HS256",)),
        (" \n" + pem(RSA).decode(), ("HS256",)),
        (ALL_SET.decode(), ("HS256",)),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 40, ("HS256",)),
    ],
)
def test_a_shared_secret_is_long_and_nothing_public(secret, algorithms):
    with pytest.raises(SettingsInvalid):
        keys_from_secret(Secret(secret), rules(algorithms=algorithms))


@requirement("SEC-JWT-02")
@pytest.mark.parametrize(
    ("key", "header"),
    [(ED, {"alg": "EdDSA", "kid": "ec"}), (EC, {"alg": "ES256", "kid": "ed"}), (RSA, {"alg": "PS256", "kid": "rsa"})],
)
async def test_a_key_serves_its_own_algorithm_only(clock, key, header):
    await refused(static_verifier(clock, algorithms=("EdDSA", "ES256", "RS256")), token(key, header, values(clock)))


@requirement("SEC-JWT-03")
@pytest.mark.parametrize(
    "kid",
    [
        1,
        ["ed"],
        {"ed": 1},
        None,
        "",
        "k" * 2048,
        "../../dev/null",
        "/dev/null",
        "' OR 1=1 --",
        "ed\r\n",
        "ed ",
        "\u0435d",
        "ED",
        "theirs",
        "rsa",
    ],
)
async def test_a_strange_key_id_finds_no_key(clock, kid):
    own = rules()
    theirs = rules(issuer="https://other.example")
    verifier = Verifier(
        issuers=[
            Issuer(rules=own, keys=keys_from_jwks(jwks(jwk(ED, "ed"), jwk(RSA, "rsa")), own)),
            Issuer(rules=theirs, keys=keys_from_jwks(jwks(jwk(ED_OTHER, "theirs")), theirs)),
        ],
        clock=clock,
    )
    for key in (ED, ED_OTHER):
        await refused(verifier, token(key, {"alg": "EdDSA", "kid": kid}, values(clock)))


@requirement("SEC-JWT-03", "invariant:tenant:isolated")
async def test_an_issuer_cannot_sign_for_another(clock):
    own, theirs = rules(), rules(issuer="https://other.example")
    verifier = Verifier(
        issuers=[
            Issuer(rules=own, keys=keys_from_jwks(ED_SET, own)),
            Issuer(rules=theirs, keys=keys_from_jwks(jwks(jwk(ED_OTHER, "ed")), theirs)),
        ],
        clock=clock,
    )
    await refused(verifier, token(ED_OTHER, HEADER, values(clock)))
    claims = await verifier.claims(bearer(token(ED_OTHER, HEADER, values(clock, iss=theirs.issuer))))
    assert claims.rules == theirs


@requirement("SEC-JWT-04")
async def test_a_key_inside_the_token_is_not_used(clock):
    own = jwk(ED_OTHER, "ed")
    extras = ({"jwk": own}, {"x5c": [base64.b64encode(der(ED_OTHER)).decode()]}, {"x5u": "https://evil.example"})
    for extra in extras:
        await refused(static_verifier(clock), token(ED_OTHER, {**HEADER, **extra}, values(clock)))


@requirement("SEC-JWT-05")
@pytest.mark.parametrize("extra", [{"crit": ["x"], "x": 1}, {"crit": []}, {"crit": ["b64"], "b64": True}])
async def test_critical_extensions_are_refused_though_signed(clock, extra):
    await refused(static_verifier(clock), token(ED, {**HEADER, **extra}, values(clock)))


@requirement("SEC-JWT-05")
async def test_an_unencoded_payload_is_refused(clock):
    header = b64(json.dumps({**HEADER, "b64": False, "crit": ["b64"]}).encode())
    payload = json.dumps(values(clock))
    signature = b64(sign(ED, f"{header}.{payload}".encode()))
    await refused(static_verifier(clock), f"{header}.{payload}.{signature}")
    await refused(static_verifier(clock), f"{header}..{signature}")


@requirement("SEC-JWT-06")
@pytest.mark.parametrize(
    "exp",
    [
        b"",
        b'"9999999999"',
        b"NaN",
        b"Infinity",
        b"1e400",
        b"9" * 4000,
        b"true",
        b"[1]",
        b"null",
        b"-1",
        b"1.5",
        b"1e10",
    ],
)
async def test_an_end_that_is_no_near_moment_is_refused(clock, exp):
    claims = json.dumps(values(clock, exp=...)).encode()
    if exp:
        claims = claims[:-1] + b',"exp":' + exp + b"}"
    await refused(static_verifier(clock), token(ED, HEADER, claims))


@requirement("SEC-JWT-06")
async def test_a_token_for_longer_than_a_day_is_refused(clock):
    now = clock.now() // SECOND
    await refused(static_verifier(clock), token(ED, HEADER, values(clock, exp=now + 86_401)))
    await static_verifier(clock).claims(bearer(token(ED, HEADER, values(clock, exp=now + 86_400))))


@requirement("SEC-JWT-07")
@pytest.mark.parametrize(
    ("leeway", "skew", "fine"), [(30, 30, True), (30, 31, False), (600, 60, True), (600, 61, False)]
)
async def test_clock_skew_is_forgiven_up_to_the_leeway(clock, leeway, skew, fine):
    verifier = static_verifier(clock, leeway_s=leeway)
    now = clock.now() // SECOND
    for changed in ({"iat": now + skew}, {"nbf": now + skew}):
        text = token(ED, HEADER, values(clock, **changed))
        if fine:
            await verifier.claims(bearer(text))
        else:
            await refused(verifier, text)


@requirement("SEC-JWT-08")
@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ...},
        {"aud": "other"},
        {"aud": ["facade", "other"]},
        {"aud": "facade2"},
        {"iss": ...},
        {"iss": [ISSUER]},
        {"iss": ISSUER[:-1]},
        {"iss": ISSUER + "/"},
        {"iss": ISSUER.upper()},
    ],
)
async def test_another_issuer_or_audience_is_refused(clock, changed):
    await refused(static_verifier(clock), token(ED, HEADER, values(clock, **changed)))


@requirement("SEC-JWT-08")
async def test_more_audiences_are_accepted_where_the_settings_say_so(clock):
    text = token(ED, HEADER, values(clock, aud=["other", "facade"]))
    claims = await static_verifier(clock, allow_extra_audiences=True).claims(bearer(text))
    assert claims.values["aud"] == ["other", "facade"]


@requirement("SEC-JWT-09", "invariant:tenant:isolated")
async def test_doubled_members_are_refused_though_signed(clock):
    claims = json.dumps(values(clock)).encode()
    await refused(static_verifier(clock), token(ED, HEADER, claims[:-1] + b',"tenant":"umbra"}'))
    await refused(static_verifier(clock), token(ED, b'{"alg":"none","kid":"ed","alg":"EdDSA"}', claims))


@requirement("SEC-JWT-10")
@pytest.mark.parametrize("typ", ["logout+jwt", "refresh+jwt", "id_token", "secevent+jwt", 1, None, ""])
async def test_another_type_of_token_is_refused(clock, typ):
    await refused(static_verifier(clock), token(ED, {**HEADER, "typ": typ}, values(clock)))


@requirement("SEC-JWT-11", "invariant:tenant:isolated")
@pytest.mark.parametrize("tenant", [..., "", "*", 7, [7], "a" * 1024, "acm\ud800e", "\uff41cme", "acme ", "acme\x00"])
async def test_a_doubtful_tenant_never_becomes_a_principal(clock, tenant):
    text = token(ED, HEADER, values(clock, tenant=tenant))
    with pytest.raises(Unauthenticated):
        principal_from(await static_verifier(clock).claims(bearer(text)))


@requirement("SEC-JWT-12")
@pytest.mark.parametrize(
    "text",
    ["", "a" * 1_000_000, "." * 100_000, "..", token(ED, HEADER, b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}")],
)
async def test_a_huge_or_deep_token_is_refused(clock, text):
    await refused(static_verifier(clock), text)


@requirement("SEC-JWT-17")
async def test_only_the_whole_token_is_remembered(clock):
    verifier = static_verifier(clock)
    text = token(ED, HEADER, values(clock))
    first = await verifier.claims(bearer(text))
    assert await verifier.claims(bearer(text)) is first
    head, _, signature = text.rpartition(".")
    for cut in (0, 20, len(signature) - 2):
        spoilt = signature[:cut] + ("B" if signature[cut] == "A" else "A") + signature[cut + 1 :]
        await refused(verifier, f"{head}.{spoilt}")
    await refused(verifier, text[:-1])


@requirement("SEC-JWT-17")
async def test_a_remembered_token_ends_with_its_life(clock):
    verifier = static_verifier(clock, leeway_s=0)
    text = token(ED, HEADER, values(clock, exp=clock.now() // SECOND + 60))
    await verifier.claims(bearer(text))
    clock.advance(60 * SECOND - 1)
    await verifier.claims(bearer(text))
    clock.advance(1)
    await refused(verifier, text)


@requirement("SEC-JWT-17")
async def test_a_token_is_proved_again_after_five_minutes(clock):
    verifier = static_verifier(clock)
    text = token(ED, HEADER, values(clock))
    first = await verifier.claims(bearer(text))
    clock.advance(300 * SECOND)
    again = await verifier.claims(bearer(text))
    assert (again is first, again == first) == (False, True)


@requirement("SEC-JWT-17")
async def test_the_memory_of_tokens_is_bounded(clock):
    own = rules()
    verifier = Verifier(issuers=[Issuer(rules=own, keys=keys_from_jwks(ED_SET, own))], clock=clock, remembered=2)
    texts = [token(ED, HEADER, values(clock, sub=f"u-{number}")) for number in range(3)]
    first, second, _ = [await verifier.claims(bearer(text)) for text in texts]
    assert await verifier.claims(bearer(texts[1])) is second
    assert await verifier.claims(bearer(texts[0])) is not first


@requirement("SEC-JWT-20")
async def test_a_signature_of_zeros_or_ones_is_refused(clock):
    for alg, kid in (("ES256", "ec"), ("EdDSA", "ed")):
        head = token(EC, {"alg": alg, "kid": kid}, values(clock)).rpartition(".")[0]
        for raw in (b"\0" * 64, b"\xff" * 64, b"\0" * 63 + b"\1", b"\0", b"\0" * 65):
            await refused(static_verifier(clock), f"{head}.{b64(raw)}")


@requirement("SEC-JWT-20")
async def test_an_ecdsa_signature_in_der_is_refused(clock):
    signed = token(EC, {"alg": "ES256", "kid": "ec"}, values(clock))
    head, _, signature = signed.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    encoded = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    assert decode_dss_signature(encoded) is not None
    await refused(static_verifier(clock), f"{head}.{b64(encoded)}")


@requirement("SEC-JWT-20")
async def test_a_mirrored_ecdsa_signature_is_at_most_the_same_principal(clock):
    """ECDSA itself lets anybody mirror a signature; nothing may hang on the token's text because of that."""
    signed = token(EC, {"alg": "ES256", "kid": "ec"}, values(clock))
    head, _, signature = signed.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    mirrored = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    verifier = static_verifier(clock)
    first = await verifier.claims(bearer(signed))
    second = await verifier.claims(bearer(f"{head}.{b64(mirrored)}"))
    assert (second.values, second.rules) == (first.values, first.rules)


@requirement("SEC-JWT-20")
async def test_other_spellings_of_a_valid_token_are_refused(clock):
    text = token(EC, {"alg": "ES256", "kid": "ec"}, values(clock))
    head, payload, signature = text.split(".")
    loose = signature[:-1] + chr(ord(signature[-1]) + 1)
    spellings = [
        f"{text}==",
        f"{head}=.{payload}.{signature}",
        f"{text}\n",
        f" {text}",
        f"{head}.{payload}.{loose}",
        text.replace("-", "+").replace("_", "/") + "=",
    ]
    for spelling in spellings:
        await refused(static_verifier(clock), spelling)


@requirement("SEC-JWT-20")
@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 10_000), letter=st.sampled_from("ABab019-_.= \n\u00e9"))
async def test_a_token_with_one_letter_changed_is_refused(place, letter):
    clock = FakeClock()
    text = token(ED, HEADER, values(clock))
    place %= len(text)
    if text[place] != letter:
        await refused(static_verifier(clock), text[:place] + letter + text[place + 1 :])


@requirement("SEC-JWT-21")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_bearer_token_is_read_whatever_the_case_of_its_scheme(clock, scheme):
    text = token(ED, HEADER, values(clock))
    credential = credential_of(CIMultiDict({"Authorization": f"{scheme} {text}"}), CredentialRules())
    claims = await static_verifier(clock).claims(credential)
    assert claims.values == values(clock)


@requirement("SEC-JWT-21")
@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer {t}"), ("Authorization", "Bearer {t}")],
        [("Authorization", "Bearer {t}, Bearer {t}")],
        [("Authorization", "Bearer {t} more")],
        [("Authorization", "Bearer {t};")],
        [("Authorization", "{t}")],
        [("Authorization", "Basic {t}")],
        [("Cookie", "access_token={t}")],
        [("X-Access-Token", "{t}")],
    ],
)
async def test_a_token_in_any_other_place_or_form_is_refused(clock, headers):
    text = token(ED, HEADER, values(clock))
    sent = CIMultiDict((name, value.format(t=text)) for name, value in headers)
    with pytest.raises(Unauthenticated):
        await static_verifier(clock).claims(credential_of(sent, CredentialRules()))


def test_an_issuer_is_configured_once():
    own = Issuer(rules=rules(), keys=keys_from_jwks(ED_SET, rules()))
    with pytest.raises(SettingsInvalid):
        Verifier(issuers=[own, own], clock=FakeClock())


async def test_fixed_keys_are_ready_from_the_start(clock):
    async with static_verifier(clock) as verifier:
        assert (verifier.ready, verifier.findings) == (True, ())
