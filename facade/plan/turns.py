"""A transcript, turn by turn: what was said, what happened, what was answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from facade.kernel import Micros
from facade.plan.records import Question
from facade.plan.transcript import Asked, Event, Failed, Limited, Proposed, Replied, Returned, Said, Settled, Transcript

Tried: TypeAlias = Returned | Failed | Limited


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTold:
    """One turn as it was kept.

    Attributes:
        number: from 1.
        said: the user's words, None where a proposal was settled by its button.
        settled: the proposal that was settled.
        proposed: the approval that was proposed.
        reply: what we answered, markdown.
    """

    number: int
    at: Micros
    said: str | None = None
    settled: Settled | None = None
    tried: tuple[Tried, ...] = ()
    question: Question | None = None
    proposed: str | None = None
    reply: str = ""


def turns_of(transcript: Transcript) -> tuple[TurnTold, ...]:
    """The turns in order. A turn begins with words, or with whatever follows a reply."""
    return tuple(_told(number, part) for number, part in enumerate(_parts(transcript.events), 1))


def _parts(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    begin = 0
    for place, event in enumerate(events):
        if place > begin and (isinstance(event, Said) or isinstance(events[place - 1], Replied)):
            yield events[begin:place]
            begin = place
    if events:
        yield events[begin:]


def _told(number: int, events: Sequence[Event]) -> TurnTold:
    return TurnTold(
        number=number,
        at=events[0].at,
        said=next((e.text for e in events if isinstance(e, Said)), None),
        settled=next((e for e in events if isinstance(e, Settled)), None),
        tried=tuple(e for e in events if isinstance(e, Returned | Failed | Limited)),
        question=next((e.question for e in events if isinstance(e, Asked)), None),
        proposed=next((e.approval for e in events if isinstance(e, Proposed)), None),
        reply="\n\n".join(e.text for e in events if isinstance(e, Replied)),
    )
