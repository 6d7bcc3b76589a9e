"""Transcript and words -> next step. Pure: it asks and never does.

May import `kernel` only. `understand` is the embedded planner: words and an index of operation cards in, a plan, one
question or an honest refusal out. Everything it returns is untrusted by the waist.
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
    open_proposals,
    open_question,
)
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
    "Understanding",
    "consents",
    "explain",
    "failure",
    "fingerprint",
    "index_of",
    "open_proposals",
    "open_question",
    "prediction",
    "understand",
]
