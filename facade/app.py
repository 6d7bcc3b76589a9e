"""The composition root: settings in, a running facade out. The only module that names concrete adapters.

Everything that is open stands on one exit stack and closes in reverse: the server first, so that requests in work
still find their ports, then planning and sessions, then the journal with its last records, then the store.

Choices: a contract is compiled and indexed in a worker thread before the server listens; a reload will do the same and
then replace `Ports` as a whole, which is why entrances ask for the present ones with every request.
"""

import asyncio
import gc
import hashlib
import json
import logging
import random
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Final

import structlog
import uvloop
from aiohttp import web
from prometheus_client import CollectorRegistry

from facade.adapters.clock import SystemClock
from facade.adapters.descriptions import description_at
from facade.adapters.ids import UuidV7
from facade.adapters.planner import EmbeddedPlanner
from facade.adapters.probe import OperatorProbe, StandardToJson, json_log, route_structlog
from facade.adapters.records import DeclaredTenants
from facade.adapters.stores import open_stores
from facade.adapters.stores.journal import JournalSettings, open_journal
from facade.adapters.stores.memory import MemoryLimiter
from facade.adapters.tokens import (
    Introspection,
    Issuer,
    JwksKeys,
    MappedCredentials,
    OutgoingFetch,
    Question,
    Recogniser,
    SaasRules,
    SessionFetch,
    Verifier,
    open_key_session,
    verifying_keys,
)
from facade.adapters.upstream import BudgetedRetries, CallUpstream, Outgoing, StreamRelay, open_session
from facade.adapters.upstream.several import SeveralRetries, SeveralUpstreams
from facade.admission import period_start
from facade.config import (
    ApiSettings,
    MappedCredential,
    Settings,
    approval_lives_of,
    context_rules_of,
    contract_settings_of,
    dev_key,
    dev_rules_of,
    issuer_keys,
    issuer_rules_of,
    policy_of,
    tenants_of,
    upstream_settings_of,
)
from facade.contract import Catalogue, Contract, ContractSettings, compile_contract, parse
from facade.edge.chat import ChatEntrance, ChatRules
from facade.edge.credentials import CredentialRules
from facade.edge.headers import ForwardRules
from facade.edge.health import Health
from facade.edge.hygiene import HeadLimits
from facade.edge.metrics import Metrics
from facade.edge.observing import Watch, watching
from facade.edge.proxy import ProxiedApi, Proxy, ProxyRules
from facade.edge.server import STREAMED, Gate, ServerSettings, application, serving
from facade.kernel import JsonObject, Period
from facade.ports import Clock, Ports

__all__ = ["Facade", "open_facade", "serve"]

_LAME_DUCK_S: Final = 1.5
"""How long a load balancer may take to see that we are not ready any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """A facade that is open but does not listen yet: its ports, and the HTTP application over them."""

    settings: Settings
    ports: Ports
    http: web.Application
    gate: Gate
    server: ServerSettings
    log: structlog.typing.FilteringBoundLogger


def serve(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C. Says where it listens in one JSON line on standard output.

    Raises:
        SettingsInvalid, DescriptionInvalid, LedgerUnavailable: nothing was started.
    """
    uvloop.run(_served(settings))


async def _served(settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with open_facade(settings) as facade, serving(facade.http, facade.server, facade.gate) as server:
        url = f"http://{_host(facade.server.host)}:{server.port}"
        print(json.dumps({"url": url, "prefix": settings.prefix}), flush=True)  # noqa: T201 - the ready line
        _settle_memory()
        facade.log.info("serving", url=url, operations=sum(1 for _ in facade.ports.catalogue))
        await stopping.wait()
        facade.log.info("draining")
        await server.drain()


def _settle_memory() -> None:
    """What is there now stays for the process's life: the collector need not walk through it again and again. It is
    not asked to look once more before, which costs a big start a tenth and finds next to nothing."""
    gc.freeze()


def _host(host: str) -> str:
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


@asynccontextmanager
async def open_facade(settings: Settings) -> AsyncGenerator[Facade]:
    """Open everything that a facade stands on.

    Raises:
        SettingsInvalid, DescriptionInvalid, LedgerUnavailable: what was open is closed again.
    """
    log = json_log(sys.stderr, settings.log.level)
    _route_logging(log, settings.log.level)
    registry = CollectorRegistry()
    async with AsyncExitStack() as stack:
        opened = _Opened(settings=settings, stack=stack, clock=SystemClock(), log=log, registry=registry)
        ports = await _ports(opened)
        gate, server = Gate(), _server_settings(settings)
        http = application(server, gate, ports.ids)
        await _routes(http, gate, ports, opened)
        yield Facade(settings=settings, ports=ports, http=http, gate=gate, server=server, log=log)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """What the makers below share while the facade opens."""

    settings: Settings
    stack: AsyncExitStack
    clock: Clock
    log: structlog.typing.FilteringBoundLogger
    registry: CollectorRegistry
    outgoing: dict[str, Outgoing] = field(default_factory=dict)


async def _ports(opened: _Opened) -> Ports:
    settings, stack, clock = opened.settings, opened.stack, opened.clock
    catalogue = Catalogue(contracts=await _contracts(settings, opened.log))
    planner = await asyncio.to_thread(EmbeddedPlanner, catalogue)
    stores = await stack.enter_async_context(open_stores(settings.ledger.database))
    journal_settings = JournalSettings(folder=settings.ledger.journal)
    journal = await stack.enter_async_context(open_journal(journal_settings, stores.ledger.deliver))
    limiter = MemoryLimiter()
    now = clock.now()
    for period in Period:
        limiter.preload(await stores.ledger.charged(since=period_start(now, period)), period=period, now=now)
    reached = upstream_settings_of(settings)
    for name, upstream in reached.items():
        opened.outgoing[name] = await stack.enter_async_context(open_session(upstream))
    return Ports(
        clock=clock,
        ids=UuidV7(clock),
        tokens=await stack.enter_async_context(await _verifier(opened)),
        tenants=DeclaredTenants(tenants_of(settings)),
        limiter=limiter,
        journal=journal,
        approvals=stores.approvals,
        conversations=stores.conversations,
        upstream=SeveralUpstreams({n: CallUpstream(o, reached[n]) for n, o in opened.outgoing.items()}),
        retries=SeveralRetries({n: BudgetedRetries(s, clock) for n, s in reached.items()}),
        planner=planner,
        probe=OperatorProbe(opened.log, opened.registry),
        catalogue=catalogue,
        policy=policy_of(settings),
        context_rules=context_rules_of(settings),
        approval_lives=approval_lives_of(settings),
    )


async def _contracts(settings: Settings, log: structlog.typing.FilteringBoundLogger) -> Mapping[str, Contract]:
    shaping = contract_settings_of(settings)
    contracts = {}
    for name, api in settings.apis.items():
        raw = await description_at(api.spec)
        contracts[name] = await asyncio.to_thread(_compiled, raw, api.spec, name, shaping[name])
        findings = contracts[name].findings
        if findings:
            log.warning("description", api=name, findings=len(findings), see="facade check")
    return contracts


def _compiled(raw: bytes, place: str, api: str, settings: ContractSettings) -> Contract:
    return compile_contract(parse(raw, place=place), api=api, settings=settings)


async def _verifier(opened: _Opened) -> Verifier:
    settings, clock = opened.settings, opened.clock
    fetch = SessionFetch(await opened.stack.enter_async_context(open_key_session()))
    issuers: list[Issuer] = []
    for number, (each, rules) in enumerate(zip(settings.identity.issuers, issuer_rules_of(settings), strict=True)):
        kept = await asyncio.to_thread(issuer_keys, each.keys, rules, number)
        # A key section without keys on this machine has a URL: the settings see to it.
        keys = kept or JwksKeys(url=each.keys.jwks_url or "", rules=rules, fetch=fetch, clock=clock)
        issuers.append(Issuer(rules=rules, keys=keys))
    dev = dev_rules_of(settings)
    if dev is not None and settings.identity.dev is not None:
        key = await asyncio.to_thread(dev_key, settings.identity.dev.key_file)
        issuers.append(Issuer(rules=dev, keys=verifying_keys(key, dev)))
    return Verifier(issuers=issuers, saas=_recognisers(opened), clock=clock)


def _recognisers(opened: _Opened) -> tuple[Recogniser, ...]:
    saas = opened.settings.identity.saas
    if saas is None:
        return ()
    rules = SaasRules(headers=saas.headers, scheme=saas.scheme)
    asked = saas.introspection
    if asked is None:
        entries: dict[str, JsonObject] = {
            _digest_of(each): {"sub": each.user, "tenant": each.tenant, "roles": list(each.roles)}
            for each in saas.mapping
        }
        return (MappedCredentials(rules, entries),)
    question = Question(
        target=asked.path,
        method=asked.method,
        tenant=asked.tenant,
        user=asked.user,
        roles=asked.roles,
        believed_s=asked.cache_s,
    )
    fetch = OutgoingFetch(opened.outgoing[asked.api])
    return (Introspection(rules=rules, question=question, fetch=fetch, clock=opened.clock),)


def _digest_of(mapped: MappedCredential) -> str:
    if mapped.credential is None:
        return mapped.sha256 or ""
    return hashlib.sha256(mapped.credential.reveal().encode()).hexdigest()


def _server_settings(settings: Settings) -> ServerSettings:
    limits = settings.limits
    return ServerSettings(
        host=settings.listen.host,
        port=settings.listen.port,
        head=HeadLimits(total_bytes=limits.max_header_bytes),
        keepalive_s=limits.keepalive_s,
        body_s=limits.body_s,
        max_body_bytes=limits.max_body_bytes,
        concurrency=limits.concurrency,
        lame_duck_s=min(_LAME_DUCK_S, limits.drain_s),
        drain_s=limits.drain_s,
    )


async def _routes(http: web.Application, gate: Gate, ports: Ports, opened: _Opened) -> None:
    settings = opened.settings

    def present() -> Ports:
        return ports

    http.add_routes(ChatEntrance(present, _chat_rules(settings)).routes(settings.prefix))
    http.add_routes(Health(lambda: not gate.draining, present).routes(settings.prefix))
    http.add_routes(Metrics(opened.registry).routes(settings.prefix))
    if settings.mode == "proxy":
        proxied = [await _proxied(name, api, ports, opened) for name, api in settings.apis.items()]
        proxy = Proxy(proxied, _proxy_rules(settings), present)
        http.router.add_route("*", "/{tail:.*}", proxy.handle, name=STREAMED)


def _credential_rules(settings: Settings) -> CredentialRules:
    saas = settings.identity.saas
    return CredentialRules(saas_headers=saas.headers if saas else ())


def _chat_rules(settings: Settings) -> ChatRules:
    return ChatRules(
        model=settings.chat.model,
        max_body_bytes=settings.limits.max_body_bytes,
        max_message_chars=settings.chat.max_message_chars,
        body_s=settings.limits.body_s,
        credentials=_credential_rules(settings),
    )


def _proxy_rules(settings: Settings) -> ProxyRules:
    issuers = {rules.issuer for rules in (*issuer_rules_of(settings), dev_rules_of(settings)) if rules is not None}
    return ProxyRules(
        prefix=settings.prefix,
        issuers=frozenset(issuers),
        credentials=_credential_rules(settings),
        anonymous=settings.proxy.anonymous,
        body_s=settings.limits.body_s,
    )


async def _proxied(name: str, api: ApiSettings, ports: Ports, opened: _Opened) -> ProxiedApi:
    saas = opened.settings.identity.saas
    mount = "" if api.mount == "/" else api.mount
    forward = ForwardRules(
        credential_headers=frozenset(saas.headers if saas else ()),
        trusted=tuple(ip_network(network) for network in opened.settings.proxy.trusted_proxies),
        client_host=api.host_header == "client",
        prefix=mount,
    )
    watch = None
    if api.observe.mode == "observe":
        look = Watch(ports.probe, sample=api.observe.sample, most=api.observe.max_bytes, chance=random.random)
        watch = await opened.stack.enter_async_context(watching(look))
    relay = StreamRelay(opened.outgoing[name], upstream_settings_of(opened.settings)[name])
    return ProxiedApi(name=name, relay=relay, mount=mount, forward=forward, watch=watch)


def _route_logging(log: structlog.typing.FilteringBoundLogger, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [StandardToJson(log)]
    root.setLevel(logging.WARNING)
    route_structlog(sys.stderr, level)
