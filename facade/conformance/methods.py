"""Methods that the description does not know: refused, or else somebody has left a door open."""

from collections.abc import Iterator

from facade.conformance.records import Due, Exchange, Level, Request
from facade.conformance.session import Session
from facade.contract import match

_HARMLESS = ("GET", "TRACE")


async def check_methods(session: Session) -> None:
    """For each path one method that changes nothing by its meaning."""
    asked: set[str] = set()
    for exchange in list(session.reached.values()):
        for request in _unknown(session, exchange):
            if request.target in asked:
                continue
            asked.add(request.target)
            operation_id = exchange.operation.key.operation_id
            session.findings.count(operation_id, "method.refused")
            why = f"{request.method}, which the description does not know"
            answer = await session.send(exchange.operation, request, due=Due.UNREADABLE, why=why)
            if answer is not None and answer.response.ok:
                seen = f"status {answer.response.status}"
                expected = f"405 for {request.method}"
                session.problem(answer, "method.refused", expected=expected, seen=seen, level=Level.WARNING)


def _unknown(session: Session, exchange: Exchange) -> Iterator[Request]:
    for method in _HARMLESS:
        if match(session.subject.contract, method, exchange.request.path) is None:
            yield Request(method=method, target=exchange.request.path)
            return
