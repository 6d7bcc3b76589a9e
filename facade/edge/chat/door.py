"""What every handler of this entrance does first and last: who is it, what did it send, how are errors told."""

import asyncio
import json
import logging
import re
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps

import orjson
from aiohttp import web
from structlog.contextvars import bound_contextvars

from facade.edge.credentials import CredentialRules, credential_of, wanted_tenant
from facade.edge.problem import openai_error
from facade.edge.server import REQUEST_ID
from facade.flow import Origin, enter
from facade.kernel import Entrance, FacadeError, InvalidRequest, Json, Micros, Tenant, TooLarge
from facade.ports import Ports

_log = logging.getLogger("facade.edge")
_TRACE = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
"""`traceparent`. Source: W3C Trace Context, section 3.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request at the door. `ports` stay the same for its whole life, also when the settings are reloaded."""

    request: web.Request
    ports: Ports
    origin: Origin

    @property
    def request_id(self) -> str:
        """Named in every answer and every log line."""
        return self.origin.request_id


Handle = Callable[[Visit], Awaitable[web.StreamResponse]]


def door(
    ports: Callable[[], Ports], handle: Handle, *, deadline: str | None = None
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler that answers every error in the OpenAI form; what nobody expected is logged by type and place.

    Args:
        deadline: the header in which clients say how many milliseconds they wait.
    """

    @wraps(handle)
    async def answer(request: web.Request) -> web.StreamResponse:
        now = ports()
        request_id = request.get(REQUEST_ID) or now.ids.new()
        trace = _TRACE.fullmatch(request.headers.get("traceparent", ""))
        try:
            until = _until(request, deadline, now)
            origin = Origin(entrance=Entrance.CHAT, request_id=request_id, until=until)
            visit = Visit(request=request, ports=now, origin=origin)
            with bound_contextvars(**({"trace_id": trace[1]} if trace else {})):
                return await handle(visit)
        except FacadeError as error:
            return openai_error(error, request_id=request_id)
        except (ConnectionError, web.HTTPException):
            raise
        except Exception as error:  # noqa: BLE001 - the rim: whatever it is becomes one opaque 500 and a log line
            facts = {"request_id": request_id, "error": type(error).__name__, "at": places_of(error)}
            _log.error("request failed", extra=facts)
            return openai_error(error, request_id=request_id)

    return answer


def _until(request: web.Request, deadline: str | None, ports: Ports) -> Micros | None:
    """When the client stops waiting; None where it does not say.

    Raises:
        InvalidRequest: what it says is no number of milliseconds.
    """
    said = request.headers.get(deadline) if deadline else None
    if said is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", said):
        raise InvalidRequest(f"{deadline} should be a whole number of milliseconds.", place=str(deadline))
    return Micros(ports.clock.now() + int(said) * 1000)


def places_of(error: BaseException) -> list[str]:
    """Where an error came from, innermost last. Never its message, which may hold what a user wrote (D12)."""
    return [f"{f.filename.rpartition('/')[2]}:{f.lineno}:{f.name}" for f in traceback.extract_tb(error.__traceback__)]


async def tenant_of(visit: Visit, rules: CredentialRules) -> Tenant:
    """Whose request this is.

    Raises:
        Unauthenticated, Forbidden.
    """
    headers = visit.request.headers
    return await enter(credential_of(headers, rules), visit.ports, wanted=wanted_tenant(headers))


async def body_of(request: web.Request, *, max_bytes: int, within_s: float) -> bytes:
    """The whole body, within bounds of size and time; the transport may have read it already.

    Raises:
        TooLarge; InvalidRequest: it is encoded, or it came too slowly.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise InvalidRequest("Send the body as it is, without a content encoding.", place="Content-Encoding")
    too_large = TooLarge(f"The body has more than {max_bytes} bytes.", place="body")
    try:
        async with asyncio.timeout(within_s):
            body = await request.read()
    except TimeoutError:
        raise InvalidRequest(f"The body took longer than {within_s:g} s.", place="body") from None
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    if len(body) > max_bytes:
        raise too_large
    return body


def told(body: Json, visit: Visit) -> web.Response:
    """A JSON answer that no cache keeps."""
    headers = {"x-request-id": visit.request_id, "Cache-Control": "no-store"}
    return web.Response(body=encoded(body), content_type="application/json", charset="utf-8", headers=headers)


def encoded(body: Json) -> bytes:
    """JSON in UTF-8. A reply may hold thousands of cells, so the fast writer comes first (D11); what it cannot write,
    such as integers beyond 64 bits, the exact one can."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        return json.dumps(body).encode()
