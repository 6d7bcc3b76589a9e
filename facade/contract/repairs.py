"""Mends one level of a schema: OpenAPI 3.0's own keywords become JSON Schema 2020-12, and slips that have exactly one
reading are read that way. What is ambiguous stays as it is, so that compiling it fails and says where.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from facade.contract.document import join, mapping, sequence
from facade.contract.faults import warning
from facade.contract.settings import Dialect
from facade.kernel import Finding, Json, JsonObject

TYPES: Final = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
_ALIASES: Final = {
    "str": "string",
    "text": "string",
    "file": "string",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "none": "null",
}
_NUMERIC: Final = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
)
_MAY_BE_NULL: Final = frozenset({"default", "const", "example"})
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")

Fields = dict[str, Json]


def repaired(schema: JsonObject, place: str, dialect: Dialect) -> tuple[Fields, tuple[Finding, ...]]:
    """One schema level in 2020-12 keywords, with a warning for each slip that was mended."""
    fields: Fields = dict(schema)
    findings: list[Finding] = []
    if None in schema.values():
        for keyword in [k for k, v in schema.items() if v is None and k not in _MAY_BE_NULL]:
            del fields[keyword]
            message = f"{keyword[:40]!r} cannot be null; ignored"
            findings.append(warning("schema.null", join(place, keyword), message))
    mended = [(k, _MENDERS[k](fields)) for k in [k for k in fields if k in _MENDERS]]
    findings += [warning(f"schema.{k}", join(place, k), message) for k, message in mended if message]
    if dialect is Dialect.V3_0:
        _nullable(fields)
    if "example" in fields:
        fields.setdefault("examples", [fields.pop("example")])
    return fields, tuple(findings)


def _type(fields: Fields) -> str:
    declared = fields["type"]
    if isinstance(declared, str) and declared not in TYPES:
        meant = _ALIASES.get(declared.lower(), declared.lower())
        if meant in TYPES:
            fields["type"] = meant
            if declared.lower() == "file":  # Swagger 2.0
                fields.setdefault("format", "binary")
            return f"{declared!r} is no type; read as {meant!r}"
    return ""


def _required(fields: Fields) -> str:
    if isinstance(fields["required"], bool | str):
        del fields["required"]
        return "'required' of a schema must list property names; ignored"
    return ""


def _enum(fields: Fields) -> str:
    values = fields["enum"]
    if isinstance(values, Mapping | str) or sequence(values):
        return ""
    del fields["enum"]
    return "an empty 'enum' allows nothing; ignored"


def _items(fields: Fields) -> str:
    items = sequence(fields["items"])
    if isinstance(fields["items"], Mapping | bool | str):
        return ""
    fields["items"] = items[0] if len(items) == 1 else True
    if len(items) > 1:
        fields["prefixItems"] = items
    return "'items' must be one schema; a list of them was read as draft 4 has it"


def _properties(fields: Fields) -> str:
    properties = mapping(fields["properties"])
    if None not in properties.values():
        return ""
    fields["properties"] = {name: {} if schema is None else schema for name, schema in properties.items()}
    return "properties without a schema accept any value"


def _exclusive(which: str) -> Callable[[Fields], str]:
    bound = which.replace("exclusiveM", "m")

    def mend(fields: Fields) -> str:
        flag = fields[which]
        if isinstance(flag, bool):
            del fields[which]
            if flag and bound in fields:
                fields[which] = fields.pop(bound)
        return ""

    return mend


def _numeric(keyword: str) -> Callable[[Fields], str]:
    def mend(fields: Fields) -> str:
        written = fields[keyword]
        if isinstance(written, str) and _NUMBER.fullmatch(written):
            fields[keyword] = float(written) if "." in written else int(written)
            return f"{keyword!r} must be a number, not a string; read as {written}"
        return ""

    return mend


_MENDERS: Final[Mapping[str, Callable[[Fields], str]]] = {
    "type": _type,
    "required": _required,
    "enum": _enum,
    "items": _items,
    "properties": _properties,
    **{k: _numeric(k) for k in _NUMERIC},
}
_EXCLUSIVE: Final = {k: _exclusive(k) for k in ("exclusiveMinimum", "exclusiveMaximum")}


def _nullable(fields: Fields) -> None:
    """OpenAPI 3.0.4, 4.7.24.3: `nullable` adds null to the type, only where the same object names a type."""
    for keyword, mend in _EXCLUSIVE.items():
        if keyword in fields:
            mend(fields)
    declared = fields.get("type")
    if nullable(fields) and isinstance(declared, str):
        fields["type"] = [declared, "null"]


def nullable(schema: JsonObject) -> bool:
    """True where a schema of 3.0 allows null; `x-nullable` is what descriptions had before there was a word."""
    return True in (schema.get("nullable"), schema.get("x-nullable"))
