"""Names as people say them: of operations, of fields. Built from description text, so everything here ends inert."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from facade.kernel import Json, JsonObject, Operation
from facade.reply.inert import clean, inert

TITLE_LIMIT = 80
"""Characters of an operation's or a field's name that are shown."""

_READS = frozenset(
    {
        *("list", "lists", "get", "gets", "show", "shows", "search", "searches", "find", "finds", "retrieve"),
        *("retrieves", "fetch", "fetches", "read", "reads", "browse", "query", "return", "returns", "view", "lookup"),
        *("index",),
    }
)
_CHANGES: Mapping[str, str] = {
    "create": "created",
    "add": "created",
    "register": "created",
    "update": "updated",
    "edit": "updated",
    "change": "updated",
    "modify": "updated",
    "patch": "updated",
    "replace": "updated",
    "delete": "deleted",
    "remove": "deleted",
    "destroy": "deleted",
}
_FILLERS = frozenset(["a", "an", "the", "all", "every", "of", "one", "single", "specific", "existing", "new", "your"])
_BY_KEY = re.compile(r"\s+by\s+(?:its\s+|the\s+)?[\w ]{1,24}$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINTS = re.compile(r"[\s_.\-/\[\]]+")
_ABBREVIATIONS = frozenset({"id", "url", "vat", "iban", "uuid", "ip", "sku", "api"})


class Subject(NamedTuple):
    """What an operation does, and to what: `created` and `ticket`. `deed` is `read`, `created`, `updated`,
    `deleted` or `done`; for `done` the noun is the whole title."""

    deed: str
    noun: str


def subject_of(operation: Operation) -> Subject:
    """Read the title's first or last word as its verb; an unknown verb leaves the title whole."""
    words = operation.title.split()
    first, last = (words[0].lower(), words[-1].lower()) if words else ("", "")
    if first in _READS or last in _READS:
        return Subject("read", _noun(words[1:] if first in _READS else words[:-1], operation))
    for verb in (first, last):
        change = _CHANGES.get(verb) or _CHANGES.get(verb.removesuffix("s"))
        if change:
            return Subject(change, _noun(words[1:] if verb == first else words[:-1], operation))
    return Subject("done", inert(operation.title, TITLE_LIMIT))


def _noun(words: list[str], operation: Operation) -> str:
    while words and words[0].lower() in _FILLERS | {"list"}:
        words = words[1:]
    text = _BY_KEY.sub("", " ".join(words)).rstrip(".")
    return inert(text or operation.title, TITLE_LIMIT)


def plain_name(name: str) -> str:
    """`dueOn`, `due_on`, `filter[due-on]` -> `due on`. Lower case, inert."""
    return inert(_spoken(name), TITLE_LIMIT)


def _spoken(name: str) -> str:
    words = _JOINTS.split(_CAMEL.sub(" ", name).strip("_$[] "))
    return " ".join(w.upper() if w.lower() in _ABBREVIATIONS else w.lower() for w in words if w)


def heading(name: str, schema: Json) -> str:
    """A column's name: the schema's title when it is short, else the field's own name."""
    title = schema.get("title") if isinstance(schema, Mapping) else None
    if isinstance(title, str) and 0 < len(title) <= TITLE_LIMIT // 2:
        return inert(title, TITLE_LIMIT)
    return first_up(plain_name(name)) or "-"


def title_of(name: str, schema: Json) -> str:
    """As `heading`, for programs: cleaned and not escaped."""
    title = schema.get("title") if isinstance(schema, Mapping) else None
    if isinstance(title, str) and 0 < len(title) <= TITLE_LIMIT // 2:
        return clean(title)
    return first_up(clean(_spoken(name[: TITLE_LIMIT * 4]))[:TITLE_LIMIT]) or "-"


def first_up(text: str) -> str:
    """The first letter in upper case, the others as they are."""
    return text[:1].upper() + text[1:]


def properties_of(schema: JsonObject) -> Mapping[str, Json]:
    """The declared properties, those of `allOf` parts included."""
    found: dict[str, Json] = {}
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list | tuple) else ():
        if isinstance(part, Mapping):
            found.update(properties_of(part))
    own = schema.get("properties")
    return {**found, **own} if isinstance(own, Mapping) else found


def schema_at(schemas: Mapping[str, Json], name: str) -> JsonObject:
    """The schema of one property, {} when none is declared."""
    found = schemas.get(name)
    return found if isinstance(found, Mapping) else {}
