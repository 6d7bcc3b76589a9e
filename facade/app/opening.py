"""Open everything that a facade stands on."""

import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from facade.adapters.clock import SystemClock
from facade.adapters.probe import StandardToJson, json_log, route_structlog
from facade.app.opened import Among, Opened
from facade.app.present import Present
from facade.app.routes import add_routes, server_settings_of
from facade.app.wiring import ports_of
from facade.config import Settings
from facade.edge.server import Gate, ServerSettings, application
from facade.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """A facade that is open but does not listen yet: its ports, and the HTTP application over them."""

    settings: Settings
    present: Present
    http: web.Application
    gate: Gate
    server: ServerSettings
    log: structlog.typing.FilteringBoundLogger

    @property
    def ports(self) -> Ports:
        """The present ones."""
        return self.present()


@asynccontextmanager
async def open_facade(settings: Settings, among: Among | None = None) -> AsyncGenerator[Facade]:
    """Open a facade, alone or among several processes.

    Raises:
        SettingsInvalid, DescriptionInvalid, LedgerUnavailable: what was open is closed again.
    """
    log = json_log(sys.stderr, settings.log.level)
    _route_logging(log, settings.log.level)
    registry = CollectorRegistry()
    async with AsyncExitStack() as stack:
        opened = Opened(settings=settings, stack=stack, clock=SystemClock(), log=log, registry=registry, among=among)
        present = Present(await ports_of(opened))
        gate, server = Gate(), server_settings_of(settings)
        http = application(server, gate, present().ids)
        await add_routes(http, gate, present, opened)
        yield Facade(settings=settings, present=present, http=http, gate=gate, server=server, log=log)


def _route_logging(log: structlog.typing.FilteringBoundLogger, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [StandardToJson(log)]
    root.setLevel(logging.WARNING)
    route_structlog(sys.stderr, level)
