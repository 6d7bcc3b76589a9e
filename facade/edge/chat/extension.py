"""The `facade` field of a response (D6): what the reply means, for programs. Schema: specs/agent.yaml."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import orjson

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
from facade.kernel import SECOND, BuiltCall, FacadeError, Json, Micros, OperationKey
from facade.plan import Plan, PlannedCall, Question

_OUTCOMES: Mapping[type, str] = {
    Performed: "performed",
    Proposing: "proposed",
    Asking: "asked",
    Refusing: "refused",
    Declined: "declined",
    Repeated: "repeated",
    Stopped: "stopped",
}


def extension_of(reply: TurnReply) -> dict[str, Json]:
    """What was done, is proposed or is asked, with the conversation to continue."""
    return {"conversation": reply.conversation, "outcome": _OUTCOMES[type(reply.outcome)], **_facts(reply.outcome)}


def _facts(outcome: Outcome) -> dict[str, Json]:
    match outcome:
        case Performed():
            return {**_planned(outcome.plan), "calls": _done(outcome.done)}
        case Proposing():
            approval = approval_json(outcome.approval, outcome.builts)
            return {**_planned(outcome.plan), "calls": _done(outcome.done), "approval": approval}
        case Asking():
            return {"choices": _choices(outcome.question)}
        case Stopped():
            return {"error": _error(outcome.error)}
        case _:
            return {}


def approval_json(approval: Approval, builts: Iterable[BuiltCall]) -> dict[str, Json]:
    """A proposal with the exact requests that it covers."""
    return {"id": approval.id, "expires_at": moment(approval.expires), "calls": [exact_call(b) for b in builts]}


def exact_call(built: BuiltCall) -> dict[str, Json]:
    """Method, target, the headers we set and the body of one call, as they would be sent; no credentials."""
    request = built.request
    media = next((v for n, v in request.headers if n.lower() == "content-type"), "")
    return {
        "operation": _operation(built.operation.key),
        "title": built.operation.title,
        "method": request.method,
        "target": request.target,
        "headers": dict(request.headers),
        "body": _body(request.body, media),
    }


def moment(at: Micros) -> str:
    """RFC 3339, in UTC, to the second."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _planned(plan: Plan | None) -> dict[str, Json]:
    if plan is None:
        return {}
    return {"plan": {"version": plan.version, "steps": [_step(step) for step in plan.steps]}}


def _step(step: PlannedCall) -> Json:
    arguments = {place: values for place, values in asdict(step.arguments).items() if values}
    return {"operation": _operation(step.operation), "arguments": arguments}


def _done(done: Iterable[Done]) -> list[Json]:
    return [_call(one) for one in done]


def _call(done: Done) -> Json:
    """Method and target only when the call was built, a status only when it was answered."""
    request = done.built.request if done.built else None
    return {
        "operation": _operation(done.call.operation),
        "method": request.method if request else None,
        "target": request.target if request else None,
        "status": done.answer.status if done.answer else None,
        "error": _error(done.error) if done.error else None,
    }


def _error(error: FacadeError) -> Json:
    return {"code": error.code, "message": error.detail}


def _operation(key: OperationKey) -> Json:
    return {"api": key.api, "id": key.operation_id}


def _choices(question: Question) -> list[Json]:
    return [
        {
            "label": choice.label,
            "value": choice.value,
            "operation": _operation(choice.operation) if choice.operation else None,
        }
        for choice in question.choices
    ]


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
