"""What goes into a turn and what comes out of it."""

from dataclasses import dataclass
from typing import TypeAlias

from facade.guard import Approval
from facade.kernel import Answer, BuiltCall, Call, Entrance, FacadeError, Json
from facade.plan import Plan, Question, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a call comes from; for the ledger."""

    entrance: Entrance
    request_id: str
    plan: str | None = None


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
    even be built."""

    call: Call
    built: BuiltCall | None = None
    answer: Answer | None = None
    error: FacadeError | None = None

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
    """What the entrance renders in its own protocol; `text` is markdown."""

    conversation: str
    outcome: Outcome
    text: str
    data: Json = None
