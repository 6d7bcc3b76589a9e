"""Consumer contracts: the operations, parameters and fields that somebody relies on, and whether they are there.

consumer: chat
operations:
  listTickets:
    parameters: [status, page]
    fields: [items.id, items.status, total]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from facade.conformance.described import mapping
from facade.conformance.records import Exchange, Found
from facade.contract import Contract
from facade.kernel import InvalidRequest, Json, JsonObject, Operation

_LARGEST: Final = 1_000_000
_KEYS: Final = frozenset({"parameters", "fields"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Relied:
    """What a consumer needs of one operation; fields are dotted, arrays are passed through."""

    parameters: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """Who relies on what, by operation id or `METHOD /path`."""

    name: str
    operations: Mapping[str, Relied]


def consumer_of(path: Path) -> Consumer:
    """Read a consumer contract.

    Raises:
        InvalidRequest: it cannot be read or is not of the form above; names the place and the mend.
    """
    try:
        raw = path.read_bytes()[: _LARGEST + 1]
        document = yaml.safe_load(raw) if len(raw) <= _LARGEST else None
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read: {' '.join(str(error).split())}.", place=str(path)) from None
    name, operations = mapping(document).get("consumer"), mapping(document).get("operations")
    if not isinstance(name, str) or not isinstance(operations, Mapping) or not operations:
        raise InvalidRequest(
            f"{path}: write `consumer: NAME` and `operations:` with what it relies on.", place=str(path)
        )
    return Consumer(
        name=name, operations={str(k): _relied(v, f"{path}: operations.{k}") for k, v in operations.items()}
    )


def _relied(value: Json, place: str) -> Relied:
    fields = {} if value is None else value
    unknown = sorted(set(fields) - _KEYS) if isinstance(fields, Mapping) else ["something that is no mapping"]
    if unknown:
        raise InvalidRequest(f"{place} has {unknown[0]!r}; known are `parameters` and `fields`.", place=place)
    return Relied(
        parameters=_names(mapping(fields).get("parameters"), f"{place}.parameters"),
        fields=_names(mapping(fields).get("fields"), f"{place}.fields"),
    )


def _names(value: Json, place: str) -> tuple[str, ...]:
    names = [] if value is None else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise InvalidRequest(f"{place} should be a list of names.", place=place)
    return tuple(str(name) for name in names)


def operation_named(contract: Contract, name: str) -> Operation | None:
    """An operation by its id or by `METHOD /path`."""
    for known, compiled in contract.compiled.items():
        if name in (known, f"{compiled.operation.method} {compiled.operation.path}"):
            return compiled.operation
    return None


def declared(consumer: Consumer, contract: Contract) -> Iterator[tuple[str, Found]]:
    """What the description lacks, by operation."""
    for name, relied in consumer.operations.items():
        operation = operation_named(contract, name)
        if operation is None:
            yield name, _missing(consumer, f"operation {name}")
            continue
        known = {p.name for p in operation.parameters}
        key = operation.key.operation_id
        yield from ((key, _missing(consumer, f"parameter {p}")) for p in relied.parameters if p not in known)
        yield from ((key, _missing(consumer, f"field {f}")) for f in relied.fields if not _described(operation, f))


def _missing(consumer: Consumer, what: str) -> Found:
    expected = f"{what}, which {consumer.name} relies on"
    return Found(check="consumer.declared", expected=expected, seen="not in the description")


def _described(operation: Operation, field: str) -> bool:
    good = [shape.schema for shape in operation.responses if shape.status.startswith("2") or shape.status == "default"]
    return any(_has(schema, field.split("."), 0) for schema in good)


def _has(schema: JsonObject, path: list[str], depth: int) -> bool:
    """True when a schema names the field; a part that says nothing at all may hold it."""
    if not path or depth > 40:  # noqa: PLR2004 - deeper than cards go
        return not path
    if "items" in schema:
        return _has(mapping(schema["items"]), path, depth + 1)
    properties = mapping(schema.get("properties"))
    if path[0] in properties:
        return _has(mapping(properties[path[0]]), path[1:], depth + 1)
    parts = [part for key in ("allOf", "anyOf", "oneOf") for part in _list(schema.get(key))]
    return any(_has(mapping(part), path, depth + 1) for part in parts)


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []


def present(consumer: Consumer, exchange: Exchange) -> Iterator[Found]:
    """Fields that a good answer lacks; empty arrays hold nothing against anybody."""
    operation = exchange.operation
    names = (operation.key.operation_id, f"{operation.method} {operation.path}")
    relied = next((consumer.operations[n] for n in names if n in consumer.operations), Relied())
    for field in relied.fields:
        if exchange.response.ok and not _holds(exchange.response.value, field.split(".")):
            expected = f"field {field}, which {consumer.name} relies on"
            yield Found(check="consumer.present", expected=expected, seen="not in the answer")


def _holds(value: Json, path: list[str]) -> bool:
    if isinstance(value, list):
        return all(_holds(item, path) for item in value)
    if not path or value is None:
        return True
    return isinstance(value, Mapping) and path[0] in value and _holds(value[path[0]], path[1:])
