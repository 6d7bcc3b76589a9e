"""A small shop behind the facade, for the tests of flow."""

from collections.abc import Mapping
from typing import Any

from facade.contract import Contract, ContractSettings, compile_contract
from facade.flow import Origin, Turn
from facade.kernel import Arguments, Autonomy, Entrance, Location, OperationKey, Secret, TenantRecord, Tier
from facade.plan import Plan, PlannedCall
from facade.tenancy import ContextRules, HeaderRule, PinRule
from facade.testing.world import World

ORIGIN = Origin(entrance=Entrance.CHAT, request_id="request-1")

SHOP: Mapping[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/shops/{shop_id}/orders": {
            "get": {
                "operationId": "listOrders",
                "summary": "List orders",
                "tags": ["orders"],
                "parameters": [
                    {"name": "shop_id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "status", "in": "query", "schema": {"type": "string", "enum": ["open", "sent"]}},
                ],
                "responses": {
                    "200": {
                        "description": "Orders",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["items"],
                                    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
                                }
                            }
                        },
                    }
                },
            }
        },
        "/orders/{order_id}": {
            "delete": {
                "operationId": "deleteOrder",
                "summary": "Delete an order",
                "tags": ["orders"],
                "parameters": [{"name": "order_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"204": {"description": "Gone"}},
            }
        },
    },
}


def shop() -> Contract:
    """The shop's contract, its shop id pinned."""
    return compile_contract(SHOP, api="shop", settings=ContractSettings(pins=((Location.PATH, "shop_id"),)))


def opened(*, tier: Tier | None = None, contract: Contract | None = None) -> World:
    """A world with the shop and two tenants."""
    rules = ContextRules(
        headers=(HeaderRule(name="X-Shop-Key", value="{secret}"),),
        pins=(PinRule(location=Location.PATH, name="shop_id", value="{attributes.shop}"),),
    )
    gold = tier or Tier(name="gold", autonomy=Autonomy.CONFIRM)
    world = World(contracts={"shop": contract or shop()}, rules={"shop": rules}, tiers={"gold": gold})
    for name in ("acme", "globex"):
        world.tenants.records[name] = TenantRecord(
            id=name, tier="gold", attributes={"shop": f"shop-{name}"}, secret=Secret(f"key-{name}")
        )
    return world


def key(operation: str) -> OperationKey:
    """An operation of the shop."""
    return OperationKey("shop", operation)


def listing(**query: str) -> PlannedCall:
    """List orders."""
    return PlannedCall(operation=key("listOrders"), arguments=Arguments(query=query))


def deleting(order: int) -> PlannedCall:
    """Delete one order."""
    return PlannedCall(operation=key("deleteOrder"), arguments=Arguments(path={"order_id": order}))


def planned(*steps: PlannedCall) -> Plan:
    """A plan of these calls."""
    return Plan(steps=steps)


def said(words: str, **more: Any) -> Turn:
    """A user message."""
    return Turn(words=words, origin=ORIGIN, **more)
