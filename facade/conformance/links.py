"""Links that answers promise: OpenAPI links by their runtime expressions, and Location after a creation."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from facade.conformance.arguments import required_arguments
from facade.conformance.described import Link
from facade.conformance.records import Due, Exchange, Level, Request
from facade.conformance.resources import steps_of
from facade.conformance.session import Session
from facade.contract import match
from facade.kernel import Json, Operation


async def check_links(session: Session) -> None:
    """Follow the links of one good answer of every operation."""
    for exchange in list(session.reached.values()):
        await follow(session, exchange)


async def follow(session: Session, exchange: Exchange) -> None:
    """Follow every declared link of an answer that leads to a read."""
    described = session.subject.description.of(exchange.operation)
    for link in described.links_of(exchange.response.status):
        target = _target(session, link)
        if target is None or target not in session.reads:
            continue
        session.findings.count(exchange.operation.key.operation_id, "links.followed")
        await _follow(session, exchange, link, target)


async def _follow(session: Session, exchange: Exchange, link: Link, target: Operation) -> None:
    values = {name.rpartition(".")[2]: evaluated(session, exchange, text) for name, text in link.parameters.items()}
    missing = [name for name, value in values.items() if value is None]
    names = {step.name for step in steps_of(target.path)}
    path = {n: session.typed(target, n, v) for n, v in values.items() if n in names and _plain(v)}
    if missing or set(path) != names:
        expected = f"link {link.name}: {', '.join(missing or names - set(path))} in the answer"
        session.problem(exchange, "links.followed", expected=expected, seen="nothing there")
        return
    arguments = required_arguments(session, target, path)
    answer = await session.call(target, arguments, due=Due.ANSWERED, why=f"link {link.name}")
    if answer is not None and not answer.response.ok:
        seen = f"status {answer.response.status}"
        session.problem(answer, "links.followed", expected=f"link {link.name} leads to 2xx", seen=seen)


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _target(session: Session, link: Link) -> Operation | None:
    for operation in session.plan.operations.values():
        if operation.key.operation_id == link.operation_id or (operation.method, operation.path) == link.route:
            return operation
    return None


def evaluated(session: Session, exchange: Exchange, expression: Json) -> Json:
    """A runtime expression (OpenAPI 3.1, 4.8.20.4), None when it leads nowhere; what is none stands for itself."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    source, _, rest = expression.removeprefix("$").partition(".")
    part, _, pointer = rest.partition("#")
    if source == "response" and part == "body":
        return _pointed(exchange.response.value, pointer)
    if source == "response" and part.startswith("header."):
        return exchange.response.header(part.removeprefix("header.").lower())
    if source == "request" and part.startswith("path."):
        return session.path_values(exchange).get(part.removeprefix("path."))
    return None


def _pointed(value: Json, pointer: str) -> Json:
    for raw in pointer.split("/")[1:]:
        token = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdigit() and int(token) < len(value):
            value = value[int(token)]
        else:
            return None
    return value


async def check_location(session: Session, exchange: Exchange) -> None:
    """What Location names can be read."""
    location = exchange.response.header("location")
    if not location:
        return
    parts = urlsplit(location)
    base = exchange.request.path.rsplit("/", 1)[0]
    path = parts.path if parts.path.startswith("/") else f"{base}/{parts.path}"
    found = match(session.subject.contract, "GET", path)
    if found is None or found.operation not in session.reads:
        return
    session.findings.count(exchange.operation.key.operation_id, "links.followed")
    target = path + (f"?{parts.query}" if parts.query else "")
    answer = await session.send(found.operation, Request(method="GET", target=target), due=Due.ANSWERED, why="Location")
    if answer is not None and not answer.response.ok:
        seen = f"status {answer.response.status}"
        session.problem(answer, "links.followed", expected="Location leads to 2xx", seen=seen, level=Level.FAILURE)
