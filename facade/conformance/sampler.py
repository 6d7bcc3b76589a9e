"""Arguments for an operation: references that exist, words that the description lists, and plain samples."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from facade.conformance.described import Description, mapping
from facade.conformance.pool import Pool
from facade.conformance.samples import fields, sample, type_of
from facade.contract import Contract
from facade.kernel import Json, JsonObject, Operation, Parameter


@dataclass(slots=True)
class Sampler:
    """Fills in forms.

    Attributes:
        pool: what the application has shown.
        own: what the run made itself, by the shape of its collection; it comes first.
    """

    contract: Contract
    description: Description
    pool: Pool
    own: dict[str, list[Json]] = field(default_factory=dict)

    def parameter(self, operation: Operation, parameter: Parameter) -> Json:
        """A value for a parameter that must be there."""
        compiled = self.contract.compiled[operation.key.operation_id]
        validator = next((p.validator for p in compiled.parameters if p.parameter.name == parameter.name), None)
        candidates = [parameter.example, *self.references(parameter.name), sample(parameter.schema)]
        fitting = (c for c in candidates if c is not None and (validator is None or validator.is_valid(c)))
        return next(fitting, sample(parameter.schema))

    def bodies(self, operation: Operation) -> list[Json]:
        """Valid bodies, the smallest first, then the description's examples, then one with every field."""
        body = operation.body
        if body is None:
            return []
        schema = body.schema
        names = list(mapping(schema.get("properties")))
        found: list[Json] = []
        if type_of(schema) == "object":
            required = [n for n in names if n in _required(schema)] or names[:1]
            found = [self._object(schema, required, 0), *self._examples(operation), self._object(schema, names, 0)]
            found.append(self._object(schema, names, 1))
            found += [self._object(schema, [*required, name], 1) for name in names if name not in required]
        else:
            found = [*self._examples(operation), sample(schema)]
        return [each for each in found if self.fits(operation, each)]

    def _object(self, schema: JsonObject, names: list[str], turn: int) -> dict[str, Json]:
        made = fields(schema, names=names, turn=turn)
        return {**made, **self.referring(schema, made)}

    def _examples(self, operation: Operation) -> list[Json]:
        schema = operation.body.schema if operation.body else {}
        listed = [e for e in self.description.of(operation).bodies if isinstance(e, Mapping)]
        return [{**each, **self.referring(schema, each)} for each in listed]

    def referring(self, schema: JsonObject, names: Iterable[str]) -> dict[str, Json]:
        """Values for those fields of an object that refer to something, in the type that the schema gives them."""
        known = mapping(schema.get("properties"))
        found = {name: _as_type(mapping(known.get(name)), self.references(name)) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def body_references(self, operation: Operation) -> dict[str, Json]:
        """The same for every field of an operation's body."""
        schema = operation.body.schema if operation.body else {}
        return self.referring(schema, mapping(schema.get("properties")))

    def references(self, name: str) -> list[Json]:
        """Existing values for a field that refers to another resource."""
        shape, known = self.pool.references(name)
        own = [value for value in reversed(self.own.get(shape, ())) if not known or type(value) is type(known[0])]
        return [*own, *islice(known, 3)]

    def fits(self, operation: Operation, body: Json) -> bool:
        """True when the description allows the body."""
        compiled = self.contract.compiled[operation.key.operation_id].body
        return compiled is not None and compiled.content.validator.is_valid(body)


def _as_type(schema: JsonObject, known: list[Json]) -> Json:
    """The first value of the type, alone in an array where the field is one; None when there is none."""
    kind = type_of(schema)
    if kind == "array":
        inner = _as_type(mapping(schema.get("items")), known)
        return None if inner is None else [inner]
    fitting = {"string": str, "integer": int, "number": int}.get(kind)
    return next((value for value in known if fitting is not None and isinstance(value, fitting)), None)


def _required(schema: JsonObject) -> list[Json]:
    required = schema.get("required")
    return list(required) if isinstance(required, list) else []
