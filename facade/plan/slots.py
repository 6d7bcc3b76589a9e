"""The values that an operation takes, as the planner sees them: one slot a parameter or nested body field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from facade.kernel import Json, JsonObject, Location, Operation, Parameter
from facade.plan.lexicon import Lexicon, Trait
from facade.plan.schema import Kind, Shape, shape_of
from facade.plan.text import pieces, stem

_NAME_CUE = 1.0
_DESCRIPTION_CUE = 0.3
_DESCRIPTION_WORDS = 24
MAX_SLOTS = 80
"""Slots of one operation beyond this are not filled (in order: required first)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for one value.

    Attributes:
        path: the parameter's name, then the property names inside it.
        shape: what its value must be.
        traits: what it is for.
        cues: stems that announce its value -> weight; words that other slots share weigh less.
        name: stems of its own name, in order.
        labels: stems of each choice, parallel to `shape.choices`.
        wrapped: the object it stands in is the one element of a list.
    """

    location: Location
    path: tuple[str, ...]
    shape: Shape
    required: bool
    traits: frozenset[Trait] = frozenset()
    cues: Mapping[str, float] = field(default_factory=dict)
    name: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()
    wrapped: bool = False

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
    found = [slot for p in operation.inputs for slot in _opened(p, lexicon)]
    found.sort(key=lambda s: not s.required)
    return _weighed(found[:MAX_SLOTS])


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
        if inner.kind is Kind.OBJECT or schema.get("readOnly") is True:
            continue
        needed = parameter.required and name in shape.required and not shape.many
        slot = _slot(parameter, (parameter.name, name), inner, str(schema.get("description") or ""), lexicon)
        yield replace(slot, required=needed, wrapped=shape.many)


def _slot(parameter: Parameter, path: tuple[str, ...], shape: Shape, about: str, lexicon: Lexicon) -> Slot:
    words = pieces(path[-1])
    cues: dict[str, float] = {}
    for word in pieces(about[:400])[:_DESCRIPTION_WORDS]:
        if word not in lexicon.stop and word not in lexicon.weak:
            cues[stem(word)] = _DESCRIPTION_CUE
    cues.update({stem(w): _NAME_CUE for w in words if len(w) > 1 or len(words) == 1})
    return Slot(
        location=parameter.location,
        path=path,
        shape=shape,
        required=parameter.required,
        traits=_traits(words, lexicon),
        cues=cues,
        name=tuple(stem(w) for w in words),
        labels=tuple(_label(c) for c in shape.choices),
    )


def _label(choice: Json) -> tuple[str, ...]:
    return tuple(stem(w) for w in pieces(str(choice)))


def _traits(words: tuple[str, ...], lexicon: Lexicon) -> frozenset[Trait]:
    have = frozenset(words) | {"".join(words)}
    return frozenset(trait for needed, trait in lexicon.traits if needed <= have)


def _weighed(slots: list[Slot]) -> tuple[Slot, ...]:
    """Divide each cue by the number of slots that share it, so that distinguishing words decide."""
    shared: dict[str, int] = {}
    for slot in slots:
        for cue in slot.name:
            shared[cue] = shared.get(cue, 0) + 1
    return tuple(
        replace(s, cues={c: w / max(1, shared.get(c, 0) + (c not in s.name)) for c, w in s.cues.items()}) for s in slots
    )
