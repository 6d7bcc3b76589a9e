"""The searchable form of all operations. Built once per catalogue, then only read."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import DamerauLevenshtein

from facade.kernel import Operation, OperationKey
from facade.plan.entry import Entry, entry_of
from facade.plan.lexicon import ENGLISH, Lexicon
from facade.plan.text import grams, stem

_SHORTEST_FUZZY = 4
_GRAM_SHARE = 0.5
_SYNONYM = 0.65
_MAX_NEAR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Postings over stems and character trigrams.

    Attributes:
        entries: by position; postings refer to positions.
        postings: stem -> (position, field weight) of each operation that has it.
        idf: stem -> inverse document frequency, larger for rarer stems; `unseen` for stems nothing has.
        fielded: stem -> the reads on a resource that has a field of that name.
        gram_words: trigram -> vocabulary stems that contain it.
        synonyms: stem -> stems that mean about the same.
        actions: verb stem -> its base form.
    """

    lexicon: Lexicon
    entries: tuple[Entry, ...]
    positions: Mapping[OperationKey, int]
    postings: Mapping[str, tuple[tuple[int, float], ...]]
    idf: Mapping[str, float]
    fielded: Mapping[str, tuple[int, ...]]
    unseen: float
    gram_words: Mapping[str, tuple[str, ...]]
    synonyms: Mapping[str, frozenset[str]]

    def near(self, root: str) -> dict[str, float]:
        """Vocabulary stems that this stem stands for -> weight: itself, synonyms, close spellings."""
        found = {root: 1.0} if root in self.postings else {}
        for other in self.synonyms.get(root, ()):
            if other in self.postings:
                found.setdefault(other, _SYNONYM)
        if root not in self.postings:
            found.update(self._close(root))
        return found

    def _close(self, root: str) -> dict[str, float]:
        """Stems with like spelling: typing errors and derived forms, by shared trigrams."""
        if len(root) < _SHORTEST_FUZZY or root.isdigit():
            return {}
        mine = grams(root)
        counts: dict[str, int] = {}
        for gram in mine:
            for word in self.gram_words.get(gram, ()):
                counts[word] = counts.get(word, 0) + 1
        close: list[tuple[float, str]] = []
        for word, shared in counts.items():
            share = shared / (len(mine) + len(word) - shared)
            if share >= _GRAM_SHARE or (shared > 1 and DamerauLevenshtein.distance(root, word, score_cutoff=1) <= 1):
                close.append((max(share, 0.7) if share < _GRAM_SHARE else min(share, 0.9), word))
        close.sort(key=lambda c: (-c[0], c[1]))
        return {word: share for share, word in close[:_MAX_NEAR]}


def index_of(operations: Iterable[Operation], lexicon: Lexicon = ENGLISH) -> Index:
    """Read every operation once; a few milliseconds for each hundred."""
    entries = _pooled([entry_of(o, lexicon) for o in operations])
    postings: dict[str, list[tuple[int, float]]] = {}
    for position, entry in enumerate(entries):
        for term, weight in entry.terms.items():
            postings.setdefault(term, []).append((position, weight))
    return Index(
        lexicon=lexicon,
        entries=entries,
        positions={e.key: i for i, e in enumerate(entries)},
        postings={t: tuple(p) for t, p in postings.items()},
        idf={t: _idf(len(entries), len(p)) for t, p in postings.items()},
        fielded=_fielded(entries),
        unseen=_idf(len(entries), 0),
        gram_words=_gram_words(postings),
        synonyms=_synonyms(lexicon),
    )


def _pooled(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """What one operation on a resource tells of its fields holds for the others: a list may show less than a change."""
    fields: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
    for entry in entries:
        thing = (entry.key.api, entry.resource)
        fields[thing] = fields.get(thing, frozenset()) | entry.fields
    return tuple(replace(e, fields=fields[e.key.api, e.resource]) for e in entries)


def _fielded(entries: Sequence[Entry]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for position, entry in enumerate(entries):
        for word in entry.fields if entry.reads else ():
            found.setdefault(word, []).append(position)
    return {word: tuple(positions) for word, positions in found.items()}


def _idf(total: int, having: int) -> float:
    return 0.5 + math.log(1 + (total - having + 0.5) / (having + 0.5))


def _gram_words(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in words:
        if len(word) >= _SHORTEST_FUZZY:
            for gram in grams(word):
                found.setdefault(gram, []).append(word)
    return {g: tuple(w) for g, w in found.items()}


def _synonyms(lexicon: Lexicon) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in lexicon.synonyms:
        roots = {stem(w) for w in group}
        for root in roots:
            found.setdefault(root, set()).update(roots - {root})
    return {root: frozenset(others) for root, others in found.items()}
