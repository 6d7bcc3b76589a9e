"""The server's bounds, and what it serves: our entrances, and the proxy for every other path."""

import asyncio
import random
import resource
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from facade.app.opened import Opened
from facade.app.present import Present
from facade.config import ApiSettings, ObserveSettings, Settings, dev_rules_of, issuer_rules_of, tls_files_of
from facade.edge.chat import ChatEntrance, ChatRules
from facade.edge.cors import CorsRules, signing
from facade.edge.cors import routes as cors_routes
from facade.edge.credentials import CredentialRules
from facade.edge.doorway import DoorLimits
from facade.edge.enforcing import Enforcement
from facade.edge.findings import FindingsEntrance
from facade.edge.headers import ForwardRules
from facade.edge.health import Health
from facade.edge.hygiene import HeadLimits
from facade.edge.incoming import ProxiedApi
from facade.edge.informing import expected
from facade.edge.load import LoadRules
from facade.edge.metrics import Metrics
from facade.edge.monitoring import Monitoring
from facade.edge.observing import Watch, watching
from facade.edge.page import PageEntrance, PageRules, read_assets
from facade.edge.proxy import Proxy, ProxyRules
from facade.edge.server import STREAMED, Gate, ServerSettings

_LAME_DUCK_S: Final = 1.5
"""How long a load balancer may take to see that we are not ready any more."""

_OWN_FILES: Final = 64
"""Descriptors for the stores, the journal, the log and the loop."""


def server_settings_of(settings: Settings) -> ServerSettings:
    """Bounds of the server, whoever calls."""
    limits, listen = settings.limits, settings.listen
    return ServerSettings(
        host=listen.host,
        port=listen.port,
        head=HeadLimits(total_bytes=limits.max_header_bytes),
        keep_alive_s=limits.keep_alive_s,
        body_s=limits.body_s,
        unread_s=limits.unread_s,
        max_body_bytes=limits.max_body_bytes,
        concurrency=limits.concurrency,
        lame_duck_s=min(_LAME_DUCK_S, limits.drain_s),
        drain_s=limits.drain_s,
        reuse_port=listen.share_port,
        tls=tls_files_of(settings),
        door=_door_limits(settings),
        load=LoadRules(late_s=limits.late_ms / 1000),
    )


def _door_limits(settings: Settings) -> DoorLimits:
    """No more connections than there are descriptors for; the application's, in work and idle, and a few of our own
    left aside."""
    own = _OWN_FILES + sum(2 * api.connections for api in settings.apis.values())
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return DoorLimits(
        connections=max(16, min(settings.limits.connections, most - own)),
        per_address=settings.limits.connections_per_address,
        exempt=tuple(ip_network(network) for network in settings.proxy.trusted_proxies),
    )


async def add_routes(http: web.Application, gate: Gate, present: Present, opened: Opened) -> None:
    """Put every entrance on the application."""
    settings = opened.settings
    http.add_routes(ChatEntrance(present, _chat_rules(settings)).routes(settings.prefix))
    if settings.chat.page:
        assets = await asyncio.to_thread(read_assets, settings.prefix, settings.chat.name)
        rules = PageRules(prefix=settings.prefix, pasted=settings.identity.dev is not None)
        http.add_routes(PageEntrance(present, rules, assets).routes())
    cors = CorsRules(prefix=settings.prefix, origins=frozenset(settings.cors.origins))
    http.add_routes(cors_routes(cors))
    http.on_response_prepare.append(signing(cors))
    http.add_routes(Health(lambda: not gate.draining, present).routes(settings.prefix))
    exposed, monitoring = _exposed(opened), Monitoring(token=settings.monitoring.token)
    http.add_routes(Metrics(exposed, monitoring).routes(settings.prefix))
    http.add_routes(FindingsEntrance(present, exposed, monitoring).routes(settings.prefix))
    if settings.mode == "proxy":
        proxied = [await _proxied(name, api, present, opened) for name, api in settings.apis.items()]
        proxy = Proxy(proxied, _proxy_rules(settings), present)
        http.router.add_route("*", "/{tail:.*}", proxy.handle, name=STREAMED, expect_handler=expected)


def _exposed(opened: Opened) -> CollectorRegistry:
    """What a scraper sees: the counters of this process, or of all of them."""
    if opened.among is None:
        return opened.registry
    together = CollectorRegistry()
    MultiProcessCollector(together, path=str(opened.among.metrics))  # type: ignore[no-untyped-call]  # the library's
    return together


def _credential_rules(settings: Settings) -> CredentialRules:
    saas = settings.identity.saas
    return CredentialRules(saas_headers=saas.headers if saas else ())


def _chat_rules(settings: Settings) -> ChatRules:
    return ChatRules(
        model=settings.chat.model,
        max_body_bytes=settings.limits.max_body_bytes,
        max_message_chars=settings.chat.max_message_chars,
        deadline_header=settings.limits.deadline_header,
        body_s=settings.limits.body_s,
        credentials=_credential_rules(settings),
        mounts=_mounts(settings) if settings.mode == "proxy" else {},
    )


def _mounts(settings: Settings) -> Mapping[str, str]:
    return {name: "" if api.mount == "/" else api.mount for name, api in settings.apis.items()}


def _proxy_rules(settings: Settings) -> ProxyRules:
    issuers = {rules.issuer for rules in (*issuer_rules_of(settings), dev_rules_of(settings)) if rules is not None}
    return ProxyRules(
        prefix=settings.prefix,
        issuers=frozenset(issuers),
        credentials=_credential_rules(settings),
        anonymous=settings.proxy.anonymous,
        body_s=settings.limits.body_s,
    )


async def _proxied(name: str, api: ApiSettings, present: Present, opened: Opened) -> ProxiedApi:
    saas = opened.settings.identity.saas
    mount = "" if api.mount == "/" else api.mount
    forward = ForwardRules(
        credential_headers=frozenset(saas.headers if saas else ()),
        trusted=tuple(ip_network(network) for network in opened.settings.proxy.trusted_proxies),
        client_host=api.host_header == "client",
        prefix=mount,
        origins=tuple(api.upstream) if api.location == "rewrite" else (),
    )
    watch = None
    if api.observe.mode == "observe":
        look = Watch(present().probe, sample=api.observe.sample, most=api.observe.max_bytes, chance=random.random)
        watch = await opened.stack.enter_async_context(watching(look))
    relay = opened.applications[name].passages
    return ProxiedApi(
        name=name, relay=relay, mount=mount, forward=forward, watch=watch, enforcement=_enforcement(api.observe)
    )


def _enforcement(observe: ObserveSettings) -> Enforcement | None:
    if observe.mode != "enforce":
        return None
    return Enforcement(
        requests=observe.enforce != "responses",
        responses=observe.enforce != "requests",
        undescribed=observe.undescribed == "pass",
        most=observe.max_bytes,
    )
