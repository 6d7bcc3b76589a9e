"""Serve until we are told to stop."""

import asyncio
import gc
import json
import signal

import uvloop

from facade.app.opening import open_facade
from facade.config import Settings
from facade.edge.server import serving


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
