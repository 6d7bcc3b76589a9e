"""Dates, times and ranges in a request, relative to a given moment.

A small grammar of our own for what people type most, ranges included; `dateparser` reads what is left and looks like a
date. Nothing here reads a clock: every relative word counts from `now`.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from facade.plan.lexicon import Lexicon, Trait
from facade.plan.spans import Span, SpanKind, When, apart

_TIME = (
    r"(?P<h>\d{1,2})(?::(?P<m>\d\d)(?::\d\d)?)?\s?(?P<ap>[ap]\.?m\b\.?)|(?P<h2>\d{1,2}):(?P<m2>\d\d)(?::\d\d)?(?!\d)"
)
_CLOCK = re.compile(rf"(?<![\w:.]) ?(?:{_TIME}|(?P<word>noon|midnight)\b)", re.I)
_ISO = re.compile(
    r"(?<![\w-])\d{4}-\d\d-\d\d(?P<t>[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-])"
)
_NUMERIC = re.compile(r"(?<![\w/.-])(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?![\w/-])")
_BETWEEN = re.compile(r"\s*(?:to|until|till|through|thru|and|-|\u2013|\u2014)\s*(?:the )?", re.I)
_JOIN = re.compile(r"\s*,?\s*(?:at|from|by|on|around)?\s*", re.I)
_LEAD = {
    "since": Trait.START, "from": Trait.START, "after": Trait.START, "starting": Trait.START, "between": Trait.START,
    "until": Trait.END, "till": Trait.END, "to": Trait.END, "before": Trait.END, "by": Trait.END, "through": Trait.END,
    "ending": Trait.END, "due": Trait.END,
}  # fmt: skip
_MONTHS_A_YEAR = 12
_HALF_YEAR = 183
_CENTURY = 2000
_MAX_PARSED = 2


@dataclass(frozen=True, slots=True)
class _Rules:
    """Regular expressions of one language."""

    days: tuple[re.Pattern[str], ...]
    month: re.Pattern[str]
    months: re.Pattern[str]
    weekday: re.Pattern[str]
    relative: re.Pattern[str]
    units: re.Pattern[str]
    anchor: re.Pattern[str]


@lru_cache(maxsize=8)
def _rules(language: str, months: tuple[str, ...], weekdays: tuple[str, ...]) -> _Rules:
    month = "|".join(sorted(months, key=len, reverse=True))
    weekday = "|".join(weekdays)
    day = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
    year = r"(?:,?\s+(?P<y>\d{4})\b)?"
    unit = r"(?P<u>day|week|month|year|hour|minute)s?"
    count = r"(?P<n>\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|couple of|few)"
    return _Rules(
        days=tuple(
            re.compile(form, re.I)
            for form in (
                rf"\b(?P<y>\d{{4}}),?\s+{day}\s+(?:of\s+)?(?P<mo>{month})\b",
                rf"\b(?P<y>\d{{4}}),?\s+(?P<mo>{month})\b\.?\s+{day}\b(?!:)",
                rf"\b{day}\s+(?:of\s+)?(?P<mo>{month})\b\.?\??{year}",
                rf"\b(?P<mo>{month})\b\.?\s+(?:the\s+)?{day}\b(?!:)\??{year}",
            )
        ),
        month=re.compile(
            rf"\b(?:(?P<w>in|during|this|next|last|for|of|since|after|before|until|till|by)\s+)?(?P<mo>{month})\b{year}",
            re.I,
        ),
        months=re.compile(
            rf"\b(?P<mo>{month})\b{year}\s*(?:to|until|till|through|thru|and|-|\u2013|\u2014)\s*(?P<mo2>{month})\b"
            rf"{year.replace('<y>', '<y2>')}(?!\s+\d{{1,2}}\b)",
            re.I,
        ),
        weekday=re.compile(rf"\b(?:(?P<w>next|this|last|coming|past|on)\s+)?(?P<wd>{weekday})\b", re.I),
        relative=re.compile(
            r"\b(?P<r>day after tomorrow|day before yesterday|today|tonight|tomorrow|yesterday)\b"
            r"|\b(?P<w>next|this|last|past|coming|previous|current)\s+(?P<p>weekend|week|month|quarter|year)\b",
            re.I,
        ),
        units=re.compile(
            rf"\b(?P<w>in|last|past|next|previous|within)\s+(?:the\s+)?(?:last\s+|past\s+|next\s+)?{count}\s+{unit}\b"
            rf"|\b{count.replace('<n>', '<n2>')}\s+{unit.replace('<u>', '<u2>')}\s+(?P<w2>ago|from now|from today)\b",
            re.I,
        ),
        anchor=re.compile(rf"\b(?:{month}|{weekday}|fortnight|ago)\b", re.I),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A date or range at a place in the text; `last` is the range's end."""

    start: int
    end: int
    when: When
    last: When | None = None
    past: bool = False


def date_spans(text: str, now: datetime, lexicon: Lexicon) -> list[Span]:
    """Every date, time and range of the text, both ends of a range as two spans of one group."""
    rules = _rules(lexicon.language, tuple(lexicon.months), tuple(lexicon.weekdays))
    found = _without_overlap(list(_grammar(text, now, lexicon, rules)))
    found = found + list(_parsed(text, now, lexicon, rules, found))
    found.sort(key=lambda f: f.start)
    return apart(list(_spans(text, _with_clocks(text, found))))


def _without_overlap(found: list[_Found]) -> list[_Found]:
    kept: list[_Found] = []
    for item in sorted(found, key=lambda f: (f.start, f.start - f.end)):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def _grammar(text: str, now: datetime, lexicon: Lexicon, rules: _Rules) -> Iterator[_Found]:
    yield from _iso(text)
    yield from _numeric(text)
    today = now.date()
    for rule in rules.days:
        for m in rule.finditer(text):
            day = _dated(today, m["y"], lexicon.months[m["mo"].lower()], int(m["d"]), _is_past(text, m.start()))
            if day:
                yield _Found(m.start(), m.end(), When(day=day))
    yield from _all_months(text, today, lexicon, rules)
    for m in rules.weekday.finditer(text):
        day = _weekday(today, lexicon.weekdays[m["wd"].lower()], (m["w"] or "").lower(), _is_past(text, m.start()))
        yield _Found(m.start("wd") if (m["w"] or "").lower() == "on" else m.start(), m.end(), When(day=day))
    for m in rules.relative.finditer(text):
        yield _relative(m, today)
    for m in rules.units.finditer(text):
        yield _counted(m, now, lexicon)


def _iso(text: str) -> Iterator[_Found]:
    for m in _ISO.finditer(text):
        day = _safe_date(*(int(x) for x in m.group()[:10].split("-")))
        if day:
            clock = _clock(int(m.group()[11:13]), int(m.group()[14:16])) if m["t"] else None
            yield _Found(m.start(), m.end(), When(day=day, clock=clock, written=m.group() if m["t"] else ""))


def _numeric(text: str) -> Iterator[_Found]:
    for m in _NUMERIC.finditer(text):
        a, b, c = int(m[1]), int(m[3]), int(m[4])
        if len(m[1]) == 4:  # noqa: PLR2004 - digits of a year
            day = _safe_date(a, b, c)
        else:
            year = c if c > 99 else c + _CENTURY  # noqa: PLR2004 - a two-digit year
            day = _safe_date(year, b, a) if a > _MONTHS_A_YEAR else _safe_date(year, a, b)
        if day and (m[2] != "." or len(m[4]) == 4 or len(m[1]) == 4):  # noqa: PLR2004 - not a version number
            yield _Found(m.start(), m.end(), When(day=day, written=m.group()))


def _safe_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _clock(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours, minutes


def _is_past(text: str, start: int) -> bool:
    return text[max(0, start - 8) : start].lower().rstrip().endswith(("since", "last"))


def _dated(today: date, year: str | None, month: int, day: int, past: bool) -> date | None:
    """The day meant. Without a year: the nearest such day; the latest one that has passed where the words say so."""
    if year:
        return _safe_date(int(year), month, day)
    options = [d for y in (today.year - 1, today.year, today.year + 1) if (d := _safe_date(y, month, day))]
    if past:
        return max((d for d in options if d <= today), default=None)
    return min(options, key=lambda d: abs((d - today).days), default=None)


def _all_months(text: str, today: date, lexicon: Lexicon, rules: _Rules) -> Iterator[_Found]:
    for m in rules.months.finditer(text):
        yield from _month_range(m, today, lexicon)
    for m in rules.month.finditer(text):
        yield from _month(m, today, lexicon)


_FROM_ITS_START = frozenset({"since", "before"})
_TO_ITS_END = frozenset({"after", "until", "till", "by"})


def _month(m: re.Match[str], today: date, lexicon: Lexicon) -> Iterator[_Found]:
    """A month with its year or after a word that makes it one ("may" alone is none): the whole of it, or one end."""
    word = (m["w"] or "").lower()
    first = _dated(today, m["y"], lexicon.months[m["mo"].lower()], 1, word in {"last", "since"})
    if first is None or not (word or m["y"]):
        return
    place = (m.start("mo"), m.end())
    if word in _FROM_ITS_START:
        yield _Found(*place, When(day=first))
    elif word in _TO_ITS_END:
        yield _Found(*place, When(day=_last_of(first)))
    else:
        yield _Found(*place, When(day=first), When(day=_last_of(first)))


def _last_of(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _month_range(m: re.Match[str], today: date, lexicon: Lexicon) -> Iterator[_Found]:
    """`January to March 2026`: the first day of one, the last day of the other; a year said once holds for both."""
    begins, ends = (lexicon.months[m[name].lower()] for name in ("mo", "mo2"))
    last = _dated(today, m["y2"] or m["y"], ends, 1, past=False)
    if last is None:
        return
    first = _safe_date(int(m["y"]) if m["y"] else last.year - (begins > ends), begins, 1)
    if first:
        yield _Found(m.start("mo"), m.end("y") if m["y"] else m.end("mo"), When(day=first))
        yield _Found(m.start("mo2"), m.end(), When(day=_last_of(last)))


def _weekday(today: date, target: int, word: str, past: bool) -> date:
    if past or word in {"last", "past"}:
        return today - timedelta(days=(today.weekday() - target - 1) % 7 + 1)
    ahead = (target - today.weekday() - 1) % 7 + 1
    return today + timedelta(days=ahead)


def _relative(m: re.Match[str], today: date) -> _Found:
    if m["r"]:
        shift = {"tomorrow": 1, "yesterday": -1, "day after tomorrow": 2, "day before yesterday": -2}
        return _Found(m.start(), m.end(), When(day=today + timedelta(days=shift.get(m["r"].lower(), 0))))
    step = {"next": 1, "coming": 1, "last": -1, "past": -1, "previous": -1}.get(m["w"].lower(), 0)
    first, last = _period(today, m["p"].lower(), step)
    return _Found(m.start(), m.end(), When(day=first), When(day=last))


def _period(today: date, period: str, step: int) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday())
    if period == "week":
        return monday + timedelta(weeks=step), monday + timedelta(weeks=step, days=6)
    if period == "weekend":
        return monday + timedelta(weeks=step, days=5), monday + timedelta(weeks=step, days=6)
    if period == "year":
        return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    months = 3 if period == "quarter" else 1
    index = (today.year * _MONTHS_A_YEAR + today.month - 1) // months * months + step * months
    first = date(index // _MONTHS_A_YEAR, index % _MONTHS_A_YEAR + 1, 1)
    after = index + months
    return first, date(after // _MONTHS_A_YEAR, after % _MONTHS_A_YEAR + 1, 1) - timedelta(days=1)


def _counted(m: re.Match[str], now: datetime, lexicon: Lexicon) -> _Found:
    word = (m["w"] or m["w2"]).lower()
    count = _number(m["n"] or m["n2"], lexicon)
    unit = (m["u"] or m["u2"]).lower()
    back = word in {"ago", "last", "past", "previous"}
    there = _shifted(now, -count if back else count, unit)
    exact = unit in {"hour", "minute"}
    moved = When(day=there.date(), clock=there.time().replace(second=0, microsecond=0) if exact else None)
    here = When(day=now.date(), clock=now.time().replace(second=0, microsecond=0) if exact else None)
    if word in {"in", "ago", "from now", "from today"}:
        return _Found(m.start(), m.end(), moved)
    return _Found(m.start(), m.end(), moved, here) if back else _Found(m.start(), m.end(), here, moved)


def _number(word: str, lexicon: Lexicon) -> int:
    lower = word.lower()
    few = {"a": 1, "an": 1, "couple of": 2, "few": 3}
    return int(lower) if lower.isdigit() else few.get(lower, lexicon.numbers.get(lower, 1))


def _shifted(now: datetime, count: int, unit: str) -> datetime:
    if unit in {"month", "year"}:
        index = now.year * _MONTHS_A_YEAR + now.month - 1 + count * (_MONTHS_A_YEAR if unit == "year" else 1)
        year, month = index // _MONTHS_A_YEAR, index % _MONTHS_A_YEAR + 1
        if not date.min.year <= year <= date.max.year:
            return now
        return now.replace(year=year, month=month, day=min(now.day, calendar.monthrange(year, month)[1]))
    try:
        return now + timedelta(**{f"{unit}s": count})
    except OverflowError:
        return now


def _parsed(text: str, now: datetime, lexicon: Lexicon, rules: _Rules, found: list[_Found]) -> Iterator[_Found]:
    """What still looks like a date, read by `dateparser`; at most two runs a request, because it is slow."""
    taken = [(f.start, f.end) for f in found]
    left = [
        m
        for m in re.finditer(r"\b\d{1,2}(?:st|nd|rd|th)?[ .-]\w{3,9}[ .-]\d{2,4}\b|\b(?:a|an|\w+) \w+ ago\b", text)
        if rules.anchor.search(m.group()) and not any(s < m.end() and m.start() < e for s, e in taken)
    ]
    for m in left[:_MAX_PARSED]:
        day = _dateparser(m.group(), now, lexicon.language)
        if day:
            yield _Found(m.start(), m.end(), When(day=day))


def _dateparser(words: str, now: datetime, language: str) -> date | None:
    from dateparser.date import DateDataParser  # noqa: PLC0415 - 0.2 s and its data, for few requests

    naive = now.replace(tzinfo=None)
    parser = DateDataParser(languages=[language], settings={"RELATIVE_BASE": naive, "RETURN_AS_TIMEZONE_AWARE": False})
    read = parser.get_date_data(words).date_obj
    return read.date() if read else None


def _with_clocks(text: str, found: list[_Found]) -> list[_Found]:
    """Join a date with the time of day next to it; times that stand alone are kept as they are."""
    clocks = [c for c in _clocks(text) if not any(f.start < c.end and c.start < f.end for f in found)]
    joined: list[_Found] = []
    used: set[int] = set()
    for item in found:
        near = next((i for i, c in enumerate(clocks) if i not in used and _adjacent(text, item, c)), None)
        if near is None or item.when.clock or item.last:
            joined.append(item)
            continue
        used.add(near)
        clock = clocks[near]
        start, end = min(item.start, clock.start), max(item.end, clock.end)
        joined.append(_Found(start, end, When(day=item.when.day, clock=clock.when.clock)))
    return sorted(joined + [c for i, c in enumerate(clocks) if i not in used], key=lambda f: f.start)


def _clocks(text: str) -> list[_Found]:
    found = []
    for m in _CLOCK.finditer(text):
        clock = _read_clock(m)
        if clock:
            start = m.start() + (m.group()[0] == " ")
            found.append(_Found(start, m.end(), When(clock=clock, written=text[start : m.end()])))
    return found


def _read_clock(m: re.Match[str]) -> time | None:
    if m["word"]:
        return time(12) if m["word"].lower() == "noon" else time(0)
    if m["h2"]:
        return _clock(int(m["h2"]), int(m["m2"]))
    hour = int(m["h"]) % 12 + (12 if m["ap"].lower().startswith("p") else 0)
    return _clock(hour, int(m["m"] or 0)) if int(m["h"]) <= 12 else None  # noqa: PLR2004 - a twelve-hour clock


def _adjacent(text: str, a: _Found, b: _Found) -> bool:
    first, second = (a, b) if a.start <= b.start else (b, a)
    gap = text[first.end : second.start]
    return len(gap) <= 8 and _JOIN.fullmatch(gap) is not None  # noqa: PLR2004 - ", around "


def _spans(text: str, found: list[_Found]) -> Iterator[Span]:
    group = 0
    for i, item in enumerate(found):
        if item.last:
            group += 1
            yield _span(text, item, item.when, Trait.START, group)
            yield _span(text, item, item.last, Trait.END, group)
            continue
        before = text[found[i - 1].end : item.start] if i else ""
        ends = bool(i) and len(before) < 12 and _BETWEEN.fullmatch(before) is not None  # noqa: PLR2004 - " through the "
        opens = i + 1 < len(found) and _BETWEEN.fullmatch(text[item.end : found[i + 1].start][:14]) is not None
        trait = Trait.END if ends else Trait.START if opens else _lead(text, item.start)
        yield _span(text, item, item.when, trait, 0)


def _lead(text: str, start: int) -> Trait | None:
    words = text[max(0, start - 24) : start].lower().replace("the", "").split()
    return _LEAD.get(words[-1]) if words else None


def _span(text: str, item: _Found, when: When, trait: Trait | None, group: int) -> Span:
    kind = SpanKind.TIME if when.day is None else SpanKind.MOMENT if when.clock else SpanKind.DATE
    return Span(
        kind=kind,
        text=text[item.start : item.end],
        start=item.start,
        end=item.end,
        value=when,
        traits=frozenset({trait} if trait else ()),
        group=group,
    )
