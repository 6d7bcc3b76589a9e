"""The routes of the page."""

from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry

from facade.edge.findings.page import page_of
from facade.edge.findings.records import board_of
from facade.edge.monitoring import Monitoring
from facade.edge.page.assets import SAFE
from facade.edge.server import WATCHING
from facade.ports import Ports


class FindingsEntrance:
    """The page, its data and its style sheet.

    Args:
        registry: holds what was counted, of all processes.
    """

    def __init__(self, ports: Callable[[], Ports], registry: CollectorRegistry, monitoring: Monitoring) -> None:
        self._ports = ports
        self._registry = registry
        self._monitoring = monitoring
        self._style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """All of it under a prefix such as `/agent`."""
        return [
            web.get(f"{prefix}/findings", self.show, name=f"{WATCHING}.findings"),
            web.get(f"{prefix}/findings/style.css", self.style),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """JSON where it is asked for, a page otherwise."""
        if refusal := self._monitoring.refusal(request):
            return refusal
        board = board_of(self._ports().catalogue, self._registry)
        headers = {**SAFE, "Cache-Control": "no-store"}
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response(board.as_json(), headers=headers)
        style = f"{request.path}/style.css"
        return web.Response(text=page_of(board, style=style), content_type="text/html", headers=headers)

    async def style(self, request: web.Request) -> web.Response:
        """How it looks."""
        return web.Response(text=self._style, content_type="text/css", headers={**SAFE, "Cache-Control": "no-cache"})
