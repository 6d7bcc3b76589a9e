"""`facade plan`."""

from collections.abc import Mapping
from typing import Annotated

import typer

from facade.adapters.clock import SystemClock
from facade.cli.catalogue import edition_for
from facade.cli.moments import moment_of
from facade.cli.options import DEFAULT_FILE, AsJson, SettingsFile
from facade.cli.tables import show_table
from facade.cli.terminal import Terminal
from facade.contract import Catalogue
from facade.kernel import Json
from facade.plan import (
    Candidate,
    Plan,
    PlannedCall,
    Question,
    Refusal,
    Request,
    Understanding,
    understand,
)
from facade.plan.evaluate import flat

_SHOWN = 5
"""Candidates told; the planner weighs more."""


def command(
    ctx: typer.Context,
    words: Annotated[str, typer.Argument(help="What a user would type.")],
    *,
    config: SettingsFile = DEFAULT_FILE,
    spec: Annotated[str | None, typer.Option(help="A description to plan over, without any settings.")] = None,
    now: Annotated[str | None, typer.Option(help="Moment of the request, ISO 8601; else this one.")] = None,
    time_zone: Annotated[str, typer.Option(help="IANA name; relative dates are read in it.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """Show what words would call, and why. Nothing is called, no tenant is asked for.

    \b
    Examples:
      facade plan "which invoices of Acme are overdue?"
      facade plan --spec openapi.json "cancel order 4711" --json
    """
    terminal: Terminal = ctx.obj
    clock = SystemClock()
    edition = edition_for(terminal, config=config, spec=spec)
    catalogue = Catalogue(contracts=edition.contracts)
    moment = clock.now() if now is None else moment_of(now, time_zone=time_zone)
    request = Request(words=words, now=moment, time_zone=time_zone)
    began = clock.monotonic()
    understanding = understand(request, edition.index)
    ms = (clock.monotonic() - began) / 1000
    if as_json:
        terminal.show_json(as_json_of(understanding, catalogue, ms=ms))
    else:
        _show(terminal, understanding, catalogue, ms=ms)


def as_json_of(understanding: Understanding, catalogue: Catalogue, *, ms: float) -> Json:
    """The understanding as data: decision, calls with the source of every value, candidates with their evidence."""
    candidates = [_candidate(c, catalogue) for c in understanding.candidates[:_SHOWN]]
    return {
        **_decision(understanding.decision, catalogue),
        "confidence": round(understanding.confidence, 4),
        "candidates": candidates,
        "ms": round(ms, 3),
    }


def _decision(decision: Plan | Question | Refusal, catalogue: Catalogue) -> Mapping[str, Json]:
    match decision:
        case Plan(steps=steps):
            return {"decision": "plan", "plan": [_call(step, catalogue) for step in steps]}
        case Question():
            draft = _call(decision.draft, catalogue) if decision.draft else None
            choices = [choice.label for choice in decision.choices]
            return {"decision": "ask", "question": decision.text, "choices": choices, "draft": draft}
        case Refusal():
            nearest = [key.operation_id for key in decision.nearest]
            return {"decision": "refuse", "reason": decision.reason, "nearest": nearest}


def _call(step: PlannedCall, catalogue: Catalogue) -> Json:
    operation = catalogue.operation(step.operation)
    return {
        "api": operation.key.api,
        "operation": operation.key.operation_id,
        "method": operation.method,
        "path": operation.path,
        "write_class": operation.write_class.value,
        "arguments": flat(step.arguments),
        "sources": {
            name: {"kind": source.kind, "text": source.text, "start": source.start, "end": source.end}
            for name, source in step.sources.items()
        },
    }


def _candidate(candidate: Candidate, catalogue: Catalogue) -> Json:
    operation = catalogue.operation(candidate.operation)
    return {
        "operation": operation.key.operation_id,
        "method": operation.method,
        "path": operation.path,
        "score": round(candidate.score, 4),
        "evidence": {name: round(value, 4) for name, value in candidate.evidence.items()},
    }


def _show(terminal: Terminal, understanding: Understanding, catalogue: Catalogue, *, ms: float) -> None:
    for line in lines_of(understanding.decision, catalogue):
        terminal.say(line)
    terminal.say("")
    rows = [_candidate_row(c, catalogue) for c in understanding.candidates[:_SHOWN]]
    if rows:
        show_table(terminal, ("considered", "call", "score", "evidence"), rows)
    terminal.note(f"confidence {understanding.confidence:.2f}, planned in {ms:.1f} ms, nothing was called")


def lines_of(decision: Plan | Question | Refusal, catalogue: Catalogue) -> list[str]:
    """The decision for people."""
    match decision:
        case Plan(steps=steps):
            return [line for step in steps for line in ("Would call", *_call_lines(step, catalogue))]
        case Question():
            draft = _call_lines(decision.draft, catalogue) if decision.draft else []
            return [f"Would ask: {decision.text}", *(f"  - {c.label}" for c in decision.choices), *draft]
        case Refusal():
            return [f"Would refuse: {decision.reason}"]


def _call_lines(step: PlannedCall, catalogue: Catalogue) -> list[str]:
    operation = catalogue.operation(step.operation)
    lines = [f"  {operation.method} {operation.path}  ({operation.key.operation_id}, {operation.write_class.value})"]
    for name, value in flat(step.arguments).items():
        source = next((s for key, s in step.sources.items() if key.rpartition(".")[2] == name), None)
        why = f"  <- {source.kind} {source.text!r}" if source else ""
        lines.append(f"    {name} = {value!r}{why}")
    return lines


def _candidate_row(candidate: Candidate, catalogue: Catalogue) -> tuple[str, ...]:
    operation = catalogue.operation(candidate.operation)
    evidence = ", ".join(f"{name} {value:.2f}" for name, value in candidate.evidence.items() if value)
    call = f"{operation.method} {operation.path}"
    return (operation.key.operation_id, call, f"{candidate.score:.2f}", evidence)
