"""Dates, times and ranges, read from Wednesday 4 March 2026, 10:00 UTC."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facade.plan.dates import date_spans
from facade.plan.lexicon import ENGLISH, Trait
from facade.plan.spans import When

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)

DAYS: list[tuple[str, date]] = [
    ("today", date(2026, 3, 4)),
    ("tomorrow", date(2026, 3, 5)),
    ("the day after tomorrow", date(2026, 3, 6)),
    ("yesterday", date(2026, 3, 3)),
    ("on Friday", date(2026, 3, 6)),
    ("next Monday", date(2026, 3, 9)),
    ("last Friday", date(2026, 2, 27)),
    ("on Wednesday", date(2026, 3, 11)),
    ("since Wednesday", date(2026, 2, 25)),
    ("in 3 days", date(2026, 3, 7)),
    ("two weeks ago", date(2026, 2, 18)),
    ("in a month", date(2026, 4, 4)),
    ("2026-05-17", date(2026, 5, 17)),
    ("05/17/2026", date(2026, 5, 17)),
    ("17/05/2026", date(2026, 5, 17)),
    ("17.05.2026", date(2026, 5, 17)),
    ("5/7/26", date(2026, 5, 7)),
    ("May 17th, 2027", date(2027, 5, 17)),
    ("the 17th of May 2027", date(2027, 5, 17)),
    ("17 May", date(2026, 5, 17)),
    ("December 30", date(2025, 12, 30)),
    ("since June 1", date(2025, 6, 1)),
    ("2027 May 17th", date(2027, 5, 17)),
    ("2027, 17 of May", date(2027, 5, 17)),
    ("17-may-2027", date(2027, 5, 17)),
    ("since October", date(2025, 10, 1)),
    ("until June 2026", date(2026, 6, 30)),
]


@pytest.mark.parametrize(("words", "day"), DAYS)
def test_a_day_in_words_is_read_from_the_moment_of_the_request(words: str, day: date) -> None:
    (span,) = date_spans(f"show it {words} please", NOW, ENGLISH)
    assert isinstance(span.value, When)
    assert (span.value.day, span.value.clock) == (day, None)


CLOCKS: list[tuple[str, date | None, time]] = [
    ("at 3pm", None, time(15)),
    ("at 3:30 pm", None, time(15, 30)),
    ("at 14:05", None, time(14, 5)),
    ("at noon", None, time(12)),
    ("at 12 am", None, time(0)),
    ("tomorrow at 9am", date(2026, 3, 5), time(9)),
    ("at 9am on Friday", date(2026, 3, 6), time(9)),
    ("May 17 at midnight", date(2026, 5, 17), time(0)),
    ("2026-05-17T08:30:00Z", date(2026, 5, 17), time(8, 30)),
]


@pytest.mark.parametrize(("words", "day", "clock"), CLOCKS)
def test_a_time_joins_the_day_beside_it(words: str, day: date | None, clock: time) -> None:
    (span,) = date_spans(f"call them {words}.", NOW, ENGLISH)
    assert isinstance(span.value, When)
    assert (span.value.day, span.value.clock) == (day, clock)


RANGES: list[tuple[str, date, date]] = [
    ("next week", date(2026, 3, 9), date(2026, 3, 15)),
    ("this weekend", date(2026, 3, 7), date(2026, 3, 8)),
    ("last month", date(2026, 2, 1), date(2026, 2, 28)),
    ("this quarter", date(2026, 1, 1), date(2026, 3, 31)),
    ("next year", date(2027, 1, 1), date(2027, 12, 31)),
    ("last 7 days", date(2026, 2, 25), date(2026, 3, 4)),
    ("next two weeks", date(2026, 3, 4), date(2026, 3, 18)),
    ("in January 2025", date(2025, 1, 1), date(2025, 1, 31)),
    ("March 2026", date(2026, 3, 1), date(2026, 3, 31)),
    ("from January to March 2026", date(2026, 1, 1), date(2026, 3, 31)),
    ("between November 2025 and February 2026", date(2025, 11, 1), date(2026, 2, 28)),
    ("November to February", date(2025, 11, 1), date(2026, 2, 28)),
    ("from March 9 to March 13", date(2026, 3, 9), date(2026, 3, 13)),
    ("between 2026-04-01 and 2026-04-30", date(2026, 4, 1), date(2026, 4, 30)),
]


@pytest.mark.parametrize(("words", "first", "last"), RANGES)
def test_a_range_is_read_as_its_two_ends(words: str, first: date, last: date) -> None:
    spans = date_spans(f"list visits {words}", NOW, ENGLISH)
    found = [(s.value.day if isinstance(s.value, When) else None, s.traits) for s in spans]
    assert found == [(first, {Trait.START}), (last, {Trait.END})]


@pytest.mark.parametrize("words", ["version 3.11.2", "31/31/2026", "2026-02-30", "room 12", "you may go", "ratio 3:99"])
def test_what_is_no_date_is_not_read_as_one(words: str) -> None:
    assert date_spans(words, NOW, ENGLISH) == []


@settings(deadline=None)
@given(st.text(alphabet="0123456789-/.: janfebmaytodyniweksago,", max_size=200))
def test_any_text_that_looks_like_dates_is_read_or_left(text: str) -> None:
    for span in date_spans(text, NOW, ENGLISH):
        assert text[span.start : span.end] == span.text
