"""Principal -> Tenant."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.kernel import CredentialKind, Forbidden, Principal, Rights, Rule, Tenant, TenantRecord, TenantState, Tier
from facade.tenancy import Policy, chosen, tenant_of
from tests.requirements import requirement

FREE = Tier(name="free")
GOLD = Tier(name="gold", rights=Rights(deny=(Rule(methods=("DELETE",)),)))
TIERS = {"free": FREE, "gold": GOLD}


def principal(*tenants, roles=(), tier_claim=None):
    return Principal(
        issuer="https://id.example",
        subject="u-1",
        user="ann",
        roles=frozenset(roles),
        tenants=tenants,
        tier_claim=tier_claim,
        credential_kind=CredentialKind.JWT,
        credential_id="c" * 64,
        expires_at=None,
    )


def test_the_only_tenant_is_chosen_without_asking():
    assert chosen(principal("acme"), None) == "acme"


def test_a_request_chooses_among_the_tenants_of_its_credential():
    assert chosen(principal("acme", "umbra"), "umbra") == "umbra"


@pytest.mark.parametrize(
    ("tenants", "wanted"),
    [(("acme",), "umbra"), (("acme",), ""), (("acme",), "ACME"), (("acme",), "acme "), (("a", "b"), None), ((), None)],
)
def test_anything_but_one_granted_tenant_is_forbidden(tenants, wanted):
    with pytest.raises(Forbidden):
        chosen(principal(*tenants), wanted)


@requirement("invariant:tenant:isolated")
@given(granted=st.sets(st.sampled_from("abcdefg"), min_size=1), wanted=st.none() | st.text(max_size=3))
def test_no_wish_leads_to_a_tenant_that_was_not_granted(granted, wanted):
    try:
        tenant = chosen(principal(*sorted(granted)), wanted)
    except Forbidden:
        assert wanted not in granted
    else:
        assert tenant in granted
        assert wanted in {None, tenant}


@requirement("invariant:tenant:isolated")
def test_a_refusal_reads_the_same_for_a_tenant_that_exists_and_one_that_does_not():
    with pytest.raises(Forbidden) as other:
        chosen(principal("acme"), "umbra")
    with pytest.raises(Forbidden) as nobody:
        chosen(principal("acme"), "no-such-tenant")
    with pytest.raises(Forbidden) as undecided:
        chosen(principal("acme", "umbra"), None)
    assert other.value.detail == nobody.value.detail
    assert not any(name in undecided.value.detail for name in ("acme", "umbra"))


def test_the_record_decides_the_tier_whatever_the_token_claims():
    who = principal("acme", tier_claim="free")
    record = TenantRecord(id="acme", tier="gold")
    assert tenant_of(who, "acme", record, Policy(tiers=TIERS)) == Tenant(
        id="acme", principal=who, record=record, tier=GOLD, rights=(GOLD.rights,)
    )


@pytest.mark.parametrize(("claim", "tier"), [(None, FREE), ("gold", GOLD)])
def test_an_unknown_tenant_is_provisioned_where_the_settings_say_so(claim, tier):
    who = principal("acme", tier_claim=claim)
    assert tenant_of(who, "acme", None, Policy(tiers=TIERS, provision="free")) == Tenant(
        id="acme",
        principal=who,
        record=TenantRecord(id="acme", tier=tier.name),
        tier=tier,
        rights=(tier.rights,),
    )


@requirement("invariant:tenant:isolated")
@pytest.mark.parametrize(
    ("who", "tenant_id", "record", "policy"),
    [
        (principal("acme"), "umbra", TenantRecord(id="umbra", tier="gold"), Policy(tiers=TIERS)),
        (principal("acme"), "acme", TenantRecord(id="umbra", tier="gold"), Policy(tiers=TIERS)),
        (principal("acme"), "acme", None, Policy(tiers=TIERS)),
        (principal("acme", tier_claim="gold"), "acme", None, Policy(tiers=TIERS)),
        (principal("acme", tier_claim="root"), "acme", None, Policy(tiers=TIERS, provision="free")),
        (principal("acme"), "acme", TenantRecord(id="acme", tier="lost"), Policy(tiers=TIERS)),
        (
            principal("acme"),
            "acme",
            TenantRecord(id="acme", tier="gold", state=TenantState.SUSPENDED),
            Policy(tiers=TIERS, provision="free"),
        ),
    ],
)
def test_a_tenant_in_doubt_is_forbidden(who, tenant_id, record, policy):
    with pytest.raises(Forbidden):
        tenant_of(who, tenant_id, record, policy)


AGENT = Rights(allow=(Rule(tags=("tickets",)),), deny=(Rule(methods=("DELETE",)),))
BILLING = Rights(allow=(Rule(tags=("invoices",)),))
ROLES = {"agent": AGENT, "billing": BILLING, "admin": Rights(deny=(Rule(operations=("purge",)),))}


@pytest.mark.parametrize(
    ("roles", "required", "rights"),
    [
        ((), False, ()),
        (("stranger",), False, ()),
        (("agent",), True, (AGENT,)),
        (("agent", "stranger"), True, (AGENT,)),
        (("billing", "agent"), True, (Rights(allow=AGENT.allow + BILLING.allow, deny=AGENT.deny),)),
        (("admin", "agent"), False, (Rights(deny=ROLES["admin"].deny + AGENT.deny),)),
    ],
)
def test_roles_add_up_and_narrow_the_tier(roles, required, rights):
    who = principal("acme", roles=roles)
    record = TenantRecord(id="acme", tier="gold")
    tenant = tenant_of(who, "acme", record, Policy(tiers=TIERS, roles=ROLES, roles_required=required))
    assert tenant == Tenant(id="acme", principal=who, record=record, tier=GOLD, rights=(GOLD.rights, *rights))


@pytest.mark.parametrize(("roles", "known"), [((), ROLES), (("stranger",), ROLES), (("agent",), {})])
def test_where_roles_are_required_nobody_without_a_known_one_comes_in(roles, known):
    policy = Policy(tiers=TIERS, roles=known, roles_required=True)
    with pytest.raises(Forbidden):
        tenant_of(principal("acme", roles=roles), "acme", TenantRecord(id="acme", tier="gold"), policy)


@requirement("invariant:proxy:unchanged")
def test_the_applications_own_credential_needs_no_role_of_ours():
    policy = Policy(tiers=TIERS, roles=ROLES, roles_required=True)
    who = dataclasses.replace(principal("acme", roles=()), credential_kind=CredentialKind.SAAS)
    tenant = tenant_of(who, "acme", TenantRecord(id="acme", tier="gold"), policy)
    assert tenant.rights == (GOLD.rights,)
