"""Is the process alive, and should it get requests? For probes and load balancers; no credential, nothing private."""

from collections.abc import Callable

from aiohttp import web

from facade.edge.server import WATCHING
from facade.kernel import Json
from facade.ports import Ports


class Health:
    """The two probe routes.

    Args:
        serving: False once draining has begun.
        ports: gives the present ports.
    """

    def __init__(self, serving: Callable[[], bool], ports: Callable[[], Ports]) -> None:
        self._serving = serving
        self._ports = ports

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Both routes under a prefix such as `/agent`."""
        return [
            web.get(f"{prefix}/healthz", self.alive, name=f"{WATCHING}.alive"),
            web.get(f"{prefix}/readyz", self.ready, name=f"{WATCHING}.ready"),
        ]

    async def alive(self, request: web.Request) -> web.Response:
        """200 as long as the event loop turns; nothing outside is asked, so that no outage elsewhere restarts us."""
        return _told(200, {"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """200 when a request would be served, 503 with the check that fails otherwise."""
        ports = self._ports()
        checks = {
            "accepting": self._serving(),
            "contract": bool(ports.catalogue.contracts),
            "journal": ports.journal.writable(),
        }
        ready = all(checks.values())
        return _told(200 if ready else 503, {"status": "ready" if ready else "not ready", "checks": checks})


def _told(status: int, body: Json) -> web.Response:
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})
