"""What speaks for an operation, signal by signal. Each is a number near [-1, 1]; `weights.py` combines them."""

from collections.abc import Mapping

from facade.plan.entry import Entry, Form
from facade.plan.fill import Filled
from facade.plan.index import Index
from facade.plan.lexicon import Action
from facade.plan.reading import Reading
from facade.plan.retrieve import Found, Hit, agreement

Features = Mapping[str, float]


def lexical(hit: Hit, found: Found, reading: Reading, index: Index) -> dict[str, float]:
    """Signals that need no values: words, names, verb, item or list, nesting."""
    entry = index.entries[hit.position]
    return {
        "words": hit.words,
        "core": _core(entry, found, index),
        "head": _head(entry, reading, index),
        "nesting": _nesting(entry, found),
        "action": agreement(reading.actions, entry.actions),
        "verb": _verb(entry, reading, index),
        "number": _number(entry, reading),
    }


def _core(entry: Entry, found: Found, index: Index) -> float:
    """The share of the operation's own name that the request speaks of."""
    total = sum(w * index.idf.get(t, 1.0) for t, w in entry.core.items())
    said = sum(w * index.idf.get(t, 1.0) * found.reach.get(t, 0.0) for t, w in entry.core.items())
    return said / total if total else 0.0


def _head(entry: Entry, reading: Reading, index: Index) -> float:
    """Whether the request's first noun phrase is what the operation is about; a later one counts half."""
    best = 0.0
    for place, phrase in enumerate(reading.phrases[:4]):
        value = _same(phrase, entry.resource, index) * (1.0, 0.5, 0.35, 0.3)[place]
        best = max(best, value)
    return best


def _same(phrase: tuple[str, ...], resource: frozenset[str], index: Index) -> float:
    if not resource:
        return 0.0
    said = {t: s for w in phrase for t, s in ((w, 1.0), *((o, 0.6) for o in index.synonyms.get(w, ())))}
    overlap = sum(said.get(t, 0.0) for t in resource)
    return 2 * overlap / (len(resource) + len(set(phrase)))


def _nesting(entry: Entry, found: Found) -> float:
    """Whether what the operation is nested in is spoken of; 0 for operations at the top."""
    if not entry.parents:
        return 0.0
    return sum(found.reach.get(p, 0.0) for p in entry.parents) / len(entry.parents) - 0.5


def _verb(entry: Entry, reading: Reading, index: Index) -> float:
    """Whether the very verb of the operation is in the request."""
    return 1.0 if entry.verb and any(t.stem == entry.verb for t in reading.tokens) else 0.0


def _number(entry: Entry, reading: Reading) -> float:
    """Agreement of one or many, for what is read; 0 where either is open."""
    if reading.many is None or entry.form is Form.OTHER or not entry.reads:
        return 0.0
    return 1.0 if (entry.form is Form.COLLECTION) == reading.many else -1.0


def valued(entry: Entry, filled: Filled, reading: Reading) -> dict[str, float]:
    """Signals from the values: are required ones there, are the given ones usable."""
    required = sum(s.required for s in entry.slots) + len(entry.blocked)
    absent = len(filled.missing) + len(entry.blocked)
    given = reading.values
    unused = [s for s in given if not any(u.overlaps(s) or _within(s.start, u.start, u.end) for u in filled.used)]
    return {
        "required": 1.0 - absent / required if required else 0.6,
        "unused": len(unused) / (len(given) + 1),
        "evidence": min(filled.evidence, 3.0) / 3.0,
        "identified": _identified(entry, filled),
    }


def _within(at: int, start: int, end: int) -> bool:
    return start <= at < end


def _identified(entry: Entry, filled: Filled) -> float:
    """For an operation on one thing: whether the thing is identified."""
    if entry.form is not Form.ITEM:
        return 0.0
    return -1.0 if any(s.location == "path" for s in filled.missing) else 0.5


def wants_read(reading: Reading) -> bool:
    """Whether the request plainly asks to see something."""
    return bool(reading.actions) and reading.actions[0] in {Action.GET, Action.LIST, Action.SEARCH, Action.COUNT}
