"""What a value of a JSON Schema looks like. Survives the dirty schemas that owners ship."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from facade.kernel import Json, JsonObject
from facade.plan.forms import Form, examples_in, form_of, languages_of

_DEPTH = 6
_SPELLINGS = {
    "str": "string", "text": "string", "int": "integer", "float": "number", "double": "number", "bool": "boolean",
    "list": "array", "tuple": "array", "dict": "object", "any": "",
}  # fmt: skip
_PATTERN = re.compile(
    r"\b(?:YYYY[-/.]MM[-/.]DD|MM[-/.]DD[-/.]YYYY|DD[-/.]MM[-/.]YYYY)(?:[T ]HH:MM(?::SS)?)?|\bHH:MM(?::SS)?", re.I
)


_JOINED = re.compile(r"\bcomma|\b(?:array|list) of (?:strings|ids|gids|values|names)\b", re.I)
_FRACTION = re.compile(r"\b(?:decimal|fraction)\b|\b0\.\d", re.I)
_STATED = re.compile(r"\bdefaults?(?: value)?(?: is| to|:|=)?(?: set to)? ([\w'\"`.-]{1,30})", re.I)


class Kind(StrEnum):
    """What a value must be."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    TIME = "time"
    EMAIL = "email"
    URL = "url"
    UUID = "uuid"
    PHONE = "phone"
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A schema read once. `choices` is its enum; `has_default` tells a null default from none.

    Attributes:
        fraction: a share is written as 0.08, not as 8 percent.
        comma_separated: several values are written as one text.
        aliases: other words for listed values that the description gives -> the values they mean.
        read_only: the application sets it.
        form: how its value is written; None where nothing tells.
        languages: it is a text written once for each language; the codes that the description shows.
    """

    kind: Kind
    many: bool = False
    choices: tuple[Json, ...] = ()
    default: Json = None
    has_default: bool = False
    pattern: str = ""
    properties: Mapping[str, JsonObject] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    nullable: bool = False
    fraction: bool = False
    comma_separated: bool = False
    aliases: tuple[tuple[str, tuple[Json, ...]], ...] = ()
    read_only: bool = False
    form: Form | None = None
    languages: tuple[str, ...] = ()


def shape_of(schema: JsonObject, *, name: str = "", description: str = "", example: Json = None) -> Shape:
    """Read a schema, its `allOf` merged and its first usable alternative taken."""
    flat = _flat(schema, _DEPTH)
    many = _type(flat) == "array"
    inner = _flat(_object(flat.get("items")), _DEPTH) if many else flat
    about = " ".join(str(x) for x in (flat.get("description"), inner.get("description"), description) if x)
    examples = [x for x in (example, *examples_in(flat), *examples_in(inner)) if isinstance(x, str)]
    languages = () if many else languages_of(inner)
    kind = Kind.TEXT if languages else _kind(inner, name, about, examples)
    default, has_default = _default(flat)
    if not has_default:
        default, has_default = _stated(about, kind, inner)
    return Shape(
        kind=kind,
        many=many,
        choices=_choices(inner, kind),
        default=default,
        has_default=has_default,
        pattern=_date_pattern(kind, about, examples),
        properties={str(k): _object(v) for k, v in _object(inner.get("properties")).items()},
        required=frozenset(str(x) for x in _list(inner.get("required"))),
        fraction=kind is Kind.NUMBER and (_FRACTION.search(about[:500]) is not None or inner.get("maximum") == 1),
        comma_separated=kind is Kind.TEXT and not many and _JOINED.search(about[:500]) is not None,
        aliases=_truths(about[:1000]) if kind is Kind.BOOLEAN else _aliases(about[:1000], _choices(inner, kind)),
        read_only=flat.get("readOnly") is True,
        nullable=flat.get("nullable") is True or "null" in _list(flat.get("type")),
        form=form_of(inner, about, examples) if kind is Kind.TEXT else None,
        languages=languages,
    )


def fields_of(schema: JsonObject) -> Mapping[str, JsonObject]:
    """The fields of an object, or of an array's items; the `properties` of its shape, and nothing else of it."""
    flat = _flat(schema, _DEPTH)
    inner = _flat(_object(flat.get("items")), _DEPTH) if _type(flat) == "array" else flat
    return {str(k): _object(v) for k, v in _object(inner.get("properties")).items()}


def _object(value: Json) -> JsonObject:
    if isinstance(value, dict):  # nearly always; the general test costs five times as much
        return value
    return value if isinstance(value, Mapping) else {}


def _list(value: Json) -> Sequence[Json]:
    if value is None or isinstance(value, list):  # as above
        return value or ()
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _flat(schema: JsonObject, depth: int) -> JsonObject:
    parts = [_object(p) for p in _list(schema.get("allOf"))]
    variants = [_object(p) for key in ("oneOf", "anyOf") for p in _list(schema.get(key))]
    usable = [v for v in variants if v.get("type") != "null"]
    if depth == 0 or not (parts or usable):
        return schema
    merged: dict[str, Json] = {}
    for part in [*(_flat(p, depth - 1) for p in parts), *(_flat(v, depth - 1) for v in usable[:1]), schema]:
        _merge(merged, part)
    return merged


def _merge(into: dict[str, Json], part: JsonObject) -> None:
    for key, value in part.items():
        if key == "properties":
            into[key] = {**_object(into.get(key)), **_object(value)}
        elif key == "required":
            into[key] = [*_list(into.get(key)), *_list(value)]
        else:
            into[key] = value


def _type(schema: JsonObject) -> str:
    declared = schema.get("type")
    names = [declared] if isinstance(declared, str) else [t for t in _list(declared) if isinstance(t, str)]
    name = next((n.lower() for n in names if n != "null"), "")
    if not name:
        return "object" if "properties" in schema else "array" if "items" in schema else ""
    return _SPELLINGS.get(name, name)


def _kind(schema: JsonObject, name: str, about: str, examples: Sequence[str]) -> Kind:
    plain = {"integer": Kind.INTEGER, "number": Kind.NUMBER, "boolean": Kind.BOOLEAN, "object": Kind.OBJECT}
    declared = _type(schema)
    if schema.get("format") == "binary":
        return Kind.OBJECT  # a file: words name it, and are not what is in it
    if declared in plain:
        return plain[declared]
    formats = {
        "date": Kind.DATE, "date-time": Kind.MOMENT, "datetime": Kind.MOMENT, "time": Kind.TIME, "email": Kind.EMAIL,
        "uri": Kind.URL, "url": Kind.URL, "uuid": Kind.UUID, "phone": Kind.PHONE,
    }  # fmt: skip
    if not declared and re.match(r"(?:is|has|include|enable|show)[_A-Z]", name):
        return Kind.BOOLEAN
    given = formats.get(str(schema.get("format", "")).lower())
    return given or _kind_by_name(name, about, examples)


_NAMES: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"date_?time|timestamp|(?:^|[a-z_])(?:[a-z]_at|edAt)$"), Kind.MOMENT),
    (re.compile(r"(?:^|_)dates?(?:_|$)|[a-z]Date(?:$|[A-Z])|^birthday$|^dob$|^check_?(?:in|out)$|^due_on$"), Kind.DATE),
    (re.compile(r"(?:^|_)times?$|[a-z]Time$"), Kind.TIME),
    (re.compile(r"e_?mail", re.I), Kind.EMAIL),
    (re.compile(r"(?:^|_)(?:url|uri|link|website|webhook)$|Url$|URL$", re.I), Kind.URL),
    (re.compile(r"phone|mobile", re.I), Kind.PHONE),
)


def _kind_by_name(name: str, about: str, examples: Sequence[str]) -> Kind:
    pattern = _date_pattern(Kind.TEXT, about, examples)
    if pattern:
        has_date, has_time = "Y" in pattern, "H" in pattern
        return Kind.MOMENT if has_date and has_time else Kind.DATE if has_date else Kind.TIME
    return next((kind for rule, kind in _NAMES if rule.search(name)), Kind.TEXT)


def _date_pattern(kind: Kind, about: str, examples: Sequence[str]) -> str:
    """The written form of a date that the description shows, such as `MM/DD/YYYY`."""
    if kind not in {Kind.TEXT, Kind.DATE, Kind.MOMENT, Kind.TIME}:
        return ""
    found = _PATTERN.search(about[:2000])
    if found:
        return found.group().upper().replace("HH:MM", "HH:mm")
    return next((p for e in examples for rule, p in _SHOWN if rule.fullmatch(e)), "")


_SHOWN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{4}-\d\d-\d\d"), "YYYY-MM-DD"),
    (re.compile(r"\d\d:\d\d"), "HH:mm"),
    (re.compile(r"\d\d:\d\d:\d\d"), "HH:mm:SS"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "YYYY-MM-DD HH:mm:SS"),
)


def _choices(schema: JsonObject, kind: Kind) -> tuple[Json, ...]:
    if kind is Kind.BOOLEAN:
        return ()
    if "const" in schema:
        return (schema["const"],)
    return tuple(v for v in _list(schema.get("enum")) if v is not None and not isinstance(v, (Mapping, list)))


def _stated(about: str, kind: Kind, schema: JsonObject) -> tuple[Json, bool]:
    """A default that the description states, taken only where the schema bounds what it can be."""
    found = _STATED.search(about[:1000])
    if found is None:
        return None, False
    word = found[1].strip("'\"`.").lower()
    listed = next((c for c in _choices(schema, kind) if str(c).lower() == word), None)
    if listed is not None:
        return listed, True
    if kind is Kind.BOOLEAN and word in {"true", "false"}:
        return word == "true", True
    if kind in {Kind.INTEGER, Kind.NUMBER} and re.fullmatch(r"-?\d{1,9}(?:\.\d{1,6})?", word):
        return float(word) if "." in word else int(word), True
    return None, False


_EXCEPT = re.compile(r"\ball (?:but|except) (\w{2,30}) (?:are|count as|mean) (\w{2,30})", re.I)


def _aliases(about: str, choices: tuple[Json, ...]) -> tuple[tuple[str, tuple[Json, ...]], ...]:
    """Other words for listed values: `late, that is overdue`; `all but done are open`."""
    found: list[tuple[str, tuple[Json, ...]]] = []
    for choice in choices[:_MAX_ALIASED] if about else ():
        said = re.search(rf"\b{re.escape(str(choice)[:60])}['\"`]?{_MEANS}([a-z][\w ]{{2,30}})", about, re.I)
        if said:
            found.append((said[1].strip(), (choice,)))
        listed = re.search(_LISTED.format(re.escape(str(choice)[:60])), about, re.I | re.M)
        if listed and listed[1].strip().lower() != str(choice).lower():
            found.append((listed[1].strip(), (choice,)))
    rest = _EXCEPT.search(about)
    if rest and any(str(c).lower() == rest[1].lower() for c in choices):
        found.append((rest[2], tuple(c for c in choices if str(c).lower() != rest[1].lower())))
    return tuple(found)


_TRUTH = re.compile(r"([a-z][a-z ]{2,60}?) ?\((true|false)\)", re.I)
_CLAUSE_OPENS = re.compile(r"^.*\b(?:that|which|who|or|and|whether|if|only)\s+", re.I)


def _truths(about: str) -> tuple[tuple[str, tuple[Json, ...]], ...]:
    """What yes and no mean where the description says it: `rooms that nobody booked (true) or somebody did (false)`."""
    return tuple((_CLAUSE_OPENS.sub("", m[1]).strip(), (m[2].lower() == "true",)) for m in _TRUTH.finditer(about))


_MAX_ALIASED = 30
_LISTED = r"^\s*[*-] ['\"`]?{}['\"`]? ?(?:-|\u2013|:|=) ?([A-Za-z][\w/ -]{{1,30}})$"
"""One line of a list that says what each listed value means, as generators of descriptions write it."""
_MEANS = r"(?:,? (?:that is|i\.e\.|meaning|means) |\s?(?:=|:|\() ?)"


def _default(schema: JsonObject) -> tuple[Json, bool]:
    if "const" in schema:
        return schema["const"], True
    choices = _list(schema.get("enum"))
    if len(choices) == 1:
        return choices[0], True
    return schema.get("default"), "default" in schema
