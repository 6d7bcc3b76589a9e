"""How tickets become ledger records."""

from facade.kernel import Micros, Ticket
from facade.meter.records import Decision, Intent, Settle

TURN = "turn"
"""`what` of a spend that sends nothing itself."""


def intent(ticket: Ticket, *, id: str, attempt: int, now: Micros, approval: str | None = None) -> Intent:
    """The record that must be in the journal before an attempt leaves."""
    return Intent(
        id=id,
        spend=ticket.id,
        attempt=attempt,
        tenant=ticket.tenant.id,
        user=ticket.tenant.principal.user,
        entrance=ticket.entrance,
        api=ticket.api,
        what=ticket.what,
        method=ticket.method,
        wire=ticket.method != "",
        units=ticket.units if attempt == 1 else {},
        price_list=ticket.tenant.tier.price_list,
        plan=ticket.plan,
        approval=approval,
        request_id=ticket.request_id,
        at=now,
    )


def settle(record: Intent, *, outcome: str, status: int | None, now: Micros) -> Settle:
    """The record that ends an attempt."""
    return Settle(id=record.id, outcome=outcome, status=status, at=now)


def decision(ticket: Ticket, *, id: str, outcome: str, now: Micros) -> Decision:
    """The record of a charged spend of which nothing left."""
    return Decision(
        id=id,
        tenant=ticket.tenant.id,
        user=ticket.tenant.principal.user,
        entrance=ticket.entrance,
        api=ticket.api,
        what=ticket.what,
        outcome=outcome,
        units=ticket.units,
        request_id=ticket.request_id,
        at=now,
    )
