from dataclasses import replace

import pytest

from facade import guard
from facade.flow.perform import build
from facade.guard import Approval, ApprovalState, Consent, allowed, approve, consent_from, new_approval
from facade.kernel import (
    Autonomy,
    BuiltCall,
    Call,
    ConsentInvalid,
    Entrance,
    Forbidden,
    Micros,
    Rights,
    Rule,
    Tenant,
    Ticket,
    Tier,
)
from tests.flow.scenes import deleting, key, opened, shop
from tests.requirements import requirement

NOW = Micros(1_000_000)


def tenant(name: str = "acme", *, user: str = "ann", tier: Tier | None = None) -> Tenant:
    return opened(tier=tier).tenant(name, user=user)


def built(order: int = 7, *, owner: str = "acme") -> BuiltCall:
    world, step = opened(), deleting(order)
    return build(Call(operation=step.operation, arguments=step.arguments), world.tenant(owner), world.ports)


def ticket(of: Tenant) -> Ticket:
    return Ticket(
        id="t",
        tenant=of,
        entrance=Entrance.CHAT,
        api="shop",
        what="x",
        method="DELETE",
        units={},
        request_id="r",
        at=NOW,
    )


def approval(*calls: BuiltCall, of: Tenant | None = None) -> Approval:
    return new_approval(calls or [built()], of or tenant(), id="a", conversation="c", now=NOW, lives=Micros(60))


def consent(given: Approval | None = None) -> Consent:
    claimed = replace(given or approval(), state=ApprovalState.CLAIMED)
    return consent_from(claimed, tenant(), now=NOW)


@requirement("invariant:consent:exact")
def test_a_claimed_approval_lets_its_own_calls_through_and_names_itself() -> None:
    call = built()
    assert approve(call, ticket(tenant()), consent(), now=NOW).approval == "a"


@requirement("invariant:consent:exact")
@pytest.mark.parametrize("state", [s for s in ApprovalState if s is not ApprovalState.CLAIMED])
def test_only_a_freshly_claimed_approval_becomes_consent(state: ApprovalState) -> None:
    with pytest.raises(ConsentInvalid):
        consent_from(replace(approval(), state=state), tenant(), now=NOW)


@requirement("invariant:consent:exact", "invariant:tenant:isolated")
@pytest.mark.parametrize("who", [tenant("globex"), tenant(user="bob")])
def test_an_approval_is_nobody_elses(who: Tenant) -> None:
    with pytest.raises(ConsentInvalid):
        consent_from(replace(approval(), state=ApprovalState.CLAIMED), who, now=NOW)


@requirement("invariant:consent:exact")
def test_consent_ends_with_its_approval() -> None:
    claimed = replace(approval(), state=ApprovalState.CLAIMED)
    late = Micros(NOW + 60)
    with pytest.raises(ConsentInvalid):
        consent_from(claimed, tenant(), now=late)
    with pytest.raises(ConsentInvalid):
        approve(built(), ticket(tenant()), consent(), now=late)


@requirement("invariant:consent:exact")
def test_another_call_or_no_consent_is_refused() -> None:
    for given in (consent(), None):
        with pytest.raises(ConsentInvalid):
            approve(built(8), ticket(tenant()), given, now=NOW)


@requirement("invariant:consent:exact", "invariant:tenant:isolated")
def test_a_consent_of_another_principal_covers_nothing() -> None:
    with pytest.raises(ConsentInvalid):
        approve(built(), ticket(tenant(user="bob")), consent(), now=NOW)


@requirement("invariant:tenant:isolated")
def test_a_call_built_for_another_tenant_is_refused() -> None:
    with pytest.raises(Forbidden):
        approve(built(owner="globex"), ticket(tenant()), consent(), now=NOW)


def test_an_autonomous_tier_needs_no_consent_and_a_read_only_one_may_not_write() -> None:
    free = tenant(tier=Tier(name="gold", autonomy=Autonomy.AUTO))
    assert approve(built(), ticket(free), None, now=NOW).approval is None
    with pytest.raises(Forbidden):
        approve(built(), ticket(tenant(tier=Tier(name="gold", autonomy=Autonomy.READ_ONLY))), consent(), now=NOW)


def test_a_proposal_holds_at_most_what_the_tier_allows_and_nothing_twice() -> None:
    small = tenant(tier=Tier(name="gold", max_writes=1))
    with pytest.raises(ConsentInvalid):
        approval(built(7), built(8), of=small)
    with pytest.raises(ConsentInvalid):
        approval(built(7), built(7))


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        (Rights(), True),
        (Rights(allow=(Rule(operations=("delete*",)),)), True),
        (Rights(allow=(Rule(operations=("list*",)),)), False),
        (Rights(allow=(Rule(methods=("DELETE",), tags=("orders",)),)), True),
        (Rights(allow=(Rule(methods=("DELETE",), tags=("billing",)),)), False),
        (Rights(deny=(Rule(paths=("/orders/*",)),)), False),
        (Rights(allow=(Rule(apis=("other",)),)), False),
        (Rights(allow=(Rule(),), deny=(Rule(methods=("GET",)),)), True),
    ],
)
def test_rights_allow_what_some_allow_rule_names_and_no_deny_rule_does(rights: Rights, expected: bool) -> None:
    card = shop().operations["deleteOrder"]
    assert card.key == key("deleteOrder")
    assert allowed(card, tenant(tier=Tier(name="gold", rights=rights))) is expected


def test_who_an_approval_binds_is_who_issued_the_identity_and_whose_it_is() -> None:
    assert guard.principal_key(tenant().principal) == ("https://issuer.test", "ann")
