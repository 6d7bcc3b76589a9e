"""Authentication: what the description protects is refused without a credential, and with a broken one."""

from dataclasses import replace

from facade.conformance.records import Due, Exchange, Level, Who
from facade.conformance.session import Session

_TRIES = ((Who.NOBODY, "without a credential"), (Who.BROKEN, "with a credential that nobody has"))


async def check_reads(session: Session) -> None:
    """Repeat the first good answer of every read without a valid credential."""
    if not session.plan.protected:
        session.notes.append("No --header was given, so nothing tells whether credentials are really required.")
        return
    for operation in session.reads:
        exchange = session.reached.get(operation.key.operation_id) or session.refused.get(operation.key.operation_id)
        if exchange is not None and is_protected(session, exchange):
            await denied(session, exchange)


def is_protected(session: Session, exchange: Exchange) -> bool:
    """The description asks for a credential, or says nothing about it."""
    return session.subject.description.of(exchange.operation).secured is not False


async def denied(session: Session, exchange: Exchange) -> None:
    """Send the same request twice without a valid credential."""
    for who, why in _TRIES:
        again = await session.send(
            exchange.operation, replace(exchange.request, who=who), due=_due(session, exchange), why=why
        )
        if again is not None and again.due is Due.ANY and again.response.ok:
            session.problem(
                again,
                "auth.required",
                expected="401 or 403, or `security: []` in the description",
                seen=f"status {again.response.status}",
                level=Level.WARNING,
            )


def _due(session: Session, exchange: Exchange) -> Due:
    """An operation whose description is silent about security may be open; that is worth a warning."""
    secured = session.subject.description.of(exchange.operation).secured
    return Due.DENIED if secured else Due.ANY
