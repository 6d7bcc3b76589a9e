"""Planners for tests: one that says what it is told to, and one that wants harm."""

import random
from collections.abc import Iterator, Mapping, Sequence

from facade.kernel import Arguments, Json, Location, Operation, OperationKey, Parameter
from facade.plan import Plan, PlannedCall, Question, Refusal, Request, Understanding


class ScriptedPlanner:
    """Gives the decisions of its script in order, and keeps what it was asked."""

    def __init__(self, decisions: Sequence[Plan | Question | Refusal]) -> None:
        self._left = list(decisions)
        self.asked: list[Request] = []

    async def understand(self, request: Request) -> Understanding:
        """The next decision; a refusal when the script is over."""
        self.asked.append(request)
        decision = self._left.pop(0) if self._left else Refusal(reason="no_operation")
        return Understanding(decision=decision, confidence=1.0)


_PATHS = "..|.|../admin|..%2f..%2fadmin|%2e%2e/x|..;/|a/b|a\\b|\x00|x\r\nX-Evil: 1|a?b=c|a#b|\uff0e\uff0e|%252e|*"
_TEXTS = "null|true|' OR 1=1 --|${env:SECRET}|{secret}|{tenant}|http://169.254.169.254/|file:///etc/passwd"
_SHAPES: tuple[Json, ...] = ("", " ", -1, 0, 10**30, 1.5, True, None, [], {}, [[]], {"$ref": "#/"}, "A" * 4096)
_TRICKS: tuple[Json, ...] = (*_PATHS.split("|"), *_TEXTS.split("|"), *_SHAPES)
_NAMES = ("tenant", "tenant_id", "account_id", "org", "role", "is_admin", "X-Account-Key", "authorization", "__proto__")


class HostilePlanner:
    """Any operation, known or not, with any argument, other tenants' values among them. Deterministic by seed.

    Args:
        operations: what the catalogue holds; unknown ones are made up beside them.
        loot: values of other tenants (ids, keys, account ids) to put everywhere.
    """

    def __init__(self, operations: Sequence[Operation], *, loot: Sequence[Json], seed: int = 0) -> None:
        self._operations = tuple(operations)
        self._loot = tuple(loot)
        self._random = random.Random(seed)  # noqa: S311 - repeatable attacks, not secrets

    async def understand(self, request: Request) -> Understanding:
        """A plan of one to twelve hostile calls, whatever was asked."""
        steps = tuple(self.call() for _ in range(self._random.randint(1, 12)))
        return Understanding(decision=Plan(steps=steps), confidence=1.0)

    def calls(self, count: int) -> Iterator[PlannedCall]:
        """That many single hostile calls."""
        return (self.call() for _ in range(count))

    def call(self) -> PlannedCall:
        """One call: mostly a real operation with arguments that are partly right, so that the deep checks are met."""
        chance = self._random.random()
        if chance < 0.05:  # noqa: PLR2004 - one call in twenty
            key = OperationKey(self._random.choice(("main", "../x", "")), self._random.choice(("nope", "", "a" * 500)))
            return PlannedCall(operation=key, arguments=self._arguments(()))
        operation = self._random.choice(self._operations)
        return PlannedCall(operation=operation.key, arguments=self._arguments(operation.parameters))

    def _arguments(self, parameters: Sequence[Parameter]) -> Arguments:
        places: dict[Location, dict[str, Json]] = {location: {} for location in Location}
        for parameter in parameters:
            if parameter.required or self._random.random() < 0.3:  # noqa: PLR2004 - some of the optional ones
                places[parameter.location][parameter.name] = self._value(parameter.schema)
        for _ in range(self._random.choice((0, 0, 0, 1, 2))):
            places[self._random.choice(list(Location))][self._random.choice(_NAMES)] = self._bad()
        body: Json = places[Location.BODY] or None
        if self._random.random() < 0.02:  # noqa: PLR2004 - a body of the wrong shape
            body = self._bad()
        return Arguments(
            path=places[Location.PATH],
            query=places[Location.QUERY],
            header=places[Location.HEADER],
            cookie=places[Location.COOKIE],
            body=body,
        )

    def _value(self, schema: Mapping[str, Json]) -> Json:
        if self._random.random() < 0.25:  # noqa: PLR2004 - a quarter of the values is hostile
            return self._bad()
        return _plausible(schema, self._random)

    def _bad(self) -> Json:
        return self._random.choice(self._random.choice((_TRICKS, self._loot or _TRICKS)))


def _plausible(schema: Mapping[str, Json], chance: random.Random) -> Json:
    """A value that a schema of the usual kinds accepts."""
    match schema:
        case {"enum": [*options]} if options:
            return chance.choice(options)
        case {"type": "array", "items": dict() as items}:
            return [_plausible(items, chance)]
        case {"type": "object", "properties": dict() as properties}:
            return {name: _plausible(part, chance) for name, part in properties.items() if isinstance(part, Mapping)}
        case {"type": str() as kind} if kind != "string":
            return chance.randint(1, 3000) if kind != "boolean" else bool(chance.getrandbits(1))
        case _:
            return _text(schema.get("format"), chance)


def _text(form: Json, chance: random.Random) -> str:
    day = f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    forms = {"date": day, "date-time": f"{day}T10:00:00Z", "email": "someone@example.com"}
    return forms.get(str(form)) or chance.choice(("C-1001", "alpha", "Printer is on fire", "7"))
