"""A facade in front of a recorded application: the real server, proxy and relay, over a fake world."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from aiohttp import web

from facade.adapters.upstream import UpstreamSettings, open_relay
from facade.contract import Contract, ContractSettings, compile_contract, parse
from facade.edge.incoming import ProxiedApi
from facade.edge.informing import expected
from facade.edge.proxy import Proxy, ProxyRules
from facade.edge.server import STREAMED, Gate, ServerSettings, Serving, application, serving
from facade.kernel import Location, Secret, TenantRecord, Tier
from facade.meter import Intent, LedgerRecord, Settle
from facade.tenancy import ContextRules, HeaderRule, PinRule
from facade.testing.journal import FakeJournal
from facade.testing.wire import OK, Script, Wire, always, wire
from facade.testing.world import ISSUER, World

SPEC = {
    "openapi": "3.0.3",
    "info": {"title": "App", "version": "1"},
    "paths": {
        "/accounts/{account_id}/things": {
            "get": {
                "operationId": "listThings",
                "tags": ["things"],
                "parameters": [
                    {"name": "account_id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "n", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {"application/json": {"schema": {"type": "object", "required": ["rows"]}}},
                    }
                },
            },
            "post": {
                "operationId": "addThing",
                "tags": ["things"],
                "parameters": [{"name": "account_id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"201": {"description": "made"}},
            },
        }
    },
}
CONTEXT = ContextRules(headers=(HeaderRule(name="X-Tenant-ID", value="{tenant}"),))
PINS = (
    PinRule(location=Location.PATH, name="account_id", value="{attributes.account_id}"),
    PinRule(location=Location.QUERY, name="account_id", value="{attributes.account_id}"),
    PinRule(location=Location.BODY, name="account_id", value="{attributes.account_id}"),
)


class HeardJournal(FakeJournal):
    """A journal whose appends can be awaited."""

    def __init__(self) -> None:
        super().__init__()
        self.intended = asyncio.Event()
        self.settled = asyncio.Event()

    def append(self, record: LedgerRecord) -> None:
        super().append(record)
        if isinstance(record, Intent):
            self.intended.set()
        if isinstance(record, Settle):
            self.settled.set()


def contract() -> Contract:
    return compile_contract(parse(json.dumps(SPEC).encode(), place="spec"), api="main", settings=ContractSettings())


def token(name: str) -> str:
    """Shaped like a JWT of the issuer that the fake world believes."""
    return jwt({"iss": ISSUER.issuer, "sub": name})


def jwt(claims: Mapping[str, object]) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJFZERTQSJ9.{part}.c2ln"


def world(*, context: ContextRules = CONTEXT, tier: Tier | None = None) -> World:
    made = World(
        contracts={"main": contract()},
        rules={"main": context},
        tiers={"gold": tier or Tier(name="gold")},
        journal=HeardJournal(),
    )
    for name in ("acme", "beta"):
        made.tenants.records[name] = TenantRecord(
            id=name, tier="gold", attributes={"account_id": f"{name}-1"}, secret=Secret(f"key-of-{name}")
        )
        made.knows(token(name), name)
    return made


@dataclass
class Rig:
    """Everything of one run."""

    app: Wire
    server: Serving
    world: World

    @property
    def heard(self) -> HeardJournal:
        """The journal, for tests that wait for it."""
        assert isinstance(self.world.journal, HeardJournal)
        return self.world.journal

    async def raw(self, request: bytes) -> bytes:
        """Send bytes on a new connection; everything that comes back until it is closed."""
        async with self.connected() as (reader, writer):
            writer.write(request)
            return await reader.read()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A new connection to the facade; leaving breaks it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()


def request(
    target: str = "/",
    *headers: str,
    method: str = "GET",
    body: bytes = b"",
    version: str = "HTTP/1.1",
    host: str = "facade.test",
) -> bytes:
    """A whole request that asks for the connection to be closed."""
    lines = [f"{method} {target} {version}", f"Host: {host}", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def bearer(name: str) -> str:
    return f"Authorization: Bearer {token(name)}"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def problem(answer: bytes) -> tuple[int, str, str]:
    """Status, code and place."""
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    return body["status"], body["code"], body.get("place", "")


@asynccontextmanager
async def rig(
    script: Script | None = None,
    *,
    made: World | None = None,
    rules: ProxyRules | None = None,
    api: Mapping[str, object] | None = None,
    settings: ServerSettings | None = None,
    upstream: Mapping[str, object] | None = None,
) -> AsyncIterator[Rig]:
    """The facade on a free port, with the recorded application behind it."""
    shared = made or world()
    gate = Gate()
    bounds = replace(settings or ServerSettings(), port=0)
    async with wire(script or always(OK)) as app:
        reached = UpstreamSettings(**{"base": f"http://localhost:{app.port}", **(upstream or {})})
        async with open_relay(reached) as relay:
            proxied = ProxiedApi(**{"name": "main", "relay": relay, **(api or {})})
            ours = replace(rules or ProxyRules(), issuers=frozenset({ISSUER.issuer}))
            ports = shared.ports
            proxy = Proxy((proxied,), ours, lambda: ports)
            site = application(bounds, gate, shared.ids)
            site.router.add_get("/agent/healthz", _healthy)
            site.router.add_post("/agent/echo", _echo)
            site.router.add_get("/agent/bug", _bug)
            site.router.add_route("*", "/{tail:(?s:.*)}", proxy.handle, name=STREAMED, expect_handler=expected)
            async with serving(site, bounds, gate) as server:
                yield Rig(app=app, server=server, world=shared)


async def _healthy(request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def _bug(request: web.Request) -> web.Response:
    raise KeyError("what a client sent")
