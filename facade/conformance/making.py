"""What a run makes in the application: how, under which ids, and how it is removed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from facade.conformance.arguments import required_arguments
from facade.conformance.records import Due, Exchange, Who
from facade.conformance.resources import ends_in_parameter, identifier, last_literal, noun, shape_of, steps_of
from facade.conformance.session import Session
from facade.contract import match
from facade.kernel import Json, JsonObject, Operation

_WRAPPERS: Final = ("data", "item", "result", "object", "record")
_PASSES: Final = 4
_CLEANING_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Something that the run made.

    Attributes:
        shape: of the item's path, such as `/customers/{}`.
        values: path values from left to right.
        exchange: the creation.
    """

    shape: str
    values: tuple[Json, ...]
    exchange: Exchange
    who: Who = Who.FIRST

    @property
    def collection(self) -> str:
        """The shape of the collection it belongs to."""
        return self.shape.rpartition("/")[0]


@dataclass(slots=True)
class Bench:
    """Makes things and keeps the list of them.

    Attributes:
        alive: what was made and is still there, as far as is known.
        prepared: for actions that took a new thing, the action that had to come before, if one had to.
    """

    session: Session
    alive: list[Made] = field(default_factory=list)
    prepared: dict[str, Operation | None] = field(default_factory=dict)

    # --- which operations

    def operation(self, method: str, shape: str) -> Operation | None:
        """The operation of a method at a path shape, if the run may call it."""
        known = self.session.plan.operations.values()
        return next((op for op in known if op.method == method and shape_of(op.path) == shape), None)

    def item_shape(self, creator: Operation) -> str | None:
        """The shape of the items that a POST makes: below its own path, or of the same name elsewhere."""
        shapes = {shape_of(op.path) for op in self.session.plan.operations.values() if ends_in_parameter(op.path)}
        own = f"{shape_of(creator.path)}/{{}}"
        if own in shapes:
            return own
        name = noun(last_literal(creator.path))
        alike = [s for s in shapes if s.count("{}") == 1 and noun(last_literal(s)) == name]
        return min(alike, key=len, default=None)

    @property
    def creators(self) -> list[tuple[Operation, str]]:
        """POSTs that make items with paths of their own, with the items' shape; those of few parents first."""
        posts = [op for op in self.session.writes if op.method == "POST" and not ends_in_parameter(op.path)]
        found = [(op, self.item_shape(op)) for op in posts]
        known = [(op, shape) for op, shape in found if shape is not None and self._makes(op, shape)]
        return sorted(known, key=lambda each: (each[0].path.count("{"), self._needs(each[0]), len(each[0].path)))

    def _needs(self, creator: Operation) -> int:
        """How many fields of its body refer to something that has to be there first."""
        return len(self.session.sampler.body_references(creator))

    def _makes(self, creator: Operation, shape: str) -> bool:
        """Its answer or its body has what the item's path asks for; a tag that is put on a ticket has not."""
        step = steps_of(self._any(shape).path)[-1]
        shapes = [r.schema for r in creator.responses if r.status.startswith("2")]
        for schema in shapes:
            properties = schema.get("properties")
            names = dict.fromkeys(properties, "") if isinstance(properties, Mapping) else {}
            if names and identifier(names, step.name, step.segment) is not None:
                return noun(last_literal(creator.path)) == noun(step.segment) and not _is_parent(creator, names)
        return not any(schema.get("properties") for schema in shapes)

    def _any(self, shape: str) -> Operation:
        return next(op for op in self.session.plan.operations.values() if shape_of(op.path) == shape)

    def path(self, operation: Operation, values: Sequence[Json]) -> dict[str, Json]:
        """The first path values under the names that an operation gives them."""
        names = [step.name for step in steps_of(operation.path)]
        given = zip(names, values, strict=False)
        return {name: self.session.typed(operation, name, value) for name, value in given}

    # --- making

    def latest(self, shape: str, who: Who = Who.FIRST) -> Made | None:
        """The last living thing of a kind."""
        return next((m for m in reversed(self.alive) if m.shape == shape and m.who is who), None)

    def parents(self, creator: Operation) -> tuple[Json, ...] | None:
        """Path values for a creator: of what the run made itself, else of what is there; None when there is nothing."""
        steps = steps_of(creator.path)
        if not steps:
            return ()
        own = self.latest(f"{steps[-1].collection}/{{}}")
        if own is not None:
            return own.values
        there = next(iter(self.session.paths(creator, 1)), None)
        return tuple(there.values()) if there and len(there) == len(steps) else None

    async def create(
        self, creator: Operation, shape: str, body: Json, *, why: str, who: Who = Who.FIRST, due: Due = Due.ANSWERED
    ) -> Exchange | None:
        """Make one more; what comes of it is kept for the clean-up."""
        parents = self.parents(creator)
        if parents is None:
            return None
        arguments = required_arguments(self.session, creator, self.path(creator, parents), body=body)
        exchange = await self.session.call(creator, arguments, due=due, why=why, who=who)
        if exchange is not None:
            self.keep(exchange, shape)
        return exchange

    def keep(self, exchange: Exchange, shape: str) -> Made | None:
        """Remember what a creation made; None when the answer does not tell."""
        if not exchange.response.ok:
            return None
        values = self.values_of(exchange, shape)
        if values is None:
            return None
        who = exchange.request.who if exchange.request.who is Who.SECOND else Who.FIRST
        made = Made(shape=shape, values=values, exchange=exchange, who=who)
        self.alive.append(made)
        if who is Who.FIRST:
            self.session.sampler.own.setdefault(made.collection, []).append(values[-1])
            for item in unwrapped(exchange.response.value)[:1]:
                self.session.pool.made(made.collection, item, values[:-1])
        return made

    def values_of(self, exchange: Exchange, shape: str) -> tuple[Json, ...] | None:
        """The path values of a new item: from the answer's body, from Location, else from what was sent."""
        step = steps_of(self._any(shape).path)[-1]
        parents = tuple(self.session.path_values(exchange).values())[: shape.count("{}") - 1]
        for item in (*unwrapped(exchange.response.value),):
            name = identifier(item, step.name, step.segment)
            if name is not None:
                return (*parents, item[name])
        return self._located(exchange, shape)

    def _located(self, exchange: Exchange, shape: str) -> tuple[Json, ...] | None:
        location = exchange.response.header("location") or ""
        path = "/" + location.partition("://")[2].partition("/")[2] if "://" in location else location
        for method in ("GET", "DELETE", "PUT", "PATCH"):
            found = match(self.session.subject.contract, method, path.partition("?")[0]) if path else None
            if found is not None and shape_of(found.operation.path) == shape:
                return tuple(self.session.typed(found.operation, n, v) for n, v in found.path.items())
        return None

    # --- removing

    def forget(self, made: Made) -> None:
        """It is gone."""
        if made in self.alive:
            self.alive.remove(made)
        self.session.pools[made.who].gone(made.collection, made.values[-1])
        own = self.session.sampler.own.get(made.collection, [])
        if made.values[-1] in own:
            own.remove(made.values[-1])

    async def clean(self) -> tuple[str, ...]:
        """Remove everything that can be removed, the youngest first; returns what is left, one line each."""
        self.session.until = self.session.now() + _CLEANING_S
        self.session.stopped = _never
        for _ in range(_PASSES):
            before = len(self.alive)
            for made in list(reversed(self.alive)):
                await self._remove(made)
            if len(self.alive) in (0, before):
                break
        return tuple(self._left(made) for made in self.alive)

    async def _remove(self, made: Made) -> None:
        operation = self.operation("DELETE", made.shape)
        if operation is None:
            return
        path = self.path(operation, made.values)
        arguments = required_arguments(self.session, operation, path)
        exchange = await self.session.call(operation, arguments, due=Due.ANY, why="clean-up", who=made.who)
        if exchange is not None and (exchange.response.ok or exchange.response.status in {404, 410}):
            self.forget(made)

    def _left(self, made: Made) -> str:
        operation = self._any(made.shape)
        target = operation.path
        for step, value in zip(steps_of(operation.path), made.values, strict=False):
            target = target.replace(f"{{{step.name}}}", str(value))
        whose = " (the second tenant's)" if made.who is Who.SECOND else ""
        return f"{target}{whose} was made by {made.exchange.operation.key.operation_id} and could not be removed"


def _never() -> bool:
    return False


def _is_parent(creator: Operation, names: Mapping[str, Json]) -> bool:
    """The answer is the thing that was written to, not what was put into it: it has an array of that name."""
    literal = last_literal(creator.path)
    return bool(steps_of(creator.path)) and literal in names


def unwrapped(value: Json) -> list[JsonObject]:
    """An object, and the one that an envelope holds."""
    if not isinstance(value, Mapping):
        return []
    inner = [value[name] for name in _WRAPPERS if isinstance(value.get(name), Mapping)]
    single = [v for v in value.values() if isinstance(v, Mapping)] if len(value) == 1 else []
    return [value, *(each for each in (*inner, *single) if isinstance(each, Mapping))]
