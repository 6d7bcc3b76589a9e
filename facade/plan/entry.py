"""An operation read for planning: what it does, to what, and which words name it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from facade.kernel import Location, Operation, OperationKey
from facade.plan.lexicon import Action, Lexicon
from facade.plan.naming import other_names, records_of
from facade.plan.schema import shape_of
from facade.plan.slots import Slot, required_objects, slots_of
from facade.plan.text import pieces, plural, stem

_PARAMETER = re.compile(r"\{[^{}]*\}")
_SEGMENT = re.compile(r"[./_\-: ]+")
_VERSION = re.compile(r"v\d+(?:\.\d+)?|api|rest")
_SENTENCE = re.compile(r"[.!?](?:\s|$)")
_WRITES: Mapping[str, tuple[Action, ...]] = {
    "PUT": (Action.UPDATE,),
    "PATCH": (Action.UPDATE,),
    "DELETE": (Action.DELETE,),
}
READS = frozenset({Action.LIST, Action.GET, Action.SEARCH, Action.COUNT, Action.COMPUTE})
"""Actions that change nothing."""
_DESCRIPTION_CHARS = 300
_NOUN = 0.5
_ALIAS = 0.8
_TITLE_CHARS = 40
_FIELDS = {"id": 1.0, "path": 1.0, "summary": 0.9, "tag": 0.5, "parameter": 0.45, "description": 0.35, "response": 0.15}


class Form(StrEnum):
    """Whether an operation is about one thing or about all of a kind."""

    ITEM = "item"
    COLLECTION = "collection"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What retrieval, ranking and slot filling know of an operation.

    Attributes:
        verb: stem of the verb that names it; empty for none.
        actions: what it does, the likeliest first; empty when nothing tells.
        resource: stems of what it is about; `parents` of what that belongs to; `nouns` those of its slots.
        aliases: other names of its resource, each as stems. fields: stems of the fields that it answers with;
            in an index those of every operation on the same resource.
        terms: every stem that may find it -> field weight in (0, 1].
        names: the stems that name it -> weight, by source; verbs and stop words left out.
        blocked: names of required inputs that words cannot fill.
        sweeps: it deletes or replaces all of a kind at once.
    """

    key: OperationKey
    title: str
    method: str
    path: str
    verb: str
    actions: tuple[Action, ...]
    form: Form
    resource: frozenset[str]
    parents: frozenset[str]
    nouns: frozenset[str]
    aliases: frozenset[frozenset[str]]
    fields: frozenset[str]
    terms: Mapping[str, float]
    names: tuple[Mapping[str, float], ...]
    slots: tuple[Slot, ...]
    blocked: tuple[str, ...]
    sweeps: bool

    def named(self, root: str) -> bool:
        """Whether a stem is part of what names it."""
        return any(root in name for name in (*self.names, *self.aliases))

    @property
    def destroys(self) -> bool:
        """Whether deleting is what it does first of all."""
        return Action.DELETE in self.actions[:1]

    @property
    def reads(self) -> bool:
        """Whether its method or its name says that it changes nothing."""
        return bool(self.actions) and self.actions[0] in READS


def entry_of(operation: Operation, lexicon: Lexicon) -> Entry:
    """Read one operation."""
    chain = _chain(operation.path)
    id_words = pieces(operation.key.operation_id) if operation.declared_id else ()
    verb = _verb(operation, lexicon)
    actions = _actions(operation, verb, lexicon)
    resource = _resource(operation, chain, id_words, lexicon)
    slots = slots_of(operation, lexicon)
    parents = frozenset(stem(w) for segment in chain[:-1] for w in segment) - frozenset(resource)
    aliases = frozenset(name for name in other_names(operation, lexicon) if not name <= resource | parents)
    return Entry(
        key=operation.key,
        title=operation.title,
        method=operation.method,
        path=operation.path,
        verb=stem(verb) if verb else "",
        actions=actions,
        form=_form(operation, chain, id_words, lexicon),
        resource=frozenset(resource),
        parents=parents,
        nouns=frozenset(word for slot in slots for word, share in slot.cues.items() if share >= _NOUN),
        aliases=aliases,
        fields=frozenset(stem(w) for w in _response_words(operation)),
        terms=_terms(operation, chain, id_words, slots, aliases, lexicon),
        names=_names(operation, chain, id_words, lexicon),
        slots=slots,
        blocked=_blocked(operation),
        sweeps=operation.method in {"DELETE", "PUT"} and bool(chain) and _ends_in_many(operation.path, chain),
    )


def _blocked(operation: Operation) -> tuple[str, ...]:
    """Required inputs that words cannot fill: objects, or a whole body, that the description leaves open."""
    named = tuple(p.name for p in required_objects(operation))
    body = operation.body
    opaque = body is not None and body.required and not any(p.location == Location.BODY for p in operation.parameters)
    return (*named, "a body") if opaque else named


def _ends_in_many(path: str, chain: list[tuple[str, ...]]) -> bool:
    return not _PARAMETER.search(path.rstrip("/").rsplit("/", 1)[-1]) and plural(chain[-1][-1])


def _chain(path: str) -> list[tuple[str, ...]]:
    """The static segments of a path as words, versions left out."""
    segments = [s for s in path.split("/") if s and not _PARAMETER.search(s) and not _VERSION.fullmatch(s)]
    return [words for s in segments if (words := pieces(s))]


def _verb(operation: Operation, lexicon: Lexicon) -> str:
    """The verb that names the operation: in its id, in the last segment of its path, or opening its summary."""
    names = [operation.key.operation_id] if operation.declared_id else []
    names.append(_PARAMETER.sub("", operation.path).rstrip("/").rsplit("/", 1)[-1])
    for name in names:
        for segment in reversed([s for s in _SEGMENT.split(name) if s]):
            words = pieces(segment)
            if words and words[0] in lexicon.actions:
                return words[0]
    first = pieces(operation.summary[:40])[:2] or pieces(operation.description[:40])[:2]
    known = next((v for w in first[:1] if (v := known_verb(w, lexicon))), "")
    imperative = len(first) > 1 and first[1] in {"a", "an", "the"} and first[0] not in lexicon.stop  # "Label a box"
    return known or (first[0] if imperative else "")


def known_verb(word: str, lexicon: Lexicon) -> str:
    """The base form of a verb the lexicon knows, for `lists`, `creating`, `deleted`; empty otherwise."""
    if word in lexicon.actions:
        return word
    root = stem(word)
    return _roots(lexicon).get(root, "")


def phrasal(words: Sequence[str], lexicon: Lexicon) -> set[str]:
    """Verbs with their particle as one term: `check out`, `sign up`."""
    return {
        f"{stem(verb)}+{particle}"
        for verb, particle in pairwise(words)
        if particle in lexicon.particles and known_verb(verb, lexicon)
    }


@lru_cache(maxsize=8)
def _roots(lexicon: Lexicon) -> Mapping[str, str]:
    return {stem(v): v for v in reversed(list(lexicon.actions))}


def _actions(operation: Operation, verb: str, lexicon: Lexicon) -> tuple[Action, ...]:
    by_verb = lexicon.actions.get(verb, ())
    if operation.method in {"GET", "HEAD"}:
        reads = tuple(a for a in by_verb if a in READS)
        return reads or (Action.GET, Action.LIST)
    if operation.method in _WRITES:
        own = tuple(a for a in by_verb if a not in READS)
        return (*_WRITES[operation.method], *own) if operation.method != "PUT" else (*own, *_WRITES["PUT"])
    if by_verb:
        return by_verb
    return (Action.CREATE,) if operation.path.count("/") > 1 and not operation.declared_id else ()


def _form(operation: Operation, chain: list[tuple[str, ...]], id_words: tuple[str, ...], lexicon: Lexicon) -> Form:
    last = operation.path.rstrip("/").rsplit("/", 1)[-1]
    if _PARAMETER.search(last):
        return Form.ITEM
    if operation.method == "GET" or (
        id_words and lexicon.actions.get(id_words[0], ())[:1] and _read_id(id_words, lexicon)
    ):
        names = [w for w in (chain[-1] if chain else ()) if w not in lexicon.actions]
        if _returns_many(operation) or (names and plural(names[-1])):
            return Form.COLLECTION
        return Form.ITEM if operation.method == "GET" and names else Form.OTHER
    return Form.OTHER


def _read_id(id_words: tuple[str, ...], lexicon: Lexicon) -> bool:
    return lexicon.actions[id_words[0]][0] in READS


def _returns_many(operation: Operation) -> bool:
    """Whether an answer is a list, or an object with exactly one list in it at the top."""
    for response in operation.responses[:1]:
        shape = shape_of(response.schema)
        arrays = [n for n, s in shape.properties.items() if s.get("type") == "array"]
        return shape.many or (len(arrays) == 1 and len(shape.properties) <= 8)  # noqa: PLR2004 - an envelope is small
    return False


def _resource(
    operation: Operation, chain: list[tuple[str, ...]], id_words: tuple[str, ...], lexicon: Lexicon
) -> set[str]:
    """Stems of what it is about: the last static segment, or for a function its name without the verb."""
    last = chain[-1] if chain else id_words
    nouns = {stem(w) for w in last if w not in lexicon.actions and w not in lexicon.stop}
    if not nouns and len(chain) > 1:
        nouns = {stem(w) for w in chain[-2]}
    return nouns or {stem(w) for w in last}


def _names(
    operation: Operation, chain: list[tuple[str, ...]], id_words: tuple[str, ...], lexicon: Lexicon
) -> tuple[Mapping[str, float], ...]:
    """What names it: by its id, by its summary and path (owners care for one of them), and by all together."""
    first = _SENTENCE.split(operation.summary or operation.description[:_DESCRIPTION_CHARS], maxsplit=1)[0]
    by_id = _named((id_words, 1.0), lexicon=lexicon) | dict.fromkeys(phrasal(id_words, lexicon), 1.0)
    told = _named((pieces(first), 1.0), ([w for s in chain for w in s], 1.0), lexicon=lexicon)
    both = _named((pieces(first), 0.5), ([w for s in chain for w in s], 0.8), (id_words, 1.0), lexicon=lexicon)
    return tuple(name for name in (by_id, told, both) if name)


def _named(*sources: tuple[Sequence[str], float], lexicon: Lexicon) -> dict[str, float]:
    name: dict[str, float] = {}
    for words, weight in sources:
        for word in words:
            if word not in lexicon.stop and word not in lexicon.actions and not word.isdigit():
                share = weight if word not in lexicon.weak else weight / 3
                name[stem(word)] = max(share, name.get(stem(word), 0.0))
    return name


def _terms(
    operation: Operation,
    chain: list[tuple[str, ...]],
    id_words: tuple[str, ...],
    slots: Sequence[Slot],
    aliases: Iterable[frozenset[str]],
    lexicon: Lexicon,
) -> dict[str, float]:
    fields: list[tuple[str, Iterable[str]]] = [
        ("response", _response_words(operation)),
        ("description", pieces(operation.description[:_DESCRIPTION_CHARS])),
        ("parameter", (w for s in slots for name in s.path for w in pieces(name))),
        ("parameter", (w for s in slots for c in s.shape.choices[:30] for w in pieces(str(c)[:60]))),
        ("tag", (w for t in operation.tags for w in pieces(t))),
        ("summary", pieces(operation.summary)),
        ("path", (w for s in chain for w in s)),
        ("id", id_words),
    ]
    terms = dict.fromkeys((w for name in aliases for w in name), _ALIAS)
    for name, words in fields:
        for word in words:
            if word not in lexicon.stop and len(word) > 1:
                key = stem(word)
                terms[key] = max(terms.get(key, 0.0), _FIELDS[name])
    pairs = phrasal(id_words, lexicon) | phrasal(pieces(operation.path), lexicon)
    return terms | dict.fromkeys(pairs, 1.0)


def _response_words(operation: Operation) -> Iterable[str]:
    """Names of the answer's fields, and their titles where these are short."""
    for fields in records_of(operation):
        for name, schema in list(fields.items())[:40]:
            yield from pieces(name)
            yield from pieces(str(schema.get("title") or "")[:_TITLE_CHARS])
