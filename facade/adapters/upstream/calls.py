"""The `Upstream` port: one agent's call, sent once to the one configured application."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientOSError,
    ClientPayloadError,
    ClientTimeout,
    ConnectionTimeoutError,
    ServerDisconnectedError,
)

from facade import __version__
from facade.adapters.upstream.addresses import Chosen, Outcome, outcome_of
from facade.adapters.upstream.answers import UnusableBody, body_of, head_of, without_body
from facade.adapters.upstream.session import SWITCHING, Exchange, Outgoing
from facade.adapters.upstream.settings import UpstreamSettings
from facade.adapters.upstream.steering import Reach
from facade.adapters.upstream.tls import reason_of
from facade.kernel import (
    SECOND,
    Answer,
    ApprovedCall,
    FacadeError,
    Micros,
    OutboundRequest,
    OutcomeUnknown,
    UpstreamBroken,
    UpstreamTimeout,
    UpstreamUnavailable,
    WriteClass,
)
from facade.ports import Clock

_DEFAULTS: Final = (
    ("Accept", "application/json, */*;q=0.1"),
    ("Accept-Encoding", "identity"),
    ("User-Agent", f"facade/{__version__}"),
)

_KEYS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:facade:idempotency-key")

STALE: Final = Micros(SECOND)
"""How long kept connections are in doubt after one broke: the others of its time go stale with it."""

LEAST_S: Final = 0.02
"""With less time than this left, nothing is begun (REL-UP-14)."""

_REFUSED_FROM: Final = 400
"""Error answers are shown as they are, whatever their body looks like."""


class CallUpstream:
    """Sends approved calls of one application.

    Args:
        kept: one for each of its addresses, in their order; for reads.
        fresh: likewise; they keep no connections. For writes, so that none meets a connection that the application
            has just closed, which would leave its outcome unknown; and for reads, for a while after one did.
    """

    def __init__(
        self,
        kept: Sequence[Outgoing],
        fresh: Sequence[Outgoing],
        reach: Reach,
        settings: UpstreamSettings,
        clock: Clock,
    ) -> None:
        self._kept = tuple(kept)
        self._fresh = tuple(fresh)
        self._fresh_until = Micros(0)
        self._addresses = reach.addresses
        self._shares = reach.shares
        self._settings = settings
        self._clock = clock
        self._timeout = ClientTimeout(
            total=None,
            connect=settings.connect_s + settings.queue_s,
            sock_connect=settings.connect_s,
            sock_read=settings.first_byte_s,
        )

    async def send(self, call: ApprovedCall) -> Answer:
        """See `ports.Upstream`. Where no connection is made, one other address is tried.

        Raises:
            LimitExceeded, Overloaded: there was no place for it; nothing was sent.
        """
        tenant = call.ticket.tenant
        self._addresses.refuse("calls")
        claim = self._shares.claim("calls", tenant.id, tenant.tier.concurrency)
        await self._shares.enter(claim)
        try:
            return await self._placed(call, tenant.id)
        finally:
            self._shares.leave(claim)

    async def _placed(self, call: ApprovedCall, who: str) -> Answer:
        chosen = self._addresses.choose("calls", who)
        try:
            return await self._sent(call, chosen)
        except UpstreamUnavailable:
            if not self._addresses.another(chosen):
                raise
        return await self._sent(call, self._addresses.choose("calls", who, beside=chosen))

    async def _sent(self, call: ApprovedCall, chosen: Chosen) -> Answer:
        outcome, outgoing = Outcome.ABANDONED, self._outgoing(call, chosen)
        try:
            left_s = self._left_s(call)
            async with asyncio.timeout(left_s):
                answer = await self._exchanged(call, outgoing, left_s)
            outcome = outcome_of(answer.status)
            return answer
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            outcome = Outcome.UNREACHED
            self._addresses.distrusted(chosen, reason_of(error))
            raise UpstreamUnavailable("The application could not be reached; nothing was sent.") from None
        except UpstreamBroken:
            outcome = Outcome.ANSWERED
            raise
        except TimeoutError:
            outcome = Outcome.SILENT
            raise _lost(call, UpstreamTimeout("The application did not answer in time.")) from None
        except (ClientError, OSError) as error:
            outcome = Outcome.CUT
            stale = isinstance(error, ServerDisconnectedError | ClientOSError) and outgoing in self._kept
            self._fresh_until = Micros(self._clock.monotonic() + STALE)
            broken = UpstreamBroken("The application's answer was cut or malformed.", stale=stale)
            raise _lost(call, broken) from None
        finally:
            chosen.told(outcome)

    def _outgoing(self, call: ApprovedCall, chosen: Chosen) -> Outgoing:
        fresh = _writes(call) or self._clock.monotonic() < self._fresh_until
        return (self._fresh if fresh else self._kept)[chosen.index]

    def _deadline(self, left_s: float) -> tuple[tuple[str, str], ...]:
        name = self._settings.deadline_header
        return ((name, str(int(left_s * 1000))),) if name else ()

    def _left_s(self, call: ApprovedCall) -> float:
        """What is left of the call's time; all of its attempts share it.

        Raises:
            UpstreamUnavailable: too little to begin with.
        """
        ticket, now = call.ticket, self._clock.now()
        left = self._settings.total_s - max(0.0, (now - ticket.at) / SECOND)
        if ticket.until is not None:
            left = min(left, (ticket.until - now) / SECOND)
        if left < LEAST_S:
            raise UpstreamUnavailable("There was no time left to ask the application; nothing was sent.")
        return left

    async def _exchanged(self, call: ApprovedCall, outgoing: Outgoing, left_s: float) -> Answer:
        request = call.built.request
        exchange = Exchange(
            method=request.method,
            target=request.target,
            headers=(*_headers(call), *self._deadline(left_s)),
            body=request.body,
            body_bytes=None if request.body is None else len(request.body),
            timeout=self._timeout,
        )
        response = await outgoing.request(exchange)
        try:
            if response.status == SWITCHING:
                raise ClientPayloadError("switched protocols")
            head = head_of(response, self._settings)
            return await body_of(response, head, self._settings)
        except UnusableBody as unusable:
            if not _writes(call) and head.status < _REFUSED_FROM:
                raise UpstreamBroken(str(unusable)) from None
            return without_body(head, unusable.finding)
        finally:
            response.close()


def idempotency_key(call: ApprovedCall) -> str:
    """The same for every attempt of one spend, or of one approved call; a UUID, as applications expect.

    Two equal calls under one approval share it: an application that honours the key then does them once.
    """
    scope = call.approval or call.ticket.id
    return str(uuid.uuid5(_KEYS, f"{scope}\n{call.built.digest}"))


def _headers(call: ApprovedCall) -> tuple[tuple[str, str], ...]:
    request = call.built.request
    own = [*request.headers, *((name, secret.reveal()) for name, secret in request.secret_headers)]
    declared = call.built.operation.idempotency_header
    if declared and _missing(declared, own):
        own.append((declared, idempotency_key(call)))
    own.extend(default for default in _DEFAULTS if _missing(default[0], own))
    own.append(("X-Request-Id", call.ticket.request_id))
    if _has_body(request) and _missing("content-type", own):
        own.append(("Content-Type", "application/json"))
    return tuple(own)


def _missing(name: str, headers: Sequence[tuple[str, str]]) -> bool:
    return all(given.lower() != name.lower() for given, _ in headers)


def _has_body(request: OutboundRequest) -> bool:
    return request.body is not None


def _writes(call: ApprovedCall) -> bool:
    return call.built.operation.write_class is not WriteClass.READ


def _lost(call: ApprovedCall, error: FacadeError) -> FacadeError:
    """D9: a read's answer is missing; a write may have happened, and nobody knows."""
    if not _writes(call):
        return error
    return OutcomeUnknown(
        "The change was sent and its answer was lost: it may or may not have happened. It will not be sent again; "
        "look at the data before you ask for it once more."
    )
