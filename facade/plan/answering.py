"""The user's next words as the answer to the question that is open, where they are one."""

from collections.abc import Mapping
from dataclasses import replace

from rapidfuzz import fuzz

from facade.kernel import Json, Location
from facade.plan.consent import consents
from facade.plan.deciding import ask, refusal, settled
from facade.plan.entry import Entry
from facade.plan.fill import Filled, arguments_of, fill
from facade.plan.index import Index
from facade.plan.lexicon import Lexicon
from facade.plan.reading import Reading, read
from facade.plan.records import Choice, Plan, PlannedCall, Question, Refusal, Request, Source, Understanding
from facade.plan.slots import Slot
from facade.plan.text import stem, tokens_of
from facade.plan.values import coerced, localised

_LABEL_LIKE = 85
_SHORT_ANSWER = 8
_SURE = 0.9


def answered(request: Request, question: Question, index: Index) -> Understanding | None:
    """What the words make of the open question; None when they are not an answer to it."""
    plain = " ".join(t.lower for t in tokens_of(request.words))
    if plain in index.lexicon.cancel and not any(c.label.lower() == plain for c in question.choices):
        return Understanding(decision=refusal("dropped", ()), confidence=1.0)
    choice = _only(request.words, question) or chosen(request.words, question.choices, index.lexicon)
    if choice and choice.operation:
        return _picked(request, question, choice, index)
    if question.draft is None or question.slot is None:
        return None
    return _valued(request, question, choice, index)


def _only(words: str, question: Question) -> Choice | None:
    """The one operation that a question offers, to a plain yes."""
    offered = question.choices[0] if len(question.choices) == 1 else None
    return offered if offered and offered.operation and consents(words) else None


def chosen(words: str, choices: tuple[Choice, ...], lexicon: Lexicon) -> Choice | None:
    """The choice that the words name: by ordinal, by number, or by its label."""
    tokens = tokens_of(words)
    if not choices or not tokens or len(tokens) > _SHORT_ANSWER * 2:
        return None
    if len(tokens) <= _SHORT_ANSWER // 2:
        place = next((n for t in tokens if (n := _ordinal(t.lower, lexicon)) is not None), None)
        if place is not None and -1 <= place <= len(choices) and place != 0:
            return choices[place if place < 0 else place - 1]
    said = words.strip().strip(".!\"'").lower()
    scored = sorted(((fuzz.ratio(said, c.label.lower()), -i) for i, c in enumerate(choices)), reverse=True)
    if scored[0][0] >= _LABEL_LIKE:
        return choices[-scored[0][1]]
    return _by_words(frozenset(t.stem for t in tokens), choices, lexicon)


def _ordinal(word: str, lexicon: Lexicon) -> int | None:
    if word in lexicon.ordinals:
        return lexicon.ordinals[word]
    digits = word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    return int(digits) if digits.isdigit() and digits != word and len(digits) < 3 else None  # noqa: PLR2004 - a place


def _by_words(said: frozenset[str], choices: tuple[Choice, ...], lexicon: Lexicon) -> Choice | None:
    """The one choice whose own words were said; None when none or several fit."""
    labels = [frozenset(stem(t.lower) for t in tokens_of(c.label) if t.lower not in lexicon.stop) for c in choices]
    common = frozenset.intersection(*labels) if len(labels) > 1 else frozenset()
    fits = [c for c, label in zip(choices, labels, strict=True) if (label - common) & said]
    return fits[0] if len(fits) == 1 else None


def _picked(request: Request, question: Question, choice: Choice, index: Index) -> Understanding | None:
    """Read the earlier request again, now with the operation that was picked."""
    entry = _entry(choice.operation, request, index)
    if entry is None:
        return None
    filled = fill(entry, read(replace(request, words=question.words, open_question=None), index.lexicon), index)
    decision = settled(question.words, entry, _earlier(filled))
    return Understanding(decision=decision, confidence=_SURE)


def _earlier(filled: Filled) -> Filled:
    values = tuple(
        (s, v, replace(src, kind="conversation") if src.kind == "span" else src) for s, v, src in filled.values
    )
    return replace(filled, values=values)


def _entry(key: object, request: Request, index: Index) -> Entry | None:
    position = next((p for k, p in index.positions.items() if k == key), None)
    if position is None:
        return None
    entry = index.entries[position]
    return entry if request.allowed is None or entry.key in request.allowed else None


def _valued(request: Request, question: Question, choice: Choice | None, index: Index) -> Understanding | None:
    draft = question.draft
    entry = _entry(draft.operation, request, index) if draft else None
    slot = next((s for s in entry.slots if ".".join(s.path) == question.slot), None) if entry else None
    if draft is None or entry is None or slot is None:
        return None
    reading = read(replace(request, open_question=None), index.lexicon)
    value = choice.value if choice else localised(_value(slot, reading), slot.shape, request.locale)
    if value is None:
        return None
    source = Source(kind="choice" if choice else "span", text=request.words.strip(), start=0, end=len(request.words))
    return Understanding(decision=_continued(question, draft, entry, slot, (value, source)), confidence=_SURE)


def _value(slot: Slot, reading: Reading) -> Json:
    """The answer as a value of the slot; None when the words are a request of their own."""
    if slot.shape.choices or (reading.actions and reading.tokens and len(reading.tokens) > _SHORT_ANSWER // 2):
        return None
    if reading.foreign and len(reading.tokens) > _SHORT_ANSWER:
        return None
    return coerced(slot, reading.text, reading.spans)


def _continued(
    question: Question, draft: PlannedCall, entry: Entry, slot: Slot, given: tuple[Json, Source]
) -> Plan | Question | Refusal:
    """The draft with one more value: complete, or the next question."""
    have = {s.key: v for s in entry.slots if (v := _held(draft, s)) is not None} | {slot.key: given[0]}
    sources: Mapping[str, Source] = {
        **{k: replace(s, kind="conversation") if s.kind == "span" else s for k, s in draft.sources.items()},
        slot.key: given[1],
    }
    arguments = arguments_of((s, have[s.key]) for s in entry.slots if s.key in have)
    call = PlannedCall(operation=entry.key, arguments=arguments, sources=sources)
    missing = next((s for s in entry.slots if s.required and s.key not in have), None)
    return ask(question.words, entry, call, missing) if missing else Plan(steps=(call,))


def _held(draft: PlannedCall, slot: Slot) -> Json:
    """The draft's value for a slot, or None."""
    arguments = draft.arguments
    places: Mapping[Location, Json] = {
        Location.PATH: dict(arguments.path),
        Location.QUERY: dict(arguments.query),
        Location.HEADER: dict(arguments.header),
        Location.COOKIE: dict(arguments.cookie),
        Location.BODY: arguments.body,
    }
    value: Json = places[slot.location]
    for name in slot.path:
        value = value[0] if isinstance(value, list) and value and slot.wrapped else value
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
