"""What Prometheus reads. No tenant is a label: a label for each customer is a list of customers, and has no bound."""

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from facade.edge.monitoring import Monitoring
from facade.edge.server import WATCHING


class Metrics:
    """The metrics route over one registry."""

    def __init__(self, registry: CollectorRegistry, monitoring: Monitoring | None = None) -> None:
        self._registry = registry
        self._monitoring = monitoring or Monitoring()

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The route under a prefix such as `/agent`."""
        return [web.get(f"{prefix}/metrics", self.show, name=f"{WATCHING}.metrics")]

    async def show(self, request: web.Request) -> web.Response:
        """Prometheus text, or OpenMetrics where the scraper asks for it."""
        if refusal := self._monitoring.refusal(request):
            return refusal
        encode, media_type = choose_encoder(request.headers.get("Accept", ""))
        headers = {"Content-Type": media_type, "Cache-Control": "no-store"}
        return web.Response(body=encode(self._registry), headers=headers)
