"""The `facade` field, where a whole conversation does not show it."""

import copy

import pytest

from facade.adapters.planner import EmbeddedPlanner
from facade.contract import ContractSettings, compile_contract
from facade.edge.chat.extension import exact_call, extension_of
from facade.flow import Performed, Proposing, converse, look
from facade.kernel import Answer, BuiltCall, Call, Location, OperationKey, OutboundRequest, Rights, Rule, Tier
from facade.plan import PlannedCall, index_of
from facade.testing.planners import ScriptedPlanner
from tests.flow.scenes import ORIGIN, SHOP, deleting, opened, planned, said
from tests.requirements import requirement
from tests.rooms.reply_samples import operation


def shop(description):
    pins = ((Location.PATH, "shop_id"),)
    return compile_contract(description, api="shop", settings=ContractSettings(pins=pins))


def built(body, media_type):
    op = operation("Send", "POST", "/send")
    headers = (("Content-Type", media_type),) if media_type else ()
    return BuiltCall(
        call=Call(operation=op.key),
        operation=op,
        request=OutboundRequest(method="POST", target="/send", headers=headers, body=body),
        tenant_id="acme",
        contract_version="1",
        digest="d",
    )


@pytest.mark.parametrize(
    ("body", "media_type", "told"),
    [
        (None, "", None),
        (b'{"a": [1, null]}', "application/json", {"a": [1, None]}),
        (b"a=1&b=x%20y&a=2&c=", "application/x-www-form-urlencoded", [["a", "1"], ["b", "x y"], ["a", "2"], ["c", ""]]),
        (b"plain \xff", "text/plain", "plain \ufffd"),
    ],
)
@requirement("reply:consent:exact")
def test_the_body_of_a_call_is_told_as_what_it_is(body, media_type, told):
    assert exact_call(built(body, media_type))["body"] == told


async def test_a_call_that_could_not_be_built_has_no_request_and_says_why():
    world = opened()
    unknown = PlannedCall(operation=OperationKey("shop", "none"), arguments=deleting(1).arguments)
    world.planner = ScriptedPlanner([planned(unknown)])
    reply = await converse(said("x"), world.tenant("acme"), world.ports)
    assert isinstance(reply.outcome, Performed)
    call = extension_of(reply, world.ports.catalogue)["calls"][0]
    assert (call["method"], call["target"], call["status"], call["error"]["code"]) == (None, None, None, "not_found")


@requirement("invariant:consent:exact")
async def test_a_proposal_whose_calls_would_now_differ_is_neither_shown_nor_run():
    world = opened()
    world.planner = ScriptedPlanner([planned(deleting(7))])
    tenant = world.tenant("acme")
    first = await converse(said("delete 7"), tenant, world.ports)
    assert isinstance(first.outcome, Proposing)
    changed = copy.deepcopy(dict(SHOP))
    changed["info"]["version"] = "2"
    world.contracts = {"shop": shop(changed)}
    seen = await look(first.outcome.approval.id, tenant=tenant, ports=world.ports, origin=ORIGIN)
    again = await converse(said("yes", conversation=first.conversation), tenant, world.ports)
    assert (seen.builts, seen.expired) == ((), False)
    assert extension_of(again, world.ports.catalogue)["error"]["code"] == "consent_invalid"
    del changed["paths"]["/orders/{order_id}"]
    world.contracts = {"shop": shop(changed)}
    assert (await look(first.outcome.approval.id, tenant=tenant, ports=world.ports, origin=ORIGIN)).builts == ()
    assert world.upstream.sent == []


@requirement("page:trail:exact")
async def test_evidence_tells_what_was_weighed_and_where_values_come_from():
    world = opened()
    world.planner = EmbeddedPlanner(index_of(world.ports.catalogue))
    world.upstream.script = [Answer(status=200, media_type="application/json", body={"items": []})]
    reply = await converse(said("list the open orders"), world.tenant("acme"), world.ports)
    told = extension_of(reply, world.ports.catalogue)
    (step,) = told["plan"]["steps"]
    assert (step["title"], step["arguments"], step["sources"]) == (
        "List orders",
        {"query": {"status": "open"}},
        {"query.status": {"kind": "span", "text": "open"}},
    )
    first = told["evidence"]["considered"][0]
    assert (first["operation"], first["title"], first["unplaced"]) == (
        {"api": "shop", "id": "listOrders"},
        "List orders",
        [],
    )
    assert len(first["signals"]) > 1
    assert 0 < told["evidence"]["confidence"] <= 1


@requirement("page:trail:exact", "plan:rights:narrowed")
async def test_evidence_names_no_operation_that_the_user_may_not_call():
    world = opened(tier=Tier(name="gold", rights=Rights(deny=(Rule(operations=("listOrders",)),))))
    world.planner = EmbeddedPlanner(index_of(world.ports.catalogue))
    reply = await converse(said("list the open orders"), world.tenant("acme"), world.ports)
    assert "listOrders" not in str(extension_of(reply, world.ports.catalogue))
