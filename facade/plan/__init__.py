"""Transcript and words -> next step. Pure: it asks and never does.

May import `kernel` only. `understand` is the embedded planner: words and an index of operation cards in, a plan, one
question or an honest refusal out. Everything it returns is untrusted by the waist.

The way of a request: `reading` (words, values, verb, noun) -> `retrieve` (postings) -> `features` and `fill` for the
leading few -> `rank` -> `deciding`; `answering` goes first while a question is open. A language is a table of
`lexicon`.

Choices: signals are named numbers and their combination is a table (`weights`), so that a trained one can take its
place without touching a signal. Plain Python with postings, no array library: a thousand operations are read in a few
milliseconds, and the install stays lean; a semantic encoder would join as one more signal. Dates have our own grammar,
because ranges need two ends and a moment given from outside; `dateparser` reads only what is left. What changes data is
planned only where a word asks for that kind of change; we gave up some right guesses for that.
"""

from facade.plan.consent import consents
from facade.plan.evaluate import failure, prediction
from facade.plan.explain import Evidence, explain
from facade.plan.index import Index, index_of
from facade.plan.records import (
    Candidate,
    Choice,
    Plan,
    PlannedCall,
    Question,
    Refusal,
    Request,
    Source,
    Step,
    Understanding,
)
from facade.plan.transcript import (
    Asked,
    Event,
    Failed,
    Limited,
    Proposed,
    Replied,
    Returned,
    Said,
    Settled,
    Transcript,
    fingerprint,
    just_approved,
    open_proposals,
    open_question,
)
from facade.plan.turns import Tried, TurnTold, turns_of
from facade.plan.understanding import understand

__all__ = [
    "Asked",
    "Candidate",
    "Choice",
    "Event",
    "Evidence",
    "Failed",
    "Index",
    "Limited",
    "Plan",
    "PlannedCall",
    "Proposed",
    "Question",
    "Refusal",
    "Replied",
    "Request",
    "Returned",
    "Said",
    "Settled",
    "Source",
    "Step",
    "Transcript",
    "Tried",
    "TurnTold",
    "Understanding",
    "consents",
    "explain",
    "failure",
    "fingerprint",
    "index_of",
    "just_approved",
    "open_proposals",
    "open_question",
    "prediction",
    "turns_of",
    "understand",
]
