"""Recorded traffic judged offline: HAR 1.2, or JSON lines of our own.

One line of ours is one exchange; `body` is text, `body_base64` bytes:

    {"method": "GET", "target": "/tickets?page=1", "status": 200,
     "request_headers": {...}, "request_body": "...", "response_headers": {"Content-Type": "application/json"},
     "body": "{...}"}

A trace tells what was sent, not what was meant: a request that the description allows was answered rightly by 2xx or
by a declared 4xx, one that it does not allow has to be refused.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from facade.conformance.checks import Subject, judge, made
from facade.conformance.consumers import present
from facade.conformance.described import describe, mapping
from facade.conformance.findings import Findings
from facade.conformance.masking import curl_of
from facade.conformance.oracle import Oracle
from facade.conformance.records import Due, Exchange, Found, Level, Report, Request, Response, Who, response_of
from facade.contract import Contract, compile_contract, match, observe_request
from facade.contract.dialects import plain
from facade.kernel import InvalidRequest, Json, JsonObject

if TYPE_CHECKING:
    from facade.conformance.engine import Options

LARGEST: Final = 256 * 1024 * 1024
_SECRETS: Final = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})


Recorded = tuple[Request, Response]


def exchanges_of(path: Path) -> list[Recorded]:
    """Read a trace.

    Raises:
        InvalidRequest: it is neither form, or too large; names the line.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise InvalidRequest(f"{path} is larger than {LARGEST // 2**20} MiB; split it.", place=str(path))
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read: {error}.", place=str(path)) from None
    if path.suffix.lower() == ".har":
        return list(_har(_loaded(text, str(path)), str(path)))
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    return [_line(_loaded(line, f"{path}:{n}"), f"{path}:{n}") for n, line in lines]


def _loaded(text: str, place: str) -> JsonObject:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidRequest(f"{place} is not valid JSON.", place=place) from None
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{place} should be a JSON object.", place=place)
    return value


def _har(document: JsonObject, place: str) -> Iterator[Recorded]:
    entries = mapping(document.get("log")).get("entries")
    if not isinstance(entries, list):
        raise InvalidRequest(f"{place} has no log.entries, so it is no HAR file.", place=place)
    for n, entry in enumerate(entries):
        sent, got = mapping(mapping(entry).get("request")), mapping(mapping(entry).get("response"))
        at = f"{place}: entry {n}"
        content = mapping(got.get("content"))
        posted = mapping(sent.get("postData")).get("text")
        headers = _pairs(got.get("headers"))
        if not any(name.lower() == "content-type" for name, _ in headers) and content.get("mimeType"):
            headers = (*headers, ("Content-Type", str(content["mimeType"])))
        body = _bytes(content.get("text"), base64_too=content.get("encoding") == "base64", place=at)
        request = _request(sent.get("method"), sent.get("url"), _pairs(sent.get("headers")), posted, at)
        yield request, response_of(_status(got.get("status"), at), headers, body)


def _line(entry: JsonObject, place: str) -> Recorded:
    headers = _pairs(entry.get("response_headers"))
    encoded = "body_base64" in entry
    body = _bytes(entry.get("body_base64" if encoded else "body"), base64_too=encoded, place=place)
    posted = entry.get("request_body")
    request = _request(
        entry.get("method"), entry.get("target", entry.get("url")), _pairs(entry.get("request_headers")), posted, place
    )
    return request, response_of(_status(entry.get("status"), place), headers, body)


def _request(method: Json, url: Json, headers: tuple[tuple[str, str], ...], body: Json, place: str) -> Request:
    if not isinstance(method, str) or not isinstance(url, str) or not url:
        raise InvalidRequest(f"{place} needs a method and a target.", place=place)
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = body.encode() if isinstance(body, str) and body else None
    return Request(method=method.upper(), target=target, headers=headers, body=sent)


def _status(value: Json, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidRequest(f"{place} needs a status.", place=place)
    return value


def _pairs(value: Json) -> tuple[tuple[str, str], ...]:
    """Headers as HAR writes them, or as a plain object."""
    if isinstance(value, Mapping):
        return tuple((str(name), str(inner)) for name, inner in value.items())
    listed = value if isinstance(value, list) else []
    return tuple(
        (str(mapping(h).get("name")), str(mapping(h).get("value", ""))) for h in listed if mapping(h).get("name")
    )


def _bytes(value: Json, *, base64_too: bool, place: str) -> bytes:
    if not isinstance(value, str):
        return b""
    if not base64_too:
        return value.encode("utf-8", errors="surrogatepass")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise InvalidRequest(f"{place} has a body that is not base64.", place=place) from None


# --- verdicts


def judged(recorded: Iterable[Recorded], options: "Options", *, name: str) -> Report:
    """Judge a trace with the checks of single exchanges; nothing is sent."""
    document = plain(options.document).root
    contract = compile_contract(options.document, api="main", settings=options.settings)
    subject = Subject(contract=contract, description=describe(document))
    findings = Findings(wanted=lambda _: True, curl=_curl, mask=lambda text: text)
    oracle = Oracle(document, options.settings.base_path)
    unknown, disagreements, count = 0, dict[str, None](), 0
    for request, response in recorded:
        count += 1
        exchange = _exchange(contract, request, response)
        if exchange is None:
            unknown += 1
            continue
        found = _judge(exchange, subject, findings, options)
        if oracle.wants(exchange) and (theirs := oracle.verdict(exchange)) is not None and not found:
            disagreements[f"{exchange.operation.key.operation_id} {response.status}: openapi-core: {theirs}"] = None
    tried = {key for key, _ in findings.made}
    operations = {n: f"{c.operation.method} {c.operation.path}" for n, c in contract.compiled.items() if n in tried}
    return Report(
        title=contract.title,
        target=name,
        operations=operations,
        outcomes=findings.outcomes(),
        skipped={n: "not in the trace" for n in contract.compiled if n not in tried},
        disagreements=tuple(disagreements),
        notes=tuple(note for note in (_strangers(unknown, count), oracle.why_not) if note),
        requests=count,
        cross_checked=oracle.judged,
    )


def _strangers(unknown: int, count: int) -> str:
    return f"{unknown} of {count} exchanges belong to no operation of the description." if unknown else ""


def _exchange(contract: Contract, request: Request, response: Response) -> Exchange | None:
    found = match(contract, request.method, request.path)
    if found is None or found.operation.key.operation_id not in contract.compiled:
        return None
    wrong = observe_request(found, request.query, request.headers, request.body or b"", contract)
    due = Due.REFUSED if wrong else Due.ANY
    why = f"recorded; {wrong[0].place} {wrong[0].message}" if wrong else "recorded"
    return Exchange(operation=found.operation, request=request, response=response, due=due, why=why)


def _judge(exchange: Exchange, subject: Subject, findings: Findings, options: "Options") -> tuple[Found, ...]:
    key = exchange.operation.key.operation_id
    findings.count(key, *made(exchange))
    found = [*judge(exchange, subject), *(f for c in options.consumers for f in present(c, exchange))]
    if exchange.due is Due.REFUSED and exchange.response.ok:
        seen = f"status {exchange.response.status}"
        found.append(Found(check="input.refused", expected=f"4xx: {exchange.why}", seen=seen, level=Level.WARNING))
    for each in found:
        findings.add(key, each, exchange)
    return tuple(found)


def _curl(exchange: Exchange) -> str:
    names = [n for n, _ in exchange.request.headers if n.lower() in _SECRETS]
    secrets = [v for n, v in exchange.request.headers if n.lower() in _SECRETS]
    return curl_of(exchange.request, "$ORIGIN", {Who.FIRST: names}, secrets)
