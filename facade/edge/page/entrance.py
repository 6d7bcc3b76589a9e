"""The page's routes: its files, how people sign in, and the exchange of a sign-in's code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from facade.edge.page.assets import ASK_FIRST, FOREVER, SAFE, Asset, Assets
from facade.edge.page.codes import code_of, same_origin
from facade.edge.problem import problem_response
from facade.edge.server import REQUEST_ID
from facade.kernel import SECOND, FacadeError, Json
from facade.ports import Granted, Offer, Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRules:
    """Settings of the page.

    Attributes:
        pasted: a token may be pasted, because the settings have a development issuer.
    """

    prefix: str = "/agent"
    pasted: bool = False


class PageEntrance:
    """Handlers over the ports that are current when a request comes."""

    def __init__(self, ports: Callable[[], Ports], rules: PageRules, assets: Assets) -> None:
        self._ports = ports
        self._rules = rules
        self._assets = assets

    def routes(self) -> list[web.RouteDef]:
        """The page, its files and its sign-in."""
        at = f"{self._rules.prefix}/chat"
        return [
            web.get(at, self.index),
            web.get(f"{at}/", self.moved),
            web.get(f"{at}/assets/{{version}}/{{name}}", self.asset),
            web.get(f"{at}/config", self.config),
            web.post(f"{at}/token", self.token),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """GET /chat."""
        return _served(request, self._assets.index, ASK_FIRST)

    async def moved(self, request: web.Request) -> web.Response:
        """GET /chat/: addresses inside the page are those of /chat."""
        return web.Response(status=308, headers={**SAFE, "Location": f"{self._rules.prefix}/chat"})

    async def asset(self, request: web.Request) -> web.Response:
        """GET /chat/assets/{version}/{name}. Another version's address, from a replica that is newer or older, gets
        what is here, and is not kept."""
        asset = self._assets.files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        current = request.match_info["version"] == self._assets.version
        return _served(request, asset, FOREVER if current else ASK_FIRST)

    async def config(self, request: web.Request) -> web.Response:
        """GET /chat/config."""
        offers = await self._ports().sign_in.offers()
        return _told({"issuers": [_offer(each) for each in offers], "pasted": self._rules.pasted}, request)

    async def token(self, request: web.Request) -> web.Response:
        """POST /chat/token. Errors are problem details."""
        try:
            code = code_of(await request.read())
            same_origin(request.headers, code.redirect_uri, f"{self._rules.prefix}/chat")
            granted = await self._ports().sign_in.redeem(code)
        except FacadeError as error:
            return problem_response(error, request_id=request[REQUEST_ID], headers=SAFE.items())
        return _told(_granted(granted), request)


def _served(request: web.Request, asset: Asset, caching: str) -> web.Response:
    headers = {**SAFE, "ETag": asset.etag, "Cache-Control": caching}
    if asset.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=asset.body, headers={**headers, "Content-Type": asset.media_type})


def _told(body: Json, request: web.Request) -> web.Response:
    headers = {**SAFE, "Cache-Control": "no-store", "x-request-id": request[REQUEST_ID]}
    return web.json_response(body, headers=headers)


def _offer(offer: Offer) -> Json:
    return {
        "issuer": offer.issuer,
        "label": offer.label,
        "authorization_url": offer.authorization_url,
        "client_id": offer.client_id,
        "scope": offer.scope,
        "parameters": dict(offer.parameters),
    }


def _granted(granted: Granted) -> Json:
    expires = datetime.fromtimestamp(granted.expires // SECOND, UTC) if granted.expires is not None else None
    moment = expires.strftime("%Y-%m-%dT%H:%M:%SZ") if expires is not None else None
    return {"token": granted.token.reveal(), "expires_at": moment}
