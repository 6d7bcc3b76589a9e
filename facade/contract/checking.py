"""Traffic against its contract, both directions. Findings are data; policy decides (principle 12).

Cheap by construction: one look-up, compiled validators, and never more findings than the settings' bound. A megabyte
of JSON costs about 2 ms in the native validator, during which nothing else runs: whoever checks bodies above a few
kilobytes does so in a thread, and an agent's answer above `Bounds.checked_bytes` is not looked into. Proxied bodies
are bounded by whoever captures them, since what is enforced must not be got around by size.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from facade.contract.compiled import Compiled, CompiledParameter, Content
from facade.contract.files import as_text
from facade.contract.media import Kind, essence, is_json, is_text, matching
from facade.contract.multipart import Unreadable
from facade.contract.payloads import json_of, text_of, value_of
from facade.contract.reading import typed
from facade.contract.records import Contract, Match
from facade.contract.styles import Pairs, Texts, raw_pairs, read_header, read_path, read_query
from facade.contract.validators import Validator, verdict
from facade.kernel import Answer, Finding, Json, Location, OperationKey, Severity

_BODILESS: Final = frozenset({204, 205, 304})
_MAY_BE_EMPTY: Final = frozenset({Kind.FORM, Kind.TEXT, Kind.OCTETS})
"""Kinds whose empty body is a value."""
_REQUEST: Final = "request"
_RESPONSE: Final = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """A body as far as it is known: `readable` when `value` is what its JSON, text or octets say; `size` in octets
    where somebody counted them."""

    value: Json = None
    readable: bool = True
    empty: bool = False
    size: int = 0


def _read(body: bytes, media_type: str) -> _Body:
    if not body:
        return _Body(empty=True)
    if not is_json(media_type):
        return _Body(value=text_of(body, media_type) if is_text(media_type) else as_text(body))
    try:
        return _Body(value=json_of(body))
    except Unreadable:
        return _Body(readable=False)


# --- answers


def check(answer: Answer, operation: OperationKey, contract: Contract) -> tuple[Finding, ...]:
    """Where an answer differs from what its operation declares: status, media type, body."""
    compiled = contract.compiled.get(operation.operation_id)
    return _answered(compiled, answer.status, answer.media_type, _body_of(answer)) if compiled else ()


def _body_of(answer: Answer) -> _Body | None:
    """None for octets, which an answer does not keep."""
    if is_json(answer.media_type) or answer.body is not None:
        empty = answer.body is None and not answer.text and answer.size == 0
        return _Body(value=answer.body, readable=not answer.text, empty=empty, size=answer.size)
    if answer.text is not None or answer.size == 0:
        return _Body(value=answer.text, empty=not answer.text, size=answer.size)
    return None


def observe_response(
    match: Match, status: int, media_type: str, body: bytes | None, contract: Contract
) -> tuple[Finding, ...]:
    """The same for a proxied answer; `body` is None when it was not captured, and then goes unchecked."""
    compiled = contract.compiled.get(match.operation.key.operation_id)
    return (
        _answered(compiled, status, media_type, None if body is None else _read(body, media_type)) if compiled else ()
    )


def _answered(compiled: Compiled, status: int, media_type: str, body: _Body | None) -> tuple[Finding, ...]:
    names = (str(status), f"{status // 100}XX", "default")
    declared = next((compiled.responses[n] for n in names if n in compiled.responses), None)
    if declared is None:
        message = f"status {status} is not declared"
        undeclared = Finding(code="response.status", place="status", message=message)
        return (undeclared,) if compiled.responses else ()
    if not declared or status in _BODILESS or compiled.operation.method == "HEAD":
        return ()
    return tuple(_content(declared, media_type, body, compiled))


def _content(
    declared: Mapping[str, Validator | None], media_type: str, body: _Body | None, compiled: Compiled
) -> Iterator[Finding]:
    chosen = matching(declared, media_type)
    validator = declared[chosen] if chosen else None
    if body is not None and body.empty:
        # A parsed JSON null looks like no body at all, so where null is allowed nothing is missing.
        if not any(v is not None and v.is_valid(None) for v in declared.values()):
            yield Finding(code="response.body", place="body", message="a body is declared, and none came")
    elif chosen is None:
        message = f"media type {essence(media_type)[:80] or 'none'!r} is not declared for this status"
        yield Finding(code="response.media_type", place="content-type", message=message)
    elif validator is not None and body is not None and is_json(chosen) == is_json(media_type):
        yield from _held(validator, body, compiled)


def _held(validator: Validator, body: _Body, compiled: Compiled) -> Iterator[Finding]:
    if body.size > compiled.checked_bytes:
        message = f"is larger than {compiled.checked_bytes} bytes, so it was not held against its schema"
        yield Finding(code="body.unchecked", place="body", message=message, severity=Severity.INFO)
    elif body.readable:
        yield from verdict(validator, body.value, place="body", code=_RESPONSE, limit=compiled.findings_limit)
    else:
        yield Finding(code="response.body", place="body", message="is not valid JSON")


# --- proxied requests


def observe_request(
    match: Match, query: str, headers: Iterable[tuple[str, str]], body: bytes | None, contract: Contract
) -> tuple[Finding, ...]:
    """Where a proxied request differs from its operation.

    Parameters that the description does not declare are no difference (OpenAPI allows them); credentials are not
    looked at.

    Args:
        query: raw, without `?`.
        body: None when it was not captured, and then goes unchecked; b"" for none.
    """
    compiled = contract.compiled.get(match.operation.key.operation_id)
    if compiled is None:
        return ()
    received = Received.of(match, query, headers)
    findings = (*_parameters(compiled, received), *_body(compiled, received, body))
    return findings[: compiled.findings_limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request taken apart, nothing decoded yet."""

    path: Mapping[str, str]
    query: Pairs
    headers: Mapping[str, str]
    cookies: Pairs

    @classmethod
    def of(cls, match: Match, query: str, headers: Iterable[tuple[str, str]]) -> "Received":
        """Headers of one name are one list, cookies of several headers one jar."""
        merged: dict[str, str] = {}
        for name, value in headers:
            lower = name.lower()
            separator = "; " if lower == "cookie" else ","
            merged[lower] = f"{merged[lower]}{separator}{value}" if lower in merged else value
        cookies = raw_pairs("&".join(part.strip() for part in merged.get("cookie", "").split(";")))
        return cls(path=match.raw, query=raw_pairs(query), headers=merged, cookies=cookies)

    def texts(self, each: CompiledParameter) -> Texts | None:
        """A parameter as it was sent; None when it was not."""
        codec, shape = each.codec, each.shape
        match codec.location:
            case Location.PATH:
                return read_path(codec, self.path[codec.name], shape)
            case Location.QUERY:
                return read_query(codec, self.query, shape)
            case Location.COOKIE:
                return read_query(codec, self.cookies, shape)
        raw = self.headers.get(codec.name.lower())
        return None if raw is None else read_header(codec, raw, shape)

    def repeats(self, each: CompiledParameter) -> bool:
        """True for a query parameter of one value that is sent several times: which one counts is anyone's guess. One
        that may be a list is none, however its style would have lists."""
        types = each.reading.types
        one = bool(types) and types.isdisjoint({"array", "object"})
        return one and sum(name == each.codec.name for name, _ in self.query) > 1


def _parameters(compiled: Compiled, received: Received) -> Iterator[Finding]:
    for each in compiled.parameters:
        parameter = each.parameter
        place = f"{parameter.location}.{parameter.name}"
        texts = received.texts(each)
        if texts is None:
            if parameter.required:
                yield Finding(code="request.missing", place=place, message="is required")
        elif parameter.location is Location.QUERY and received.repeats(each):
            yield Finding(code="request.repeated", place=place, message="is sent more than once")
        elif texts or not each.may_be_empty:
            value = typed(each.codec, texts, each.reading)
            yield from verdict(each.validator, value, place=place, code=_REQUEST, limit=compiled.findings_limit)


def _body(compiled: Compiled, received: Received, raw: bytes | None) -> Iterator[Finding]:
    declared = compiled.body
    if declared is None or raw is None:
        return
    media_type = received.headers.get("content-type", "")
    chosen = matching(declared.declared, media_type)
    content = declared.contents.get(chosen or "")
    if not raw and not (declared.required and content is not None and content.kind in _MAY_BE_EMPTY):
        if declared.required:
            yield Finding(code="request.missing", place="body", message="a body is required")
    elif chosen is None:
        message = f"media type {essence(media_type)[:80] or 'none'!r} is not declared"
        yield Finding(code="request.media_type", place="content-type", message=message)
    elif content is not None:
        yield from _spoken(content, raw, media_type, compiled.findings_limit)


def _spoken(content: Content, raw: bytes, media_type: str, limit: int) -> Iterator[Finding]:
    try:
        value = value_of(raw, media_type, content)
    except Unreadable as reason:
        yield Finding(code="request.body", place="body", message=str(reason))
    else:
        yield from verdict(content.validator, value, place="body", code=_REQUEST, limit=limit)
