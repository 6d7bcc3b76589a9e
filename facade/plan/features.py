"""What speaks for an operation, signal by signal. Each is a number near [-1, 1]; `weights.py` combines them."""

from collections.abc import Mapping

from facade.kernel import Location
from facade.plan.entry import READS, Entry, Form
from facade.plan.fill import Filled
from facade.plan.index import Index
from facade.plan.lexicon import Action, Trait
from facade.plan.reading import Reading
from facade.plan.retrieve import Found, Hit, agreement
from facade.plan.spans import IDS

Features = Mapping[str, float]
_OTHER = 0.85


def lexical(hit: Hit, found: Found, reading: Reading, index: Index) -> dict[str, float]:
    """Signals that need no values: words, names, verb, item or list, nesting."""
    entry = index.entries[hit.position]
    return {
        "words": hit.words,
        "core": _core(entry, found, index),
        "named": _share(entry.names[-1], entry, found, index) if entry.names else 0.0,
        "head": _head(entry, reading, index),
        "nesting": _nesting(entry, found),
        "action": agreement(reading.actions, entry.actions),
        "verb": _verb(entry, found, reading),
        "contrary": contrary(entry, reading),
        "number": _number(entry, reading),
        "fields": _fields(entry, reading),
    }


def _core(entry: Entry, found: Found, index: Index) -> float:
    """The share of the operation's own name that the request speaks of; of two names the better told counts more."""
    shares = [_share(name, entry, found, index) for name in entry.names[:-1]]
    return 0.7 * max(shares) + 0.3 * min(shares) if shares else 0.0


def _share(name: Mapping[str, float], entry: Entry, found: Found, index: Index) -> float:
    total = sum(w * index.idf.get(t, 1.0) for t, w in name.items())
    other = _alias(entry, found)
    said = sum(
        w * index.idf.get(t, 1.0) * max(found.reach.get(t, 0.0), other if t in entry.resource else 0.0)
        for t, w in name.items()
    )
    return said / total if total else 0.0


def _alias(entry: Entry, found: Found) -> float:
    """How surely the request calls the operation's thing by another of its names."""
    return max((_OTHER * min(found.reach.get(w, 0.0) for w in name) for name in entry.aliases), default=0.0)


def _head(entry: Entry, reading: Reading, index: Index) -> float:
    """Whether the request's first noun phrase is what the operation is about; a later one counts half."""
    best = 0.0
    for place, phrase in enumerate(reading.phrases[:4]):
        names = (entry.resource, *entry.aliases)
        value = max(_same(phrase, name, index) for name in names) * (1.0, 0.5, 0.35, 0.3)[place]
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


def _verb(entry: Entry, found: Found, reading: Reading) -> float:
    """Whether the verb of the request is the operation's own; -1 for a telling verb that it knows nothing of."""
    if entry.verb and any(t.stem == entry.verb for t in reading.tokens):
        return 1.0
    if not reading.telling:
        return 0.0
    known = any(t in entry.terms for t in found.near.get(reading.telling, ()))
    return 1.0 if known else -1.0


def contrary(entry: Entry, reading: Reading) -> float:
    """1.0 for what destroys, or sweeps over all, or changes, where the words ask for no such thing."""
    if entry.sweeps and not reading.every:
        return 1.0
    if entry.destroys:
        return 0.0 if Action.DELETE in reading.actions or any(t.stem == entry.verb for t in reading.tokens) else 1.0
    named = bool(entry.verb) and any(t.stem == entry.verb for t in reading.tokens[:1])
    asked_to_read = bool(reading.actions) and all(a in READS for a in reading.actions) and not named
    return 1.0 if asked_to_read and bool(entry.actions) and not entry.reads else 0.0


def _number(entry: Entry, reading: Reading) -> float:
    """Agreement of one or many, for what is read; 0 where either is open."""
    if reading.many is None or entry.form is Form.OTHER or not entry.reads:
        return 0.0
    return 1.0 if (entry.form is Form.COLLECTION) == reading.many else -1.0


def _fields(entry: Entry, reading: Reading) -> float:
    """The share of what a question asks for ("Ann's *phone number*") that the answer has a field for."""
    if not (entry.reads and reading.attribute):
        return 0.0
    return sum(word in entry.fields for word in reading.attribute) / len(reading.attribute)


def valued(entry: Entry, filled: Filled, found: Found, reading: Reading) -> dict[str, float]:
    """Signals from the values: are required ones there, are the given ones usable."""
    required = sum(s.required for s in entry.slots) + len(entry.blocked)
    absent = len(filled.missing) + len(entry.blocked)
    given = reading.values
    unused = [s for s in given if not any(u.overlaps(s) or _within(s.start, u.start, u.end) for u in filled.used)]
    return {
        "required": 1.0 - absent / required if required else 0.6,
        "unused": len(unused) / (len(given) + 1),
        "evidence": min(filled.evidence, 3.0) / 3.0,
        "unplaced": min(len(filled.unplaced), 2) / 2,
        "existing": _existing(entry, reading),
        "found_by": _found_by(entry, filled) * _fields(entry, reading),
        "identified": _identified(entry, filled),
        "explained": _explained(entry, filled, found, reading),
        "topic": _topic(entry, found, reading),
    }


def _explained(entry: Entry, filled: Filled, found: Found, reading: Reading) -> float:
    """The share of the request's content words that the operation has a place for: a name, a slot, or a value."""
    about = frozenset(w for s in entry.slots for w in s.about)
    inside = {t.stem for t in reading.tokens if any(_within(t.start, u.start, u.end) for u in filled.used)}
    total = said = 0.0
    for root, weight in reading.terms.items():
        if "+" in root:
            continue
        total += weight
        if root in inside:
            said += weight
            continue
        said += weight * max(
            (share for t, share in found.near[root].items() if t in entry.terms), default=0.5 * (root in about)
        )
    return said / total if total else 0.0


def _topic(entry: Entry, found: Found, reading: Reading) -> float:
    """Whether the first noun phrase is spoken of in the operation's name at all: the share of its words."""
    if not reading.phrases:
        return 0.0
    first = reading.phrases[0]
    return sum(max((s for t, s in found.near[w].items() if entry.named(t)), default=0.0) for w in first) / len(first)


def _within(at: int, start: int, end: int) -> bool:
    return start <= at < end


def _found_by(entry: Entry, filled: Filled) -> float:
    """Whether the thing that a question is about is looked for by its name or its id."""
    looked = {s.key for s, _, source in filled.values if source.kind == "span"}
    sought = (s for s in entry.slots if s.location == Location.PATH or s.traits & {Trait.QUERY, Trait.TITLE})
    return 1.0 if any(s.key in looked for s in sought) else 0.0


def _identified(entry: Entry, filled: Filled) -> float:
    """For an operation on one thing, or on what belongs to one: whether the thing is identified."""
    if not any(s.location == Location.PATH for s in entry.slots):
        return 0.0
    return -1.0 if any(s.location == Location.PATH for s in filled.missing) else 0.5


def _existing(entry: Entry, reading: Reading) -> float:
    """For one that makes a thing: whether the request names one that is there already, and may ask to change it."""
    if Action.CREATE not in entry.actions[:1] or reading.actions == (Action.CREATE,):
        return 0.0
    there = any(s.beside in entry.resource and s.beside not in entry.nouns for s in reading.values if s.kind in IDS)
    return (0.5 if Action.CREATE in reading.actions[:1] else 1.0) * there
