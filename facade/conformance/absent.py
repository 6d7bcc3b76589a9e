"""Ids that nothing has: of the right form, so that the application has to look."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from facade.conformance.arguments import required_arguments
from facade.conformance.resources import steps_of
from facade.conformance.session import Session
from facade.kernel import Arguments, Json, Location, Operation, Parameter

_DIGITS: Final = re.compile(r"[0-9]+(?=[^0-9]*$)")
_LETTERS: Final = re.compile(r"[A-Za-z]")
_NUMBERS: Final = (2_000_000_011, 900_007, 32_003, 251)
_UUID: Final = "3f8e0c52-6a0e-4d3b-9a55-7c1f0e8a9b0d"


def absent_arguments(session: Session, operation: Operation) -> Iterator[Arguments]:
    """Arguments with the last, then with the first path value replaced by one that nothing has."""
    names = [step.name for step in steps_of(operation.path)]
    known = next(iter(session.paths(operation, 1)), None)
    for name in dict.fromkeys([*names[-1:], *names[:1]]):
        if known is None or name not in known:
            continue
        value = absent_value(session, operation, name, known[name])
        if value is not None:
            yield required_arguments(session, operation, {**known, name: value})


def absent_value(session: Session, operation: Operation, name: str, known: Json) -> Json:
    """A value like a known one that was seen nowhere; None when the parameter admits no such value."""
    compiled = session.subject.contract.compiled[operation.key.operation_id]
    validator = next((p.validator for p in compiled.parameters if p.parameter.name == name), None)
    parameter = next((p for p in operation.parameters if p.name == name and p.location is Location.PATH), None)
    if validator is None or parameter is None:
        return None
    held = {value for values in session.pool.seen.values() for value in values}
    return next((v for v in _candidates(parameter, known) if validator.is_valid(v) and v not in held), None)


def _candidates(parameter: Parameter, known: Json) -> Iterator[Json]:
    schema: Mapping[str, Json] = parameter.schema
    if schema.get("type") in ("integer", "number"):
        yield from _NUMBERS
        return
    if schema.get("format") == "uuid":
        yield _UUID
        return
    text = str(known)
    if _DIGITS.search(text):
        for number in ("9990999", "99917", "997"):
            yield _DIGITS.sub(number, text)
            yield _DIGITS.sub(lambda found: "9" * len(found[0]), text)
    yield "no-such-item-0815"
    yield _LETTERS.sub("q", text)
    yield f"{text}q"
