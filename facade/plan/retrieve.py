"""From all operations to the few that a request may mean. One pass over postings; no operation is opened."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from facade.kernel import OperationKey
from facade.plan.entry import READS
from facade.plan.index import Index
from facade.plan.lexicon import Action
from facade.plan.reading import Reading

SHORTLIST = 28
"""Operations that are compared closely."""
_UNSEEN = 0.6
_ACTION_NUDGE = 0.15
_WORTH = 0.1
_FIELD = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An operation found by words. `words` is the share of the request's weight that it explains, in [0, 1]."""

    position: int
    words: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The shortlist.

    Attributes:
        near: stem of the request -> the vocabulary stems it stands for.
        reach: vocabulary stem -> how surely the request speaks of it, in (0, 1].
    """

    hits: tuple[Hit, ...]
    near: Mapping[str, Mapping[str, float]]
    reach: Mapping[str, float]


def search(reading: Reading, index: Index, allowed: frozenset[OperationKey] | None) -> Found:
    """The operations that share words with the request, best first."""
    telling = [reading.telling] if reading.telling else []
    near = {root: index.near(root) for root in {*reading.terms, *(w for p in reading.phrases[:1] for w in p), *telling}}
    scores: dict[int, float] = {}
    reach: dict[str, float] = {}
    total = 0.0
    for root, weight in reading.terms.items():
        if "+" in root and not near[root]:
            continue
        idf = max((index.idf[t] for t in near[root]), default=index.unseen * _UNSEEN)
        total += weight * idf
        for position, share in _best(near[root], index).items():
            scores[position] = scores.get(position, 0.0) + weight * idf * share
        for term, share in near[root].items():
            reach[term] = max(reach.get(term, 0.0), share * min(1.0, weight * 2))
    for root in reading.attribute:
        for position in index.fielded.get(root, ()):
            scores[position] = scores.get(position, 0.0) + index.unseen * _FIELD
    return Found(hits=_shortlist(scores, total, reading, index, allowed), near=near, reach=reach)


def _shortlist(
    scores: Mapping[int, float],
    total: float,
    reading: Reading,
    index: Index,
    allowed: frozenset[OperationKey] | None,
) -> tuple[Hit, ...]:
    """The best of what this tenant may plan with, a matching verb counted in."""
    open_to = {p: s / total for p, s in scores.items() if allowed is None or index.entries[p].key in allowed}
    floor = max(open_to.values(), default=0.0) * _WORTH
    hits = [Hit(position=p, words=s) for p, s in open_to.items() if s >= floor]
    return tuple(heapq.nlargest(SHORTLIST, hits, key=lambda h: (h.words + _nudge(reading, index, h), -h.position)))


def _best(near: Mapping[str, float], index: Index) -> Mapping[int, float]:
    """The best share of one word in each operation, over the stems it stands for."""
    best: dict[int, float] = {}
    for term, share in near.items():
        for position, field in index.postings[term]:
            value = share * field
            if value > best.get(position, 0.0):
                best[position] = value
    return best


def _nudge(reading: Reading, index: Index, hit: Hit) -> float:
    return _ACTION_NUDGE * agreement(reading.actions, index.entries[hit.position].actions)


_KIN: Mapping[frozenset[Action], float] = {
    frozenset({Action.LIST, Action.GET}): 0.6,
    frozenset({Action.LIST, Action.SEARCH}): 0.75,
    frozenset({Action.GET, Action.SEARCH}): 0.6,
    frozenset({Action.GET, Action.COMPUTE}): 0.6,
    frozenset({Action.LIST, Action.COMPUTE}): 0.3,
    frozenset({Action.SEARCH, Action.COMPUTE}): 0.3,
    frozenset({Action.COUNT, Action.LIST}): 0.6,
    frozenset({Action.COUNT, Action.GET}): 0.5,
    frozenset({Action.COUNT, Action.COMPUTE}): 0.5,
    frozenset({Action.CREATE, Action.SEND}): 0.5,
    frozenset({Action.CREATE, Action.UPDATE}): 0.1,
    frozenset({Action.CREATE, Action.COMPUTE}): 0.2,
    frozenset({Action.UPDATE, Action.SEND}): 0.0,
}


@lru_cache(maxsize=4096)
def agreement(asked: tuple[Action, ...], does: tuple[Action, ...]) -> float:
    """How well what is asked agrees with what an operation does, in [-1, 1]; 0 when either is unknown."""
    if not asked or not does:
        return 0.0
    return max(
        _kin(a, d) * (1.0, 0.8, 0.6)[min(i, 2)] * (1.0, 0.9, 0.8)[min(j, 2)] if _kin(a, d) > 0 else _kin(a, d)
        for i, a in enumerate(asked)
        for j, d in enumerate(does)
    )


def _kin(a: Action, b: Action) -> float:
    if a is b:
        return 1.0
    known = _KIN.get(frozenset({a, b}))
    if known is not None:
        return known
    return -1.0 if (a in READS) != (b in READS) or Action.DELETE in {a, b} else -0.3
