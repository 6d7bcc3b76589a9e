"""The candidates for a request, best first, the leading ones with their values."""

from dataclasses import dataclass

from facade.kernel import OperationKey
from facade.plan.entry import Entry
from facade.plan.features import Features, lexical, valued
from facade.plan.fill import Filled, fill
from facade.plan.index import Index
from facade.plan.reading import Reading
from facade.plan.records import Candidate
from facade.plan.retrieve import Found, search
from facade.plan.weights import combined

FILLED = 6
"""Candidates whose slots are filled before the last ranking."""
SHOWN = 12
"""Candidates that an understanding names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A candidate with everything that was weighed."""

    entry: Entry
    filled: Filled
    features: Features
    score: float


def ranked(reading: Reading, index: Index, allowed: frozenset[OperationKey] | None) -> tuple[Ranked, ...]:
    """Candidates best first; those behind the first `FILLED` are ranked by words alone and stay behind."""
    found = search(reading, index, allowed)
    scored = [(lexical(hit, found, reading, index), index.entries[hit.position]) for hit in found.hits]
    scored.sort(key=lambda s: (-combined(s[0]), s[1].key))
    leading = [weighed(entry, features, found, reading, index) for features, entry in scored[:FILLED]]
    leading.sort(key=lambda r: (-r.score, r.entry.key))
    rest = [Ranked(entry=e, filled=Filled(), features=f, score=combined(f) - 1.0) for f, e in scored[FILLED:SHOWN]]
    return (*leading, *rest)


def weighed(entry: Entry, features: Features, found: Found, reading: Reading, index: Index) -> Ranked:
    """Fill an operation's slots and weigh everything together."""
    filled = fill(entry, reading, index)
    together = {**features, **valued(entry, filled, found, reading)}
    return Ranked(entry=entry, filled=filled, features=together, score=combined(together))


def candidate(item: Ranked) -> Candidate:
    """The record of a candidate."""
    rounded = {name: round(value, 4) for name, value in item.features.items()}
    left = tuple(span.text for span in item.filled.unplaced)
    return Candidate(operation=item.entry.key, score=round(item.score, 4), evidence=rounded, unplaced=left)
