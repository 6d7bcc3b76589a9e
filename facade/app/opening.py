"""Open everything that a facade stands on."""

import logging
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from facade.adapters.clock import SystemClock
from facade.adapters.probe import StandardToJson, json_log, route_structlog
from facade.app.contracts import Editions
from facade.app.opened import Among, Opened
from facade.app.present import Present
from facade.app.reloading import Reloader, reloading
from facade.app.routes import add_routes, server_settings_of
from facade.app.wiring import ports_of
from facade.config import Settings
from facade.edge.server import Gate, ServerSettings, application
from facade.ports import Clock, Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """A facade that is open but does not listen yet: its ports, and the HTTP application over them."""

    settings: Settings
    present: Present
    http: web.Application
    gate: Gate
    server: ServerSettings
    log: structlog.typing.FilteringBoundLogger
    reloader: Reloader

    @property
    def ports(self) -> Ports:
        """The present ones."""
        return self.present()


@asynccontextmanager
async def open_facade(
    settings: Settings,
    among: Among | None = None,
    again: Callable[[], Settings] | None = None,
    *,
    clock: Clock | None = None,
) -> AsyncGenerator[Facade]:
    """Open a facade, alone or among several processes.

    Args:
        again: reads the settings file once more, for a reload.
        clock: the system's by default.

    Raises:
        SettingsInvalid, DescriptionInvalid, LedgerUnavailable: what was open is closed again.
    """
    log = json_log(sys.stderr, settings.log.level)
    _route_logging(log, settings.log.level)
    registry = CollectorRegistry()
    async with AsyncExitStack() as stack:
        opened = Opened(
            settings=settings,
            stack=stack,
            clock=clock or SystemClock(),
            log=log,
            registry=registry,
            editions=stack.enter_context(Editions(settings, log)),
            among=among,
        )
        present = Present(await ports_of(opened))
        gate, server = Gate(), server_settings_of(settings)
        http = application(server, gate, present().ids)
        await add_routes(http, gate, present, opened)
        reloader = await stack.enter_async_context(reloading(opened, present, again))
        yield Facade(
            settings=settings, present=present, http=http, gate=gate, server=server, log=log, reloader=reloader
        )


def _route_logging(log: structlog.typing.FilteringBoundLogger, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [StandardToJson(log)]
    root.setLevel(logging.WARNING)
    route_structlog(sys.stderr, level)
