"""The shop of the flow tests, behind the chat entrance."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from facade.edge.chat import ChatEntrance, ChatRules
from facade.edge.health import Health
from facade.edge.metrics import Metrics
from facade.edge.server import Gate, ServerSettings, application, serving
from facade.kernel import Answer, Tier
from facade.plan import Plan, Question, Refusal, Request, Understanding
from facade.ports import Planner
from facade.testing.planners import ScriptedPlanner
from facade.testing.world import World
from tests.flow.scenes import opened

ANN = "eyJ.acme-ann.sig"
BOB = "eyJ.acme-bob.sig"
EVE = "eyJ.globex-eve.sig"
AS_ANN = {"Authorization": f"Bearer {ANN}"}
AS_BOB = {"Authorization": f"Bearer {BOB}"}
AS_EVE = {"Authorization": f"Bearer {EVE}"}

ORDERS = Answer(status=200, media_type="application/json", body={"items": [{"id": 7, "status": "open"}]})
ORDERS_TEXT = (
    "Orders where status is open: 1\n\n| ID | Status |\n| --- | --- |\n| 7 | open |\n\n"
    "Called `GET /shops/shop-acme/orders?status=open` (200)."
)
PROPOSAL_TEXT = (
    "This changes data and needs your approval. Exactly this would be sent:\n\n"
    "1. **Delete an order** (deletes or cannot be undone)\n   `DELETE /orders/7`\n   - order_id: 7\n\n"
    "Reply **yes** to approve or **no** to decline."
)
DELETED_TEXT = "Deleted order 7.\n\nCalled `DELETE /orders/7` (204)."


def scripted(*decisions: Plan | Question | Refusal, tier: Tier | None = None) -> World:
    """A world with three users, whose planner follows the script."""
    world = opened(tier=tier)
    world.planner = ScriptedPlanner(decisions)
    world.knows(ANN, "acme", user="ann")
    world.knows(BOB, "acme", user="bob")
    world.knows(EVE, "globex", user="eve")
    return world


def app_of(world: World, **rules: Any) -> web.Application:
    """The entrance over a world; its ports are the same for all requests."""
    ports = world.ports
    app = web.Application()
    app.add_routes(ChatEntrance(lambda: ports, ChatRules(**rules)).routes("/agent"))
    return app


@asynccontextmanager
async def served(world: World, **rules: Any) -> AsyncIterator[str]:
    """The entrance, its probes and metrics behind the real server, on a loopback port; yields the base address."""
    ports, gate = world.ports, Gate()
    settings = ServerSettings(port=0, drain_s=0.0)
    app = application(settings, gate, world.ids)
    app.add_routes(ChatEntrance(lambda: ports, ChatRules(**rules)).routes("/agent"))
    app.add_routes(Health(lambda: not gate.draining, lambda: ports).routes("/agent"))
    app.add_routes(Metrics(CollectorRegistry()).routes("/agent"))
    async with serving(app, settings, gate) as server:
        yield f"http://127.0.0.1:{server.port}/agent"


def saying(*messages: str, **more: Any) -> dict[str, Any]:
    """A request whose messages alternate between user and assistant, the user last."""
    roles = ("user", "assistant")
    told = [{"role": roles[i % 2], "content": text} for i, text in enumerate(messages)]
    return {"model": "facade", "messages": told, **more}


@dataclass
class PausedPlanner:
    """Waits until it is let go."""

    inner: Planner
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def understand(self, request: Request) -> Understanding:
        """See `ports.Planner`."""
        self.asked.set()
        await self.go.wait()
        return await self.inner.understand(request)


@dataclass
class WordPlanner:
    """Knows what to do with certain words, and with no others."""

    plans: Mapping[str, Plan]

    async def understand(self, request: Request) -> Understanding:
        """See `ports.Planner`."""
        return Understanding(decision=self.plans.get(request.words, Refusal(reason="")))


@dataclass
class BrokenPlanner:
    """Fails in a way that nobody expected."""

    error: Exception

    async def understand(self, request: Request) -> Understanding:
        """See `ports.Planner`."""
        raise self.error
