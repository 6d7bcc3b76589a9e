"""Who may look at metrics and findings: whoever reaches the port, or whoever has the monitoring token."""

import hmac
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from facade.edge.problem import problem_response
from facade.edge.server import REQUEST_ID
from facade.kernel import Secret, Unauthenticated

_ASKING: Final = {"WWW-Authenticate": 'Bearer, Basic realm="monitoring"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """The token that metrics and findings want; None lets everybody look."""

    token: Secret | None = None

    def refusal(self, request: web.Request) -> web.Response | None:
        """None for whoever shows the token, as a bearer or as the password of Basic authentication, which browsers ask
        for by themselves; else the answer that asks for it."""
        if self.token is None or self._shown(request.headers):
            return None
        error = Unauthenticated("This wants the monitoring token, as a bearer or as a Basic password.")
        return problem_response(error, request_id=request[REQUEST_ID], headers=_ASKING.items())

    def _shown(self, headers: Mapping[str, str]) -> bool:
        scheme, _, given = headers.get("Authorization", "").partition(" ")
        shown = _password(given) if scheme.lower() == "basic" else given.strip()
        return self.token is not None and hmac.compare_digest(shown.encode(), self.token.reveal().encode())


def _password(encoded: str) -> str:
    try:
        return b64decode(encoded, validate=True).decode().partition(":")[2]
    except (Error, UnicodeDecodeError):
        return ""
