"""Words and their roots: one linear pass over a text, no language model.

A stem is a key for comparing words, not a word: `creating`, `created` and `create` share one.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+(?:['\u2019][a-z]{1,2}\b)?")
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_SUFFIXES = (
    ("iness", "y"), ("ments", ""), ("ment", ""), ("ations", ""), ("ation", ""), ("ings", ""), ("ing", ""),
    ("ied", "y"), ("ies", "y"), ("ed", ""), ("sses", "ss"), ("uses", "us"), ("xes", "x"), ("ches", "ch"),
    ("shes", "sh"),
)  # fmt: skip
_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "news": "news"}
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(fav|col|lab|hon|hum|arb|avi|eav|rum|vig|vap|flav|sav|neighb)our"), r"\1or"),
    (re.compile(r"^(cent|theat|met|lit|fib)r$"), r"\1er"),
    (re.compile(r"([a-z]{3})is$"), r"\1iz"),
    (re.compile(r"(anal|paral)ys$"), r"\1yz"),
    (re.compile(r"(catal|dial|anal)ogu?$"), r"\1og"),
    (re.compile(r"(lic|def|off|pret)enc$"), r"\1ens"),
    (re.compile(r"([a-z]{4})ll$"), r"\1l"),
)
"""British spellings of roots and the American ones that they fold to; both sides of a comparison are folded."""
_SHORTEST_ROOT = 3
_SHORTEST_PLURAL = 4
MAX_CHARS = 8_000
"""Longer requests are read up to here."""


class Token(NamedTuple):
    """A word of the request. `stem` compares; `start` and `end` are offsets into the text."""

    text: str
    lower: str
    stem: str
    start: int
    end: int


def tokens_of(text: str) -> tuple[Token, ...]:
    """The words of a text, in order."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        lower = word.lower().replace("\u2019", "'").removesuffix("'s")
        found.append(Token(word, lower, stem(lower), match.start(), match.end()))
    return tuple(found)


def pieces(identifier: str) -> tuple[str, ...]:
    """Lower-case words of a name such as `roomType`, `room_type` or `/rooms/{roomType}`."""
    return tuple(m.group().lower() for m in _HUMP.finditer(identifier))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A light root: plural, `-ing`, `-ed`, `-ation`, `-ment` and a final `e` removed, British spelling folded."""
    root = _IRREGULAR.get(word) or _bare(word)
    if len(root) > _SHORTEST_ROOT:
        for rule, put in _SPELLINGS:
            root = rule.sub(put, root)
    return root


def _bare(word: str) -> str:
    for suffix, put in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_ROOT:
            return _trimmed(word[: -len(suffix)] + put)
    if len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return _trimmed(word)


def _trimmed(root: str) -> str:
    if len(root) > _SHORTEST_ROOT and root.endswith("e"):
        root = root[:-1]
    if len(root) > _SHORTEST_ROOT and root[-1] == root[-2] and root[-1] not in "sl":
        root = root[:-1]
    if len(root) > _SHORTEST_ROOT + 1 and root.endswith("at"):
        return root[:-2]
    if len(root) > _SHORTEST_ROOT and root.endswith("y"):
        return root[:-1] + "i"
    return root


def plural(word: str) -> bool:
    """Whether an English word looks like a plural."""
    lower = word.lower()
    if lower in {"people", "children", "men", "women", "data", "media", "criteria"}:
        return True
    return len(lower) >= _SHORTEST_PLURAL and lower.endswith("s") and not lower.endswith(("ss", "us", "is", "news"))


def grams(word: str) -> frozenset[str]:
    """Character trigrams with edges marked."""
    padded = f"^{word}$"
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def latin_share(text: str) -> float:
    """The share of letters that are Latin; 1.0 for a text without letters."""
    letters = [c for c in text if c.isalpha()]
    return sum(1 for c in letters if _LATIN.match(c)) / len(letters) if letters else 1.0


def clean(text: str) -> str:
    """The text as read: bounded, compatibility forms kept, control characters and odd spaces made plain spaces."""
    cut = text[:MAX_CHARS]
    if cut.isprintable():
        return cut
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"} else c for c in cut)
