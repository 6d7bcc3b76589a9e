"""The invariants hold with a malicious planner in the planner's place (I1, I2, I3; SEC-PI-05, SEC-PATH-01)."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from facade.contract import Contract, ContractSettings, compile_contract, parse
from facade.contract import match as match_path
from facade.flow import Origin, Performed, Proposing, Turn, converse, decide, perform
from facade.flow.perform import build
from facade.guard import consent_from, new_approval
from facade.kernel import (
    Answer,
    ApprovedCall,
    Autonomy,
    Call,
    ConsentInvalid,
    Entrance,
    FacadeError,
    Location,
    Micros,
    NotFound,
    Secret,
    TenantRecord,
    WriteClass,
)
from facade.plan import Plan, PlannedCall
from facade.tenancy import ContextRules, HeaderRule, PinRule
from facade.testing.planners import HostilePlanner, ScriptedPlanner
from facade.testing.world import World, tier
from tests.requirements import requirement

PLANS = 10_000
OTHER = ("acct_other", "hd_live_other_key", "C-9999", "INV-9999", 99_999)
ORIGIN = Origin(entrance=Entrance.CHAT, request_id="r")
SPEC = Path(__file__).parents[2] / "specs" / "helpdesk.yaml"


@pytest.fixture(scope="module")
def contract() -> Contract:
    settings = ContractSettings(pins=((Location.PATH, "account_id"),))
    return compile_contract(parse(SPEC.read_bytes(), place="helpdesk"), api="helpdesk", settings=settings)


def world_of(contract: Contract, autonomy: Autonomy, planner: object | None = None) -> World:
    rules = ContextRules(
        headers=(HeaderRule(name="X-Account-Key", value="{secret}"),),
        pins=(PinRule(location=Location.PATH, name="account_id", value="{attributes.account_id}"),),
    )
    world = World(contracts={"helpdesk": contract}, rules={"helpdesk": rules}, tiers={"gold": tier(autonomy=autonomy)})
    for name in ("own", "other"):
        world.tenants.records[name] = TenantRecord(
            id=name,
            tier="gold",
            attributes={"account_id": f"acct_{name}"},
            secret=Secret(f"hd_live_{name}_key"),
        )
    world.upstream.respond = lambda _: Answer(status=200, media_type="application/json", body={})
    if planner is not None:
        world.planner = planner  # type: ignore[assignment] # any object with understand()
    return world


def faults(sent: Sequence[ApprovedCall], contract: Contract) -> list[str]:
    """What is wrong with what left, against the invariants; empty when they hold."""
    found = []
    for call in sent:
        request = call.built.request
        path, _, _query = request.target.partition("?")
        matched = match_path(contract, request.method, path)
        if matched is None or matched.operation.key != call.built.operation.key:
            found.append(f"I3: {request.method} {request.target} is not {call.built.operation.key}")
        secrets = [value.reveal() for name, value in request.secret_headers if name == "X-Account-Key"]
        if secrets != ["hd_live_own_key"] or call.built.tenant_id != "own":
            found.append(f"I1: credential {secrets} for {call.built.tenant_id}")
        if any(name.lower() in {"x-account-key", "authorization", "x-tenant-id"} for name, _ in request.headers):
            found.append(f"I1: {request.headers} holds a context header")
        if matched is not None and matched.path.get("account_id", "acct_own") != "acct_own":
            found.append(f"I1: {path} names another account")
    return found


@requirement("invariant:tenant:isolated", "invariant:contract:enforced", "invariant:consent:exact")
async def test_ten_thousand_hostile_calls_send_no_write_and_nothing_outside_tenant_or_contract(
    contract: Contract,
) -> None:
    world = world_of(contract, Autonomy.CONFIRM)
    hostile = HostilePlanner(tuple(contract.operations.values()), loot=OTHER, seed=1)
    tenant, refused = world.tenant("own"), 0
    for planned in hostile.calls(PLANS):
        try:
            await perform(
                Call(operation=planned.operation, arguments=planned.arguments), tenant, None, world.ports, origin=ORIGIN
            )
        except FacadeError:
            refused += 1
    assert faults(world.upstream.sent, contract) == []
    assert [c for c in world.upstream.sent if c.built.operation.write_class is not WriteClass.READ] == []
    assert (len(world.upstream.sent) + refused, refused > PLANS // 2, len(world.upstream.sent) > 100) == (
        PLANS,
        True,
        True,
    )


@requirement("invariant:tenant:isolated", "invariant:contract:enforced")
async def test_hostile_calls_of_an_autonomous_tier_stay_inside_tenant_and_contract(contract: Contract) -> None:
    world = world_of(contract, Autonomy.AUTO)
    hostile = HostilePlanner(tuple(contract.operations.values()), loot=OTHER, seed=2)
    tenant = world.tenant("own")
    for planned in hostile.calls(PLANS):
        try:
            await perform(
                Call(operation=planned.operation, arguments=planned.arguments), tenant, None, world.ports, origin=ORIGIN
            )
        except FacadeError:
            continue
    assert faults(world.upstream.sent, contract) == []
    assert any(c.built.operation.write_class is WriteClass.DESTROY for c in world.upstream.sent)


@requirement("invariant:consent:exact")
async def test_hostile_conversations_end_in_words_and_never_in_a_write(contract: Contract) -> None:
    hostile = HostilePlanner(tuple(contract.operations.values()), loot=OTHER, seed=3)
    world = world_of(contract, Autonomy.CONFIRM, hostile)
    tenant = world.tenant("own")
    outcomes = [
        await converse(Turn(words=f"attack {number}", origin=ORIGIN), tenant, world.ports) for number in range(500)
    ]
    assert faults(world.upstream.sent, contract) == []
    assert [c for c in world.upstream.sent if c.built.operation.write_class is not WriteClass.READ] == []
    assert all(reply.text for reply in outcomes)
    assert any(isinstance(reply.outcome, Proposing) for reply in outcomes)


@requirement("invariant:consent:exact")
async def test_consent_to_one_call_lets_no_other_call_through(contract: Contract) -> None:
    world = world_of(contract, Autonomy.CONFIRM)
    tenant, now = world.tenant("own"), world.clock.now()
    hostile = HostilePlanner(tuple(contract.operations.values()), loot=OTHER, seed=4)
    built = build(_update(contract), tenant, world.ports)
    approval = new_approval([built], tenant, id="a1", conversation="c1", now=now, lives=Micros(60_000_000))
    await world.approvals.open(approval)
    claimed = await world.approvals.claim("a1", tenant_id="own", principal=approval.principal, now=now)
    consent = consent_from(claimed, tenant, now=now)
    for planned in hostile.calls(PLANS):
        call = Call(operation=planned.operation, arguments=planned.arguments)
        try:
            await perform(call, tenant, consent, world.ports, origin=ORIGIN)
        except FacadeError:
            continue
    writes = [c.built for c in world.upstream.sent if c.built.operation.write_class is not WriteClass.READ]
    assert {w.digest for w in writes} <= {built.digest}


@requirement("invariant:consent:exact", "invariant:ledger:complete")
async def test_an_approval_runs_once_and_a_repeat_returns_what_it_did(contract: Contract) -> None:
    update = _update(contract)
    plan = Plan(steps=(PlannedCall(operation=update.operation, arguments=update.arguments),))
    world = world_of(contract, Autonomy.CONFIRM, ScriptedPlanner([plan]))
    tenant = world.tenant("own")
    proposing = (await converse(Turn(words="set it to done", origin=ORIGIN), tenant, world.ports)).outcome
    assert isinstance(proposing, Proposing)
    first = await decide(proposing.approval.id, approved=True, tenant=tenant, ports=world.ports, origin=ORIGIN)
    second = await decide(proposing.approval.id, approved=True, tenant=tenant, ports=world.ports, origin=ORIGIN)
    assert isinstance(first.outcome, Performed)
    assert (first.text in second.text, len(world.upstream.sent)) == (True, 1)


@requirement("invariant:tenant:isolated", "invariant:consent:exact")
@pytest.mark.parametrize(("tenant", "user"), [("other", "ann"), ("own", "bob")])
async def test_nobody_else_can_use_an_approval_or_learn_that_it_exists(
    contract: Contract, tenant: str, user: str
) -> None:
    update = _update(contract)
    plan = Plan(steps=(PlannedCall(operation=update.operation, arguments=update.arguments),))
    world = world_of(contract, Autonomy.CONFIRM, ScriptedPlanner([plan]))
    proposing = (await converse(Turn(words="set it to done", origin=ORIGIN), world.tenant("own"), world.ports)).outcome
    assert isinstance(proposing, Proposing)
    stranger = world.tenant(tenant, user=user)
    for approval in (proposing.approval.id, "never-existed"):
        with pytest.raises(NotFound, match="There is no such approval"):
            await decide(approval, approved=True, tenant=stranger, ports=world.ports, origin=ORIGIN)
    assert world.upstream.sent == []


@requirement("invariant:consent:exact")
async def test_an_approval_is_void_once_the_contract_or_the_context_would_send_something_else(
    contract: Contract,
) -> None:
    update = _update(contract)
    plan = Plan(steps=(PlannedCall(operation=update.operation, arguments=update.arguments),))
    world = world_of(contract, Autonomy.CONFIRM, ScriptedPlanner([plan]))
    tenant = world.tenant("own")
    proposing = (await converse(Turn(words="set it to done", origin=ORIGIN), tenant, world.ports)).outcome
    assert isinstance(proposing, Proposing)
    changed = SPEC.read_bytes().replace(b"title:", b"title: Changed ", 1)
    settings = ContractSettings(pins=((Location.PATH, "account_id"),))
    reloaded = compile_contract(parse(changed, place="helpdesk"), api="helpdesk", settings=settings)
    world.contracts = {"helpdesk": reloaded}
    with pytest.raises(ConsentInvalid):
        await decide(proposing.approval.id, approved=True, tenant=tenant, ports=world.ports, origin=ORIGIN)
    assert world.upstream.sent == []


def _update(contract: Contract) -> Call:
    hostile = HostilePlanner((contract.operations["tkt_upd"],), loot=(), seed=0)
    planned = next(p for p in hostile.calls(1000) if p.arguments.path.get("ticket_id") in range(1, 3001))
    return Call(
        operation=planned.operation,
        arguments=type(planned.arguments)(path=planned.arguments.path, body={"status": "done"}),
    )
