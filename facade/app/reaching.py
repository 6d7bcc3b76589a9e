"""The applications: a session and a relay for each address, and what steers requests among them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from ssl import SSLContext
from typing import Final

from facade.adapters.upstream import CallUpstream, Outgoing, UpstreamSettings, open_relay, open_session
from facade.adapters.upstream.addresses import Addresses
from facade.adapters.upstream.settings import addresses_of
from facade.adapters.upstream.shares import Shares
from facade.adapters.upstream.steering import Reach, SteeredOutgoing, SteeredRelay
from facade.adapters.upstream.tls import context_of
from facade.adapters.upstream.watch import HealthGauges, HealthWatch
from facade.app.opened import Application, Opened
from facade.config import health_rules_of, share_rules_of, upstream_settings_of
from facade.ports import Relay

_LASTING: Final = 10_000
"""Connections of passages besides those in work: WebSockets and event streams. The server's own bound is lower."""


async def applications_of(opened: Opened) -> Mapping[str, Application]:
    """Every application, by API name; sessions close with the stack.

    Raises:
        SettingsInvalid: a file that TLS needs cannot be used.
    """
    gauges = HealthGauges(opened.registry)
    return {name: await _application(name, opened, gauges) for name in opened.settings.apis}


async def _application(name: str, opened: Opened, gauges: HealthGauges) -> Application:
    settings = upstream_settings_of(opened.settings)[name]
    reach = _reach(name, settings, opened, gauges)
    ssl = None if settings.tls is None else await asyncio.to_thread(context_of, settings.tls, place=f"apis.{name}.tls")
    singles = [replace(settings, base=base, others=()) for base in (settings.base, *settings.others)]
    keeping, fresh = [await _sessions(singles, ssl, opened, keeps=keeps) for keeps in (True, False)]
    relays = [await _relay(each, ssl, opened) for each in singles]
    return Application(
        calls=CallUpstream(keeping, fresh, reach, settings, opened.clock),
        passages=SteeredRelay(relays, reach),
        questions=SteeredOutgoing(keeping, reach.addresses),
    )


async def _sessions(
    singles: Sequence[UpstreamSettings], ssl: SSLContext | None, opened: Opened, *, keeps: bool
) -> list[Outgoing]:
    opening = (open_session(each, ssl=ssl, keeps=keeps) for each in singles)
    return [await opened.stack.enter_async_context(each) for each in opening]


def _reach(name: str, settings: UpstreamSettings, opened: Opened, gauges: HealthGauges) -> Reach:
    addresses = addresses_of(settings, place=f"apis.{name}")
    watch = HealthWatch(name, addresses, gauges, opened.log, opened.clock.monotonic)
    rules = health_rules_of(opened.settings)[name]
    return Reach(
        addresses=Addresses(addresses, rules, opened.clock, watch),
        shares=Shares(share_rules_of(opened.settings)[name]),
    )


async def _relay(settings: UpstreamSettings, ssl: SSLContext | None, opened: Opened) -> Relay:
    wide = replace(settings, pool_size=settings.pool_size + _LASTING)
    return await opened.stack.enter_async_context(open_relay(wide, ssl=ssl))
