"""Pages of other origins that may use our own API: an exact list, none by default.

Bearer tokens are sent by scripts on purpose, so no credentials mode is ever allowed. What the application says about
CORS travels with its own answers alone; nothing under our prefix carries it.

Source: WHATWG Fetch, "HTTP extensions" of CORS.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

ALLOWED_METHODS = "GET, POST, PUT, OPTIONS"
ALLOWED_HEADERS = "authorization, content-type, x-facade-tenant, traceparent"
EXPOSED_HEADERS = "x-request-id, retry-after, retry-after-ms, ratelimit, ratelimit-policy, x-should-retry"
MAX_AGE_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsRules:
    """Exact origins, such as `https://app.example`, that may use what stands under `prefix`/v1."""

    prefix: str
    origins: frozenset[str] = frozenset()


def routes(rules: CorsRules) -> list[web.RouteDef]:
    """The answer to preflights; none when no origin is allowed."""

    async def preflight(request: web.Request) -> web.Response:
        """204 whoever asks; what a browser may do with it stands in the headers that `signing` adds."""
        return web.Response(status=204, headers={"Cache-Control": "no-store"})

    at = f"{rules.prefix}/v1"
    return [web.route("OPTIONS", f"{at}/{{tail:.*}}", preflight)] if rules.origins else []


def signing(rules: CorsRules) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """What to hang on an application's `on_response_prepare`: streams and errors get the headers too."""
    below = f"{rules.prefix}/v1/"

    async def sign(request: web.Request, response: web.StreamResponse) -> None:
        if not rules.origins or not request.path.startswith(below):
            return
        response.headers.add("Vary", "Origin")
        origin = request.headers.get("Origin")
        if origin not in rules.origins:
            return
        response.headers["Access-Control-Allow-Origin"] = origin
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
            response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
            response.headers["Access-Control-Max-Age"] = str(MAX_AGE_S)
        else:
            response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS

    return sign
