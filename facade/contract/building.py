"""Call -> exact request, or a refusal that names every argument at fault (I3, SEC-PATH).

The request is built from the contract and the call alone, then read back: the target must match the same operation
and give back the same values, or nothing is built.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from facade.contract.arguments import Given, body_problems, finding, parameters, unknown, unwritable
from facade.contract.compiled import Compiled
from facade.contract.context import conflict, in_context, means
from facade.contract.matching import match
from facade.contract.payloads import payload_of
from facade.contract.records import Contract
from facade.contract.styles import (
    Pairs,
    Texts,
    Unwritable,
    json_text,
    raw_pairs,
    read_header,
    read_path,
    read_query,
    shape_of,
    write_header,
    write_path,
    write_query,
)
from facade.kernel import (
    BuiltCall,
    Call,
    Context,
    ContextConflict,
    ContractViolation,
    Finding,
    Json,
    Location,
    NotFound,
    OutboundRequest,
    digest_of,
)


def build(call: Call, contract: Contract, context: Context, *, tenant_id: str) -> BuiltCall:
    """The exact request of a call, its context filled in.

    Values are checked as given; a number written as a string stays a string.

    Raises:
        NotFound: no such operation within agents' reach.
        ContextConflict: a value of the caller's own for what the tenant context fixes.
        ContractViolation: arguments that the contract does not allow; findings are placed by argument name.
    """
    key = call.operation
    if key.api != contract.api or key.operation_id not in contract.operations:
        raise NotFound(f"There is no operation {key.operation_id!r} in {key.api!r}.")
    compiled = contract.compiled[key.operation_id]
    arguments = in_context(call.arguments, compiled, context)
    values, findings = parameters(arguments, compiled, context)
    findings = [*unknown(arguments, compiled), *findings, *body_problems(arguments.body, compiled)]
    _refuse(findings, compiled)
    request = _assembled(compiled, values, arguments.body, context)
    _refuse(list(_differences(request, values, compiled, contract)), compiled)
    _guard_query(request, context)
    digest = digest_of(request, api=key.api, tenant_id=tenant_id, contract_version=contract.version)
    return BuiltCall(
        call=call,
        operation=compiled.operation,
        request=request,
        tenant_id=tenant_id,
        contract_version=contract.version,
        digest=digest,
    )


def _refuse(findings: list[Finding], compiled: Compiled) -> None:
    if findings:
        first = findings[0]
        more = f" ({len(findings) - 1} more)" if len(findings) > 1 else ""
        name = compiled.operation.key.operation_id
        kept = tuple(findings[: compiled.findings_limit])
        raise ContractViolation(f"{name}: {first.place} {first.message}{more}.", findings=kept)


def _assembled(compiled: Compiled, values: list[Given], body: Json, context: Context) -> OutboundRequest:
    """Write everything down.

    Raises:
        ContractViolation: a value has no form in its style.
    """
    headers = [("Accept", compiled.accept)]
    written = _Written(values)
    content: bytes | None = None
    if compiled.body is not None and body is not None:
        try:
            payload = payload_of(body, compiled.body.content)
        except Unwritable as refusal:
            written.findings.append(unwritable(refusal))
        else:
            _guard(payload.said, Location.BODY, context)
            content = payload.octets
            headers.append(("Content-Type", payload.content_type))
    if written.cookies:
        if "cookie" in context.owned or any(name.lower() == "cookie" for name, _ in context.headers):
            raise ContextConflict("Cookies are fixed by the tenant context; leave them out.", place="cookie")
        headers.append(("Cookie", "; ".join(written.cookies)))
    _refuse(written.findings, compiled)
    query = "&".join(written.query)
    return OutboundRequest(
        method=compiled.operation.method,
        target=_path(compiled, written.path) + (f"?{query}" if query else ""),
        headers=(*headers, *written.headers),
        body=content,
        secret_headers=(*context.headers, *context.credential),
    )


class _Written:
    """Parameters in their wire form, by location."""

    def __init__(self, values: list[Given]) -> None:
        self.path: dict[str, str] = {}
        self.query: list[str] = []
        self.cookies: list[str] = []
        self.headers: list[tuple[str, str]] = []
        self.findings: list[Finding] = []
        for value in values:
            try:
                self._write(value)
            except Unwritable as refusal:
                self.findings.append(finding("form", value.place, str(refusal)))

    def _write(self, value: Given) -> None:
        codec = value.compiled.codec
        match codec.location:
            case Location.PATH:
                self.path[codec.name] = write_path(codec, value.texts)
            case Location.QUERY:
                self.query += write_query(codec, value.texts)
            case Location.COOKIE:
                self.cookies += write_query(codec, value.texts)
            case _:
                self.headers.append((codec.name, write_header(codec, value.texts)))


def _path(compiled: Compiled, values: dict[str, str]) -> str:
    parts = []
    for segment in compiled.segments:
        pieces = [segment.literals[0]]
        for name, literal in zip(segment.names, segment.literals[1:], strict=True):
            pieces += [values[name], literal]
        parts.append("".join(pieces))
    return "/" + "/".join(parts)


# --- read back


def _differences(
    request: OutboundRequest, values: list[Given], compiled: Compiled, contract: Contract
) -> Iterator[Finding]:
    """Where the finished request says anything else than the call did (SEC-PATH-01, SEC-PATH-06)."""
    path, _, query = request.target.partition("?")
    if len(request.target) > compiled.target_bytes:
        yield finding("size", "path" if len(path) > len(query) else "query", "makes the request target too long")
        return
    found = match(contract, request.method, path)
    in_path = [v for v in values if v.compiled.codec.location is Location.PATH]
    if found is None or found.operation.key != compiled.operation.key:
        yield finding(
            "route", in_path[0].place if in_path else "path", "leads to another operation of this application"
        )
        return
    received = _Received(path=found.raw, query=raw_pairs(query), headers=dict(request.headers))
    for value in values:
        if _read_back(value, received) != value.texts:
            style = value.compiled.codec.style
            yield finding("form", value.place, f"cannot be told apart once written in style {style!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Received:
    """The finished request as the application will see it."""

    path: Mapping[str, str]
    query: Pairs
    headers: Mapping[str, str]


def _read_back(value: Given, received: _Received) -> Texts | None:
    codec, shape = value.compiled.codec, shape_of(value.texts)
    match codec.location:
        case Location.PATH:
            return read_path(codec, received.path[codec.name], shape)
        case Location.QUERY:
            return read_query(codec, received.query, shape)
        case Location.COOKIE:
            return read_query(codec, raw_pairs(received.headers["Cookie"].replace("; ", "&")), shape)
    return read_header(codec, received.headers[codec.name], shape)


def _guard_query(request: OutboundRequest, context: Context) -> None:
    said = [(name, unquote_plus(raw)) for name, raw in raw_pairs(request.target.partition("?")[2])]
    _guard(said, Location.QUERY, context)


def _guard(said: Pairs, location: Location, context: Context) -> None:
    """No free-form argument may put a pinned name, in any spelling, into a query or a form."""
    for pin in (p for p in context.pins if p.location is location):
        wanted = pin.value if isinstance(pin.value, str) else json_text(pin.value)
        if any(means(pin.name, name) and value != wanted for name, value in said):
            raise conflict(location, pin.name)
