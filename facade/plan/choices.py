"""Values that a schema lists (enums) and yes/no values, found in the words of a request."""

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import DamerauLevenshtein

from facade.kernel import Json
from facade.plan.lexicon import Lexicon, Trait, words
from facade.plan.reading import Reading
from facade.plan.schema import Kind
from facade.plan.slots import Slot
from facade.plan.spans import Span, SpanKind
from facade.plan.text import Token, stem

_SHORTEST_FUZZY = 5
_NEAR_WORDS = 4
_SORTED = words("sorted sort ordered order sorting ordering")
_TRUE = words("true yes on enabled")
_FALSE = words("false no off disabled")
_SWITCH = words("include includ with show enabl is only has allow return get use")


def choice_spans(slot: Slot, reading: Reading, lexicon: Lexicon) -> Iterator[Span]:
    """Places where one of the slot's listed values stands in the request."""
    if slot.traits & {Trait.SORT, Trait.DIRECTION}:
        yield from _sorting(slot, reading, lexicon)
        return
    for value, label in zip(slot.shape.choices, slot.labels, strict=True):
        yield from _places(value, label, reading)
    for label, values in slot.aliases:
        if len(values) == 1 or slot.shape.many:
            for value in values:
                yield from _places(value, label, reading)


def _places(value: Json, label: tuple[str, ...], reading: Reading) -> Iterator[Span]:
    if not label:
        return
    tokens = reading.tokens
    for i in range(len(tokens) - len(label) + 1):
        if all(_same(tokens[i + k], label[k]) for k in range(len(label))):
            yield choice_span(reading, value, i, i + len(label))


def choice_span(reading: Reading, value: Json, first: int, after: int) -> Span:
    """A listed value that the words from token `first` up to `after` name."""
    tokens = reading.tokens
    start, end = tokens[first].start, tokens[after - 1].end
    anchors: dict[str, float] = {}
    for distance, token in enumerate(reversed(tokens[max(0, first - _NEAR_WORDS) : first])):
        anchors.setdefault(token.stem, 0.8**distance)
    for distance, token in enumerate(tokens[after : after + 2]):
        anchors.setdefault(token.stem, 0.7 * 0.7**distance)
    text = reading.text[start:end]
    return Span(kind=SpanKind.CHOICE, text=text, start=start, end=end, value=value, anchors=anchors)


def _same(token: Token, root: str) -> bool:
    if root in {token.stem, token.lower}:
        return True
    if len(root) < _SHORTEST_FUZZY or len(token.stem) < _SHORTEST_FUZZY or token.stem[0] != root[0]:
        return False
    return bool(DamerauLevenshtein.distance(token.stem, root, score_cutoff=1) <= 1)


def _sorting(slot: Slot, reading: Reading, lexicon: Lexicon) -> Iterator[Span]:
    """`sorted by created date, newest first` as a field, a direction, or both in one value."""
    at = next((i for i, t in enumerate(reading.tokens) if t.lower in _SORTED), None)
    falls = next((i for i, t in enumerate(reading.tokens) if t.lower in lexicon.descending), None)
    rises = next((i for i, t in enumerate(reading.tokens) if t.lower in lexicon.ascending), None)
    first = next((i for i in (at, falls, rises) if i is not None), None)
    if first is None:
        return
    said = {t.stem for t in reading.tokens[at : at + 6]} if at is not None else set()
    words = said or _meant(slot, reading.tokens[first], lexicon)
    best: tuple[float, Json] | None = None
    for value, label in zip(slot.shape.choices, slot.labels, strict=True):
        score = _sort_fit(str(value), label, words, falls=falls is not None, rises=rises is not None)
        if score > 0 and (best is None or score > best[0]):
            best = (score, value)
    if best:
        yield choice_span(reading, best[1], first, first + 1)


def _meant(slot: Slot, superlative: Token, lexicon: Lexicon) -> set[str]:
    """Words of the field that a superlative means where none is named: of size for `biggest`, of time for `newest`."""
    fields = next((fields for said, fields in lexicon.orders if superlative.lower in said), frozenset())
    roots = {stem(word) for word in fields}
    return set(next((label for label in slot.labels if not roots.isdisjoint(label)), ()))


def _sort_fit(value: str, label: Sequence[str], words: set[str], *, falls: bool, rises: bool) -> float:
    lower = value.lower()
    down = "desc" in lower or lower.startswith("-") or "descending" in label
    up = "asc" in lower or lower.startswith("+")
    field = [w for w in label if w not in {"asc", "desc", "ascend", "descend"}]
    named = sum(w in words for w in field) / len(field) if field else 0.0
    if field and not named:
        return 0.0
    if down:
        return named + 0.5 if falls else named - 0.5 if field else 0.0
    if up:
        return named + 0.5 if rises else named - 0.25 if field and not falls else 0.0
    return named


def yes_no(slot: Slot, reading: Reading, lexicon: Lexicon) -> Span | None:
    """A yes/no slot whose own words, or the description's words for yes or no, stand in the request."""
    if slot.shape.kind is not Kind.BOOLEAN:
        return None
    told = next((s for words, (value,) in slot.aliases for s in _places(value, words, reading)), None)
    wanted = [w for w in slot.name if w not in _SWITCH and w not in lexicon.stop]
    return told or _named(wanted, reading, lexicon) or _undone(wanted, reading, lexicon)


def _named(wanted: Sequence[str], reading: Reading, lexicon: Lexicon) -> Span | None:
    """The slot's own words; turned around by a negation before them."""
    places = [next((i for i, t in enumerate(reading.tokens) if t.stem == w), None) for w in wanted]
    found = [p for p in places if p is not None]
    if not found or len(found) < len(wanted) or max(found) - min(found) > _NEAR_WORDS + 2:
        return None
    first = min(found)
    before = [t.lower for t in reading.tokens[max(0, first - 3) : first]]
    after = [t.lower for t in reading.tokens[max(found) + 1 : max(found) + 5]]
    said = next((w in _TRUE for w in after if w in _TRUE | _FALSE), None)
    value = said if said is not None else not any(w in lexicon.negations for w in before)
    return choice_span(reading, value, first, max(found) + 1)


def _undone(wanted: Sequence[str], reading: Reading, lexicon: Lexicon) -> Span | None:
    """`not assigned` and `without an assignee` for `unassigned`."""
    roots = [w[len(p) :] for w in wanted for p in lexicon.undoing if w.startswith(p) and len(w) > len(p) + _NEAR_WORDS]
    for i, token in enumerate(reading.tokens):
        root = next((r for r in roots if token.stem.startswith(r)), None)
        denied = next((k for k in (i - 1, i - 2) if k >= 0 and reading.tokens[k].lower in lexicon.negations), None)
        if root and denied is not None:
            return choice_span(reading, True, denied, i + 1)
    return None
