"""Every question we ask of the outside world, on one page.

Each port is small and named for our need; `adapters` answers for real, `testing` with fakes. When the thing behind a
port is down, it fails as its docstring says.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from facade.admission import Verdict
from facade.contract import Catalogue
from facade.guard import Approval
from facade.identity import Claims, Credential
from facade.kernel import Answer, ApprovedCall, Counted, Json, Micros, Tenant, TenantRecord, Ticket
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


class Upstream(Protocol):
    """The application, for agents' calls. One attempt a call, on the one configured address."""

    async def send(self, call: ApprovedCall) -> Answer:
        """Send exactly this, once.

        Raises:
            UpstreamUnavailable: nothing was sent. UpstreamTimeout, UpstreamBroken: a read's answer was lost.
            OutcomeUnknown: a write's answer was lost.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One proxied exchange of an existing client, headers already cleaned and completed.

    Attributes:
        target: origin form, exactly the bytes to put on the wire.
        headers: in order, duplicates kept.
        body: None when the client sent none; the length, when known, travels in `body_bytes`.
    """

    api: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: AsyncIterator[bytes] | None = None
    body_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """The application's answer to a passage, streaming. Headers as received, hop-by-hop ones included."""

    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...]
    chunks: AsyncIterator[bytes]


class Relay(Protocol):
    """The application, for existing clients. Streams both ways, follows nothing, retries nothing."""

    def exchange(self, passage: Passage) -> AbstractAsyncContextManager[Relayed]:
        """Send, and hand the answer over as it comes; leaving the context gives up what is unread.

        Raises:
            UpstreamUnavailable, UpstreamTimeout, UpstreamBroken.
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
    """Everything a flow may ask. Built once in `app.py`; the catalogue is replaced whole on reload."""

    clock: Clock
    ids: Ids
    tokens: Tokens
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
