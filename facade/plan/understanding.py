"""Words -> plan, question or refusal: the embedded planner's front door."""

from facade.plan.answering import answered
from facade.plan.deciding import decided, refusal
from facade.plan.index import Index
from facade.plan.rank import candidate, ranked
from facade.plan.reading import read
from facade.plan.records import Request, Understanding


def understand(request: Request, index: Index) -> Understanding:
    """Read one request against an index. Pure and deterministic.

    An open question is answered first, where the words answer it; everything else is read as a new request.
    """
    if request.open_question:
        reply = answered(request, request.open_question, index)
        if reply:
            return reply
    return fresh(request, index)


def fresh(request: Request, index: Index) -> Understanding:
    """Read the words as a new request."""
    reading = read(request, index.lexicon)
    if reading.foreign:
        return Understanding(decision=refusal("unread_language", ()))
    order = ranked(reading, index, request.allowed)
    decision, trust = decided(request.words, order)
    return Understanding(decision=decision, confidence=trust, candidates=tuple(candidate(r) for r in order))
