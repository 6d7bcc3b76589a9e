"""Claims -> Principal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.identity import TENANT_ID, Claims, IssuerRules, claim_at, principal_from
from facade.kernel import CredentialKind, Principal, Unauthenticated
from tests.requirements import requirement


def claims(values, **rules):
    return Claims(
        rules=IssuerRules(issuer="https://id.example", algorithms=("EdDSA",), **rules),
        values=values,
        kind=CredentialKind.JWT,
        credential_id="c" * 64,
    )


def principal(**changed):
    fields = {
        "issuer": "https://id.example",
        "subject": "u-1",
        "user": "u-1",
        "roles": frozenset(),
        "tenants": ("acme",),
        "tier_claim": None,
        "credential_kind": CredentialKind.JWT,
        "credential_id": "c" * 64,
        "expires_at": None,
    }
    return Principal(**{**fields, **changed})


def test_the_least_that_makes_a_principal_is_a_subject_and_a_tenant():
    assert principal_from(claims({"sub": "u-1", "tenant": "acme"})) == principal()


def test_every_configured_claim_is_read_from_its_path():
    values = {
        "sub": "u-1",
        "email": "ann@acme.example",
        "https://app.example/tenant": "acme",
        "realm_access": {"roles": ["agent", "billing"]},
        "plan": {"name": "gold"},
        "exp": 1_800_000_060,
    }
    rules = {
        "tenant_claim": "https://app.example/tenant",
        "user_claim": "email",
        "roles_claim": "realm_access.roles",
        "tier_claim": "plan.name",
    }
    assert principal_from(claims(values, **rules)) == principal(
        user="ann@acme.example",
        roles=frozenset({"agent", "billing"}),
        tier_claim="gold",
        expires_at=1_800_000_060_000_000,
    )


@pytest.mark.parametrize(
    ("claim", "tenants"),
    [
        ("acme", ("acme",)),
        (["b", "a"], ("b", "a")),
        (["a", "a"], ("a",)),
        ({"acme": {"id": "42"}, "umbra": {}}, ("acme", "umbra")),
        ("A" * 64, ("A" * 64,)),
        ("0.a_b-c", ("0.a_b-c",)),
    ],
)
def test_a_tenant_claim_is_a_text_a_list_or_the_keys_of_an_object(claim, tenants):
    assert principal_from(claims({"sub": "u-1", "tenant": claim})) == principal(tenants=tenants)


@requirement("SEC-JWT-11", "invariant:tenant:isolated")
@pytest.mark.parametrize(
    "claim",
    [
        "",
        "*",
        7,
        True,
        1.5,
        None,
        [],
        {},
        ["acme", 7],
        ["acme", None],
        ["acme", "*"],
        [["acme"]],
        {"acme": {}, "b c": {}},
        "a" * 65,
        "a" * 1024,
        "acm\ud800e",
        "\uff41cme",
        "acme ",
        " acme",
        "acme\n",
        "acme\x00",
        "-acme",
        ".acme",
        "..",
        "a/b",
        "a:b",
        "ac\u0301me",
        "a" + "\u200b",
    ],
)
def test_a_doubtful_tenant_claim_refuses_the_token(claim):
    with pytest.raises(Unauthenticated):
        principal_from(claims({"sub": "u-1", "tenant": claim}))


@requirement("SEC-JWT-11")
def test_ids_that_differ_in_case_stay_two_tenants():
    assert principal_from(claims({"sub": "u-1", "tenant": ["acme", "Acme"]})) == principal(tenants=("acme", "Acme"))


@requirement("SEC-JWT-11")
@given(st.text(max_size=80))
def test_a_tenant_id_is_taken_letter_by_letter_or_not_at_all(text):
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    fits = 0 < len(text) <= 64 and text[0] in allowed and set(text) <= allowed | set("._-")
    assert (TENANT_ID.fullmatch(text) is not None) is fits
    if fits:
        assert principal_from(claims({"sub": "u-1", "tenant": text})) == principal(tenants=(text,))
    else:
        with pytest.raises(Unauthenticated):
            principal_from(claims({"sub": "u-1", "tenant": text}))


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        ("agent billing", {"agent", "billing"}),
        ("", set()),
        ("  agent  ", {"agent"}),
        (["agent"], {"agent"}),
        ([], set()),
    ],
)
def test_roles_are_a_list_or_a_text_with_spaces(claim, roles):
    read = principal_from(claims({"sub": "u-1", "tenant": "acme", "roles": claim}))
    assert read == principal(roles=frozenset(roles))


@pytest.mark.parametrize("claim", [None, 3, {"agent": True}, ["agent", 3], [""], "a\tb", ["a" * 257], ["r"] * 257])
def test_doubtful_roles_refuse_the_token(claim):
    with pytest.raises(Unauthenticated):
        principal_from(claims({"sub": "u-1", "tenant": "acme", "roles": claim}))


@pytest.mark.parametrize("sub", [None, "", " ", "u\n", "u ", "\ud800", 7, ["u"], "u" * 257])
def test_a_doubtful_subject_refuses_the_token(sub):
    with pytest.raises(Unauthenticated):
        principal_from(claims({"sub": sub, "tenant": "acme"}))


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({"tenant": "acme"}, {}),
        ({"sub": "u-1"}, {}),
        ({"sub": "u-1", "tenant": "acme"}, {"user_claim": "email"}),
        ({"sub": "u-1", "tenant": "acme", "tier": 3}, {"tier_claim": "tier"}),
        ({"sub": "u-1", "tenant": "acme", "exp": "1800000000"}, {}),
        ({"sub": "u-1", "tenant": "acme", "exp": True}, {}),
    ],
)
def test_a_missing_or_misshapen_claim_refuses_the_token(values, rules):
    with pytest.raises(Unauthenticated):
        principal_from(claims(values, **rules))


def test_an_absent_tier_claim_is_no_claim():
    assert principal_from(claims({"sub": "u-1", "tenant": "acme"}, tier_claim="tier")) == principal()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", ({"b": 1, "b.c": {"d": 2}},)),
        ("a.b", (1,)),
        ("a.b.c.d", (2,)),
        ("x.y", (3,)),
        ("x.y.z", (4,)),
        ("x.y.q", (5,)),
        ("null", (None,)),
        ("a.q", None),
        ("a.b.q", None),
        ("", None),
        (".a", None),
        ("a.", None),
    ],
)
def test_a_dotted_path_reads_the_longest_name_that_is_there(path, found):
    values = {"a": {"b": 1, "b.c": {"d": 2}}, "x.y": 3, "x": {"y": {"q": 5}, "y.z": 4}, "null": None}
    assert claim_at(values, path) == found
