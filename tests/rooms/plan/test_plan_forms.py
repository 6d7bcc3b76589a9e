"""How values are written: patterns and examples of descriptions, read within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.kernel import JsonObject
from facade.plan.forms import form_of, languages_of

SHOWN: list[tuple[JsonObject, str, list[str], str, bool]] = [
    ({"pattern": "^W-[0-9]+$"}, "", [], "W-7", True),
    ({"pattern": "^W-[0-9]+$"}, "", [], "X-7", False),
    ({"pattern": "^[a-z ]+$"}, "", [], "word", False),
    ({}, "", ["WRD-12"], "wrd-9000", True),
    ({}, "such as WRD-12", [], "WRD-7", True),
    ({}, "", ["Ward twelve"], "Ward twelve", False),
]


@pytest.mark.parametrize(("schema", "about", "examples", "value", "shows"), SHOWN)
def test_a_form_shows_in_a_value(schema: JsonObject, about: str, examples: list[str], value: str, shows: bool) -> None:
    form = form_of(schema, about, examples)
    assert bool(form and form.shows(value)) is shows


def test_a_declared_pattern_forbids_other_values_and_an_example_does_not() -> None:
    declared, shown = form_of({"pattern": "^W-[0-9]+$"}, "", []), form_of({}, "", ["W-12"])
    assert declared
    assert shown
    assert (declared.forbids("X-7"), declared.forbids("W-7"), shown.forbids("X-7")) == (True, False, False)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|aa)*b",
        "(?=a)b",
        "a*a*a*b",
        r"(a)\1",
        "[",
        "(x{2,})+",
        "a" * 200,
        "(a?){1,30}",
        "(a|aa){1,9}b",
        "((a{1,9})b){1,9}",
        "a?" * 30,
        "[[a]",
        "x{99999}",
    ],
)
def test_a_pattern_that_may_take_long_is_not_read(pattern: str) -> None:
    assert form_of({"pattern": pattern.replace("\\\\", "\\")}, "", []) is None


@given(st.text(alphabet="ab()[]{}*+?|\\\\^$.0,1", max_size=30), st.text(alphabet="ab01", max_size=64))
def test_any_pattern_is_read_or_left(pattern: str, value: str) -> None:
    form = form_of({"pattern": pattern}, "", [])
    assert form is None or form.shows(value) in {True, False}


LANGUAGES: list[tuple[JsonObject, tuple[str, ...]]] = [
    ({"additionalProperties": {"type": "string"}, "example": {"en": "a", "pt-BR": "b"}}, ("en", "pt-BR")),
    ({"additionalProperties": {"type": "string"}, "examples": [{"de": "a"}]}, ("de",)),
    ({"properties": {"en": {"type": "string"}, "sv": {"type": "string"}}}, ("en", "sv")),
    ({"properties": {"en": {"type": "string"}, "size": {"type": "string"}}}, ()),
    ({"properties": {"id": {"type": "string"}}}, ()),
    ({"additionalProperties": {"type": "integer"}, "example": {"en": 1}}, ()),
    ({"additionalProperties": {"type": "string"}}, ()),
]


@pytest.mark.parametrize(("schema", "codes"), LANGUAGES)
def test_a_text_in_languages_is_told_by_its_keys(schema: JsonObject, codes: tuple[str, ...]) -> None:
    assert languages_of(schema) == codes
