"""Compiled JSON Schema validators, and their verdicts as findings.

Choices: jsonschema-rs with the linear-time `regex` engine, so a hostile pattern costs time linear in the value. A
pattern with look-around, which that engine refuses, runs on the backtracking engine with a step limit; past the limit
a value counts as not matching. Retrieval is off: a schema can reach nothing but itself.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

import jsonschema_rs

from facade.contract.document import join, mapping, reference, sequence, text
from facade.contract.faults import broken
from facade.kernel import Finding, Json, Severity, deeper

_LOOKS_AROUND: Final = re.compile(r"\(\?<?[=!]|\\[1-9k]")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

Schema = dict[str, Json] | bool
ONE_WAY: Final[Schema] = {"enum": []}
"""What allows nothing because it must not travel this way; no description says it, see `repairs`."""
MAX_DEPTH: Final = 64
"""Deeper values are refused unseen: jsonschema-rs recurses on the C stack, and overflows it."""
_LINEAR: Final = jsonschema_rs.RegexOptions(size_limit=1_000_000, dfa_size_limit=1_000_000)
_BOUNDED: Final = jsonschema_rs.FancyRegexOptions(backtrack_limit=20_000, size_limit=1_000_000)


def _is_base64(value: str) -> bool:
    return len(value) % 4 == 0 and _BASE64.fullmatch(value) is not None


_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_FORMATS: Final = {"byte": _is_base64}
"""What OpenAPI 3.0.4, 4.4 adds to the formats of JSON Schema, so far as texts can break it."""


class Pool:
    """The native validators of one contract, made at first use; those used last are kept.

    A schema that reaches hundreds of others costs tens of milliseconds and megabytes, and a description full of them
    would take a minute and gigabytes at once. Safe between threads: two that meet may make the same one twice.
    """

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self._made = lru_cache(maxsize=kept)(_made)

    def __reduce__(self) -> tuple[type["Pool"], tuple[int]]:
        return Pool, (self.kept,)

    def native(self, validator: "Validator") -> jsonschema_rs.Draft202012Validator:
        """What a validator asks, made unless it was used lately."""
        return self._made(validator)


class Validator:
    """A self-contained schema, and its native validator once it is needed.

    Pickles as its schema: a contract compiled in one process serves in another, where every native validator is made
    at first use. Validators are shared, so they compare by identity.

    Attributes:
        pool: where the native validator of a large schema lives; None keeps it here for good.
    """

    __slots__ = ("_native", "pool", "schema")

    def __init__(self, schema: Schema, pool: Pool | None = None) -> None:
        self.schema = schema
        self.pool = pool
        self._native: jsonschema_rs.Draft202012Validator | None = None

    def __reduce__(self) -> tuple[type["Validator"], tuple[Schema, Pool | None]]:
        return Validator, (self.schema, self.pool)

    @property
    def native(self) -> jsonschema_rs.Draft202012Validator:
        """The native validator. Making it takes about a millisecond, more for schemas that reach many others.

        Raises:
            ValueError: the schema is not valid JSON Schema 2020-12; never after `compiled`.
        """
        if self.pool is not None:
            return self.pool.native(self)
        if self._native is None:
            self._native = _made(self)
        return self._native

    def is_valid(self, instance: Json) -> bool:
        """True when the schema allows it."""
        return self.native.is_valid(instance)

    def iter_errors(self, instance: Json) -> Iterator[jsonschema_rs.ValidationError]:
        """Every place where it does not."""
        return self.native.iter_errors(instance)


def compiled(schema: Schema, locate: Callable[[list[str | int]], str]) -> Validator:
    """Compile a self-contained schema.

    Args:
        locate: path inside the schema -> JSON pointer in the description.

    Raises:
        Broken: the schema is not valid JSON Schema 2020-12.
    """
    validator = Validator(schema)
    try:
        _ = validator.native
    except ValueError as error:
        refusal = error
    else:
        return validator
    path = list(refusal.instance_path) if isinstance(refusal, jsonschema_rs.ValidationError) else []
    message = str(refusal).split("\n", 1)[0][:200]
    raise broken("schema.invalid", locate(path), f"not a valid schema: {message}")


def _made(validator: Validator) -> jsonschema_rs.Draft202012Validator:
    try:
        return _with(validator.schema, _LINEAR)
    except ValueError as refusal:
        if not _LOOKS_AROUND.search(str(refusal)):
            raise
    return _with(validator.schema, _BOUNDED)


def _with(
    schema: Schema, patterns: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions
) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        schema, formats=_FORMATS, validate_formats=True, pattern_options=patterns, offline=True
    )


def verdict(validator: Validator, value: Json, *, place: str, code: str, limit: int) -> tuple[Finding, ...]:
    """At most `limit` findings about a value; places are dotted paths below `place`. Values are never quoted."""
    if deeper(value, MAX_DEPTH):
        return (Finding(code=f"{code}.depth", place=place, message=f"is nested deeper than {MAX_DEPTH} levels"),)
    try:
        if validator.is_valid(value):
            return ()
        errors = list(islice(validator.iter_errors(value), limit))
    except (UnicodeEncodeError, ValueError):
        return (Finding(code=code, place=place, message="is not text or data that JSON can carry"),)
    return tuple(_finding(error, validator.schema, place, code) for error in errors)


def _finding(error: jsonschema_rs.ValidationError, schema: Schema, place: str, code: str) -> Finding:
    path = [str(p) for p in error.instance_path]
    branch = _branch(schema, error.evaluation_path)
    keyword = error.kind.name
    if keyword == "required":
        path.append(str(error.kind.value))
    if keyword == "enum" and not error.kind.value:
        return _one_way(".".join((place, *path)), code)
    phrase = _PHRASES.get(keyword)
    message = phrase(error.kind.value) if phrase else f"does not fit the schema ({keyword})"
    message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    message += f" (as {branch[:80]})" if branch else ""
    return Finding(code=f"{code}.{_HUMP.sub('_', keyword).lower()}", place=".".join((place, *path)), message=message)


def _one_way(place: str, code: str) -> Finding:
    """Calls are refused for it. OpenAPI itself only says SHOULD NOT (3.0.4, 4.7.24.1), so clients and applications that
    send whole records both ways get a warning."""
    back = code == "response"
    message = "is for requests alone and should not come back" if back else "is set by the application; leave it out"
    severity = Severity.ERROR if code == "argument" else Severity.WARNING
    return Finding(code=f"{code}.one_way", place=place, message=message, severity=severity)


_LONGEST: Final = 300
"""Characters of a message: patterns and lists of words can be pages long."""


def _branch(schema: Schema, path: Sequence[str | int]) -> str:
    """The last name on the way from the schema to the keyword that failed; a discriminator chose it."""
    node: Json = schema
    name = ""
    for step in path:
        if isinstance(node, Mapping):
            ref = reference(node) if step == "$ref" else None
            node = node.get(str(step)) if ref is None else _definition(schema, ref)
        else:
            node = sequence(node)[int(step)]
        name = text(mapping(node).get("$comment")) or name
    return name


def _definition(schema: Schema, ref: str) -> Json:
    return mapping(mapping(schema).get("$defs")).get(ref.rpartition("/")[2])


def _words(value: Json) -> str:
    items = value if isinstance(value, list | tuple) else [value]
    shown = ", ".join(str(v) for v in islice(items, 12))
    return f"{shown}, ..." if len(items) > 12 else shown  # noqa: PLR2004 - the same dozen as above


_PHRASES: Final[Mapping[str, Callable[[Json], str]]] = {
    "type": lambda v: f"must be of type {_words(v).replace(', ', ' or ')}",
    "enum": lambda v: f"must be one of: {_words(v)}",
    "const": lambda v: f"must be {_words(v)}",
    "required": lambda _: "is required",
    "additionalProperties": lambda _: "has fields that are not allowed",
    "unevaluatedProperties": lambda _: "has fields that are not allowed",
    "falseSchema": lambda _: "must not be sent here",
    "format": lambda v: f"must be a valid {v}",
    "pattern": lambda v: f"must match the pattern {v}",
    "minLength": lambda v: f"must have at least {v} characters",
    "maxLength": lambda v: f"must have at most {v} characters",
    "minimum": lambda v: f"must be at least {v}",
    "maximum": lambda v: f"must be at most {v}",
    "exclusiveMinimum": lambda v: f"must be greater than {v}",
    "exclusiveMaximum": lambda v: f"must be less than {v}",
    "multipleOf": lambda v: f"must be a multiple of {v}",
    "minItems": lambda v: f"must have at least {v} items",
    "maxItems": lambda v: f"must have at most {v} items",
    "uniqueItems": lambda _: "must not repeat an item",
    "anyOf": lambda _: "fits none of the allowed forms",
    "oneOf": lambda _: "must fit exactly one of the allowed forms",
}


def pointer_below(place: str, path: list[str | int]) -> str:
    """The JSON pointer of a path below a place."""
    return join(place, *path) if path else place
