"""What else a description calls the thing that an operation is about, in the words of its own fields.

Owners rename things in titles and descriptions and leave the paths alone: fields of `/orders` say "how often *this
booking* was moved" and are titled "*Booking* title", "*Booking* state". What is said twice or more is another name.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from facade.kernel import JsonObject, Location, Operation
from facade.plan.lexicon import Lexicon
from facade.plan.schema import fields_of
from facade.plan.text import pieces, plural, stem

_THIS = re.compile(r"\bthis ([a-z]+)(?: ([a-z]+))?", re.I)
_TIMES = 2
_MOST_FIELDS = 60
_ABOUT_CHARS = 400


def records_of(operation: Operation) -> Iterator[Mapping[str, JsonObject]]:
    """The fields of what an operation answers with, those of an envelope's lists and objects too."""
    for response in operation.responses[:1]:
        fields = fields_of(response.schema)
        yield fields
        for inner in list(fields.values())[:4]:
            yield fields_of(inner)


def other_names(operation: Operation, lexicon: Lexicon) -> frozenset[frozenset[str]]:
    """Other names of the operation's thing, each as its stems."""
    body = (p for p in operation.parameters if p.location == Location.BODY)
    given = {p.name: {"description": p.description, **p.schema} for p in body}
    found: Counter[frozenset[str]] = Counter()
    for fields in (given, *records_of(operation)):
        once: Counter[frozenset[str]] = Counter()
        for name, schema in list(fields.items())[:_MOST_FIELDS]:
            once.update(set(_called(name, schema, lexicon)))
        found |= once
    often = {name: times for name, times in found.items() if times >= _TIMES}
    return frozenset(n for n, times in often.items() if not any(n < whole and t == times for whole, t in often.items()))


def _called(field: str, schema: JsonObject, lexicon: Lexicon) -> Iterable[frozenset[str]]:
    title = str(schema.get("title") or "")[:_ABOUT_CHARS]
    about = f"{schema.get('description') or ''} . {title}"[: 2 * _ABOUT_CHARS]
    for m in _THIS.finditer(about):
        yield from _noun([m[1].lower()], lexicon)
        yield from _noun([w.lower() for w in m.groups() if w], lexicon)
    words = pieces(title)
    own = {stem(w) for w in pieces(field)}
    if len(words) > 1 and {stem(w) for w in words[1:]} == own and stem(words[0]) not in own:
        yield from _noun([words[0]], lexicon)


def _noun(words: list[str], lexicon: Lexicon) -> Iterable[frozenset[str]]:
    """The noun that `this` points to: up to two words, none of them one that says nothing of a thing."""
    kept = words[:1] if len(words) > 1 and (words[1] in lexicon.stop or words[1] in lexicon.actions) else words
    empty = lexicon.stop | lexicon.generic | lexicon.abstract | lexicon.units.keys()
    verb = plural(kept[0])  # "this takes a while"
    if not verb and kept[0] not in empty and not any(needed == {kept[0]} for needed, _ in lexicon.traits):
        yield frozenset(stem(w) for w in kept if w not in lexicon.stop)
