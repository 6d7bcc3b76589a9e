"""Who comes in, and what is remembered of it."""

from dataclasses import replace

import pytest

from facade.flow.enter import Visitors
from facade.identity import Credential
from facade.kernel import CredentialKind, FacadeError, Forbidden, Secret, TenantRecord, TenantState, Unauthenticated
from facade.tenancy import ContextRules, HeaderRule, Policy
from facade.testing.world import World, claims, tier
from tests.requirements import requirement

RULES = ContextRules(headers=(HeaderRule(name="X-Tenant", value="{tenant}/{tier}/{user}"),))


def world() -> World:
    made = World(contracts={}, rules={"main": RULES}, policy=Policy(tiers={"gold": tier(), "free": tier("free")}))
    made.tenants.records.update(acme=TenantRecord(id="acme", tier="gold"), bolt=TenantRecord(id="bolt", tier="gold"))
    made.knows("a", "acme")
    made.knows("b", "bolt")
    return made


def bearer(token: str) -> Credential:
    return Credential(kind=CredentialKind.JWT, header="authorization", value=Secret(token))


async def told(visitors: Visitors, made: World, token: str) -> str | type[FacadeError]:
    """What the application is told, or why nobody came in."""
    try:
        entered = await visitors.enter(bearer(token), made.ports)
    except FacadeError as error:
        return type(error)
    return entered.context.headers[0][1].reveal()


async def test_a_visit_like_the_last_is_not_worked_out_again() -> None:
    made, visitors = world(), Visitors("main")
    first = await visitors.enter(bearer("a"), made.ports)
    assert await visitors.enter(bearer("a"), made.ports) is first


@requirement("invariant:tenant:isolated")
@pytest.mark.parametrize("remembered", [0, 1, 2])
async def test_visitors_are_never_taken_for_one_another(remembered: int) -> None:
    made, visitors = world(), Visitors("main", remembered=remembered)
    said = [await told(visitors, made, token) for token in "abab"]
    assert said == ["acme/gold/ann", "bolt/gold/ann"] * 2


@requirement("invariant:tenant:isolated")
async def test_what_changes_between_two_visits_counts_at_once() -> None:
    made, visitors = world(), Visitors("main")
    said = [await told(visitors, made, "a")]
    made.tenants.records["acme"] = TenantRecord(id="acme", tier="free")
    said.append(await told(visitors, made, "a"))
    made.policy = Policy(tiers={"free": replace(tier(), name="renamed")})
    said.append(await told(visitors, made, "a"))
    made.rules = {"main": replace(RULES, headers=(HeaderRule(name="X-Tenant", value="{tenant}"),))}
    said.append(await told(visitors, made, "a"))
    made.tenants.records["bolt"] = TenantRecord(id="bolt", tier="free")
    made.tokens.known["a"] = claims("bolt", user="eve")
    said.append(await told(visitors, made, "a"))
    made.tenants.records["bolt"] = TenantRecord(id="bolt", tier="free", state=TenantState.SUSPENDED)
    said.append(await told(visitors, made, "a"))
    del made.tokens.known["a"]
    said.append(await told(visitors, made, "a"))
    assert said == ["acme/gold/ann", "acme/free/ann", "acme/renamed/ann", "acme", "bolt", Forbidden, Unauthenticated]


@requirement("invariant:tenant:isolated")
async def test_another_tenant_wanted_is_another_visit() -> None:
    made, visitors = world(), Visitors("main")
    made.tokens.known["both"] = replace(claims("acme"), values={"sub": "ann", "tenant": ["acme", "bolt"]})
    chosen = [(await visitors.enter(bearer("both"), made.ports, wanted=name)).tenant.id for name in ("acme", "bolt")]
    assert chosen == ["acme", "bolt"]
    assert await told(visitors, made, "both") is Forbidden
