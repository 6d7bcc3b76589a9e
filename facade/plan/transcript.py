"""What happened in a conversation, as the server saw it (D5). Append-only; flat union."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from facade.kernel import Call, Json, Micros
from facade.plan.records import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The user's words."""

    text: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A call came back. `body` is not kept (D12): only what later turns need, and how long it took."""

    call: Call
    status: int
    at: Micros
    micros: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A call was refused or lost; `code` is an error code."""

    call: Call
    code: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question was put and is open until the next turn."""

    question: Question
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Writes were proposed and wait for consent."""

    approval: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A proposal was approved or declined."""

    approval: str
    approved: bool
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """A call met a limit inside the conversation."""

    retry_after: Micros
    policies: tuple[str, ...]
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """What we said."""

    text: str
    at: Micros
    data: Json = None


Event: TypeAlias = Said | Returned | Failed | Asked | Proposed | Settled | Limited | Replied


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One conversation of one user of one tenant. `version` counts its events."""

    id: str
    tenant: str
    user: str
    events: tuple[Event, ...] = ()

    @property
    def version(self) -> int:
        """Number of events; a store refuses to append to any other version."""
        return len(self.events)


def fingerprint(said: Sequence[str], heard_last: str | None) -> str:
    """What a client's copy of a history is recognised by (D5): the user's texts and the last answer, spaces folded.

    It locates a conversation of the same user and proves nothing.
    """
    folded = [" ".join(text.split()) for text in (*said, heard_last or "")]
    return hashlib.sha256(json.dumps(folded).encode()).hexdigest()


def open_question(transcript: Transcript) -> Question | None:
    """The question that the last turn ended with, if it did."""
    for event in reversed(transcript.events):
        if isinstance(event, Asked):
            return event.question
        if not isinstance(event, Replied):
            return None
    return None


def open_proposals(transcript: Transcript) -> tuple[str, ...]:
    """Approvals proposed in this conversation and not settled in it, oldest first."""
    settled = {e.approval for e in transcript.events if isinstance(e, Settled)}
    return tuple(e.approval for e in transcript.events if isinstance(e, Proposed) and e.approval not in settled)


def just_approved(transcript: Transcript) -> str | None:
    """The approval that the last turn carried out, if it did; a yes that comes once more means that one."""
    for event in reversed(transcript.events):
        if isinstance(event, Settled):
            return event.approval if event.approved else None
        if isinstance(event, Said):
            return None
    return None
