"""What one exchange tells by itself. A check is a small function: exchange and description in, findings out."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from facade.conformance.described import Description, HeaderShape
from facade.conformance.envelopes import items_of
from facade.conformance.records import Due, Exchange, Found, Level
from facade.conformance.resources import ends_in_parameter, last_literal, path_values
from facade.conformance.shapes import undeclared_fields, value_at
from facade.conformance.statuses import EXPECTATIONS, GENERIC, MISSING_IS_A_GAP
from facade.contract import Contract, Match, observe_response
from facade.kernel import Finding

CHECKS: Final[Mapping[str, str]] = {
    "server.error": "The application never answers 5xx.",
    "status.declared": "The description knows the status.",
    "status.class": "The status is of the class that the request asks for.",
    "media_type": "The media type is declared for the status.",
    "body.whole": "The body arrives whole.",
    "body.empty": "A declared body is there.",
    "body.json": "A JSON body is valid JSON.",
    "body.schema": "The body fits its schema.",
    "body.undeclared": "The body has no fields that the description does not know.",
    "headers.declared": "Declared response headers are there and fit their schemas.",
    "created.identified": "Who creates something learns where it is: an id, or Location.",
    "links.followed": "Declared links and Location lead to what they promise.",
    "auth.required": "Nothing is read or written without a valid credential.",
    "tenants.read": "One tenant cannot read another's items by id.",
    "tenants.list": "One tenant's lists hold none of another's items.",
    "tenants.write": "One tenant cannot change another's items.",
    "put.idempotent": "The same PUT twice leaves what it left once.",
    "delete.effect": "What was deleted is gone.",
    "delete.repeat": "A second DELETE finds nothing and breaks nothing.",
    "write.effect": "What was written is what is read afterwards.",
    "pages.whole": "Pages neither repeat nor lose items.",
    "pages.limit": "A page is no longer than asked for.",
    "pages.total": "The total counts what the pages hold.",
    "filters.obeyed": "A filter returns what it names and nothing else.",
    "input.refused": "Input against the description is refused with 4xx.",
    "input.accepted": "Input that the description allows is accepted.",
    "method.refused": "A method that the description does not know is refused.",
    "consumer.declared": "What a consumer relies on is in the description.",
    "consumer.present": "What a consumer relies on is in the answers.",
}
"""Every check with the rule that it holds to."""
NOT_IMPLEMENTED: Final = 501
_INDEX: Final = re.compile(r"\.[0-9]+(?=\.|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is tested against: the compiled contract, and what else the document says."""

    contract: Contract
    description: Description


Check: TypeAlias = Callable[[Exchange, Subject], Iterator[Found]]


def server_error(exchange: Exchange, _: Subject) -> Iterator[Found]:
    """5xx is the application's fault, whatever was sent."""
    if exchange.response.broken:
        yield Found(check="server.error", expected="no 5xx", seen=f"status {exchange.response.status}")


def status_class(exchange: Exchange, subject: Subject) -> Iterator[Found]:
    """A status of the right class: 404 for what is not there, 4xx for bad input, 401 or 403 without a credential."""
    rule = EXPECTATIONS.get(exchange.due)
    status = exchange.response.status
    if rule is None or exchange.response.broken:
        return
    level = rule.judge(status)
    if exchange.due is Due.ABSENT:
        level = _absent(exchange, subject, level)
    if level is not None:
        yield Found(check=rule.check, expected=rule.expected, seen=f"status {status}", level=level)


def _absent(exchange: Exchange, subject: Subject, level: Level | None) -> Level | None:
    """Where 404 is declared it is due; where it is not, an empty list will do."""
    responses = subject.contract.compiled[exchange.operation.key.operation_id].responses
    if {"404", "410"} & set(responses):
        return Level.FAILURE if exchange.response.status in {400, 422} else level
    return None if exchange.response.ok and _is_empty(exchange) else level


def _is_empty(exchange: Exchange) -> bool:
    """A list with nothing in it, bare or in an envelope."""
    value = exchange.response.value
    lists = [v for v in value.values() if isinstance(v, list)] if isinstance(value, Mapping) else [value]
    return bool(lists) and all(each == [] for each in lists)


def body_whole(exchange: Exchange, _: Subject) -> Iterator[Found]:
    """The bytes that were promised came."""
    if exchange.response.cut:
        yield Found(check="body.whole", expected="a whole body", seen=exchange.response.cut)


def declared(exchange: Exchange, subject: Subject) -> Iterator[Found]:
    """Status, media type and body against the compiled contract."""
    response = exchange.response
    match = Match(operation=exchange.operation, path={})
    body = None if response.cut else response.body
    for finding in observe_response(match, response.status, response.media_type, body, subject.contract):
        found = _declared(exchange, finding)
        if found is not None:
            yield found


def _declared(exchange: Exchange, finding: Finding) -> Found | None:
    if finding.code == "response.status":
        return _undeclared_status(exchange)
    if finding.code == "response.media_type":
        seen = exchange.response.media_type or "none"
        return Found(check="media_type", expected="a media type declared for this status", seen=seen[:80])
    if finding.code == "response.body":
        if exchange.response.body:
            return Found(check="body.json", expected="valid JSON", seen=_excerpt(exchange.response.body))
        return Found(check="body.empty", expected="a body as declared", seen="no body")
    seen = value_at(exchange.response.value, finding.place)
    place = _INDEX.sub("[]", finding.place)  # the same in every item is one problem
    return Found(check="body.schema", expected=f"{place} {finding.message}", seen=seen)


def _undeclared_status(exchange: Exchange) -> Found | None:
    status = exchange.response.status
    if exchange.response.broken or (exchange.due is Due.UNREADABLE and status in GENERIC):
        return None  # `server.error` says it better; HTTP itself explains the others
    level = Level.WARNING if status in MISSING_IS_A_GAP else Level.FAILURE
    return Found(check="status.declared", expected="a declared status", seen=f"status {status}", level=level)


def _excerpt(body: bytes) -> str:
    text = " ".join(body[:200].decode("utf-8", errors="replace").split())
    return f"{text[:40]} … {text[-20:]}" if len(text) > 60 else text  # noqa: PLR2004 - what fits in a table


def undeclared(exchange: Exchange, subject: Subject) -> Iterator[Found]:
    """Fields that the description does not know: allowed by OpenAPI, and still a sign that the two drift apart."""
    operation = subject.contract.compiled[exchange.operation.key.operation_id].operation
    status = exchange.response.status
    names = (str(status), f"{status // 100}XX", "default")
    shape = next((r for name in names for r in operation.responses if r.status == name), None)
    if shape is None or exchange.response.cut:
        return
    for place in undeclared_fields(exchange.response.value, shape.schema):
        yield Found(check="body.undeclared", expected="described fields alone", seen=place, level=Level.WARNING)


def headers(exchange: Exchange, subject: Subject) -> Iterator[Found]:
    """Declared response headers; Location on 201 counts as required, since a creation has no other use for it."""
    for shape in subject.description.of(exchange.operation).header_shapes(exchange.response.status):
        yield from _header(exchange, shape)


def _header(exchange: Exchange, shape: HeaderShape) -> Iterator[Found]:
    value = exchange.response.header(shape.name.lower())
    created = exchange.response.status == 201 and shape.name.lower() == "location"  # noqa: PLR2004 - Created
    if value is None:
        if shape.required or created:
            yield Found(check="headers.declared", expected=f"header {shape.name}", seen="no such header")
        return
    wrong = _misfit(value, shape)
    if wrong:
        yield Found(check="headers.declared", expected=f"header {shape.name}: {wrong}", seen=value[:60])


def _misfit(value: str, shape: HeaderShape) -> str:
    kind, words = shape.schema.get("type"), shape.schema.get("enum")
    plain = value.strip()
    if kind in ("integer", "number"):
        try:
            number = float(plain)
        except ValueError:
            return f"must be of type {kind}"
        return "must be a whole number" if kind == "integer" and not number.is_integer() else ""
    if kind == "boolean" and plain not in ("true", "false"):
        return "must be true or false"
    if isinstance(words, list) and all(isinstance(w, str) for w in words) and plain not in words:
        return f"must be one of: {', '.join(map(str, words))}"
    return "" if plain else "must not be empty"


def scope(exchange: Exchange, _: Subject) -> Iterator[Found]:
    """A list below an item holds what belongs to that item, as far as its own fields tell."""
    operation = exchange.operation
    items = items_of(exchange.response.value, last_literal(operation.path)) if exchange.response.ok else None
    if operation.method != "GET" or ends_in_parameter(operation.path) or not items:
        return
    for name, value in path_values(operation.path, exchange.request.path).items():
        others = [item for item in items if name in item and str(item[name]) != value]
        if others:
            expected = f"only items whose {name} is that of the path"
            yield Found(check="filters.obeyed", expected=expected, seen=f"{len(others)} of {len(items)} are others")


EXCHANGE_CHECKS: Final[tuple[Check, ...]] = (
    server_error,
    status_class,
    body_whole,
    declared,
    undeclared,
    headers,
    scope,
)


def judge(exchange: Exchange, subject: Subject) -> tuple[Found, ...]:
    """Everything that one exchange tells by itself; the description says nothing of a method that it does not know."""
    if exchange.request.method != exchange.operation.method:
        return tuple(server_error(exchange, subject)) if exchange.response.status != NOT_IMPLEMENTED else ()
    return tuple(found for check in EXCHANGE_CHECKS for found in check(exchange, subject))


def made(exchange: Exchange) -> tuple[str, ...]:
    """The checks that an exchange counts for."""
    if exchange.request.method != exchange.operation.method:
        return ("server.error",)
    rule = EXPECTATIONS.get(exchange.due)
    own = (rule.check,) if rule else ()
    return (*own, "server.error", "status.declared", "media_type", "body.whole", "body.json", "body.schema")
