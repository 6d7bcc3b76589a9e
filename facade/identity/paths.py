"""Where a value stands: dotted claim paths, and JSON pointers (RFC 6901) into an application's answer."""

import re
from collections.abc import Mapping

from facade.kernel import Json, JsonObject

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def claim_at(values: JsonObject, path: str) -> tuple[Json] | None:
    """The claim at a dotted path, in a 1-tuple because it may be null; None when it is absent.

    Names may hold dots themselves (`https://app.example/tenant`), so the longest name that is present is read first.
    """
    if path in values:
        return (values[path],)
    for dot in (i for i in range(len(path) - 1, 0, -1) if path[i] == "."):
        inner = values.get(path[:dot])
        found = claim_at(inner, path[dot + 1 :]) if isinstance(inner, Mapping) else None
        if found is not None:
            return found
    return None


def check_pointer(pointer: str) -> str | None:
    """What is wrong with a JSON pointer, or None.

    Source: RFC 6901, sections 3 and 4.
    """
    if pointer and not pointer.startswith("/"):
        return f"a JSON pointer starts with '/': write '/{pointer}'"
    if any(not rest.startswith(("0", "1")) for rest in pointer.split("~")[1:]):
        return "in a JSON pointer '~' is written '~0' and '/' in a name '~1'"
    return None


def pointed(document: Json, pointer: str) -> tuple[Json] | None:
    """The value a valid JSON pointer names, in a 1-tuple because it may be null; None when there is none."""
    value = document
    for token in pointer.split("/")[1:]:
        found = _step(value, token.replace("~1", "/").replace("~0", "~"))
        if found is None:
            return None
        (value,) = found
    return (value,)


def _step(value: Json, name: str) -> tuple[Json] | None:
    if isinstance(value, Mapping):
        return (value[name],) if name in value else None
    if isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
        return (value[int(name)],)
    return None
