"""Every question we ask of the outside world, on one page.

Each port is small and named for our need; `adapters` answers for real, `testing` with fakes. When the thing behind a
port is down, it fails as its docstring says.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from facade.admission import Verdict
from facade.contract import Catalogue
from facade.guard import Approval
from facade.identity import Claims, Credential
from facade.kernel import Answer, ApprovedCall, Counted, Json, Micros, Secret, Standing, Tenant, TenantRecord, Ticket
from facade.meter import Intent, LedgerRecord, UsageRow
from facade.plan import Event, Request, Transcript, Understanding
from facade.tenancy import ContextRules, Policy


class Clock(Protocol):
    """The only reader of time."""

    def now(self) -> Micros:
        """Microseconds since the Unix epoch."""

    def monotonic(self) -> Micros:
        """Microseconds that never run backwards; for durations."""


class Ids(Protocol):
    """The only source of identifiers."""

    def new(self) -> str:
        """A UUIDv7 in its canonical text form: unguessable, ordered within a process."""


class Tokens(Protocol):
    """Who signed this? Fails closed."""

    async def claims(self, credential: Credential) -> Claims:
        """Verified claims.

        Raises:
            Unauthenticated: for every doubt, an unreachable key server with no known key included.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An issuer that people may sign in at.

    Attributes:
        authorization_url: where they go; None while the issuer cannot be asked for it.
        parameters: further ones of the authorization request.
    """

    issuer: str
    label: str
    client_id: str
    scope: str
    authorization_url: str | None
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What a person came back with from an issuer, and what the page had kept for it."""

    issuer: str
    code: Secret
    verifier: Secret
    nonce: str
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A token that `Tokens` believes, until when."""

    token: Secret
    expires: Micros | None


class SignIn(Protocol):
    """Where do people sign in, and what does a code give? Fails closed."""

    async def offers(self) -> tuple[Offer, ...]:
        """The issuers, in the order of the settings."""

    async def redeem(self, code: Code) -> Granted:
        """Exchange a code, once, for a token that has been verified.

        Raises:
            NotFound: nobody signs in at that issuer here. Unauthenticated: the code, its nonce or the token is not
            accepted. UpstreamUnavailable: the issuer cannot be asked. Overloaded: too many at once.
        """


class Tenants(Protocol):
    """What do we keep of this customer? Fails closed."""

    async def find(self, tenant_id: str) -> TenantRecord | None:
        """The record, or None for an unknown tenant."""


class Limiter(Protocol):
    """How much is left? One atomic decision over all limits of the tenant.

    Concurrency counts requests in flight: a charge that holds `Counted.REQUESTS` takes one slot, the calls that a
    request makes on its way (which charge `CALLS` alone) take none, so a turn can never starve itself.

    Local and in memory it cannot be down. A shared store that is down admits within a local, conservative share.
    """

    async def take(self, tenant: Tenant, units: Mapping[Counted, int], now: Micros) -> Verdict:
        """Charge all limits or none; an admitted request also holds one concurrency slot."""

    def release(self, tenant_id: str) -> None:
        """Give the concurrency slot back; exactly once per admitted request. Neither waits nor raises."""

    async def standing(self, tenant: Tenant, now: Micros) -> tuple[Standing, ...]:
        """Where every limit of the tenant's tier stands; charges nothing."""


class Journal(Protocol):
    """The ledger's first write: local, append-only, survives kill -9. Fails closed: see `writable`."""

    def append(self, record: LedgerRecord) -> None:
        """One buffered write to the operating system; neither waits nor raises."""

    def writable(self) -> bool:
        """False once an append has failed; admission then refuses with `LedgerUnavailable`."""


class Ledger(Protocol):
    """The store behind the journal."""

    async def usage(
        self, *, by: Sequence[str], since: Micros | None, until: Micros | None, tenant: str | None
    ) -> tuple[UsageRow, ...]:
        """Usage grouped by any of tenant, operation, day, entrance; ordered by its key."""

    async def charged(self, *, since: Micros) -> Mapping[str, Mapping[Counted, int]]:
        """Units charged per tenant since a moment; quotas reload from it."""

    async def unsettled(self) -> tuple[Intent, ...]:
        """Attempts without a settlement."""


class Approvals(Protocol):
    """Consent, kept durably. Fails closed."""

    async def open(self, approval: Approval) -> None:
        """Keep a new proposal."""

    async def find(self, approval_id: str, *, tenant_id: str) -> Approval | None:
        """The approval of this tenant, in its present state."""

    async def claim(self, approval_id: str, *, tenant_id: str, principal: tuple[str, str], now: Micros) -> Approval:
        """Move OPEN to CLAIMED, once, atomically, and return it as claimed.

        Raises:
            ConsentInvalid: not open, expired, or not this principal's.
        """

    async def finish(self, approval_id: str, *, tenant_id: str, result: Json) -> None:
        """Move CLAIMED to DONE with what the calls answered."""

    async def decline(self, approval_id: str, *, tenant_id: str, principal: tuple[str, str]) -> bool:
        """Move OPEN to DECLINED; False when it was not open for this principal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One conversation in a list of them.

    Attributes:
        title: its first words, '' for one that began without any.
        updated: when something was last added.
    """

    id: str
    title: str
    updated: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What its user thought of one turn."""

    up: bool
    comment: str
    at: Micros


class Conversations(Protocol):
    """Transcripts, kept by the server (D5). Fails closed for consent, open for history."""

    async def load(self, conversation_id: str, *, tenant_id: str, user: str) -> Transcript | None:
        """The transcript, for exactly this user of this tenant."""

    async def locate(self, fingerprint: str, *, tenant_id: str, user: str) -> str | None:
        """The conversation whose last turn left this fingerprint of the client's history."""

    async def append(self, transcript: Transcript, events: Sequence[Event], *, fingerprint: str | None) -> Transcript:
        """Add events to the version given.

        Raises:
            InvalidRequest: another turn was added meanwhile.
        """

    async def listed(
        self, *, tenant_id: str, user: str, limit: int, before: tuple[Micros, str] | None
    ) -> tuple[Heading, ...]:
        """The conversations of exactly this user of this tenant, latest first.

        Args:
            before: `updated` and `id` of the last one that was had; None begins with the latest.
        """

    async def rate(self, conversation_id: str, turn: int, rating: Rating | None, *, tenant_id: str, user: str) -> bool:
        """Keep what this user thinks of a turn, in place of what was kept before; None takes it back.

        Returns:
            False when there is no such conversation of this user; nothing is kept then.
        """

    async def ratings(self, conversation_id: str, *, tenant_id: str, user: str) -> Mapping[int, Rating]:
        """What this user thinks of the turns of a conversation, by turn."""


class Upstream(Protocol):
    """The application, for agents' calls. One attempt a call, at one of its configured addresses."""

    async def send(self, call: ApprovedCall) -> Answer:
        """Send exactly this, once.

        Raises:
            UpstreamUnavailable: nothing was sent. UpstreamTimeout, UpstreamBroken: a read's answer was lost.
            OutcomeUnknown: a write's answer was lost. LimitExceeded, Overloaded: no place was free; nothing was sent.
        """


RawHeaders = Sequence[tuple[bytes, bytes]]
"""Header fields as they are on the wire: in order, in their spelling, duplicates kept."""

Informed = Callable[[int, bytes, RawHeaders], Awaitable[None]]
"""Told of an informational answer: its status, reason and headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One proxied exchange of an existing client, headers already cleaned and completed.

    Trailers of a request do not travel: the server's parser drops them (RFC 9110, section 6.5.1).

    Attributes:
        tenant: whose it is; None for traffic that nobody vouches for.
        target: origin form, exactly the bytes to put on the wire.
        headers: end-to-end ones; a `Host` among them stands for the application's own where that is configured.
        body: None when the client sent none; the length, when it said one, travels in `body_bytes`.
        expects: the `Expect: 100-continue` among the headers still holds. waits: and the body is held back until then.
        upgrade: the protocols that the client asks to switch to; None for none.
        informed: where informational answers go; None drops them.
    """

    api: str
    method: str
    target: str
    headers: RawHeaders
    tenant: Tenant | None = None
    body: AsyncIterator[bytes] | None = None
    body_bytes: int | None = None
    expects: bool = False
    waits: bool = False
    upgrade: bytes | None = None
    informed: Informed | None = None


class Tunnel(Protocol):
    """What a client sends after a switch of protocols."""

    async def send(self, data: bytes) -> None:
        """Pass bytes on; returns when more may follow.

        Raises:
            UpstreamBroken, UpstreamTimeout: the application takes no more.
        """

    def end(self) -> None:
        """Pass on that no more will come; the application may still send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """The application's answer to a passage, streaming. Headers as received, hop-by-hop ones included.

    Attributes:
        body_bytes: the length that the answer declares; None without one.
        chunks: the body; what the application sends over the tunnel, when there is one.
        whole: all of the body has come with the head, so that taking it waits for nothing.
        trailers: complete once `chunks` has ended.
        tunnel: the application switched to a protocol that the passage asked for.
    """

    status: int
    reason: bytes
    headers: RawHeaders
    chunks: AsyncIterator[bytes]
    body_bytes: int | None = None
    whole: bool = False
    trailers: RawHeaders = ()
    tunnel: Tunnel | None = None


class Relay(Protocol):
    """The application, for existing clients. Streams both ways, follows nothing, retries nothing."""

    def exchange(self, passage: Passage) -> AbstractAsyncContextManager[Relayed]:
        """Send, and hand the answer over as it comes; leaving the context gives up what is unread.

        Raises:
            UpstreamUnavailable, UpstreamTimeout, UpstreamBroken; LimitExceeded, Overloaded where no place was free.
        """


class Attempt(Protocol):
    """One try of a call, as `Retries` counts them."""

    @property
    def number(self) -> int:
        """From 1."""

    def answered(self, answer: Answer) -> None:
        """Tell the policy what came back, so that a 503 may be tried again."""


class Retries(Protocol):
    """May this be tried again? Policy, budget and back-off of one upstream (D9)."""

    def attempts(self, call: ApprovedCall) -> AsyncIterator[AbstractAsyncContextManager["Attempt"]]:
        """Yield one context per attempt. An error or a told answer that may be retried is swallowed by the context
        and followed by another attempt; the last one's error goes through. Unsafe calls get exactly one."""


class Planner(Protocol):
    """Words -> understanding, off the event loop. Untrusted."""

    async def understand(self, request: Request) -> Understanding:
        """Read one request against the current catalogue."""


class Probe(Protocol):
    """What operators watch: metrics and one structured event per spend. Never tokens, bodies or arguments (D12)."""

    def spent(self, ticket: Ticket, *, outcome: str, status: int | None, micros: int) -> None:
        """A spend or an attempt ended."""

    def violated(self, *, api: str, operation: str, direction: str, code: str) -> None:
        """Observed traffic differs from the contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything a flow may ask. `app` builds it, and replaces it whole on reload: who holds one meets one state."""

    clock: Clock
    ids: Ids
    tokens: Tokens
    sign_in: SignIn
    tenants: Tenants
    limiter: Limiter
    journal: Journal
    approvals: Approvals
    conversations: Conversations
    upstream: Upstream
    retries: Retries
    planner: Planner
    probe: Probe
    catalogue: Catalogue
    policy: Policy
    context_rules: Mapping[str, ContextRules]
    approval_lives: Micros
