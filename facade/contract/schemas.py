"""Schemas of the description -> self-contained JSON Schema 2020-12 -> shared validators.

References become `#/$defs/dN`, so recursive schemas stay recursive and nothing is expanded. Requests and responses
get different schemas: what is `readOnly` must not be sent and what is `writeOnly` must not come back, and neither is
required there (OpenAPI 3.0.4, 4.7.24.2). Equal schemas share one validator.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import orjson

from facade.contract.discriminators import choices_of
from facade.contract.document import Document, Node, join, mapping, reference, sequence, text
from facade.contract.faults import broken, warning
from facade.contract.repairs import nullable, repaired
from facade.contract.settings import Bounds, Dialect
from facade.contract.validators import ONE_WAY, Pool, Schema, Validator, compiled, pointer_below
from facade.contract.weights import Scale
from facade.kernel import Finding, Json, JsonObject

_ONE: Final = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_MANY: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED: Final = ("properties", "patternProperties", "dependentSchemas")
_PLAIN: Final = (
    *("type", "enum", "const", "format", "pattern", "required", "dependentRequired", "uniqueItems", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems"),
    *("minContains", "maxContains", "minProperties", "maxProperties"),
)
_BELOW: Final = frozenset((*_ONE, *_MANY, *_NAMED))
_COMBINED: Final = frozenset(("$ref", "allOf", "anyOf", "oneOf"))
_SIZED: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_SEARCH: Final = 64
"""Parts of a schema that are searched for one-way fields; keeps long chains of `allOf` from costing their square."""


class Direction(StrEnum):
    """Which way a value travels, named by what must not travel that way."""

    REQUEST = "readOnly"
    RESPONSE = "writeOnly"


@dataclass(slots=True)
class _Pass:
    """One conversion: the definitions that it refers to, by pointer."""

    direction: Direction
    refs: list[str] = field(default_factory=list)


def _bound(out: dict[str, Json]) -> None:
    """The sized integers of OpenAPI are as wide as they say (3.0.4, 4.4)."""
    low, high = _SIZED.get(text(out.get("format")), (None, None))
    if low is not None and high is not None:
        minimum, maximum = out.get("minimum"), out.get("maximum")
        out["minimum"] = max(minimum, low) if isinstance(minimum, int | float) else low
        out["maximum"] = min(maximum, high) if isinstance(maximum, int | float) else high


def _alone(schema: Schema, named: Mapping[str, Schema]) -> Schema:
    """The schema with everything it refers to open, to see whether it is valid by itself."""
    return {**schema, "$defs": dict.fromkeys(named, True)} if isinstance(schema, dict) else schema


@dataclass(frozen=True, slots=True, kw_only=True)
class _Definition:
    schema: Schema
    refs: tuple[str, ...]


class SchemaCompiler:
    """Compiles the schemas of one description. Lives as long as the compilation of its contract."""

    def __init__(self, document: Document, bounds: Bounds) -> None:
        self._document = document
        self._bounds = bounds
        self._names: dict[str, str] = {}
        self._pointers: dict[str, str] = {}
        self._scales = {d: Scale(self._named(d), bounds.schema_weight) for d in Direction}
        self._definitions: dict[tuple[str, Direction], _Definition] = {}
        self._validators: dict[bytes, Validator] = {}
        self._checked: set[int] = set()
        self._pool = Pool(bounds.large_validators)
        self.slips: dict[tuple[str, str], Finding] = {}

    def validator(self, node: Node, direction: Direction) -> Validator:
        """The validator of the schema at `node`.

        Raises:
            Broken: it, or something that it refers to, cannot be used.
        """
        run = _Pass(direction)
        root = self._convert(node, run, 0)
        definitions = self._closure(run, node.place)
        scale = self._scales[direction]
        if max([scale.heaviest(root), *(scale.heaviest_of(self._name(p)) for p in definitions)]) > scale.limit:
            message = "its combined schemas expand beyond what can be checked; flatten allOf, anyOf and oneOf"
            raise broken("schema.weight", node.place, message)
        key = orjson.dumps([direction, root])
        if key not in self._validators:
            self._validators[key] = self._made(root, definitions, node.place)
        return self._validators[key]

    def _made(self, root: Schema, definitions: Mapping[str, _Definition], place: str) -> Validator:
        named = {self._name(p): d.schema for p, d in definitions.items()}
        whole: Schema = {**root, "$defs": named} if isinstance(root, dict) and named else root
        if len(named) <= self._bounds.eager_references:
            return compiled(whole, self._locator(place))
        compiled(_alone(root, named), self._locator(place))
        for pointer, definition in definitions.items():
            if id(definition) not in self._checked:
                compiled(_alone(definition.schema, named), self._locator(pointer))
                self._checked.add(id(definition))
        return Validator(whole, self._pool)

    def _locator(self, place: str) -> Callable[[list[str | int]], str]:
        def locate(path: list[str | int]) -> str:
            if len(path) > 1 and path[0] == "$defs":
                return pointer_below(self._pointers[str(path[1])], path[2:])
            return pointer_below(place, path)

        return locate

    def _name(self, pointer: str) -> str:
        if pointer not in self._names:
            name = self._names[pointer] = f"d{len(self._names)}"
            self._pointers[name] = pointer
        return self._names[pointer]

    def _closure(self, run: _Pass, place: str) -> dict[str, _Definition]:
        found: dict[str, _Definition] = {}
        waiting = list(run.refs)
        while waiting:
            pointer = waiting.pop()
            if pointer not in found:
                found[pointer] = self._definition(pointer, run.direction)
                waiting.extend(found[pointer].refs)
            if len(found) > self._bounds.schema_references:
                raise broken("schema.size", place, "refers to more schemas than can be checked; split it")
        return dict(sorted(found.items()))

    def _named(self, direction: Direction) -> Callable[[str], Json]:
        return lambda name: self._definition(self._pointers[name], direction).schema

    def _definition(self, pointer: str, direction: Direction) -> _Definition:
        known = self._definitions.get((pointer, direction))
        if known is None:
            run = _Pass(direction)
            schema = self._convert(self._document.locate(f"#{pointer}", pointer), run, 0)
            known = _Definition(schema=schema, refs=tuple(run.refs))
            self._definitions[pointer, direction] = known
        return known

    # --- one schema

    def _convert(self, node: Node, run: _Pass, depth: int) -> Schema:
        value, place = node
        if isinstance(value, bool):
            return value
        if not isinstance(value, Mapping):
            raise broken("schema.invalid", place, "a schema must be an object")
        if depth > self._bounds.schema_depth:
            raise broken("schema.depth", place, f"nested deeper than {self._bounds.schema_depth} schemas")
        ref = reference(value)
        if ref is not None and self._document.dialect is Dialect.V3_0:
            return self._nulled(self._refer(ref, place, run), Node(value, place))
        fields, slips = repaired(value, place, self._document.dialect)
        self.slips.update({(f.place, f.code): f for f in slips})
        out = dict(self._keywords(Node(fields, place), run, depth + 1))
        _bound(out)
        self._choose(out, Node(fields, place), run, depth + 1)
        self._strip(out, fields, place, run)
        if ref is not None:
            return {**out, **self._refer(ref, place, run)}
        return self._nulled(out, Node(fields, place))

    def _nulled(self, out: dict[str, Json], node: Node) -> dict[str, Json]:
        """Allow null where `nullable` stands beside a reference or a combination, which has one reading.

        By the letter it means nothing there (OpenAPI 3.0.4, 4.7.24.3), and generators write it all the time. Where an
        `enum` stands beside it, null must be listed, as the same section says.
        """
        fields = mapping(node.value)
        if self._document.dialect is not Dialect.V3_0 or not nullable(fields) or not fields.keys() & _COMBINED:
            return out
        place = join(node.place, "nullable")
        message = "'nullable' needs a 'type' beside it; read as if null were one of the alternatives"
        self.slips[place, "schema.nullable"] = warning("schema.nullable", place, message)
        return {"if": {"type": "null"}, "else": out}

    def _choose(self, out: dict[str, Json], node: Node, run: _Pass, depth: int) -> None:
        """Let the discriminator choose, where there is one."""
        if "discriminator" not in mapping(node.value):
            return
        choices = choices_of(self._document, node)
        if choices is None:
            return
        selected: list[Json] = [
            {
                "$comment": choice.name,
                "if": {"properties": {choices.property: {"enum": list(choice.values)}}},
                "then": self._convert(choice.schema, run, depth),
            }
            for choice in choices.branches
        ]
        chooser: Schema = {
            "if": {"type": "object", "required": [choices.property]},
            "then": {"properties": {choices.property: {"enum": list(choices.values())}}, "allOf": selected},
            "else": {choices.keyword: out.pop(choices.keyword)},
        }
        out["allOf"] = [*sequence(out.get("allOf")), chooser]

    def _refer(self, ref: str, place: str, run: _Pass) -> dict[str, Json]:
        pointer = self._document.locate(ref, place).place
        self._document.resolve(Node({"$ref": ref}, place))  # a loop of bare references would accept anything
        run.refs.append(pointer)
        return {"$ref": f"#/$defs/{self._name(pointer)}"}

    def _keywords(self, node: Node, run: _Pass, depth: int) -> Iterator[tuple[str, Json]]:
        fields, place = mapping(node.value), node.place
        if "$dynamicRef" in fields:
            raise broken("schema.dynamic", join(place, "$dynamicRef"), "'$dynamicRef' is not supported; use '$ref'")
        yield from ((key, fields[key]) for key in _PLAIN if key in fields)
        for key in (k for k in fields if k in _BELOW):
            below = join(place, key)
            if key in _ONE:
                yield key, self._convert(Node(fields[key], below), run, depth)
            elif key in _MANY:
                items = enumerate(sequence(fields[key]))
                yield key, [self._convert(Node(v, join(below, i)), run, depth) for i, v in items]
            else:
                named = mapping(fields[key]).items()
                yield key, {k: self._convert(Node(v, join(below, k)), run, depth) for k, v in named}

    def _strip(self, out: dict[str, Json], fields: JsonObject, place: str, run: _Pass) -> None:
        """Forbid and unrequire what does not travel in this direction."""
        if "properties" not in fields and "allOf" not in fields:
            return
        one_way = self._one_way(Node(fields, place), run.direction)
        if not one_way:
            return
        properties = out.get("properties")
        if isinstance(properties, dict):
            out["properties"] = {k: ONE_WAY if k in one_way else v for k, v in properties.items()}
        for part in (out, *(p for p in sequence(out.get("allOf")) if isinstance(p, dict))):
            required = part.get("required")
            if isinstance(required, list):
                part["required"] = [name for name in required if name not in one_way]

    def _one_way(self, node: Node, direction: Direction) -> set[str]:
        """Fields, of the schema or of what it is put together from, that must not travel in this direction."""
        names: set[str] = set()
        seen: set[str] = set()
        waiting = [node]
        while waiting and len(seen) < _SEARCH:
            value, place = self._document.resolve(waiting.pop())
            if place in seen:
                continue
            seen.add(place)
            fields = mapping(value)
            for name, field_schema in mapping(fields.get("properties")).items():
                if mapping(self._document.resolve(Node(field_schema, place)).value).get(direction) is True:
                    names.add(name)
            parts = enumerate(sequence(fields.get("allOf")))
            waiting += [Node(part, join(place, "allOf", i)) for i, part in parts]
        return names
