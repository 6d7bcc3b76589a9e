"""The `facade` field of a response (D6): what the reply means, for programs. Schema: specs/agent.yaml."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import orjson

from facade.admission import retry_after_seconds
from facade.contract import Catalogue
from facade.edge.chat.evidence import draft_json, evidence_of, named, planned_json, title_of
from facade.flow import (
    Asking,
    Declined,
    Done,
    Outcome,
    Performed,
    Proposing,
    Refusing,
    Repeated,
    Stopped,
    TurnReply,
)
from facade.guard import Approval
from facade.kernel import SECOND, BuiltCall, FacadeError, Json, LimitExceeded, Micros
from facade.plan import Question
from facade.reply import Grid, fields_of

_OUTCOMES: Mapping[type, str] = {
    Performed: "performed",
    Proposing: "proposed",
    Asking: "asked",
    Refusing: "refused",
    Declined: "declined",
    Repeated: "repeated",
    Stopped: "stopped",
}


def extension_of(reply: TurnReply, catalogue: Catalogue) -> dict[str, Json]:
    """What was done, is proposed or is asked, with the conversation to continue."""
    return {
        "conversation": reply.conversation,
        "outcome": _OUTCOMES[type(reply.outcome)],
        **({"turn": reply.number} if reply.number is not None else {}),
        **_facts(reply.outcome, catalogue),
        **({"tables": [_table(grid) for grid in reply.tables]} if reply.tables else {}),
        **({"evidence": evidence_of(reply.understanding, catalogue)} if reply.understanding else {}),
    }


def _facts(outcome: Outcome, catalogue: Catalogue) -> dict[str, Json]:
    match outcome:
        case Performed():
            return {**planned_json(outcome.plan, catalogue), "calls": _done(outcome.done, catalogue)}
        case Proposing():
            approval = approval_json(outcome.approval, outcome.builts)
            done = _done(outcome.done, catalogue)
            return {**planned_json(outcome.plan, catalogue), "calls": done, "approval": approval}
        case Asking():
            return {"choices": choices_json(outcome.question), **draft_json(outcome.question, catalogue)}
        case Stopped():
            return {"error": error_json(outcome.error)}
        case _:
            return {}


def approval_json(approval: Approval, builts: Iterable[BuiltCall]) -> dict[str, Json]:
    """A proposal with the exact requests that it covers."""
    return {"id": approval.id, "expires_at": moment(approval.expires), "calls": [exact_call(b) for b in builts]}


def exact_call(built: BuiltCall) -> dict[str, Json]:
    """Method, target, the headers we set and the body of one call, as they would be sent; no credentials.

    `values` is the same once more, value by value, for those who decide on it.
    """
    request = built.request
    return {
        "operation": named(built.operation.key),
        "title": built.operation.title,
        "write_class": built.operation.write_class.value,
        **_sent(built),
        "values": [asdict(field) for field in fields_of(request, built.operation.path)],
    }


def _sent(built: BuiltCall) -> dict[str, Json]:
    request = built.request
    media = next((v for n, v in request.headers if n.lower() == "content-type"), "")
    return {
        "method": request.method,
        "target": request.target,
        "headers": dict(request.headers),
        "body": _body(request.body, media),
    }


def moment(at: Micros) -> str:
    """RFC 3339, in UTC, to the second."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _done(done: Iterable[Done], catalogue: Catalogue) -> list[Json]:
    return [_call(one, catalogue) for one in done]


def _call(done: Done, catalogue: Catalogue) -> Json:
    """Method and target only when the call was built, a status only when it was answered."""
    sent = _sent(done.built) if done.built else {"method": None, "target": None}
    return {
        "operation": named(done.call.operation),
        "title": title_of(done.call.operation, catalogue),
        **sent,
        "status": done.answer.status if done.answer else None,
        "micros": done.micros,
        "error": error_json(done.error) if done.error else None,
    }


def error_json(error: FacadeError) -> Json:
    """Code and words of an error; of a limit also which, and how long to wait, seconds."""
    told: dict[str, Json] = {"code": error.code, "message": error.detail}
    if isinstance(error, LimitExceeded):
        told |= {"retry_after": retry_after_seconds(error.retry_after), "policies": list(error.policies)}
    return told


def choices_json(question: Question) -> list[Json]:
    """What a question offers."""
    return [
        {
            "label": choice.label,
            "value": choice.value,
            "operation": named(choice.operation) if choice.operation else None,
        }
        for choice in question.choices
    ]


def _table(grid: Grid) -> Json:
    columns = [asdict(column) for column in grid.columns]
    rows = [list(row) for row in grid.rows]
    return {"title": grid.title, "columns": columns, "rows": rows, "total": grid.total, "more": grid.more}


def _body(body: bytes | None, media: str) -> Json:
    """JSON as itself, a form as its fields, anything else as text; null for none."""
    if body is None:
        return None
    if "urlencoded" in media:
        return [list(pair) for pair in parse_qsl(body.decode(errors="replace"), keep_blank_values=True)]
    try:
        parsed: Json = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
    return parsed
