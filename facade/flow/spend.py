"""Spend: one ticket, its work, and a ledger record for whatever happens."""

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from facade import meter
from facade.flow.turns import Origin
from facade.kernel import (
    Counted,
    Entrance,
    FacadeError,
    LedgerUnavailable,
    LimitExceeded,
    Micros,
    Tenant,
    Ticket,
)
from facade.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a spend is for; the ticket repeats it."""

    entrance: Entrance
    api: str
    what: str
    method: str
    units: Mapping[Counted, int]
    request_id: str
    plan: str | None = None
    until: Micros | None = None

    @classmethod
    def visit(cls, what: str, origin: Origin, *, turns: int = 0) -> "Purpose":
        """One request to us alone, perhaps a turn; the calls that follow from it have purposes of their own."""
        return cls(
            entrance=origin.entrance,
            api="",
            what=what,
            method="",
            units={Counted.REQUESTS: 1, **({Counted.TURNS: turns} if turns else {})},
            request_id=origin.request_id,
        )


class OpenAttempt:
    """An attempt between its intent and its settlement."""

    __slots__ = ("status",)

    def __init__(self) -> None:
        self.status: int | None = None

    def answered(self, status: int) -> None:
        """The application's status arrived."""
        self.status = status


async def admitting(tenant: Tenant, purpose: Purpose, ports: Ports) -> Ticket:
    """Charge the tenant's limits, all or none. The only maker of tickets.

    Raises:
        LedgerUnavailable: what could not be recorded may not start.
        LimitExceeded: nothing was charged.
    """
    if not ports.journal.writable():
        raise LedgerUnavailable("The ledger cannot be written at the moment; nothing was done. Try again shortly.")
    now = ports.clock.now()
    verdict = await ports.limiter.take(tenant, purpose.units, now)
    if not verdict.admitted:
        named = ", ".join(verdict.violated)
        raise LimitExceeded(
            f"Your {tenant.tier.name} tier's limit is reached: {named}.",
            retry_after=verdict.retry_after,
            policies=verdict.violated,
            standing=verdict.standing,
        )
    return Ticket(
        id=ports.ids.new(),
        tenant=tenant,
        entrance=purpose.entrance,
        api=purpose.api,
        what=purpose.what,
        method=purpose.method,
        units=purpose.units,
        request_id=purpose.request_id,
        at=now,
        standing=verdict.standing,
        plan=purpose.plan,
        until=purpose.until,
    )


@asynccontextmanager
async def spend(tenant: Tenant, purpose: Purpose, ports: Ports) -> AsyncGenerator[Ticket]:
    """Admit, hold the slot while the work runs, give it back whatever happens."""
    ticket = await admitting(tenant, purpose, ports)
    try:
        yield ticket
    finally:
        if Counted.REQUESTS in purpose.units:
            ports.limiter.release(tenant.id)


@contextmanager
def deciding(ticket: Ticket, ports: Ports) -> Generator[None]:
    """The stages between admission and the wire: a refusal here is charged, and stands in the ledger."""
    try:
        yield
    except FacadeError as error:
        now = ports.clock.now()
        record = meter.decision(ticket, id=ports.ids.new(), outcome=error.code, now=now)
        ports.journal.append(record)
        ports.probe.spent(ticket, outcome=error.code, status=None, micros=now - ticket.at)
        raise


@contextmanager
def attempt(ticket: Ticket, number: int, ports: Ports, *, approval: str | None = None) -> Generator[OpenAttempt]:
    """One attempt: intent before, settlement after. The outcome starts as the worst and turns good last.

    Raises:
        LedgerUnavailable: the intent could not be written, so nothing leaves.
    """
    record = meter.intent(ticket, id=ports.ids.new(), attempt=number, now=ports.clock.now(), approval=approval)
    ports.journal.append(record)
    if not ports.journal.writable():
        raise LedgerUnavailable("The ledger cannot be written at the moment; nothing was sent. Try again shortly.")
    opened, outcome = OpenAttempt(), "broken"
    started = ports.clock.monotonic()
    try:
        yield opened
        outcome = "ok"
    except FacadeError as error:
        outcome = error.code
        raise
    finally:
        ports.journal.append(meter.settle(record, outcome=outcome, status=opened.status, now=ports.clock.now()))
        micros = ports.clock.monotonic() - started
        ports.probe.spent(ticket, outcome=outcome, status=opened.status, micros=micros)
