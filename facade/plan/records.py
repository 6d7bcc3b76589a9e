"""The plan records of D3, version 1: frozen, flat unions, every value with its source.

Version 1 holds calls alone. Select, filter, aggregate, for-each and branch join the `Step` union with the planner that
makes them; a reader of version 1 refuses a plan with steps it does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from facade.kernel import Arguments, Json, Location, Micros, OperationKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an argument's value comes from; nothing is invented.

    Attributes:
        kind: `span` of the request, `choice` of the user, `conversation`, `default` or `constant` of the schema,
            or `rule`.
        text: the span as written, or the rule's name.
    """

    kind: str
    text: str = ""
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """One operation with values. `sources` is keyed by `location.name`."""

    operation: OperationKey
    arguments: Arguments
    sources: Mapping[str, Source] = field(default_factory=dict)


Step: TypeAlias = PlannedCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps that serve a request, in order."""

    steps: tuple[Step, ...]
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that a question offers. `operation` choices pick a call, the others give a value."""

    label: str
    value: Json = None
    operation: OperationKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One short question. `draft` is the call so far; the answer fills `location.slot` or picks the operation.

    Attributes:
        slot: name of the parameter; names inside a body object are joined by dots.
        words: the request that the question is about; it is read again with the operation that was picked.
    """

    text: str
    draft: PlannedCall | None = None
    location: Location | None = None
    slot: str | None = None
    choices: tuple[Choice, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """No operation serves this. `nearest` names what could be asked instead, best first."""

    reason: str
    nearest: tuple[OperationKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An operation that was considered.

    Attributes:
        evidence: what spoke for it, signal by signal.
        unplaced: values of the request that it has no place for, as written.
    """

    operation: OperationKey
    score: float
    evidence: Mapping[str, float] = field(default_factory=dict)
    unplaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user typed, with what is needed to read it.

    Attributes:
        now: the moment of the request; relative dates are read from it in `time_zone` (IANA name).
        allowed: the operations this tenant may plan with; None means all of the index.
        open_question: the question that the last turn left open, which these words may answer.
    """

    words: str
    now: Micros
    time_zone: str = "UTC"
    locale: str = "en"
    allowed: frozenset[OperationKey] | None = None
    open_question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """The planner's answer: exactly one decision, with what it weighed.

    Attributes:
        confidence: in [0, 1].
        candidates: best first, the chosen one included.
    """

    decision: Plan | Question | Refusal
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()
