"""Why this operation and these values: what `facade plan` shows, for programs. Schema: specs/agent.yaml."""

from dataclasses import asdict

from facade.contract import Catalogue
from facade.kernel import Json, NotFound, OperationKey
from facade.plan import Candidate, Plan, PlannedCall, Question, Understanding, explain

_SHOWN = 5
"""Candidates that are told."""


def evidence_of(understanding: Understanding, catalogue: Catalogue) -> dict[str, Json]:
    """The candidates with the signals that told most, and where the values of an unfinished call come from.

    Only operations that this user may call are ever weighed, so nothing here names another.
    """
    lines = explain(understanding)
    considered = [_considered(c, catalogue) for c in understanding.candidates[:_SHOWN]]
    for one, candidate in zip(considered, understanding.candidates, strict=False):
        told = (e for e in lines if e.about == candidate.operation.operation_id and e.weight and e.text != "score")
        one["signals"] = [{"name": e.text, "weight": e.weight} for e in told]
    return {"confidence": round(understanding.confidence, 3), "considered": list(considered)}


def _considered(candidate: Candidate, catalogue: Catalogue) -> dict[str, Json]:
    return {
        "operation": named(candidate.operation),
        "title": title_of(candidate.operation, catalogue),
        "score": round(candidate.score, 3),
        "unplaced": list(candidate.unplaced),
    }


def planned_json(plan: Plan | None, catalogue: Catalogue) -> dict[str, Json]:
    """The plan, every value with its source; nothing without one."""
    if plan is None:
        return {}
    return {"plan": {"version": plan.version, "steps": [step_json(step, catalogue) for step in plan.steps]}}


def draft_json(question: Question, catalogue: Catalogue) -> dict[str, Json]:
    """The call that a question is about, as far as it is known."""
    return {"draft": step_json(question.draft, catalogue)} if question.draft else {}


def step_json(step: PlannedCall, catalogue: Catalogue) -> Json:
    """One step."""
    arguments = {place: values for place, values in asdict(step.arguments).items() if values}
    sources = {name: {"kind": source.kind, "text": source.text} for name, source in step.sources.items()}
    title = title_of(step.operation, catalogue)
    return {"operation": named(step.operation), "title": title, "arguments": arguments, "sources": sources}


def named(key: OperationKey) -> Json:
    """An operation's name."""
    return {"api": key.api, "id": key.operation_id}


def title_of(key: OperationKey, catalogue: Catalogue) -> str:
    """What people call an operation; its id when it is gone or never was."""
    try:
        return catalogue.operation(key).title
    except NotFound:
        return key.operation_id
