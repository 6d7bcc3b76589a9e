"""Serve until we are told to stop: in this process, or in several under a supervisor."""

import asyncio
import gc
import json
import signal
from collections.abc import Callable, Mapping, Sequence
from socket import socket

import uvloop

from facade.app.opened import Among
from facade.app.opening import Facade, open_facade
from facade.app.supervising import supervised
from facade.config import Settings
from facade.edge.listening import listening, load_certificate
from facade.edge.server import Serving, serving
from facade.kernel import SettingsInvalid


def serve(settings: Settings, *, environ: Mapping[str, str], again: Callable[[], Settings] | None = None) -> None:
    """Run until SIGTERM or Ctrl-C. Says where it listens in one JSON line on standard output.

    Args:
        environ: handed on to worker processes.
        again: reads the settings file once more, on SIGHUP; goes to worker processes by pickle.

    Raises:
        SettingsInvalid, DescriptionInvalid, LedgerUnavailable: nothing was started.
        OSError: the address cannot be had.
    """

    def ready(url: str) -> None:
        print(json.dumps({"url": url, "prefix": settings.prefix}), flush=True)  # noqa: T201 - the ready line

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    listen = settings.listen
    sockets = listening(listen.host, listen.port, shared=listen.share_port)
    url = url_of(settings, sockets[0].getsockname()[1])
    if listen.workers == 1:
        uvloop.run(served(settings, sockets, lambda: ready(url), again=again))
    else:
        uvloop.run(supervised(settings, sockets, environ, lambda: ready(url), again))


async def served(
    settings: Settings,
    sockets: Sequence[socket],
    ready: Callable[[], None],
    *,
    among: Among | None = None,
    again: Callable[[], Settings] | None = None,
) -> None:
    """Serve on these sockets until SIGTERM or SIGINT, then drain."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with (
        open_facade(settings, among, again) as facade,
        serving(facade.http, facade.server, facade.gate, sockets=sockets) as server,
    ):
        loop.add_signal_handler(signal.SIGHUP, _renew, facade, server)
        _settle_memory()
        ready()
        facade.log.info("serving", port=server.port, operations=sum(1 for _ in facade.ports.catalogue))
        await stopping.wait()
        facade.log.info("draining")
        await server.drain()


def _renew(facade: Facade, server: Serving) -> None:
    """What SIGHUP asks for: contracts and settings anew, and the certificate for new connections."""
    facade.reloader.ask()
    if server.tls is None or server.settings.tls is None:
        return
    try:
        load_certificate(server.tls, server.settings.tls)
    except SettingsInvalid as error:
        facade.log.warning("certificate.kept", reason=error.detail)
    else:
        facade.log.info("certificate.renewed")


def url_of(settings: Settings, port: int) -> str:
    """Where clients on this machine find us."""
    scheme = "https" if settings.listen.tls else "http"
    return f"{scheme}://{_host(settings.listen.host)}:{port}"


def _settle_memory() -> None:
    """What is there now stays for the process's life: the collector need not walk through it again and again. It is
    not asked to look once more before, which costs a big start a tenth and finds next to nothing."""
    gc.freeze()


def _host(host: str) -> str:
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
