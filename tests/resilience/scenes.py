"""A whole facade between its clients and an application that a fault proxy stands before."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from facade.app import Facade, open_facade
from facade.config import load
from facade.edge.server import serving
from facade.flow.enter import enter
from facade.flow.perform import tried
from facade.flow.turns import Done, Origin
from facade.identity import Credential
from facade.kernel import (
    Arguments,
    Call,
    CredentialKind,
    Entrance,
    Json,
    Micros,
    OperationKey,
    Secret,
)
from facade.meter import Intent, LedgerRecord, Settle
from facade.ports import Clock, Journal
from facade.testing.clock import FakeClock
from facade.testing.faults import FaultProxy, fault_proxy
from facade.testing.wire import Received, Wire, wire

SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "getThing", "responses": {"200": {"description": "ok"}}},
            "put": {"operationId": "putThing", "responses": {"200": {"description": "ok"}}},
            "delete": {"operationId": "deleteThing", "responses": {"200": {"description": "ok"}}},
        }
    },
}
KEYS = {"acme": "key-of-acme", "beta": "key-of-beta", "gamma": "key-of-gamma"}
SOON = {"first_byte_s": 0.3, "idle_s": 0.3}
"""Deadlines for applications that hang."""
METHODS = {"GET": "getThing", "PUT": "putThing", "DELETE": "deleteThing"}


@dataclass
class HeardJournal(Journal):
    """The real journal, with what was appended to it kept in order."""

    inner: Journal
    records: list[LedgerRecord] = field(default_factory=list)
    intended: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    def append(self, record: LedgerRecord) -> None:
        self.records.append(record)
        self.inner.append(record)
        if isinstance(record, Settle):
            self.settled.set()
        else:
            self.intended.set()

    def writable(self) -> bool:
        return self.inner.writable()


@dataclass(kw_only=True)
class Stage:
    """Everything that a test may break or look at.

    Attributes:
        apps: one for each address; `proxies` stand before them.
    """

    apps: list[Wire]
    proxies: list[FaultProxy]
    facade: Facade
    journal: HeardJournal
    url: str
    http: aiohttp.ClientSession

    @property
    def proxy(self) -> FaultProxy:
        """The only one."""
        [only] = self.proxies
        return only

    @property
    def received(self) -> list[str]:
        """Request lines that the application saw, without their version; of all addresses."""
        return [request.line.decode().rpartition(" ")[0] for app in self.apps for request in app.received]

    @property
    def outcomes(self) -> list[str]:
        """How each attempt on the wire was settled, in the order of the intents; `open` for one that is not."""
        settled = {r.id: r.outcome for r in self.journal.records if isinstance(r, Settle)}
        return [settled.get(r.id, "open") for r in self.journal.records if isinstance(r, Intent) and r.wire]

    async def call(
        self, method: str = "GET", *, who: str = "acme", thing: str = "7", until: Micros | None = None
    ) -> Done:
        """One operation, as every agent entrance performs it."""
        ports = self.facade.ports
        credential = Credential(kind=CredentialKind.SAAS, header="x-key", value=Secret(KEYS[who]))
        tenant = await enter(credential, ports)
        call = Call(
            operation=OperationKey("main", METHODS[method]),
            arguments=Arguments(path={"id": thing}),
        )
        return await tried(
            call, tenant, None, ports, origin=Origin(entrance=Entrance.CHAT, request_id="r1", until=until)
        )

    async def passage(
        self, method: str = "GET", *, who: str | None = "acme", path: str = "/things/7", data: bytes | None = None
    ) -> "Seen":
        """One exchange of an existing client."""
        headers = {} if who is None else {"X-Key": KEYS[who]}
        try:
            async with self.http.request(method, self.url + path, headers=headers, data=data) as answer:
                seen = Seen(status=answer.status, headers=dict(answer.headers))
                async for chunk in answer.content.iter_any():
                    seen.body += chunk
                seen.whole = True
        except aiohttp.ClientPayloadError:
            return seen
        return seen


@dataclass
class Seen:
    """What an existing client saw; `whole` is False for an answer that broke off."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    whole: bool = False

    @property
    def code(self) -> str:
        """The code of a problem of ours; '' for the application's own answer."""
        ours = self.headers.get("Content-Type") == "application/problem+json"
        return str(json.loads(self.body)["code"]) if ours else ""


async def answering(request: Received, writer: asyncio.StreamWriter) -> None:
    """The application: names the request in its answer."""
    method, target, _ = request.line.decode().split(" ")
    body = json.dumps({"method": method, "target": target}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + (b"" if method == "HEAD" else body))


def fine(method: str = "GET", thing: str = "7") -> Json:
    """What the application answers."""
    return {"method": method, "target": f"/things/{thing}"}


def mapping_for(folder: Path, upstream: Json, **api: Any) -> dict[str, Any]:
    """Settings over an application; calls write without asking and are tried once."""
    (folder / "things.json").write_text(json.dumps(SPEC))
    mapped = [{"credential": key, "tenant": name, "user": "ada"} for name, key in KEYS.items()]
    timeouts = {"connect_s": 1, "first_byte_s": 30, "total_s": 60, "idle_s": 30, **api.pop("timeouts", {})}
    return {
        "version": 1,
        "listen": {"port": 0},
        "apis": {"main": {"spec": "things.json", "upstream": upstream, "attempts": 1, "timeouts": timeouts, **api}},
        "identity": {"saas": {"headers": "X-Key", "mapping": mapped}},
        "tiers": {"gold": {"autonomy": "auto"}},
        "tenants": {name: {"tier": "gold"} for name in KEYS},
        "ledger": {"database": "memory:", "journal": "journal"},
        "log": {"level": "error"},
    }


@asynccontextmanager
async def staged(
    folder: Path, *, addresses: int = 1, clock: Clock | None = None, limits: Json = None, **api: Any
) -> AsyncIterator[Stage]:
    """The stage; `api` is merged into the application's settings."""
    async with AsyncExitStack() as stack:
        apps = [await stack.enter_async_context(wire(answering)) for _ in range(addresses)]
        proxies = [await stack.enter_async_context(fault_proxy(app.port)) for app in apps]
        origins: list[Json] = [f"http://127.0.0.1:{proxy.port}" for proxy in proxies]
        mapping = mapping_for(folder, origins, **api) | {"limits": limits or {}}
        settings = load(mapping, environ={}, base_dir=folder)
        facade = await stack.enter_async_context(open_facade(settings, clock=clock))
        journal = HeardJournal(facade.ports.journal)
        facade.present.replace(replace(facade.ports, journal=journal))
        server = await stack.enter_async_context(serving(facade.http, facade.server, facade.gate))
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
        )
        url = f"http://127.0.0.1:{server.port}"
        yield Stage(apps=apps, proxies=proxies, facade=facade, journal=journal, url=url, http=http)


def seconds(clock: FakeClock, count: float) -> None:
    """Let time pass."""
    clock.advance(Micros(round(count * 1_000_000)))
