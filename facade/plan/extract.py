"""Every piece of a request that may be a value. Linear: each rule passes over the text once."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from facade.plan.dates import date_spans
from facade.plan.lexicon import Lexicon, Trait
from facade.plan.spans import STRONG, Span, SpanKind, apart
from facade.plan.text import Token

_QUOTED = re.compile(
    r'"([^"]{1,4000})"|“([^”]{1,4000})”|`([^`]{1,4000})`|(?<!\w)\'([^\']{1,1000})\'(?!\w)'
    r"|(?<!\w)\u2018([^\u2019]{1,1000})\u2019"
)
_EMAIL = re.compile(r"(?<![\w.@+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63}){1,4}(?![\w@])")
_URL = re.compile(r"\bhttps?://[^\s\"'<>)\]]{1,2000}", re.I)
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I)
_PHONE = re.compile(r"(?<![\w.,])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{2,4}[ .-])\d{3,4}[ .-]\d{3,4}(?![\w-])")
_PAINT = re.compile(r"(?<![\w#&])#(?:[0-9a-f]{6}|[0-9a-f]{3})\b", re.I)
_CHUNK = re.compile(r"\S+")
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,10})?")
_MEASURED = re.compile(r"([-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,10})?)(?:°?[A-Za-z]{1,4}[²³]?|%|°)")
_COMPOUNDED = re.compile(r"(\d{1,4})-[a-z]{4,12}")
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th)")
_GIVEN = re.compile(r"[A-Za-z_]\w{0,20}=([-+]?\d{1,15}(?:\.\d{1,10})?)")
_MONEY = re.compile(r"([$€£¥])\s?(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,2})?)(?![\w])")
_WORD = (
    r"(?:(?:[A-Z]\.){2,4}|(?:Mr|Mrs|Ms|Dr|St|Inc|Ltd|Co|Jr|Sr|No|[A-Z])\.(?= [A-Z])|[A-Z0-9][\w'\u2019&]*(?:[.-]\w+)*)"
)
_NAME = re.compile(
    rf"(?=[A-Z]){_WORD}(?:[ -](?:(?:of the|of|the|de|la|van|von|del|&) )?{_WORD})*(?:,? (?:Inc|Ltd|Co)\b\.?)?"
)
_ABBREVIATED = re.compile(r"(?:\b[A-Z]\.[A-Z]|\b(?:Inc|Ltd|Co|Jr|Sr))\.$")
_PLACE = re.compile(r", ?(?=[A-Z])")
_LIMIT = re.compile(
    r"\b(?:first|top|limit(?:ed)?(?: the results?)?(?: to| of|:)?|up to|at most|maximum(?: of)?|max|only|no more than)"
    r"\s+(?:the )?$",
    re.I,
)
_AFTER_LIMIT = re.compile(r"\s+(?:results?|items?|records?|entries|rows|per page|at a time|at most)\b", re.I)
_GLUE = re.compile(r"\s*(?:,\s*(?:and|or)?|and|or|&|;)\s*", re.I)
_STRIP = "\"'()[]{},;:!?.“”\u2018\u2019`"
_SENTENCE_END = ".!?\n:;"
_MAX_SPANS = 160
_MOST = 0.8
"""A quotation of more than this share of the text is the request itself."""


def spans_of(text: str, tokens: Sequence[Token], now: datetime, lexicon: Lexicon) -> tuple[Span, ...]:
    """Values the request may hold: strong kinds never overlap; names, phrases, series and messages may."""
    strong = apart(
        [
            *_quoted(text),
            *_matches(text, _UUID, SpanKind.UUID),
            *_matches(text, _URL, SpanKind.URL),
            *_matches(text, _EMAIL, SpanKind.EMAIL),
            *_matches(text, _PAINT, SpanKind.CODE),
            *date_spans(text, now, lexicon),
            *_money(text, lexicon),
            *_matches(text, _PHONE, SpanKind.PHONE),
            *_identified(text, tokens, lexicon),
            *_chunks(text, lexicon),
            *_number_words(text, tokens, lexicon),
        ]
    )
    strong = [_bounded(text, s, lexicon) for s in strong]
    names = list(_names(text, strong, lexicon))
    series = list(_series(text, sorted([*strong, *names], key=lambda s: s.start)))
    strong, names = _ends(text, strong, series), _ends(text, names, series)
    messages = list(_messages(text, lexicon))
    phrases = list(_phrases(text, tokens, strong, lexicon))
    return tuple([*strong, *names, *series, *messages, *phrases][:_MAX_SPANS])


def _quoted(text: str) -> Iterator[Span]:
    for m in _QUOTED.finditer(text):
        inner = next(g for g in m.groups() if g is not None)
        if len(inner) > _MOST * len(text):
            continue
        yield Span(kind=SpanKind.QUOTED, text=inner, start=m.start(), end=m.end(), value=inner)


def _matches(text: str, rule: re.Pattern[str], kind: SpanKind) -> Iterator[Span]:
    for m in rule.finditer(text):
        found = m.group().rstrip(".,;:!?")
        yield Span(kind=kind, text=found, start=m.start(), end=m.start() + len(found), value=found)


def _money(text: str, lexicon: Lexicon) -> Iterator[Span]:
    for m in _MONEY.finditer(text):
        yield _scaled(text, _amount(m.group(), m.start(), m.end(), m[2]), lexicon)
    words = "|".join(w for w in lexicon.currencies if w.isalpha())
    for m in re.finditer(rf"\b(\d{{1,12}}(?:,\d{{3}})*(?:\.\d{{1,2}})?) (?:{words})\b", text, re.I):
        yield _amount(m.group(), m.start(), m.end(), m[1])


def _amount(text: str, start: int, end: int, digits: str) -> Span:
    return Span(kind=SpanKind.MONEY, text=text, start=start, end=end, value=number_of(digits))


def _scaled(text: str, span: Span, lexicon: Lexicon) -> Span:
    """A number with the word for its scale that follows: `1.5 million`."""
    word = re.compile(r" ([a-z]{5,9})\b", re.I).match(text, span.end)
    scale = lexicon.scales.get(word[1].lower()) if word else None
    if word is None or scale is None or not isinstance(span.value, (int, float)):
        return span
    value = span.value * scale
    whole = int(value) if float(value).is_integer() else value
    return replace(span, value=whole, end=word.end(), text=text[span.start : word.end()])


def number_of(digits: str) -> int | float:
    """The number that digits with optional thousands separators write."""
    plain = digits.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _identified(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Span]:
    """The word after `id`, `code`, `number`: an identifier whatever it looks like."""
    for i, token in enumerate(tokens[:-1]):
        if token.lower not in lexicon.identity:
            continue
        chunk = _CHUNK.match(text, _skip(text, token.end, ("is", "of", "as", "=", ":", "#", "number")))
        if chunk is None:
            continue
        span = _stripped(chunk)
        if span is None or not _is_identifier(span, token.lower, lexicon):
            continue
        if tokens[i + 1].start == span.start or not span.text[0].isalnum():
            yield span


def _skip(text: str, at: int, words: tuple[str, ...]) -> int:
    """Skip blanks and at most two joining words."""
    for _ in range(3):
        while at < len(text) and text[at] in " #:=":
            at += 1
        joined = next((w for w in words if text.startswith(f"{w} ", at)), None)
        if joined is None:
            return at
        at += len(joined)
    return at


def _is_identifier(span: Span, before: str, lexicon: Lexicon) -> bool:
    word = span.text.lower()
    if before == "no" and not any(c.isdigit() for c in word):
        return False
    return word not in lexicon.stop and word not in lexicon.actions and not _NUMBER.fullmatch(span.text)


def _stripped(chunk: re.Match[str]) -> Span | None:
    raw = chunk.group()
    left = len(raw) - len(raw.lstrip(_STRIP))
    core = raw.strip(_STRIP).removesuffix("'s").removesuffix("\u2019s")
    if not core:
        return None
    start = chunk.start() + left
    return Span(kind=SpanKind.CODE, text=core, start=start, end=start + len(core), value=core)


def _chunks(text: str, lexicon: Lexicon) -> Iterator[Span]:
    """Numbers, measures and codes: anything with a digit in it, and placeholders such as `<name>`."""
    for chunk in _CHUNK.finditer(text):
        span = _stripped(chunk)
        if span is None or not (any(c.isdigit() for c in span.text) or span.text.startswith("<")):
            continue
        for found in _chunk(text, span):
            yield _scaled(text, found, lexicon)


def _chunk(text: str, span: Span) -> Iterator[Span]:
    if _NUMBER.fullmatch(span.text):
        yield _numeral(span, span.text)
        return
    measured = next((m for rule in (_MEASURED, _ORDINAL, _COMPOUNDED) if (m := rule.fullmatch(span.text))), None)
    if measured:
        yield _numeral(span, measured[1])
        return
    given = _GIVEN.fullmatch(span.text)
    if given:
        start = span.start + given.start(1)
        yield _numeral(replace(span, text=given[1], start=start, end=start + len(given[1])), given[1])
        return
    parts = re.split(r"[,/()]", span.text) if not re.search(r"[A-Za-z]{2}", span.text) else []
    if len(parts) > 1 and all(_NUMBER.fullmatch(p) for p in parts):
        at = span.start
        for part in parts:
            at = text.index(part, at)
            yield _numeral(replace(span, text=part, start=at, end=at + len(part)), part)
            at += len(part)
        return
    yield span


def _numeral(span: Span, digits: str) -> Span:
    return replace(span, kind=SpanKind.NUMBER, value=number_of(digits))


def _bounded(text: str, span: Span, lexicon: Lexicon) -> Span:
    """Mark a number by what stands around it: how many are wanted, or the least or the most of something."""
    if span.kind not in {SpanKind.NUMBER, SpanKind.MONEY}:
        return span
    before = text[max(0, span.start - 32) : span.start].lower().rstrip(" $€£¥")
    limits = _LIMIT.search(f"{before} ") or _AFTER_LIMIT.match(text, span.end)
    if limits and span.kind is SpanKind.NUMBER:
        return replace(span, traits=frozenset({Trait.LIMIT}))
    if before.endswith(lexicon.above):
        return replace(span, traits=frozenset({Trait.START}))
    return replace(span, traits=frozenset({Trait.END})) if before.endswith(lexicon.below) else span


def _number_words(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Span]:
    i = 0
    while i < len(tokens):
        total, used = _spelled(text, tokens, i, lexicon)
        if used:
            start, end = tokens[i].start, tokens[i + used - 1].end
            yield Span(
                kind=SpanKind.NUMBER, text=text[start:end], start=start, end=end, value=total,
            )  # fmt: skip
        i += max(used, 1)


def _spelled(text: str, tokens: Sequence[Token], i: int, lexicon: Lexicon) -> tuple[int, int]:
    """A number in words from token `i` on, and how many tokens it takes."""
    total = part = used = 0
    while i + used < len(tokens):
        token = tokens[i + used]
        if used and text[tokens[i + used - 1].end : token.start] not in {" ", "-"}:
            break
        if token.lower in lexicon.numbers:
            part += lexicon.numbers[token.lower]
        elif used and token.lower in lexicon.scales:
            part *= lexicon.scales[token.lower]
            if lexicon.scales[token.lower] > 100:  # noqa: PLR2004 - a hundred stays within its group
                total, part = total + part, 0
        else:
            break
        used += 1
    return total + part, used


def _names(text: str, strong: Sequence[Span], lexicon: Lexicon) -> Iterator[Span]:
    taken = _mask(text, strong)
    for m in _NAME.finditer(text):
        start = _name_start(text, m, lexicon)
        end = m.start() + len(
            m.group().rstrip("'\u2019&") if _ABBREVIATED.search(m.group()) else m.group().rstrip(".'\u2019&")
        )
        if start >= end or any(taken[start:end]):
            continue
        yield _name(text, start, end)
        comma = _PLACE.match(text, end)
        more = _NAME.match(text, comma.end()) if comma else None
        if more:
            yield _name(text, start, more.start() + len(more.group().rstrip(".")))


def _name(text: str, start: int, end: int) -> Span:
    value = text[start:end].removesuffix("'s").removesuffix("\u2019s")
    return Span(kind=SpanKind.NAME, text=value, start=start, end=start + len(value), value=value)


def _name_start(text: str, m: re.Match[str], lexicon: Lexicon) -> int:
    """Where a capitalised run begins once the words are dropped that only open the sentence."""
    start = m.start()
    opening = text[:start].rstrip()[-1:] in {"", *_SENTENCE_END}
    for word in re.finditer(r"[^\s-]+", m.group()):
        lower = word.group().lower().split("'")[0].split("\u2019")[0]
        common = lower in lexicon.stop or lower in lexicon.actions or lower in lexicon.weak
        alone = opening and word.start() == 0 and text[m.end() : m.end() + 2].strip().islower()
        common = common or (alone and " " not in m.group())
        if not (common and (opening or lower == "i")):
            return m.start() + word.start()
    return m.end()


def _mask(text: str, spans: Sequence[Span]) -> bytearray:
    mask = bytearray(len(text))
    for span in spans:
        mask[span.start : span.end] = b"\x01" * (span.end - span.start)
    return mask


def _series(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Runs of one kind joined by commas or `and`."""
    run: list[Span] = []
    for span in [*spans, None]:
        if run and span and span.kind is run[-1].kind and _GLUE.fullmatch(text[run[-1].end : span.start][:8]):
            run.append(span)
            continue
        if len(run) > 1:
            yield Span(
                kind=SpanKind.SERIES, text=text[run[0].start : run[-1].end], start=run[0].start, end=run[-1].end,
                value=None, members=tuple(run),
            )  # fmt: skip
        run = [span] if span and (not run or span.start >= run[-1].end) else run[:0]


def _ends(text: str, spans: Sequence[Span], series: Sequence[Span]) -> list[Span]:
    """Give the two of "between A and B" their parts: where it begins and where it ends."""
    traits: dict[int, frozenset[Trait]] = {}
    for pair in series:
        if len(pair.members) == 2 and text[: pair.start].rstrip().lower().endswith("between"):  # noqa: PLR2004 - two ends
            traits[pair.members[0].start] = frozenset({Trait.START, Trait.ORIGIN})
            traits[pair.members[1].start] = frozenset({Trait.END, Trait.TARGET})
    return [replace(s, traits=s.traits | traits[s.start]) if s.start in traits else s for s in spans]


def _messages(text: str, lexicon: Lexicon) -> Iterator[Span]:
    lower = text.lower()
    for phrase in lexicon.messages:
        at = lower.find(f" {phrase} ")
        if at >= 0:
            yield from _message(text, at + len(phrase) + 2)
            break
    colon = text.find(": ")
    if colon >= 0:
        yield from _message(text, colon + 2)


def _message(text: str, start: int) -> Iterator[Span]:
    body = text[start:].strip()
    if body and body[0] not in "\"'“\u2018":
        at = text.index(body, start)
        yield Span(kind=SpanKind.MESSAGE, text=body, start=at, end=at + len(body), value=body.rstrip("."))


def _phrases(text: str, tokens: Sequence[Token], strong: Sequence[Span], lexicon: Lexicon) -> Iterator[Span]:
    """Runs of plain content words between stop words: values only where a slot's own words stand beside them."""
    mask = _mask(text, strong)
    run: list[Token] = []
    for token in [*tokens, None]:
        plain = token is not None and not mask[token.start] and token.lower not in lexicon.stop
        joined = not run or (token is not None and text[run[-1].end : token.start].strip() in {"", "-", "&"})
        if plain and joined and token is not None:
            run.append(token)
            continue
        if run:
            yield from _phrase(text, run)
        run = [token] if plain and token is not None else []


_LONGEST_PHRASE = 8


def _phrase(text: str, run: Sequence[Token]) -> Iterator[Span]:
    """The run, and the run without its first words or its last one (which may be cue words)."""
    parts = [run[skip : skip + _LONGEST_PHRASE] for skip in range(min(len(run), 3))]
    if 1 < len(run) <= _LONGEST_PHRASE:
        parts += [run[:-1], run[1:-1]] if len(run) > 2 else [run[:-1]]  # noqa: PLR2004 - something is left
    for part in parts:
        if not part or part[0].lower.endswith("ed") or (len(part) > 1 and part[0].lower.endswith("ing")):
            continue
        start, end = part[0].start, part[-1].end
        yield Span(kind=SpanKind.PHRASE, text=text[start:end], start=start, end=end, value=text[start:end])


def is_strong(span: Span) -> bool:
    """Whether the span's words are certainly a value."""
    return span.kind in STRONG
