"""A contract that changes between a proposal and its yes (SEC-SPEC-06)."""

from copy import deepcopy
from typing import Any

import pytest

from facade.contract import ContractSettings, Override, compile_contract
from facade.flow import Performed, Proposing, converse, decide
from facade.guard import ApprovalState
from facade.kernel import Answer, ConsentInvalid, FacadeError, JsonObject, Location
from facade.testing.planners import ScriptedPlanner
from facade.testing.world import World
from tests.flow.scenes import ORIGIN, SHOP, deleting, opened, planned, said
from tests.requirements import requirement


def reworded(shop: Any) -> None:
    shop["paths"]["/orders/{order_id}"]["delete"]["summary"] = "Delete an order and everything like it"


def narrowed(shop: Any) -> None:
    shop["paths"]["/orders/{order_id}"]["delete"]["parameters"][0]["schema"]["maximum"] = 3


def moved(shop: Any) -> None:
    shop["paths"]["/archive/{order_id}"] = shop["paths"].pop("/orders/{order_id}")


def dropped(shop: Any) -> None:
    del shop["paths"]["/orders/{order_id}"]


def unchanged(shop: Any) -> None:
    """The description is written again, word for word."""


def compiled(change: Any, **override: Any) -> Any:
    document: JsonObject = deepcopy(dict(SHOP))
    change(document)
    overrides = {"deleteOrder": Override(**override)} if override else {}
    settings = ContractSettings(pins=((Location.PATH, "shop_id"),), overrides=overrides)
    return compile_contract(document, api="shop", settings=settings)


async def proposed() -> tuple[World, str]:
    world = opened()
    world.planner = ScriptedPlanner((planned(deleting(7)),))
    world.upstream.respond = lambda _: Answer(status=204)
    reply = await converse(said("delete order 7"), world.tenant("acme"), world.ports)
    assert isinstance(reply.outcome, Proposing)
    return world, reply.outcome.approval.id


@requirement("reload:consent")
@pytest.mark.parametrize("change", [reworded, narrowed, moved, dropped])
async def test_a_yes_to_what_has_changed_meanwhile_is_refused_and_nothing_is_sent(change: Any) -> None:
    world, approval = await proposed()
    world.contracts = {"shop": compiled(change)}
    with pytest.raises(FacadeError) as caught:
        await decide(approval, approved=True, tenant=world.tenant("acme"), ports=world.ports, origin=ORIGIN)
    assert isinstance(caught.value, ConsentInvalid)
    assert "ask again" in caught.value.detail
    assert world.upstream.sent == []
    kept = await world.approvals.find(approval, tenant_id="acme")
    assert kept is not None
    assert kept.state is ApprovalState.OPEN


@requirement("reload:consent")
async def test_a_yes_after_a_reload_that_changed_nothing_holds() -> None:
    world, approval = await proposed()
    world.contracts = {"shop": compiled(unchanged)}
    reply = await decide(approval, approved=True, tenant=world.tenant("acme"), ports=world.ports, origin=ORIGIN)
    assert isinstance(reply.outcome, Performed)
    assert [c.built.request.target for c in world.upstream.sent] == ["/orders/7"]
