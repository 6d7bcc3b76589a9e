"""The values that an operation takes, as the planner sees them: one slot a parameter or nested body field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from facade.kernel import Json, JsonObject, Location, Operation, Parameter
from facade.plan.forms import examples_in
from facade.plan.lexicon import Lexicon, Trait
from facade.plan.schema import Kind, Shape, shape_of
from facade.plan.text import pieces, stem

_IDENTITY_CUE = 0.4
_OWNER_CUE = 0.7
_DESCRIPTION_WORDS = 24
_TOLD_CHARS = 400
_SHORT = 24
_TIMES = frozenset({Kind.DATE, Kind.MOMENT, Kind.TIME})
_BOUNDS = {"from": Trait.START, "since": Trait.START, "to": Trait.END, "until": Trait.END, "till": Trait.END}
_AGENTS = ("ee", "er", "or")
_SHORTEST_DEED = 4
MAX_SLOTS = 80
"""Slots of one operation beyond this are not filled (in order: required first)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for one value.

    Attributes:
        path: the parameter's name, then the property names inside it.
        shape: what its value must be.
        traits: what it is for.
        cues: stems of its own name -> share, together 1.0; `id` and the like count less than the noun.
        about: stems of its description.
        name: stems of its own name, in order.
        told, example: its description, and a value that the description shows; empty for none.
        labels: stems of each choice, parallel to `shape.choices`.
        aliases: stems of other words for listed values -> the values.
        wrapped: the object it stands in is the one element of a list.
    """

    location: Location
    path: tuple[str, ...]
    shape: Shape
    required: bool
    traits: frozenset[Trait] = frozenset()
    cues: Mapping[str, float] = field(default_factory=dict)
    about: frozenset[str] = frozenset()
    name: tuple[str, ...] = ()
    told: str = ""
    example: str = ""
    labels: tuple[tuple[str, ...], ...] = ()
    wrapped: bool = False
    aliases: tuple[tuple[tuple[str, ...], tuple[Json, ...]], ...] = ()

    @property
    def key(self) -> str:
        """`location.name`, the key of sources and questions; nested names joined by dots."""
        return f"{self.location}.{'.'.join(self.path)}"

    @property
    def label(self) -> str:
        """A human name for questions."""
        words = pieces(self.path[-1])
        return " ".join(words) or self.path[-1]


def slots_of(operation: Operation, lexicon: Lexicon) -> tuple[Slot, ...]:
    """The slots a planner may fill: parameters that the tenant context does not pin, objects opened one level."""
    found = [_owned(slot, operation.path, lexicon) for p in operation.inputs for slot in _opened(p, lexicon)]
    found.sort(key=lambda s: not s.required)
    return tuple(found[:MAX_SLOTS])


def _owned(slot: Slot, path: str, lexicon: Lexicon) -> Slot:
    """An id in the path is announced by the segment before it too: `room` for `/rooms/{id}`."""
    if slot.location != Location.PATH or lexicon.identity.isdisjoint(pieces(slot.path[0])):
        return slot
    before = path.partition("{" + slot.path[0] + "}")[0].rstrip("/").rsplit("/", 1)[-1]
    nouns = [stem(w) for w in pieces(before)[-1:] if "{" not in before]
    return replace(slot, cues=dict.fromkeys(nouns, _OWNER_CUE) | dict(slot.cues))


def required_objects(operation: Operation) -> tuple[Parameter, ...]:
    """Required object parameters without known properties: they cannot be filled from words."""
    return tuple(
        p for p in operation.inputs if p.required and shape_of(p.schema).kind is Kind.OBJECT and not _properties(p)
    )


def _properties(parameter: Parameter) -> Mapping[str, JsonObject]:
    return shape_of(parameter.schema).properties


def _opened(parameter: Parameter, lexicon: Lexicon) -> Iterable[Slot]:
    shape = shape_of(
        parameter.schema, name=parameter.name, description=parameter.description, example=parameter.example
    )
    if shape.kind is not Kind.OBJECT:
        yield _slot(parameter, (parameter.name,), shape, parameter.description, lexicon)
        return
    for name, schema in shape.properties.items():
        inner = shape_of(schema, name=name)
        if inner.kind is Kind.OBJECT or inner.read_only:
            continue
        needed = parameter.required and name in shape.required and not shape.many
        slot = _slot(parameter, (parameter.name, name), inner, str(schema.get("description") or ""), lexicon)
        yield replace(slot, required=needed, wrapped=shape.many)


def _slot(parameter: Parameter, path: tuple[str, ...], shape: Shape, about: str, lexicon: Lexicon) -> Slot:
    words = tuple(part for word in pieces(path[-1]) for part in _compound(word))
    said = pieces(about[:400])[:_DESCRIPTION_WORDS]
    return Slot(
        location=parameter.location,
        path=path,
        shape=shape,
        required=parameter.required,
        traits=_traits(words, lexicon) | _bound(words, shape),
        cues=_cues(words, lexicon),
        about=frozenset(stem(w) for w in said if w not in lexicon.stop and w not in lexicon.weak),
        name=tuple(stem(w) for w in words),
        told=about[:_TOLD_CHARS],
        example=_example(parameter, path),
        labels=tuple(_label(c) for c in shape.choices),
        aliases=tuple((_label(text), values) for text, values in shape.aliases),
    )


def _example(parameter: Parameter, path: tuple[str, ...]) -> str:
    """A short value that the description shows."""
    schema = parameter.schema if len(path) == 1 else _properties(parameter).get(path[1], {})
    shown = (parameter.example if len(path) == 1 else None, *examples_in(schema))
    return next((str(e) for e in shown if isinstance(e, (str, int)) and 0 < len(str(e)) <= _SHORT), "")


_COMPOUND = re.compile(r"([a-z]{3,})(name|id|code|number|date|time|type)")


def _compound(word: str) -> tuple[str, ...]:
    """`username`, `orderid` and the like as their two words."""
    found = _COMPOUND.fullmatch(word)
    return (found[1], found[2]) if found else (word,)


def _cues(words: tuple[str, ...], lexicon: Lexicon) -> dict[str, float]:
    weights: dict[str, float] = {}
    for word in words:
        if len(word) > 1 or len(words) == 1:
            weights[stem(word)] = _IDENTITY_CUE if word in lexicon.identity else 1.0
    total = sum(weights.values())
    cues = {word: weight / total for word, weight in weights.items()}
    return {root: cues[stem(word)] for word in words if (root := _deed(word, lexicon))} | cues


def _deed(word: str, lexicon: Lexicon) -> str:
    """The verb inside a noun for a person: `assign` in `assignee`, `creat` in `creator`; empty for others."""
    root = next((word.removesuffix(end) for end in _AGENTS if word.endswith(end)), "")
    verbs = {root, f"{root}e"} & lexicon.actions.keys() if len(root) >= _SHORTEST_DEED else set()
    return stem(root) if verbs else ""


def _label(choice: Json) -> tuple[str, ...]:
    return tuple(stem(w) for w in pieces(str(choice)))


def _bound(words: tuple[str, ...], shape: Shape) -> frozenset[Trait]:
    """`opened_from` and `opened_to` bound a time: there `from` is no place of departure."""
    if shape.kind not in _TIMES or len(words) < 2:  # noqa: PLR2004 - what is bounded, and the bound
        return frozenset()
    return frozenset(trait for end, trait in _BOUNDS.items() if words[-1] == end)


def _traits(words: tuple[str, ...], lexicon: Lexicon) -> frozenset[Trait]:
    have = frozenset(words) | {"".join(words)}
    return frozenset(trait for needed, trait in lexicon.traits if needed <= have)
