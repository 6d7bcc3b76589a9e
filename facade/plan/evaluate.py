"""An understanding as one line of predictions, in the form that benchmark scorers read."""

from collections.abc import Mapping

from facade.kernel import Arguments, Json, JsonObject, Operation, OperationKey
from facade.plan.records import Plan, PlannedCall, Question, Understanding


def prediction(
    case_id: str, understanding: Understanding, operations: Mapping[OperationKey, Operation], *, ms: float
) -> dict[str, Json]:
    """One prediction.

    Args:
        operations: the cards of the catalogue the request was read against.
        ms: how long planning took, in milliseconds.
    """
    decision = understanding.decision
    steps = decision.steps if isinstance(decision, Plan) else ()
    return {
        "id": case_id,
        "decision": "plan" if isinstance(decision, Plan) else "ask" if isinstance(decision, Question) else "refuse",
        "plan": [_step(s, operations) for s in steps if s.operation in operations],
        "candidates": [
            {"method": operations[c.operation].method, "path": operations[c.operation].path, "score": c.score}
            for c in understanding.candidates
            if c.operation in operations
        ],
        "confidence": understanding.confidence,
        "ms": round(ms, 3),
    }


def failure(case_id: str, *, ms: float) -> dict[str, Json]:
    """The prediction of a case that could not be played at all: a refusal."""
    return {"id": case_id, "decision": "refuse", "plan": [], "candidates": [], "confidence": 0.0, "ms": round(ms, 3)}


def _step(step: PlannedCall, operations: Mapping[OperationKey, Operation]) -> dict[str, Json]:
    operation = operations[step.operation]
    return {
        "method": operation.method,
        "path": operation.path,
        "operationId": operation.key.operation_id if operation.declared_id else None,
        "args": flat(step.arguments),
    }


def flat(arguments: Arguments) -> JsonObject:
    """Path, query, header and cookie parameters and the top-level body fields, by name."""
    body = arguments.body if isinstance(arguments.body, Mapping) else {}
    return {**arguments.path, **arguments.query, **arguments.header, **arguments.cookie, **body}
