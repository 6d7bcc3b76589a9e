"""Errors on the wire: one table from leaf type to status, title and type, and two renderers over it.

`problem_response` writes RFC 9457 problem details, `openai_error` the error object that OpenAI clients expect. Both
give the same opaque 500 for anything that is not a `FacadeError`: what went wrong there is for the log, under the
request id, and not for the client.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web
from multidict import CIMultiDict

from facade.admission import ratelimit_headers, retry_after_seconds
from facade.kernel import (
    SECOND,
    ConsentInvalid,
    ContextConflict,
    ContractViolation,
    DescriptionInvalid,
    FacadeError,
    Forbidden,
    InvalidRequest,
    Json,
    LedgerUnavailable,
    LimitExceeded,
    Micros,
    NotFound,
    OutcomeUnknown,
    Overloaded,
    SettingsInvalid,
    TooLarge,
    Unauthenticated,
    UpstreamBroken,
    UpstreamTimeout,
    UpstreamUnavailable,
)

Headers = Iterable[tuple[str, str]]

_REGISTERED = "https://iana.org/assignments/http-problem-types#"
"""Problem types of draft-ietf-httpapi-ratelimit-headers, section "Problem Types"."""


@dataclass(frozen=True, slots=True)
class ProblemType:
    """How one leaf of the error tree is told over HTTP.

    Attributes:
        type: URI of the problem type; clients compare it, so it never changes.
        kind: `type` of the OpenAI error object.
        code: `code` of the OpenAI error object; '' means the error's own code.
        retry: False where trying again by itself cannot help or could do harm.
    """

    status: int
    title: str
    type: str
    kind: str
    code: str = ""
    retry: bool = False


def _own(slug: str) -> str:
    return f"urn:facade:problem:{slug}"


PROBLEMS: Mapping[type[FacadeError], ProblemType] = {
    InvalidRequest: ProblemType(400, "Malformed request", _own("invalid-request"), "invalid_request_error"),
    TooLarge: ProblemType(413, "Too large", _own("too-large"), "invalid_request_error"),
    Unauthenticated: ProblemType(
        401, "Credential not accepted", _own("unauthenticated"), "authentication_error", "invalid_api_key"
    ),
    Forbidden: ProblemType(403, "Not allowed", _own("forbidden"), "permission_error"),
    ContextConflict: ProblemType(403, "Fixed by the tenant context", _own("context-conflict"), "permission_error"),
    NotFound: ProblemType(404, "Not found", _own("not-found"), "invalid_request_error"),
    ConsentInvalid: ProblemType(409, "Approval not valid", _own("consent-invalid"), "invalid_request_error"),
    ContractViolation: ProblemType(
        422, "Not allowed by the contract", _own("contract-violation"), "invalid_request_error"
    ),
    DescriptionInvalid: ProblemType(
        422, "Description cannot be used", _own("description-invalid"), "invalid_request_error"
    ),
    SettingsInvalid: ProblemType(
        422, "Settings do not hold together", _own("settings-invalid"), "invalid_request_error"
    ),
    LimitExceeded: ProblemType(
        429, "Limit reached", _REGISTERED + "quota-exceeded", "rate_limit_error", "rate_limit_exceeded", retry=True
    ),
    Overloaded: ProblemType(
        503, "Busy for a moment", _REGISTERED + "temporary-reduced-capacity", "server_error", retry=True
    ),
    LedgerUnavailable: ProblemType(503, "Ledger not writable", _own("ledger-unavailable"), "server_error", retry=True),
    UpstreamUnavailable: ProblemType(
        502, "Application not reachable", _own("upstream-unavailable"), "server_error", retry=True
    ),
    UpstreamBroken: ProblemType(502, "Application answer unusable", _own("upstream-broken"), "server_error"),
    UpstreamTimeout: ProblemType(504, "Application did not answer", _own("upstream-timeout"), "server_error"),
    OutcomeUnknown: ProblemType(502, "Outcome unknown", _own("outcome-unknown"), "server_error"),
}
"""One row for each leaf; `tests/edge/test_problem.py` walks the tree."""

RESTING = ProblemType(
    503, "Application given a rest", _own("upstream-unavailable"), "server_error", "upstream_unavailable", retry=True
)
"""An application that failed too often is not asked for a moment; a client is told when to come again."""

OPAQUE = ProblemType(500, "Internal error", _own("internal"), "server_error", "internal_error")
"""For anything outside the tree."""

_OPAQUE_DETAIL = "Something went wrong on our side; the request id names it in our log."


def problem_type_of(error: BaseException) -> ProblemType:
    """The row of an error; `OPAQUE` for anything outside the tree."""
    if not isinstance(error, FacadeError):
        return OPAQUE
    if isinstance(error, UpstreamUnavailable) and error.retry_after is not None:
        return RESTING
    return next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), OPAQUE)


def problem_response(error: BaseException, *, request_id: str, headers: Headers = ()) -> web.Response:
    """RFC 9457 `application/problem+json`, with `Retry-After` and the `RateLimit` fields where the error has them.

    Args:
        headers: set last, so an entrance can replace a default such as `WWW-Authenticate`.
    """
    row = problem_type_of(error)
    body = {
        "type": row.type,
        "title": row.title,
        "status": row.status,
        "detail": _detail(error, row),
        "code": _code(error, row),
        "request_id": request_id,
        **_facts(error),
    }
    return _response(body, row, "application/problem+json", _headers(error, row, request_id, headers))


def openai_error(
    error: BaseException, *, request_id: str, headers: Headers = (), written: bool = False, code: str = ""
) -> web.Response:
    """The error object of the OpenAI API, all four keys present.

    Args:
        code: in place of the table's, where that API has a name of its own for this case.
        written: a write may have run in this request; the client library is then told not to try again, as it is
            for every error that another try cannot mend.

    Source: OpenAI API reference, "Error codes"; openai-python `_base_client._should_retry`.
    """
    row = problem_type_of(error)
    own: list[tuple[str, str]] = []
    if written or not row.retry:
        own.append(("x-should-retry", "false"))
    wait = _wait_of(error)
    if wait is not None:
        own.append(("retry-after-ms", str(-(-wait * 1000 // SECOND))))
    told = openai_error_object(error)
    body: dict[str, Json] = {"error": {**told, "code": code} if code else told}
    return _response(body, row, "application/json", _headers(error, row, request_id, [*own, *headers]))


def openai_error_object(error: BaseException) -> dict[str, Json]:
    """`message`, `type`, `param` and `code` of an error, as in a body or in the middle of a stream."""
    row = problem_type_of(error)
    place = error.place if isinstance(error, InvalidRequest | ContextConflict | TooLarge) else ""
    return {
        "message": _detail(error, row),
        "type": row.kind,
        "param": place or None,
        "code": row.code or _code(error, row),
    }


def _code(error: BaseException, row: ProblemType) -> str:
    return error.code if isinstance(error, FacadeError) and row is not OPAQUE else OPAQUE.code


def _detail(error: BaseException, row: ProblemType) -> str:
    return error.detail if isinstance(error, FacadeError) and row is not OPAQUE else _OPAQUE_DETAIL


def _facts(error: BaseException) -> dict[str, Json]:
    """What a caller may need beyond the detail, by leaf."""
    match error:
        case InvalidRequest(place=place) | ContextConflict(place=place) | TooLarge(place=place) if place:
            return {"place": place}
        case ContractViolation() | SettingsInvalid() | DescriptionInvalid():
            findings = [{"code": f.code, "place": f.place, "message": f.message} for f in error.findings]
            return {"findings": findings} if findings else {}
        case LimitExceeded():
            return {"violated-policies": list(error.policies), "retry_after": _seconds(error.retry_after)}
        case Overloaded() | UpstreamUnavailable() if (wait := _wait_of(error)) is not None:
            return {"retry_after": _seconds(wait)}
        case _:
            return {}


def _headers(error: BaseException, row: ProblemType, request_id: str, extra: Headers) -> CIMultiDict[str]:
    headers = CIMultiDict({"x-request-id": request_id, "Cache-Control": "no-store"})
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    wait = _wait_of(error)
    if wait is not None:
        headers["Retry-After"] = str(_seconds(wait))
    if isinstance(error, LimitExceeded):
        headers.update(ratelimit_headers(error.standing, violated=error.policies))
    headers.update(extra)
    return headers


def _wait_of(error: BaseException) -> Micros | None:
    """When to come again, where the error knows."""
    return error.retry_after if isinstance(error, LimitExceeded | Overloaded | UpstreamUnavailable) else None


def _seconds(wait: Micros) -> int:
    """At least 1: some clients take 0 as "at once, without end"."""
    return max(1, retry_after_seconds(wait))


def _response(body: Mapping[str, Json], row: ProblemType, media_type: str, headers: CIMultiDict[str]) -> web.Response:
    encoded = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return web.Response(status=row.status, body=encoded, content_type=media_type, headers=headers)
