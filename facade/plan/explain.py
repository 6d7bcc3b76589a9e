"""Why the planner decided as it did, as data: what was weighed, and where each value comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from facade.plan.records import Plan, PlannedCall, Question, Refusal, Source, Understanding
from facade.plan.weights import RANK

_TELLING = 0.05
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One line of an explanation.

    Attributes:
        about: an operation id, a `location.name`, or `decision`.
        text: what is said about it.
        weight: what it added to the operation's score; 0 for lines that are not weighed.
    """

    about: str
    text: str
    weight: float = 0.0


def explain(understanding: Understanding) -> tuple[Evidence, ...]:
    """The decision, the sources of its values, then the candidates with the signals that told most."""
    return (*_decision(understanding), *_candidates(understanding))


def _decision(understanding: Understanding) -> Iterator[Evidence]:
    decision = understanding.decision
    sure = f"confidence {understanding.confidence:.2f}"
    if isinstance(decision, Refusal):
        yield Evidence(about="decision", text=f"refuse ({sure}): {decision.reason}")
    elif isinstance(decision, Question):
        yield Evidence(about="decision", text=f"ask ({sure}): {decision.text}")
        yield from _values(decision.draft) if decision.draft else ()
    elif isinstance(decision, Plan):
        yield Evidence(about="decision", text=f"plan ({sure})")
        for step in decision.steps:
            yield from _values(step)


def _values(call: PlannedCall) -> Iterator[Evidence]:
    for place, source in call.sources.items():
        yield Evidence(about=place, text=_origin(source))


def _origin(source: Source) -> str:
    said = {"span": "from your words", "conversation": "from earlier words", "choice": "from your choice"}
    if source.kind in said:
        return f"{said[source.kind]}: {source.text}"
    return f"the description's {source.kind}" if source.kind in {"default", "constant"} else f"rule: {source.text}"


def _candidates(understanding: Understanding) -> Iterator[Evidence]:
    for candidate in understanding.candidates[:_SHOWN]:
        name = candidate.operation.operation_id
        yield Evidence(about=name, text="score", weight=candidate.score)
        if candidate.unplaced:
            yield Evidence(about=name, text=f"has no place for: {', '.join(candidate.unplaced)}")
        told = [(RANK.get(signal, 0.0) * value, signal) for signal, value in candidate.evidence.items()]
        for weight, signal in sorted(told, key=lambda t: (-abs(t[0]), t[1]))[:_SHOWN]:
            if abs(weight) >= _TELLING:
                yield Evidence(about=name, text=signal, weight=round(weight, 2))
