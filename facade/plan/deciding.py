"""Plan, ask or refuse: one set of thresholds over the ranked candidates."""

from collections.abc import Sequence

from facade.kernel import Location, OperationKey
from facade.plan.entry import Entry
from facade.plan.fill import Filled
from facade.plan.lexicon import Action, Trait
from facade.plan.rank import Ranked
from facade.plan.records import Choice, Plan, PlannedCall, Question, Refusal
from facade.plan.schema import Kind
from facade.plan.slots import Slot
from facade.plan.spans import Span
from facade.plan.weights import ASK_BELOW, MAX_CHOICES, NEAR, NEAR_WRITE, REFUSE_BELOW, confidence
from facade.plan.wording import inquiry

REASONS = {
    "unread_language": "I can only read requests in English so far.",
    "nothing_fits": "Nothing that I can do here fits that request.",
    "nothing_allowed": "Nothing here is open to you that fits that request.",
    "not_from_words": "That needs {missing}, which I cannot take from words.",
    "dropped": "Nothing was done.",
}
"""What a refusal says, by what happened."""
_NEAREST = 3
_NEAR_ENOUGH = 3.0


def decided(words: str, order: Sequence[Ranked]) -> tuple[Plan | Question | Refusal, float]:
    """The decision over candidates in order of score, and the confidence in it."""
    if not order:
        return refusal("nothing_fits", ()), 0.0
    best = order[0]
    trust = confidence(best.features)
    nearest = tuple(r.entry.key for r in order[:_NEAREST])
    if trust < (ASK_BELOW if best.filled.missing else REFUSE_BELOW):
        return refusal("nothing_fits", nearest), trust
    if best.features.get("contrary"):
        return refusal("nothing_fits", nearest), trust
    return _chosen(words, order), trust


def _chosen(words: str, order: Sequence[Ranked]) -> Plan | Question | Refusal:
    """The best candidate, unless another is as near or a value has no place in it."""
    best, rivals = order[0], _rivals(order)
    if len(rivals) > 1 or _doubtful(best):
        return which(words, rivals)
    if best.filled.unplaced and not best.filled.missing:
        return without(words, best, order[1:])
    return settled(words, best.entry, best.filled)


def without(words: str, best: Ranked, others: Sequence[Ranked]) -> Question:
    """Whether to go on where a value found no place: a call that drops it answers another request."""
    left = " and ".join(f"“{s.text}”" for s in best.filled.unplaced[:_NEAREST])
    going = Choice(label=f"{best.entry.title}, without it", operation=best.entry.key)
    placing = (Choice(label=r.entry.title, operation=r.entry.key) for r in others if _places_all(r, best))
    choices = (going, *list(placing)[:1])
    listed = " or ".join(f"“{c.label}”" for c in choices)
    return Question(text=f"I found no place for {left}. Do you mean {listed}?", choices=choices, words=words)


def _places_all(other: Ranked, best: Ranked) -> bool:
    """Whether another operation has a place for everything, and is near enough to be meant."""
    complete = not other.filled.unplaced and not other.filled.missing and bool(other.filled.used)
    return complete and not other.features.get("contrary") and best.score - other.score < _NEAR_ENOUGH


def settled(words: str, entry: Entry, filled: Filled) -> Plan | Question | Refusal:
    """A plan when everything that is required is there, else a question for the first missing value."""
    if entry.blocked:
        return refusal("not_from_words", (entry.key,), missing=" and ".join(entry.blocked))
    call = call_of(entry, filled)
    wanted = filled.missing or _aim(entry, filled)
    if wanted:
        return ask(words, entry, call, wanted[0], filled.unplaced)
    return Plan(steps=(call,))


def _aim(entry: Entry, filled: Filled) -> tuple[Slot, ...]:
    """What a change is to be made to, where nothing requires it and nothing was said: never everything, or anything."""
    action = next(iter(entry.actions), None)
    if entry.reads or action is None:
        return ()
    fields = [s for s in entry.slots if s.location == Location.BODY]
    given = {s.location for s, _, _ in filled.values}
    if action is Action.CREATE:
        named = sorted(fields, key=lambda s: Trait.TITLE not in s.traits)
        return () if given else tuple(named[:1])
    if action is Action.UPDATE and fields and Location.BODY not in given:
        return tuple(sorted(fields, key=lambda s: not s.shape.choices)[:1])
    return () if given else tuple(sorted(entry.slots, key=lambda s: Trait.IDENTITY not in s.traits)[:1])


def call_of(entry: Entry, filled: Filled) -> PlannedCall:
    """The call so far."""
    return PlannedCall(operation=entry.key, arguments=filled.arguments(), sources=filled.sources())


def ask(words: str, entry: Entry, draft: PlannedCall, slot: Slot, unplaced: Sequence[Span] = ()) -> Question:
    """One question for one value; its listed values as choices, and what of the request found no place."""
    values = (True, False) if slot.shape.kind is Kind.BOOLEAN else slot.shape.choices[:MAX_CHOICES]
    names = {True: "yes", False: "no"} if slot.shape.kind is Kind.BOOLEAN else {}
    choices = tuple(Choice(label=names.get(v, str(v)) if isinstance(v, bool) else str(v), value=v) for v in values)
    left = f" I found no place for {' and '.join(f'“{s.text}”' for s in unplaced[:_NEAREST])}." if unplaced else ""
    return Question(
        text=f"{inquiry(slot, entry)}{left}",
        draft=draft,
        location=slot.location,
        slot=".".join(slot.path),
        choices=choices,
        words=words,
    )


def which(words: str, rivals: Sequence[Ranked]) -> Question:
    """Which of the near operations is meant."""
    choices = tuple(Choice(label=r.entry.title, operation=r.entry.key) for r in rivals)
    listed = " or ".join(f"“{c.label}”" for c in choices)
    return Question(text=f"Do you mean {listed}?", choices=choices, words=words)


def refusal(reason: str, nearest: tuple[OperationKey, ...], **facts: str) -> Refusal:
    """An honest no, with what could be asked instead."""
    return Refusal(reason=REASONS[reason].format(**facts), nearest=nearest)


def _rivals(order: Sequence[Ranked]) -> Sequence[Ranked]:
    """The best candidate, and others where it is too near to be told apart, or changes in another way than asked."""
    if len(order) < 2:  # noqa: PLR2004 - no other
        return order
    best, second = order[0], order[1]
    if _doubtful(best):
        return [r for r in order[:3] if not r.features.get("contrary")]
    margin = NEAR if best.entry.reads else NEAR_WRITE
    if best.score - second.score < margin and not _alike(best, second):
        return order[:2]
    return order[:1]


def _doubtful(item: Ranked) -> bool:
    """Whether it changes something in a way that the verb of the request does not name."""
    return item.features.get("verb", 0.0) < 0 and not item.entry.reads


def _alike(a: Ranked, b: Ranked) -> bool:
    """Whether choosing between them is a matter of completeness: only one has all it requires."""
    return a.entry.reads and b.entry.reads and bool(b.filled.missing) and not a.filled.missing
