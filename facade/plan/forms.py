"""How a text value is written: by the `pattern` of its schema, or by the ids that the description shows.

A pattern comes from a description and meets words that a user types, so only patterns that cannot take long are read:
a repeated group repeats one fixed thing, few ways lead through the rest, and only short texts are compared.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from facade.kernel import Json, JsonObject
from facade.plan.lexicon import words

_LONGEST_PATTERN = 120
_LONGEST_VALUE = 64
_MOST_WAYS = 64 * 64 * 8
_PLAIN = ("a", "word", "Two Words", "7", "2041", "a_b-c", "A1", "word, word")
"""Texts that any pattern of names, words or numbers matches: a form that matches one says little about a value."""
_ESCAPED = re.compile(r"\\.")
_SET = re.compile(r"\[\^?\]?[^\]]*\]")
_ODD_SET = re.compile(r"\[[^\]]*(?:\[|--|&&|\|\||~~)")
_HARD = re.compile(r"\(\?(?!:)|\)(?:[*+]|\{\d*,\})|\\[1-9]|\\[pPuUxk]|\{\d{4}|,\d{4}")
_REPEATED = re.compile(r"\((?P<inside>[^()]*)\)(?:\?|\{)")
_NESTED = re.compile(r"\)[^()]*\)(?:\?|\{)")
_VARIABLE = re.compile(r"[*+]|\{\d*,\d*\}")
_CODE = re.compile(r"([A-Za-z]{1,6}[-_/]?)\d{2,}")
_SHOWN = re.compile(r"(?<![\w-])[A-Z]{1,6}-\d{2,}(?![\w-])")


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is written. `binding`: a value of another form is refused by the application."""

    rule: re.Pattern[str]
    binding: bool
    telling: bool

    def shows(self, value: str) -> bool:
        """Whether a value has this form, and few other things have it."""
        return self.telling and len(value) <= _LONGEST_VALUE and self.rule.fullmatch(value) is not None

    def forbids(self, value: str) -> bool:
        """Whether a value cannot be meant, because it is not written so."""
        return self.binding and len(value) <= _LONGEST_VALUE and self.rule.search(value) is None


def form_of(schema: JsonObject, about: str, examples: Sequence[str]) -> Form | None:
    """The form that a schema declares or its description shows; None where neither does, or it is too free to read."""
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and (rule := _bounded(pattern)):
        return Form(rule, binding=True, telling=not any(rule.fullmatch(text) for text in _PLAIN))
    rule = _by_example([*examples, *_SHOWN.findall(about[:500])])
    return Form(rule, binding=False, telling=True) if rule else None


def _bounded(pattern: str) -> re.Pattern[str] | None:
    """The pattern compiled, where it surely takes few steps."""
    if len(pattern) > _LONGEST_PATTERN or _HARD.search(pattern) or _ODD_SET.search(pattern):
        return None
    bare = _SET.sub("x", _ESCAPED.sub("x", pattern))
    if _HARD.search(bare) or _NESTED.search(bare) or _ways(bare) > _MOST_WAYS:
        return None
    if any(_VARIABLE.search(m["inside"]) or set(m["inside"]) & set("|?") for m in _REPEATED.finditer(bare)):
        return None
    try:
        return re.compile(pattern)
    except (re.error, OverflowError):
        return None


def _ways(bare: str) -> int:
    """At most how many ways a match of the longest value can be tried."""
    return int(_LONGEST_VALUE ** len(_VARIABLE.findall(bare)) * 2 ** (bare.count("?") + bare.count("|")))


def _by_example(examples: Iterable[str]) -> re.Pattern[str] | None:
    """`C-1042` says that values are `C-` and digits."""
    for example in examples:
        code = _CODE.fullmatch(example.strip())
        if code:
            return re.compile(rf"{re.escape(code[1])}\d+", re.I)
    return None


def examples_in(schema: JsonObject) -> tuple[Json, ...]:
    """What a schema shows: its `example`, and its `examples` of OpenAPI 3.1."""
    listed = schema.get("examples")
    more = tuple(listed) if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    return (schema["example"], *more) if "example" in schema else more


def languages_of(schema: JsonObject) -> tuple[str, ...]:
    """The languages of a text that is written once for each, such as `{"en": "...", "de": "..."}`; empty for others.

    Told by an object of texts whose example or fields are named by language codes.
    """
    properties = schema.get("properties")
    example = next((e for e in examples_in(schema) if isinstance(e, Mapping)), None)
    if isinstance(properties, Mapping) and properties:
        texts = all(isinstance(p, Mapping) and p.get("type", "string") == "string" for p in properties.values())
        return _languages(properties) if texts and len(properties) > 1 else ()
    values = schema.get("additionalProperties")
    texts = isinstance(values, Mapping) and values.get("type") == "string"
    return _languages(example) if texts and example else ()


def _languages(keys: Mapping[str, Json]) -> tuple[str, ...]:
    """The keys, where every one is the code of a language, with or without a region."""
    codes = tuple(str(k) for k in keys)
    return codes if all(re.split("[-_]", c)[0].lower() in _ISO_639_1 for c in codes) else ()


_ISO_639_1 = words(
    "af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn "
    "ko ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nn no pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz "
    "vi zh"
)
"""Codes of the languages most in use; ISO 639-1."""
