"""What goes into a turn and what comes out of it."""

from dataclasses import dataclass
from typing import TypeAlias

from facade.guard import Approval
from facade.kernel import Answer, BuiltCall, Call, Entrance, FacadeError, Json, Micros
from facade.plan import Plan, Question, Refusal, Understanding
from facade.reply import Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a call comes from; for the ledger.

    Attributes:
        until: when the client stops waiting; None for nothing said.
    """

    entrance: Entrance
    request_id: str
    plan: str | None = None
    until: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One user message.

    Attributes:
        conversation: its id when the client knows it.
        said_before: the user's earlier texts in the client's copy of the history, oldest first.
        heard_last: the last assistant text in that copy. Both only locate the conversation (D5).
    """

    words: str
    origin: Origin
    conversation: str | None = None
    said_before: tuple[str, ...] = ()
    heard_last: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A call that was tried: with its answer, or with the error that stopped it. `built` is None when it could not
    even be built; `micros` is how long it took, tries and waits between them included."""

    call: Call
    built: BuiltCall | None = None
    answer: Answer | None = None
    error: FacadeError | None = None
    micros: Micros | None = None

    @property
    def ok(self) -> bool:
        """The application answered 2xx."""
        return self.answer is not None and self.answer.ok


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """Calls were made, in this order; a failed one is the last."""

    done: tuple[Done, ...]
    plan: Plan | None = None
    approval: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """Writes wait for consent; `done` are the reads that ran before."""

    approval: Approval
    builts: tuple[BuiltCall, ...]
    plan: Plan | None = None
    done: tuple[Done, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question is open."""

    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusing:
    """Nothing was done and nothing will be."""

    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A proposal was declined; nothing was changed."""

    approval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """This approval was used before; here is what it did then."""

    approval: str
    text: str
    data: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A proposal could not be settled; nothing more was done."""

    error: FacadeError


Outcome: TypeAlias = Performed | Proposing | Asking | Refusing | Declined | Repeated | Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReply:
    """What the entrance renders in its own protocol; `text` is markdown.

    Attributes:
        tables: the rows that were read, in the order of the text's tables.
        understanding: what the planner weighed; None where nothing was planned.
        number: of the turn within its conversation, from 1; None when it could not be kept.
    """

    conversation: str
    outcome: Outcome
    text: str
    data: Json = None
    tables: tuple[Grid, ...] = ()
    understanding: Understanding | None = None
    number: int | None = None
