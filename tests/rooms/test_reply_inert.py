"""Text of strangers is inert wherever it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from facade.reply.inert import clean, code, inert, inert_exact
from tests.requirements import requirement

RENDERER = MarkdownIt("gfm-like")
"""CommonMark with tables, strike-through and bare addresses as links: the liveliest renderer we expect."""

DEAD = {"text", "text_special", "code_inline", "softbreak"}


def alive(markdown: str) -> set[str]:
    """Types of all tokens within a line that do more than show text."""
    inline: list[Token] = [t for block in RENDERER.parse(markdown) for t in block.children or ()]
    return {t.type for t in inline} - DEAD


ATTACKS = [
    "![x](https://evil.test/?q=1)",
    "[click](https://evil.test)",
    "[click][ref]\n\n[ref]: https://evil.test",
    "<img src=https://evil.test/x>",
    "<script>alert(1)</script>",
    "<https://evil.test>",
    "https://evil.test/a`b`|c",
    "www.evil.test/x",
    "see evil.test/collect?d=1",
    "evil.com",
    "a.evil.io, b",
    "mail me@evil.test or a.b+c@evil.co.uk.",
    "data:text/html;base64,AAAA",
    "JaVaScRiPt:alert(1)",
    "*bold* __bold__ ~~gone~~ ~gone~",
    "`` ` ``",
    "a | b | c",
    "&lt;b&gt; &#60;i&#62;",
    "\\[x](y)",
    "# heading",
    "1. item",
    "- item",
    "> quote",
    "---",
]


def test_the_renderer_of_these_tests_is_lively():
    assert alive(" ".join(ATTACKS)) >= {"link_open", "image", "strong_open", "html_inline"}


@requirement("reply:untrusted:inert")
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("shape", ["{}", "- **name**: {}", "| a |\n| --- |\n| {} |", "> “{}”", "1. {}"])
def test_no_markup_of_a_stranger_is_alive(attack, shape):
    before = alive(shape.format("x"))
    for text in (inert(attack, 200), inert_exact(attack, 200)):
        rendered = RENDERER.parse(shape.format(text))
        assert alive(shape.format(text)) == before
        assert [t.type for t in rendered] == [t.type for t in RENDERER.parse(shape.format("x"))]


@requirement("reply:untrusted:inert")
@given(
    st.text(alphabet=st.one_of(st.sampled_from("[]()<>!`*_|\\~#&;:/.$-+=1 \n\twhtps"), st.characters()), max_size=60)
)
def test_whatever_the_text_a_cell_stays_one_cell_of_dead_text(text):
    table = f"| a | b |\n| --- | --- |\n| {inert(text, 50)} | {inert_exact(text, 50)} |"
    tokens = RENDERER.parse(table)
    assert [t.type for t in tokens if t.type in {"td_open", "tr_open"}] == ["tr_open", "tr_open", "td_open", "td_open"]
    assert alive(table) == set()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("v1.2, report.pdf, e.g. this", "v1.2, report.pdf, e.g. this"),
        ("nina@speakers.example.", "`nina@speakers.example`."),
        ("plain, text (1)", "plain, text (1)"),
        ("due_on 2026-01-02 a_b", "due_on 2026-01-02 a_b"),
        ("\x1b[31mred\x1b[0m \x9b1mbold", "red bold"),
        ("\x1b]8;;https://evil.test\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\done \x1bcnew", "done new"),
        ("a\u200bb\u200dc\u202ed\u2066e\ufefff\u00adg", "abcdefg"),
        ("x\U000e0041\U000e0042y\U000e0101z\ufe0f\u3164\u2800", "xyz"),
        ("one\r\ntwo\tthree\u2028four\x00five", "one two three fourfive"),
        ("\ud800lone", "lone"),
        ("AT&T & Co", "AT&T & Co"),
        ("5 $ and 6 $", "5 \\$ and 6 $"),
    ],
)
def test_what_a_reader_cannot_see_is_gone_and_plain_words_stay_plain(text, seen):
    assert inert(text, 100) == seen


def test_a_long_text_is_cut_and_only_its_beginning_is_read():
    assert inert("abc def", 4) == "abc…"
    assert inert("a" * 10_000_000, 3) == "aaa…"
    assert inert("\u200b" * 100 + "late", 10) == "…"


@requirement("reply:consent:exact")
def test_in_a_consent_the_unseen_is_visible_and_a_cut_says_how_much_it_hides():
    assert inert_exact("a\u200bb\u202e\x1b\tc\r\nd\u00a0", 50) == "a⟨U+200B⟩b⟨U+202E⟩⟨U+001B⟩⟨U+0009⟩c ⏎ d⟨U+00A0⟩"
    assert inert_exact("abcdef", 4) == "abcd… (2 more characters)"


def test_a_code_span_cannot_be_closed_from_within():
    assert code("GET /a`b|c\x1b[1m") == "`GET /a%60b%7Cc`"
    assert clean(" a \n b ") == "a b"
