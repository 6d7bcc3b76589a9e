"""Pieces of a request that may be values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facade.kernel import Json, Micros
from facade.plan import Request
from facade.plan.lexicon import ENGLISH, Action, Trait
from facade.plan.reading import Reading, read
from facade.plan.spans import SpanKind
from facade.plan.text import MAX_CHARS, clean, pieces, stem, tokens_of
from tests.rooms.plan.samples import NOW


def reading(words: str) -> Reading:
    return read(Request(words=words, now=NOW), ENGLISH)


def found(words: str, kind: SpanKind) -> list[object]:
    return [s.value for s in reading(words).spans if s.kind is kind]


SINGLE: list[tuple[str, SpanKind, list[Json]]] = [
    ('rename it to "Blue Door"', SpanKind.QUOTED, ["Blue Door"]),
    ("rename it to 'Blue Door'", SpanKind.QUOTED, ["Blue Door"]),
    ("it's Ann's and Bob's turn", SpanKind.QUOTED, []),
    ("write to ann.lee@example.org, please", SpanKind.EMAIL, ["ann.lee@example.org"]),
    ("open https://example.org/a?b=1.", SpanKind.URL, ["https://example.org/a?b=1"]),
    ("get 123e4567-e89b-12d3-a456-426614174000", SpanKind.UUID, ["123e4567-e89b-12d3-a456-426614174000"]),
    ("call +44 20 7946 0958", SpanKind.PHONE, ["+44 20 7946 0958"]),
    ("call (020) 7946 0958", SpanKind.PHONE, ["(020) 7946 0958"]),
    ("track parcel ZX-99/7.", SpanKind.CODE, ["ZX-99/7"]),
    ("the shelf with id main", SpanKind.CODE, ["main"]),
    ("twenty five boxes and 3 bags", SpanKind.NUMBER, [25, 3]),
    ("two thousand three hundred", SpanKind.NUMBER, [2300]),
    ("1,250.5 metres", SpanKind.NUMBER, [1250.5]),
    ("1.5 million readers", SpanKind.NUMBER, [1_500_000]),
    ("where a=2 and b=-3", SpanKind.NUMBER, [2, -3]),
    ("5km at 40%", SpanKind.NUMBER, [5, 40]),
    ("$1,200.50 or 30 euros", SpanKind.MONEY, [1200.5, 30]),
    ("the 3rd shelf", SpanKind.NUMBER, [3]),
    ("visit Ann Lee in New York, NY", SpanKind.NAME, ["Ann Lee", "New York", "New York, NY", "NY"]),
]


@pytest.mark.parametrize(("words", "kind", "expected"), SINGLE)
def test_a_value_is_recognised_by_its_look(words: str, kind: SpanKind, expected: list[Json]) -> None:
    assert found(words, kind) == expected


def test_values_that_stand_in_a_row_are_also_one_series() -> None:
    (series,) = [s for s in reading('tag it "red", "green" and "blue"').spans if s.kind is SpanKind.SERIES]
    assert [m.value for m in series.members] == ["red", "green", "blue"]


def test_free_text_begins_after_its_phrase_and_runs_to_the_end() -> None:
    assert found("tell Ann saying the shop opens at nine.", SpanKind.MESSAGE) == ["the shop opens at nine"]


def test_a_limit_marks_its_number() -> None:
    (number,) = [s for s in reading("show the first 50 books").spans if s.kind is SpanKind.NUMBER]
    assert (number.value, number.traits) == (50, {Trait.LIMIT})


def test_between_marks_both_ends() -> None:
    names = {s.value: s.traits for s in reading("trains between Leeds and York").spans if s.kind is SpanKind.NAME}
    assert Trait.ORIGIN in names["Leeds"]
    assert Trait.TARGET in names["York"]


def test_a_request_that_is_quoted_as_a_whole_is_no_value() -> None:
    assert found('"please list all the books that we have"', SpanKind.QUOTED) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("create", "creating"), ("movies", "movie"), ("statuses", "status"), ("policies", "policy"), ("boxes", "box"),
     ("colours", "color"), ("organisation", "organizing"), ("centres", "center"), ("cancelled", "canceled"),
     ("favourite", "favorite"), ("catalogue", "catalogs"), ("licence", "license")],
)  # fmt: skip
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("roomType", ("room", "type")),
        ("HTTPServer2", ("http", "server", "2")),
        ("/rooms/{room_id}", ("rooms", "room", "id")),
        ("房间ID", ("房间", "id")),
    ],
)
def test_a_name_falls_into_its_words(name: str, words: tuple[str, ...]) -> None:
    assert pieces(name) == words


@settings(deadline=None)
@given(st.text(max_size=400))
def test_every_span_lies_inside_the_text_and_keeps_its_words(text: str) -> None:
    shown = reading(text)
    for span in shown.spans:
        assert 0 <= span.start < span.end <= len(shown.text)
        assert span.members or span.text in shown.text


@settings(deadline=None)
@given(st.text(max_size=300))
def test_cleaning_keeps_every_offset(text: str) -> None:
    assert len(clean(text)) == len(text)
    assert all(text[t.start : t.end] == t.text for t in tokens_of(text))


def test_what_is_longer_than_the_bound_is_read_up_to_it() -> None:
    assert len(reading("list books " * 2000).text) == MAX_CHARS


def test_an_unknown_time_zone_reads_as_utc() -> None:
    there = read(Request(words="today", now=Micros(NOW), time_zone="Nowhere/Land"), ENGLISH)
    here = read(Request(words="today", now=Micros(NOW)), ENGLISH)
    assert there.spans == here.spans


FIRST = [("urgent jobs of Ann", True), ("weigh all jobs", False), ("all the jobs", True), ("weigh job 7", False)]


@pytest.mark.parametrize(("words", "listed"), FIRST)
def test_several_things_named_first_are_to_be_listed(words: str, listed: bool) -> None:
    assert (Action.LIST in reading(words).actions) is listed
