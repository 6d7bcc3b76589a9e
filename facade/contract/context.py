"""The tenant context in a call: its values go in, and a caller's own values for them are refused (I1)."""

import re
from collections.abc import Mapping
from typing import Final

from facade.contract.compiled import Compiled
from facade.contract.document import mapping
from facade.contract.reading import cast, reading_of
from facade.kernel import Arguments, Context, ContextConflict, Json, Location, Parameter, Pin

LOCATIONS: Final = (Location.PATH, Location.QUERY, Location.HEADER, Location.COOKIE)
_ABSENT: Final = "\0absent"
_FOLDED: Final = re.compile(r"[ .]")


def given(arguments: Arguments, location: Location) -> Mapping[str, Json]:
    """The arguments of one location; a body that is no object has no fields."""
    match location:
        case Location.PATH:
            return arguments.path
        case Location.QUERY:
            return arguments.query
        case Location.HEADER:
            return arguments.header
        case Location.COOKIE:
            return arguments.cookie
    return mapping(arguments.body)


def folded(location: Location, name: str) -> str:
    """Names compare as they are, those of headers without case."""
    return name.lower() if location is Location.HEADER else name


def conflict(location: Location, name: str) -> ContextConflict:
    """The refusal of a caller's own value."""
    place = f"{location}.{name}"
    return ContextConflict(f"{place} is fixed by the tenant context; leave it out.", place=place)


def in_context(arguments: Arguments, compiled: Compiled, context: Context) -> Arguments:
    """The arguments with every pin that the operation has.

    A body pin binds the top-level field of that name in any object body, declared or not. Fields deeper down and items
    of array bodies are the application's to check.

    Raises:
        ContextConflict: the caller gave another value, or one for what only the context may set.
    """
    values = {at: dict(given(arguments, at)) for at in (*LOCATIONS, Location.BODY)}
    pins = {(p.location, folded(p.location, p.name)): p for p in context.pins}
    for parameter in compiled.operation.parameters:
        at, name = parameter.location, parameter.name
        own = _take(values[at], at, name)
        pin = pins.get((at, folded(at, name)))
        if pin is not None:
            values[at][name] = _fixed(parameter, pin, own)
        elif own is not _ABSENT:
            if parameter.pinned or (at is Location.HEADER and name.lower() in context.owned):
                raise conflict(at, name)
            values[at][name] = own
    _undeclared(values[Location.BODY], compiled, context)
    return Arguments(
        path=values[Location.PATH],
        query=values[Location.QUERY],
        header=values[Location.HEADER],
        cookie=values[Location.COOKIE],
        body=_body(arguments.body, values[Location.BODY]),
    )


def _take(values: dict[str, Json], location: Location, name: str) -> Json:
    """Remove and return a caller's value, under any spelling that means this name."""
    wanted = folded(location, name)
    own: Json = _ABSENT
    for spelling in [n for n in values if folded(location, n) == wanted]:
        own = values.pop(spelling)
    return own


def _fixed(parameter: Parameter, pin: Pin, own: Json) -> Json:
    """The pin's value in the parameter's type (pins come from text templates)."""
    value = pin.value
    if isinstance(value, str):
        value = cast(value, reading_of(parameter.schema).types)
    if own is not _ABSENT and not any(same(own, v) for v in (value, pin.value)):
        raise conflict(parameter.location, parameter.name)
    return value


def same(left: Json, right: Json) -> bool:
    """JSON equality: true is not 1."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def means(pinned: str, said: str) -> bool:
    """True when some framework reads a name of a query or form as the pinned one, or as a part of it (`a[]`, `a.b`)."""
    wanted, name = _plain(pinned), _plain(said)
    return name == wanted or name.startswith(f"{wanted}[")


def _plain(name: str) -> str:
    """Frameworks fold case, drop what follows a NUL, and read blanks and dots as PHP does."""
    return _FOLDED.sub("_", name.partition("\0")[0].strip().lower())


def _undeclared(fields: dict[str, Json], compiled: Compiled, context: Context) -> None:
    declared = {p.name for p in compiled.operation.parameters if p.location is Location.BODY}
    for pin in context.pins:
        free = pin.location is Location.BODY and pin.name not in declared and pin.name in fields
        if free and not same(fields[pin.name], pin.value):
            raise conflict(Location.BODY, pin.name)


def _body(body: Json, fields: dict[str, Json]) -> Json:
    if isinstance(body, Mapping):
        return fields
    if body is not None and fields:
        raise ContextConflict("The body must be an object, since the tenant context sets fields of it.", place="body")
    return fields or body
