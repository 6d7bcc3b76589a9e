"""A request read once, before any operation is looked at: words, values, the action and the thing it is about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from facade.kernel import Micros
from facade.plan.entry import known_verb, phrasal
from facade.plan.extract import is_strong, spans_of
from facade.plan.lexicon import Action, Lexicon, Trait
from facade.plan.records import Request
from facade.plan.spans import Span, SpanKind
from facade.plan.text import Token, clean, latin_share, plural, stem, tokens_of

_FOREIGN_SHARE = 0.7
_LEFT_OPEN = frozenset({SpanKind.NUMBER, SpanKind.DATE, SpanKind.MOMENT, SpanKind.TIME})
_WEAK = 0.25
_NAMED = 0.35
_LATER = 0.6
_CLAUSE = ".!?;\n"
_TOWARDS = frozenset({Trait.ORIGIN, Trait.TARGET})
_ANCHOR_WORDS = 6
_POSSESSIVE = re.compile(r"['\u2019](?:s\b|\s)")
_BESIDE_WORDS = 4
_LONGEST_ATTRIBUTE = 3
_OPENING_WORDS = 5
_JOINED = frozenset({"", "#", ":", "=", "no."})
_DECAY = 0.82


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the words say by themselves.

    Attributes:
        terms: stem -> weight of the words that may name an operation.
        telling: stem of the verb where it says more than its action ("refund", "assign"); empty otherwise.
        actions: what is asked for, the likeliest first; empty when no verb tells.
        phrases: noun phrases in order, as stems; the first one is what the request is about.
        owner, attribute: the thing that a question names, and stems of what it asks to know of it ("Ann's *phone
            number*"); None and empty where it asks for something else.
        many: whether all, or several, of a kind are asked for; None when the words do not tell.
        every: a word asks for all of a kind.
        foreign: the script is not one we read.
        locale: the language of the request, as the request says it.
        calendar: stems of the units of time in its language.
    """

    text: str
    tokens: tuple[Token, ...]
    spans: tuple[Span, ...]
    terms: Mapping[str, float]
    telling: str
    actions: tuple[Action, ...]
    phrases: tuple[tuple[str, ...], ...]
    owner: Span | None
    attribute: tuple[str, ...]
    many: bool | None
    every: bool
    foreign: bool
    locale: str = "en"
    calendar: frozenset[str] = frozenset()

    @property
    def values(self) -> tuple[Span, ...]:
        """Spans that are certainly values."""
        return tuple(s for s in self.spans if is_strong(s))

    @property
    def given(self) -> tuple[Span, ...]:
        """Values that the request surely asks to be used.

        What is written like a value; a number or a date where a word says what it is for ("tonight" and "2 of us" may
        set the scene only); a name that a noun holds ("orders of Ann").
        """
        return tuple(s for s in self.spans if _is_given(s) or s == self.owner)


def _is_given(span: Span) -> bool:
    if span.kind is SpanKind.NAME:
        return bool(span.holder)
    if span.kind in _LEFT_OPEN:
        return bool(span.traits or span.beside or span.holder) and any(c.isdigit() for c in span.text)
    return is_strong(span)


def moment(now: Micros, time_zone: str) -> datetime:
    """A moment in the tenant's time zone; UTC where the zone is unknown."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)).astimezone(zone)


def read(request: Request, lexicon: Lexicon) -> Reading:
    """Read one request."""
    text = clean(request.words)
    tokens = tokens_of(text)
    spans = spans_of(text, tokens, moment(request.now, request.time_zone), lexicon)
    strong = [s for s in spans if is_strong(s)]
    taken = _taken(text, strong)
    verb, actions = _action(text, tokens, taken, lexicon)
    phrases, many = _noun_phrases(text, tokens, taken, verb, lexicon)
    anchored = tuple(
        _anchored(
            text, tokens, spans, strong, _changed(tokens[verb].lower if verb >= 0 else "", actions, phrases), lexicon
        )
    )
    actions = actions or _noun_first(tokens, phrases, lexicon, many=many)
    owner, attribute = _attribute(text, tokens, anchored, lexicon) if Action.GET in actions[:1] else (None, ())
    return Reading(
        text=text,
        tokens=tokens,
        spans=anchored,
        terms=_terms(text, tokens, spans, taken, lexicon),
        telling=_telling(tokens, verb, lexicon),
        actions=actions,
        phrases=phrases,
        owner=owner,
        attribute=attribute,
        many=None if attribute else _several(spans, actions, many),
        every=any(t.lower in lexicon.every for t in tokens),
        foreign=latin_share(text) < _FOREIGN_SHARE,
        locale=request.locale,
        calendar=frozenset(stem(unit) for unit in lexicon.units),
    )


def _telling(tokens: Sequence[Token], verb: int, lexicon: Lexicon) -> str:
    known = known_verb(tokens[verb].lower, lexicon) if verb >= 0 else ""
    return tokens[verb].stem if known and known not in lexicon.plain else ""


def _noun_first(
    tokens: Sequence[Token], phrases: Sequence[tuple[str, ...]], lexicon: Lexicon, *, many: bool | None
) -> tuple[Action, ...]:
    """Nothing but several things named, in front: they are to be listed ("urgent jobs of Ann").

    A word before a determiner is a verb that we do not know ("weigh all jobs").
    """
    marks = lexicon.determiners | lexicon.every
    verb = len(tokens) > 1 and tokens[1].lower in marks and tokens[0].lower not in marks | lexicon.stop
    opens = bool(phrases) and any(t.stem in phrases[0] for t in tokens[:_OPENING_WORDS])
    return (Action.LIST, Action.SEARCH, Action.GET) if many and opens and not verb else ()


def _attribute(
    text: str, tokens: Sequence[Token], spans: Sequence[Span], lexicon: Lexicon
) -> tuple[Span | None, tuple[str, ...]]:
    """A name with the words after it where it owns something, or with those before it where something is of it."""
    for span in (s for s in spans if s.kind is SpanKind.NAME):
        before = [t for t in tokens if t.end <= span.start]
        run: tuple[str, ...] = ()
        if _POSSESSIVE.match(text, span.end):
            run = _run([t for t in tokens if t.start > span.end + 1], lexicon)
        elif span.holder and before[-1].lower in lexicon.owning:
            run = _run(before[-2::-1], lexicon)
        if run:
            return span, run
    return None, ()


def _run(tokens: Sequence[Token], lexicon: Lexicon) -> tuple[str, ...]:
    """The first words up to one that carries no content; `address` says nothing beside `email`."""
    inside = list(islice(takewhile(lambda t: t.lower not in lexicon.stop, tokens), _LONGEST_ATTRIBUTE))
    telling = [t for t in inside if t.lower not in lexicon.headless]
    return tuple(t.stem for t in telling or inside)


def _several(spans: Sequence[Span], actions: Sequence[Action], said: bool | None) -> bool | None:
    """Counting, or a limit on how many ("the first 20"), means several."""
    limited = any(Trait.LIMIT in s.traits for s in spans)
    return True if limited or Action.COUNT in actions[:1] else said


def _taken(text: str, spans: Sequence[Span]) -> bytearray:
    mask = bytearray(len(text) + 1)
    for span in spans:
        mask[span.start : span.end] = b"\x01" * (span.end - span.start)
    return mask


def _terms(
    text: str, tokens: Sequence[Token], spans: Sequence[Span], taken: bytearray, lexicon: Lexicon
) -> dict[str, float]:
    named = _taken(text, [s for s in spans if s.kind is SpanKind.NAME])
    first_end = _first_clause_end(text, tokens, taken, lexicon)
    terms: dict[str, float] = {}
    for token in tokens:
        if taken[token.start] or token.lower in lexicon.stop or len(token.lower) == 1:
            continue
        weight = _WEAK if token.lower in lexicon.weak or token.lower in lexicon.actions else 1.0
        weight *= _NAMED if named[token.start] else 1.0
        weight *= _LATER if token.start > first_end else 1.0
        terms[token.stem] = max(weight, terms.get(token.stem, 0.0))
    return terms | dict.fromkeys(phrasal([t.lower for t in tokens if not taken[t.start]], lexicon), 1.0)


def _first_clause_end(text: str, tokens: Sequence[Token], taken: bytearray, lexicon: Lexicon) -> int:
    """Where the first sentence that asks for something ends."""
    asked = False
    for i, token in enumerate(tokens):
        asked = asked or token.lower in lexicon.questions or _is_imperative(text, tokens, i, taken, lexicon)
        after = text[token.end : tokens[i + 1].start] if i + 1 < len(tokens) else ""
        if asked and any(c in _CLAUSE for c in after) and not taken[token.end]:
            return token.end
    return len(text)


def _action(text: str, tokens: Sequence[Token], taken: bytearray, lexicon: Lexicon) -> tuple[int, tuple[Action, ...]]:
    """The verb that says what is asked for: its position (-1 for none) and its actions."""
    for i, token in enumerate(tokens):
        if token.lower == "how" and i + 1 < len(tokens) and tokens[i + 1].lower == "many":
            return i + 1, lexicon.actions["count"]
        if _is_imperative(text, tokens, i, taken, lexicon):
            return i, lexicon.actions[known_verb(token.lower, lexicon)]
    question = text.rstrip().endswith("?") or any(t.lower in lexicon.questions for t in tokens[:3])
    return -1, ((Action.GET, Action.LIST) if question else ())


def _is_imperative(text: str, tokens: Sequence[Token], i: int, taken: bytearray, lexicon: Lexicon) -> bool:
    token = tokens[i]
    if taken[token.start] or not known_verb(token.lower, lexicon):
        return False
    if token.lower in lexicon.weak - {"give", "show", "tell", "make"} and token.lower not in lexicon.questions:
        return False
    if i == 0:
        return True
    before = tokens[i - 1].lower
    if before in lexicon.determiners or tokens[i - 1].end > token.start:
        return False
    inflected = token.lower not in lexicon.actions
    opens = any(c in _CLAUSE + "," for c in text[tokens[i - 1].end : token.start])
    return not inflected and (opens or before in lexicon.stop or before in lexicon.weak)


def _noun_phrases(
    text: str, tokens: Sequence[Token], taken: bytearray, verb: int, lexicon: Lexicon
) -> tuple[tuple[tuple[str, ...], ...], bool | None]:
    """Noun phrases after the verb, stand-in nouns left out; and whether the first one asks for many."""
    phrases: list[tuple[str, ...]] = []
    many: bool | None = True if any(t.lower in lexicon.every for t in tokens[max(verb, 0) : verb + 4]) else None
    run: list[Token] = []
    for token in [*tokens[verb + 1 :], None]:
        inside = token is not None and not taken[token.start] and token.lower not in lexicon.stop
        broken = bool(run) and token is not None and text[run[-1].end : token.start].strip() not in {"", "-", "/"}
        ends = token is not None and (token.lower in lexicon.roles or (bool(run) and token.lower.endswith("ed")))
        if inside and not broken and token is not None and not ends:
            run.append(token)
            continue
        nouns = [t for t in run if t.lower not in lexicon.generic and t.lower not in lexicon.weak]
        if nouns:
            if not phrases and many is None:
                many = plural(run[-1].text) or plural(nouns[-1].text)
            phrases.append(tuple(t.stem for t in nouns))
        run = [token] if inside and broken and token is not None else []
    return tuple(phrases), many


def _changed(verb: str, actions: Sequence[Action], phrases: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What a request changes ("change the *price* of 5 to 9", "re*name* 5 to X"): it announces the value after `to`."""
    if Action.UPDATE not in actions[:1]:
        return ()
    again = (stem(verb.removeprefix("re")),) if verb.startswith("re") else ()
    return again + (phrases[0] if phrases else ())


@dataclass(frozen=True, slots=True)
class _Around:
    """What anchoring needs of the whole request."""

    text: str
    tokens: Sequence[Token]
    starts: Sequence[int]
    mask: bytearray
    changed: tuple[str, ...]
    lexicon: Lexicon


def _anchored(
    text: str,
    tokens: Sequence[Token],
    spans: Sequence[Span],
    strong: Sequence[Span],
    changed: tuple[str, ...],
    lexicon: Lexicon,
) -> list[Span]:
    """Give each span the words around it, nearer words counting more, not across another value or a sentence."""
    values = [*strong, *(s for s in spans if s.kind is SpanKind.NAME)]
    around = _Around(text, tokens, [t.start for t in tokens], _taken(text, values), changed, lexicon)
    return [_with_anchors(span, around) for span in spans]


def _with_anchors(span: Span, around: _Around) -> Span:
    text, tokens, mask, lexicon = around.text, around.tokens, around.mask, around.lexicon
    first = _first_at(around.starts, span.start)
    anchors = _own(span, around)
    traits = set(span.traits)
    weight, edge, passed, adjacent = 1.0, span.start, False, True
    for token in reversed(tokens[max(0, first - _ANCHOR_WORDS) : first]):
        between = text[token.end : edge]
        if any(c in ".!?;\n" for c in between):
            break
        if mask[token.start] and not passed:
            weight, passed = weight * 0.4, True
        if adjacent and token.lower in lexicon.roles and not span.traits:
            traits.update(lexicon.roles[token.lower])
        elif not passed and not span.traits and not traits & _TOWARDS:
            traits.update(_TOWARDS & set(lexicon.roles.get(token.lower, ())))
        adjacent = adjacent and token.lower in lexicon.determiners
        if not mask[token.start] and (token.lower not in lexicon.stop or "=" in between):
            anchors[token.stem] = max(weight, anchors.get(token.stem, 0.0))
        weight, edge = weight * _DECAY, token.start
    if around.changed and first and tokens[first - 1].lower in lexicon.becomes:
        anchors.update({root: max(0.8, anchors.get(root, 0.0)) for root in around.changed})
    _follow(span, _first_at(around.starts, span.end), anchors, around)
    return replace(
        span,
        anchors=anchors,
        traits=frozenset(traits),
        beside=_beside(span, first, around),
        holder=_holder(span, first, around),
        unit=_unit(span, around),
    )


def _beside(span: Span, first: int, around: _Around) -> str:
    """The noun directly before a value, words that only announce an identifier left out."""
    edge, announced = span.start, False
    for token in reversed(around.tokens[max(0, first - _BESIDE_WORDS) : first]):
        if around.mask[token.start] or around.text[token.end : edge].strip() not in _JOINED:
            return ""
        if token.lower in around.lexicon.identity:
            announced = True
        elif token.lower not in around.lexicon.stop:
            return token.stem
        elif not announced:
            return ""
        edge = token.start
    return ""


def _holder(span: Span, first: int, around: _Around) -> str:
    """The noun before the one preposition that leads to a value."""
    if first < 2 or around.tokens[first - 1].lower not in around.lexicon.leading:  # noqa: PLR2004 - noun, preposition
        return ""
    word, preposition = around.tokens[first - 2], around.tokens[first - 1]
    gaps = around.text[word.end : preposition.start] + around.text[preposition.end : span.start]
    return "" if gaps.strip() or around.mask[word.start] or word.lower in around.lexicon.stop else word.stem


def _unit(span: Span, around: _Around) -> str:
    """The noun directly after a number."""
    at = _first_at(around.starts, span.end)
    if span.kind is not SpanKind.NUMBER or at >= len(around.tokens):
        return ""
    token = around.tokens[at]
    apart = around.text[span.end : token.start] not in {" ", "-"} or around.mask[token.start]
    return "" if apart or token.lower in around.lexicon.stop else token.stem


def _own(span: Span, around: _Around) -> dict[str, float]:
    """A name announces itself where it holds the noun: the *Harbour Hotel*."""
    if span.kind is not SpanKind.NAME:
        return {}
    first = _first_at(around.starts, span.start)
    after = _first_at(around.starts, span.end)
    return {t.stem: 0.6 for t in around.tokens[first:after]} if after - first > 1 else {}


def _follow(span: Span, at: int, anchors: dict[str, float], around: _Around) -> None:
    """Words right after a value: its unit or its noun ("4 tickets", "25 results")."""
    text, tokens, mask, lexicon = around.text, around.tokens, around.mask, around.lexicon
    weight, edge = 0.75 if span.kind in {SpanKind.NUMBER, SpanKind.MONEY} else 0.45, span.end
    for token in tokens[at : at + 4]:
        if mask[token.start] or any(c in ".!?;,\n:" for c in text[edge : token.start]):
            return
        if token.lower in lexicon.stop:
            edge = token.end
            continue
        if weight > anchors.get(token.stem, 0.0):
            anchors[token.stem] = weight
        weight, edge = weight * 0.6, token.end


def _first_at(starts: Sequence[int], offset: int) -> int:
    """Position of the first token that starts at or after an offset."""
    low, high = 0, len(starts)
    while low < high:
        middle = (low + high) // 2
        if starts[middle] < offset:
            low = middle + 1
        else:
            high = middle
    return low
