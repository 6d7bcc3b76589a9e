"""What a user sees again: conversations, feedback, itself."""

from collections.abc import Callable

from aiohttp import web

from facade.edge.chat.door import Visit, body_of, door, tenant_of, told
from facade.edge.chat.history import (
    before_of,
    conversation_json,
    limit_of,
    list_json,
    myself_json,
    rating_of,
)
from facade.edge.chat.rules import ChatRules
from facade.edge.credentials import credential_of
from facade.flow import conversation, conversations, granted, myself, rate
from facade.kernel import NotFound
from facade.ports import Ports

_TURN_DIGITS = 9


class Recalling:
    """Handlers over the ports that are current when a request comes."""

    def __init__(self, ports: Callable[[], Ports], rules: ChatRules) -> None:
        self._ports = ports
        self._rules = rules

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes under a prefix such as `/agent`."""
        at = f"{prefix}/v1"
        return [
            web.get(f"{at}/me", door(self._ports, self.me)),
            web.get(f"{at}/tenants", door(self._ports, self.tenants)),
            web.get(f"{at}/conversations", door(self._ports, self.list)),
            web.get(f"{at}/conversations/{{id}}", door(self._ports, self.show)),
            web.put(f"{at}/conversations/{{id}}/turns/{{turn}}/feedback", door(self._ports, self.rate)),
        ]

    async def me(self, visit: Visit) -> web.StreamResponse:
        """GET /v1/me."""
        tenant = await tenant_of(visit, self._rules.credentials)
        return told(myself_json(await myself(tenant, visit.ports), self._rules), visit)

    async def tenants(self, visit: Visit) -> web.StreamResponse:
        """GET /v1/tenants."""
        credential = credential_of(visit.request.headers, self._rules.credentials)
        return told({"tenants": list(await granted(credential, visit.ports))}, visit)

    async def list(self, visit: Visit) -> web.StreamResponse:
        """GET /v1/conversations."""
        tenant = await tenant_of(visit, self._rules.credentials)
        limit, before = limit_of(visit.request.query.get("limit")), before_of(visit.request.query.get("cursor"))
        found = await conversations(tenant, visit.ports, limit=limit + 1, before=before, origin=visit.origin)
        return told(list_json(found, limit), visit)

    async def show(self, visit: Visit) -> web.StreamResponse:
        """GET /v1/conversations/{id}."""
        tenant = await tenant_of(visit, self._rules.credentials)
        recalled = await conversation(visit.request.match_info["id"], tenant, visit.ports, origin=visit.origin)
        return told(conversation_json(recalled, visit.ports.catalogue), visit)

    async def rate(self, visit: Visit) -> web.StreamResponse:
        """PUT /v1/conversations/{id}/turns/{turn}/feedback."""
        tenant = await tenant_of(visit, self._rules.credentials)
        turn = visit.request.match_info["turn"]
        if not (turn.isascii() and turn.isdigit() and len(turn) <= _TURN_DIGITS):
            raise NotFound("There is no such turn.")
        body = await body_of(visit.request, max_bytes=self._rules.max_body_bytes, within_s=self._rules.body_s)
        rating = rating_of(body, now=visit.ports.clock.now())
        id_ = visit.request.match_info["id"]
        await rate(id_, int(turn), rating, tenant, visit.ports, origin=visit.origin)
        rated = "none" if rating is None else "up" if rating.up else "down"
        return told({"rating": rated, "comment": rating.comment or None if rating is not None else None}, visit)
