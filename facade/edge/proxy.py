"""The drop-in proxy: every path that is not ours goes to the application, as the client sent it (I6).

The proxy decides who is calling and what of the request stays here; everything else is bytes. A tenant's passage is
admitted, journalled and settled by `flow.through`; traffic that nobody vouches for carries no context, and the
application judges it as it always did.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Final, Literal, cast

from aiohttp import web

from facade.admission import ratelimit_headers
from facade.contract import Meant, match_of, meant
from facade.edge.bodies import arriving, begun, once, whole
from facade.edge.callers import credentials_in
from facade.edge.connection import Connection
from facade.edge.credentials import CredentialRules, wanted_tenant
from facade.edge.enforcing import Judged, answer_of, described, request_of, tell
from facade.edge.headers import Fields, to_client
from facade.edge.incoming import Incoming, Known, ProxiedApi, incoming_of, moved_for, passage_of
from facade.edge.leaving import RawAnswer, framing_of, head_of, leaving, spoken
from facade.edge.observing import Observed, value_of
from facade.edge.server import GATE, REQUEST_ID
from facade.edge.tunnels import tunnelled
from facade.flow.enter import Entered, Visitors
from facade.flow.passage import Passing, through, undiffering, unvouched
from facade.guard import SAFE_METHODS, PassageParts, reading_of
from facade.identity import Credential
from facade.kernel import (
    SECOND,
    CredentialKind,
    FacadeError,
    Finding,
    InvalidRequest,
    Location,
    Micros,
    NotFound,
    Operation,
    Overloaded,
    Ticket,
    Unauthenticated,
)
from facade.ports import Passage, Ports, RawHeaders, Relayed, Tunnel
from facade.tenancy import canonical_name

COMPARED_BYTES: Final = 1_048_576
"""The largest body that can be compared with a pinned body field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRules:
    """Who may pass (settings).

    Attributes:
        prefix: where our own entrances stand; nothing below it ever reaches an application.
        issuers: whose JWTs are ours; another issuer's are the application's own affair.
        anonymous: what becomes of a request without a credential that we know.
        body_s: longest pause in a request body.
    """

    prefix: str = "/agent"
    issuers: frozenset[str] = frozenset()
    credentials: CredentialRules = field(default_factory=CredentialRules)
    anonymous: Literal["pass", "refuse"] = "pass"
    body_s: float = 30.0


class Proxy:
    """The handler of every path that is not ours. Register it under the route name `server.STREAMED`."""

    def __init__(self, apis: Sequence[ProxiedApi], rules: ProxyRules, ports: Callable[[], Ports]) -> None:
        self._apis = sorted(apis, key=lambda api: len(api.mount), reverse=True)
        self._visitors = {api.name: Visitors(api.name) for api in apis}
        self._rules = rules
        self._ports = ports

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one exchange.

        Raises:
            FacadeError: before anything was answered; the transport writes the problem.
            ConnectionResetError: an answer that had begun cannot be completed; the connection ends without its end.
        """
        watchers = cast(Connection, request.protocol).watchers
        leave = _leaving_with_client(request)
        watchers.update(leave)
        try:
            return await self._served(request)
        except FacadeError:
            if request.writer.output_size > 0:
                raise ConnectionResetError("The application's answer broke off.") from None
            raise
        finally:
            watchers.difference_update(leave)

    async def _served(self, request: web.Request) -> web.StreamResponse:
        ports, api = self._ports(), self._api_of(request)
        incoming = incoming_of(request, ports, api, await self._known(request, api, ports))
        body, parts = await self._body(incoming)
        body, differences = await _asked(incoming, body)
        passage = passage_of(incoming, body)
        async with _exchange(incoming, passage, parts, differences) as (ticket, relayed):
            standing = ratelimit_headers(ticket.standing) if ticket else ()
            if relayed.tunnel is not None:
                return await _switched(request, relayed, relayed.tunnel)
            framing = framing_of(request, relayed, draining=request.app[GATE].draining)
            in_place = (framing.chunked or framing.empty) and spoken(request)
            headers = to_client(relayed.headers, standing, chunked=in_place, moved=moved_for(incoming))
            chunks = await _answered(incoming, relayed)
            response = await leaving(request, relayed, headers, chunks, framing)
        _saw(incoming, passage, relayed.status, headers)
        return response

    def _api_of(self, request: web.Request) -> ProxiedApi:
        path = request.raw_path.partition("?")[0]
        if _below(request.path, self._rules.prefix) or _below(path, self._rules.prefix):
            raise NotFound("There is nothing at this path.")
        for api in self._apis:
            if not api.mount or _below(path, api.mount):
                return api
        raise NotFound("No application is mounted at this path.")

    async def _known(self, request: web.Request, api: ProxiedApi, ports: Ports) -> Known | None:
        """Whose passage this is. A token of ours that is not valid is refused, and so is what is in doubt."""
        headers = request.headers
        wanted = wanted_tenant(headers)
        for credential in credentials_in(headers, self._rules.credentials, self._rules.issuers):
            entered = await _vouched(credential, wanted, self._visitors[api.name], ports)
            if entered is not None:
                return Known(tenant=entered.tenant, context=entered.context, credential=credential)
        if self._rules.anonymous == "refuse" and not _preflight(request):
            raise Unauthenticated("No credential that we know; send the one you got for this service.")
        return None

    async def _body(self, incoming: Incoming) -> tuple[AsyncIterator[bytes] | None, PassageParts]:
        """The body to pass on, and what pins are compared with; held back only where a pin fixes a body field."""
        request, pins = incoming.request, incoming.pins
        parts = PassageParts(
            path=incoming.match.path if incoming.match else {},
            meant=[each.path for each in incoming.meant],
            suspicious=incoming.match is not None and incoming.match.suspicious,
            query=incoming.query,
            headers=tuple(request.headers.items()) if pins else (),
        )
        if not request.body_exists:
            return None, parts
        body = arriving(request, self._rules.body_s, incoming.informing)
        if incoming.asked is not None:
            body = incoming.asked.through(body)
        if any(pin.location is Location.BODY for pin in pins):
            return await _compared(request, body, parts)
        return body, parts


async def _compared(
    request: web.Request, body: AsyncIterator[bytes], parts: PassageParts
) -> tuple[AsyncIterator[bytes], PassageParts]:
    """A body with fields is read whole; one without any, such as an image, passes however large it is.

    Raises:
        InvalidRequest: encoded, so that nobody here can look at it. TooLarge: more than can be compared.
    """
    if any(_encodes(name, value) for name, value in request.headers.items()):
        raise InvalidRequest("Send the body without a content encoding: your tenant fixes fields of it.", place="body")
    media_type = request.headers.get("Content-Type", "")
    start, rest = await begun(body, COMPARED_BYTES)
    if reading_of(media_type, start) is None:
        return rest, parts
    read = await whole(rest, COMPARED_BYTES)
    return once(read), replace(parts, body=read, media_type=media_type)


async def _asked(
    incoming: Incoming, body: AsyncIterator[bytes] | None
) -> tuple[AsyncIterator[bytes] | None, tuple[Finding, ...]]:
    """The body, and where the request differs from the contract that it is held to, if it is."""
    enforcement = incoming.api.enforcement
    if enforcement is None or not enforcement.requests:
        return body, ()
    described(incoming.match, enforcement)
    differences: tuple[Finding, ...] = ()
    for judged in _requested(incoming):
        body, found = await request_of(judged, body, enforcement)
        tell(judged, "request", found, incoming.ports.probe)
        differences += found
    return body, differences


async def _answered(incoming: Incoming, relayed: Relayed) -> AsyncIterator[bytes]:
    """The answer's chunks: held until they are judged, kept as they pass, or just passed on."""
    enforcement = incoming.api.enforcement
    judged = _judged(incoming) if enforcement is not None and enforcement.responses else None
    if enforcement is not None and judged is not None:
        return await answer_of(judged, relayed, enforcement, incoming.ports.probe)
    return incoming.answered.through(relayed.chunks) if incoming.answered else relayed.chunks


def _requested(incoming: Incoming) -> tuple[Judged, ...]:
    """What a request is judged by: its operation, or those that the application might serve for its path spelled in
    another way."""
    judged, contract = _judged(incoming), incoming.contract
    if judged is not None or contract is None:
        return () if judged is None else (judged,)
    request = incoming.request
    found = incoming.meant or meant(contract, incoming.path)
    served = _served_for(request.method, found)
    return tuple(
        Judged(contract=contract, match=match_of(each), query=incoming.query, headers=request.raw_headers)
        for each in found
        if each.whole and each.operation in served
    )


def _judged(incoming: Incoming) -> Judged | None:
    if incoming.match is None or incoming.contract is None:
        return None
    headers = incoming.request.raw_headers
    return Judged(contract=incoming.contract, match=incoming.match, query=incoming.query, headers=headers)


async def _switched(request: web.Request, relayed: Relayed, tunnel: Tunnel) -> RawAnswer:
    """The application switches to the protocol that was asked for: its answer as it came, then raw bytes. The client's
    leaving is from now on one of the ways to end well."""
    cast(Connection, request.protocol).watchers.difference_update(_leaving_with_client(request))
    await request.writer.write(head_of(relayed.status, relayed.reason, relayed.headers))
    await tunnelled(request, relayed.chunks, tunnel)
    return RawAnswer(relayed.status, keeps=False)


def _exchange(
    incoming: Incoming, passage: Passage, parts: PassageParts, differences: tuple[Finding, ...]
) -> AbstractAsyncContextManager[tuple[Ticket | None, Relayed]]:
    if incoming.known is None:
        undiffering(differences)
        return unvouched(passage, incoming.api.relay)
    request = incoming.request
    passing = Passing(
        tenant=incoming.known.tenant,
        context=incoming.known.context,
        request=passage,
        operation=incoming.match.operation if incoming.match else None,
        meant=_served_for(request.method, incoming.meant),
        path=incoming.path,
        parts=parts,
        differences=differences,
        request_id=request[REQUEST_ID],
    )
    return through(passing, incoming.api.relay, incoming.ports)


def _saw(incoming: Incoming, passage: Passage, status: int, headers: Fields) -> None:
    contract = incoming.contract
    watch, match, asked, answered = incoming.api.watch, incoming.match, incoming.asked, incoming.answered
    if watch is None or match is None or asked is None or answered is None or contract is None:
        return
    watch.saw(
        Observed(
            contract=contract,
            match=match,
            query=incoming.query,
            request_headers=passage.headers,
            request_body=b"" if passage.body is None else asked.body(_encoding(passage.headers)),
            status=status,
            response_headers=headers,
            response_body=answered.body(_encoding(headers)),
        )
    )


def _leaving_with_client(request: web.Request) -> tuple[Callable[[], object], ...]:
    """What happens when the client leaves: its read ends; a write runs on until it is answered (REL-UP-12)."""
    task = asyncio.current_task()
    return () if task is None or request.method not in SAFE_METHODS else (task.cancel,)


async def _vouched(credential: Credential, wanted: str | None, visitors: Visitors, ports: Ports) -> Entered | None:
    """Whose credential this is; None when it is nobody's here. A doubt is refused: nobody may pass unmetered because
    the application could not be asked just now."""
    try:
        return await visitors.enter(credential, ports, wanted=wanted)
    except Unauthenticated as error:
        if credential.kind is CredentialKind.JWT:
            raise
        if error.doubt:
            detail = "Your credential could not be checked just now; try again in a moment."
            raise Overloaded(detail, retry_after=Micros(SECOND)) from None
        return None


def _served_for(method: str, meant: Sequence[Meant]) -> tuple[Operation, ...]:
    """Those of the method, and for a HEAD those of GET."""
    methods = {method, "GET"} if method == "HEAD" else {method}
    return tuple(each.operation for each in meant if each.whole and each.operation.method in methods)


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _preflight(request: web.Request) -> bool:
    """Browsers send these without credentials, whatever the page would send."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _encodes(name: str, value: str) -> bool:
    """True for a content encoding, in a spelling that some servers read as its name, too."""
    return canonical_name(name) == "content-encoding" and value.strip().lower() != "identity"


def _encoding(headers: RawHeaders) -> str:
    return value_of(headers, b"content-encoding")
