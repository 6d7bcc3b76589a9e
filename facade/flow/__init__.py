"""The order of the stages: identity, tenancy, admission, plan, guard, call, validate, meter, reply.

Awaits ports and holds no rules; may import the pure rooms, `reply` and `ports`. Every agent entrance is `enter`, a way
to make calls, `perform`, a reply; the proxy's passage shares `enter`, `spend` and `attempt`.

Choices: retries are a loop in `perform` over the `Retries` port rather than inside the upstream adapter, because each
attempt needs its own intent in the journal, and the journal belongs to the flow. What refused admission (429) is
counted in metrics but not journalled: a flood of refusals must not be able to fill the disk that the ledger needs.
"""

from facade.flow.converse import converse
from facade.flow.decide import decide
from facade.flow.enter import enter, granted
from facade.flow.look import Looked, look
from facade.flow.perform import perform
from facade.flow.recall import Myself, Recalled, conversation, conversations, myself, rate
from facade.flow.spend import OpenAttempt, Purpose, attempt, deciding, spend
from facade.flow.turns import (
    Asking,
    Declined,
    Done,
    Origin,
    Outcome,
    Performed,
    Proposing,
    Refusing,
    Repeated,
    Stopped,
    Turn,
    TurnReply,
)

__all__ = [
    "Asking",
    "Declined",
    "Done",
    "Looked",
    "Myself",
    "OpenAttempt",
    "Origin",
    "Outcome",
    "Performed",
    "Proposing",
    "Purpose",
    "Recalled",
    "Refusing",
    "Repeated",
    "Stopped",
    "Turn",
    "TurnReply",
    "attempt",
    "conversation",
    "conversations",
    "converse",
    "decide",
    "deciding",
    "enter",
    "granted",
    "look",
    "myself",
    "perform",
    "rate",
    "spend",
]
