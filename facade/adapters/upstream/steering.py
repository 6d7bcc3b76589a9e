"""Each exchange to an address that works, within its caller's share: passages, and the facade's own questions.

`SteeredRelay` stands before one relay for each address. What a relay raises tells how the address did; only a body
that its own client broke off says nothing about the application.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ConnectionTimeoutError

from facade.adapters.upstream.addresses import Addresses, Chosen, Outcome, outcome_of
from facade.adapters.upstream.breaker import UNVOUCHED
from facade.adapters.upstream.session import Exchange, Outgoing
from facade.adapters.upstream.shares import Claim, Shares
from facade.adapters.upstream.tls import reason_of
from facade.kernel import UpstreamBroken, UpstreamTimeout, UpstreamUnavailable
from facade.ports import Passage, Relay, Relayed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How one application is reached: who may go there now, and where to."""

    addresses: Addresses
    shares: Shares


class SteeredRelay:
    """`Relay` over one relay for each address, in their order."""

    def __init__(self, relays: Sequence[Relay], reach: Reach) -> None:
        self._relays = tuple(relays)
        self._reach = reach

    def exchange(self, passage: Passage) -> AbstractAsyncContextManager[Relayed]:
        """See `ports.Relay`. A passage of which nothing was sent is tried at one other address.

        Raises:
            LimitExceeded, Overloaded: there was no place for it; nothing was sent.
        """
        return _Steered(self._relays, self._reach, passage)


class _Steered(AbstractAsyncContextManager[Relayed]):
    """One passage, from its place among the others to its end."""

    __slots__ = (
        *("_addresses", "_chosen", "_claim", "_inner", "_passage", "_placed"),
        *("_relays", "_shares", "_status", "_upload"),
    )

    _chosen: Chosen
    _inner: AbstractAsyncContextManager[Relayed]

    def __init__(self, relays: Sequence[Relay], reach: Reach, passage: Passage) -> None:
        self._relays = relays
        self._addresses = reach.addresses
        self._shares = reach.shares
        self._claim = _claim(reach.shares, passage)
        self._upload = None if passage.body is None else _Upload(passage.body)
        self._passage = passage if self._upload is None else replace(passage, body=self._upload.chunks())
        self._status = 0
        self._placed = False

    async def __aenter__(self) -> Relayed:
        self._addresses.refuse("passages")
        await self._shares.enter(self._claim)
        self._placed = True
        try:
            return await self._begun()
        except BaseException:
            self._left()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        try:
            return await self._inner.__aexit__(kind, error, trace)
        finally:
            self._told(error)
            self._left()

    async def _begun(self) -> Relayed:
        try:
            return await self._tried(None)
        except UpstreamUnavailable:
            if (self._upload is not None and self._upload.begun) or not self._addresses.another(self._chosen):
                raise
        return await self._tried(self._chosen)

    async def _tried(self, beside: Chosen | None) -> Relayed:
        self._chosen = self._addresses.choose("passages", self._claim.who, beside=beside)
        self._inner = self._relays[self._chosen.index].exchange(self._passage)
        try:
            relayed = await self._inner.__aenter__()
        except BaseException as error:
            self._told(error)
            raise
        self._status = relayed.status
        if _lasting(relayed):
            self._left()
        return relayed

    def _left(self) -> None:
        """Give the place back, once."""
        if self._placed:
            self._placed = False
            self._shares.leave(self._claim)

    def _told(self, error: BaseException | None) -> None:
        if isinstance(error, UpstreamUnavailable):
            self._addresses.distrusted(self._chosen, reason_of(error.__cause__))
        broken_here = self._upload is not None and self._upload.broken
        self._chosen.told(Outcome.ABANDONED if broken_here else _outcome(error, self._status))


_TYPE_BYTES: Final = len(b"content-type")


class _Upload:
    """A client's body on its way, and what became of it on this side.

    Attributes:
        begun: a first chunk was asked for. broken: the client's side failed; a cancellation is the application's.
    """

    __slots__ = ("_body", "begun", "broken")

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self.begun = False
        self.broken = False

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body as it comes."""
        self.begun = True
        chunk = b""
        while True:
            try:
                chunk = await anext(self._body)
            except StopAsyncIteration:
                return
            except Exception:
                self.broken = True
                raise
            yield chunk


def _lasting(relayed: Relayed) -> bool:
    """Stays open for as long as somebody looks: another protocol, or server-sent events."""
    return relayed.tunnel is not None or any(
        len(name) == _TYPE_BYTES and name.lower() == b"content-type" and value.lower().startswith(b"text/event-stream")
        for name, value in relayed.headers
    )


def _claim(shares: Shares, passage: Passage) -> Claim:
    tenant = passage.tenant
    if tenant is None:
        return shares.claim("passages", UNVOUCHED, 0)
    return shares.claim("passages", tenant.id, tenant.tier.concurrency)


def _outcome(error: BaseException | None, status: int) -> Outcome:
    match error:
        case UpstreamUnavailable():
            return Outcome.UNREACHED
        case UpstreamTimeout():
            return Outcome.SILENT
        case UpstreamBroken():
            return Outcome.CUT
        case _:
            return outcome_of(status)


class SteeredOutgoing:
    """Questions of our own (whose credential is this?), to an address that works. Takes nobody's place."""

    def __init__(self, outgoings: Sequence[Outgoing], addresses: Addresses) -> None:
        self._outgoings = tuple(outgoings)
        self._addresses = addresses

    async def request(self, exchange: Exchange) -> ClientResponse:
        """See `Outgoing.request`; without a connection, one other address is tried.

        Raises:
            UpstreamUnavailable: they failed too often to be asked just now.
        """
        chosen = self._addresses.choose("questions")
        try:
            return await self._asked(chosen, exchange)
        except (ClientConnectorError, ConnectionTimeoutError):
            if not self._addresses.another(chosen):
                raise
        return await self._asked(self._addresses.choose("questions", beside=chosen), exchange)

    async def _asked(self, chosen: Chosen, exchange: Exchange) -> ClientResponse:
        outcome = Outcome.ABANDONED
        try:
            response = await self._outgoings[chosen.index].request(exchange)
            outcome = outcome_of(response.status)
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            outcome = Outcome.UNREACHED
            self._addresses.distrusted(chosen, reason_of(error))
            raise
        except TimeoutError:
            outcome = Outcome.SILENT
            raise
        except (ClientError, OSError):
            outcome = Outcome.CUT
            raise
        finally:
            chosen.told(outcome)
        return response
