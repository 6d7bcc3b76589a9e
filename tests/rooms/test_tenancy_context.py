"""Tenant -> Context: templates, header names and spellings."""

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.kernel import (
    Context,
    CredentialKind,
    Forbidden,
    Location,
    Pin,
    Principal,
    Secret,
    SettingsInvalid,
    Tenant,
    TenantRecord,
    Tier,
)
from facade.tenancy import (
    ContextRules,
    HeaderRule,
    PinRule,
    canonical_name,
    compile_rules,
    context_for,
    is_spoof,
    owned_headers,
    secret_headers,
)
from tests.requirements import requirement


def tenant(*, user="ann", secret: str | None = "k-1", subject="u-1", **attributes):  # noqa: S107 - a made-up value
    principal = Principal(
        issuer="https://id.example",
        subject=subject,
        user=user,
        roles=frozenset(),
        tenants=("acme", "umbra"),
        tier_claim=None,
        credential_kind=CredentialKind.JWT,
        credential_id="c" * 64,
        expires_at=None,
    )
    record = TenantRecord(id="acme", tier="gold", attributes=attributes, secret=Secret(secret) if secret else None)
    return Tenant(id="acme", principal=principal, record=record, tier=Tier(name="gold"), rights=())


def header(value, name="X-Tenant-ID"):
    return ContextRules(headers=(HeaderRule(name=name, value=value),))


def pin(value):
    return ContextRules(pins=(PinRule(location=Location.PATH, name="account_id", value=value),))


def test_headers_and_pins_are_filled_from_the_tenant():
    rules = ContextRules(
        headers=(
            HeaderRule(name="X-Tenant-ID", value="{tenant}"),
            HeaderRule(name="X-Account-Key", value="{secret}"),
            HeaderRule(name="X-Who", value="{{{user}/{subject}@{tier}}}"),
        ),
        pins=(
            PinRule(location=Location.PATH, name="account_id", value="{attributes.account_id}"),
            PinRule(location=Location.BODY, name="source", value="agent"),
        ),
        pass_credential=True,
    )
    assert compile_rules(rules) == ()
    assert context_for(tenant(account_id="42"), rules) == Context(
        headers=(
            ("X-Tenant-ID", Secret("acme")),
            ("X-Account-Key", Secret("k-1")),
            ("X-Who", Secret("{ann/u-1@gold}")),
        ),
        owned=frozenset({"x-tenant-id", "x-account-key", "x-who"}),
        pins=(
            Pin(location=Location.PATH, name="account_id", value="42"),
            Pin(location=Location.BODY, name="source", value="agent"),
        ),
        passes_credential=True,
    )


def test_the_callers_own_credential_travels_only_where_the_rules_pass_it_on():
    shown = ("Authorization", Secret("Bearer t"))
    who = replace(tenant(), principal=replace(tenant().principal, presented=shown))
    assert context_for(who, ContextRules()) == Context()
    expected = Context(passes_credential=True, credential=(shown,))
    assert context_for(who, ContextRules(pass_credential=True)) == expected


def test_without_rules_the_context_is_empty():
    assert context_for(tenant(), ContextRules()) == Context()


def test_of_the_headers_that_the_context_sets_those_with_the_secret_are_credentials():
    told = {"X-Tenant-ID": "{tenant}", "Authorization": "Bearer {secret}", "X-Plain": "{{secret}}"}
    rules = ContextRules(headers=tuple(HeaderRule(name=name, value=value) for name, value in told.items()))
    assert owned_headers(rules) == frozenset({"x-tenant-id", "authorization", "x-plain"})
    assert secret_headers(rules) == frozenset({"authorization"})


@pytest.mark.parametrize(
    ("rules", "who"),
    [
        (header("{secret}"), tenant(secret=None)),
        (header("{attributes.account_id}"), tenant()),
        (pin("{attributes.account_id}"), tenant(account_id="")),
    ],
)
def test_a_value_that_the_tenant_lacks_is_forbidden(rules, who):
    with pytest.raises(Forbidden):
        context_for(who, rules)


@requirement("invariant:tenant:isolated")
@pytest.mark.parametrize("bad", ["a\r\nX-Tenant-ID: umbra", "a\n", "a\x00", "a\x7f", "a\x85", "a\ud800", "a\u2028"])
@pytest.mark.parametrize("rules", [header("{user}"), pin("{user}")])
def test_a_value_that_could_break_out_of_its_place_is_forbidden(rules, bad):
    with pytest.raises(Forbidden):
        context_for(tenant(user=bad), rules)


@pytest.mark.parametrize("value", ["Zoë", " ann", "ann "])
def test_a_header_value_is_plain_ascii(value):
    with pytest.raises(Forbidden):
        context_for(tenant(user=value), header("{user}"))


def test_a_pin_may_hold_any_printable_text():
    expected = (Pin(location=Location.PATH, name="account_id", value="Zoë"),)
    assert context_for(tenant(user="Zoë"), pin("{user}")).pins == expected


@requirement("invariant:tenant:isolated")
@given(st.text(alphabet="{}abtenant.", min_size=1, max_size=30))
def test_a_value_is_never_read_as_a_template(text):
    expected = Context(headers=(("X-Who", Secret(text)),), owned=frozenset({"x-who"}))
    assert context_for(tenant(user=text), header("{user}", name="X-Who")) == expected


@pytest.mark.parametrize("value", ["{", "}", "{tenant", "tenant}", "{}", "{tenants}", "{attributes.}", "{ tenant }"])
def test_a_template_that_cannot_be_read_is_a_finding_and_never_a_value(value):
    for rules, place in ((header(value), "headers"), (pin(value), "pins")):
        findings = compile_rules(rules, place="apis.main.context")
        assert [(f.code, f.place) for f in findings] == [("context.template", f"apis.main.context.{place}[0]")]
        with pytest.raises(SettingsInvalid) as refused:
            context_for(tenant(), rules)
        assert refused.value.findings == compile_rules(rules)


@pytest.mark.parametrize("value", ["{tenant.__class__}", "{attributes.a.b}", "{attributes[a]}", "{tenant!r}", "{0}"])
def test_a_template_reaches_nothing_but_what_is_listed(value):
    fine = value == "{attributes.a.b}"
    assert (compile_rules(header(value)) == ()) is fine


@pytest.mark.parametrize(
    "name", ["", "X Tenant", "X-Tenant:", "X-Tënant", "Host", "Content_Length", "transfer-encoding"]
)
def test_a_header_that_the_context_may_not_set_is_a_finding(name):
    assert [f.code for f in compile_rules(header("{tenant}", name=name))] == ["context.header"]


def test_one_name_twice_is_a_finding_in_any_spelling():
    rules = ContextRules(
        headers=(HeaderRule(name="X-Tenant-ID", value="{tenant}"), HeaderRule(name="x_tenant.id", value="{user}")),
        pins=(
            PinRule(location=Location.PATH, name="account", value="{tenant}"),
            PinRule(location=Location.QUERY, name="account", value="{tenant}"),
            PinRule(location=Location.PATH, name="account", value="{user}"),
        ),
    )
    findings = compile_rules(rules)
    assert [(f.code, f.place) for f in findings] == [
        ("context.twice", "context.headers[1]"),
        ("context.twice", "context.pins[2]"),
    ]


OWNED = frozenset({"x-tenant-id"})


@requirement("SEC-HDR-02", "invariant:tenant:isolated")
@pytest.mark.parametrize(
    "name",
    [
        "X-Tenant-ID",
        "x-tenant-id",
        "X_Tenant_ID",
        "X-Tenant_ID",
        "X.Tenant.ID",
        "x__tenant--id",
        "X\u2010Tenant\u2011ID",
        "X-Tenant-ID ",
        "\tX-Tenant-ID",
        "HTTP_X_TENANT_ID",
        "X-Tenant-ID\x00",
    ],
)
def test_a_spoofed_header_is_known_in_every_spelling(name):
    assert is_spoof(name, OWNED)


@requirement("SEC-HDR-02")
@given(st.lists(st.sampled_from("-_."), min_size=2, max_size=2), st.lists(st.booleans(), min_size=9, max_size=9))
def test_separators_and_case_do_not_hide_a_header(separators, upper):
    letters = [c.upper() if up else c for c, up in zip("xtenantid", upper, strict=True)]
    name = letters[0] + separators[0] + "".join(letters[1:7]) + separators[1] + "".join(letters[7:])
    assert is_spoof(name, OWNED)


@pytest.mark.parametrize("name", ["X-Tenant", "X-Tenant-IDs", "Tenant-ID", "Accept", "XTenantID", ""])
def test_another_header_is_left_alone(name):
    assert not is_spoof(name, OWNED)


@given(st.text(max_size=40))
def test_a_canonical_name_is_its_own_canonical_name_unless_the_prefix_is_doubled(name):
    once = canonical_name(name)
    assert once == canonical_name(once) or once.startswith("http-")


@requirement("SEC-TEN-08")
def test_who_presents_the_applications_own_credential_never_gets_the_tenant_wide_one() -> None:
    rules = ContextRules(headers=(HeaderRule(name="X-Key", value="{secret}"), HeaderRule(name="X-T", value="{tenant}")))
    own = tenant()
    principal = dataclasses.replace(
        own.principal, credential_kind=CredentialKind.SAAS, presented=("X-Key", Secret("small"))
    )
    context = context_for(dataclasses.replace(own, principal=principal), rules)
    assert (context.headers, context.credential) == ((("X-T", Secret(own.id)),), (("X-Key", Secret("small")),))
