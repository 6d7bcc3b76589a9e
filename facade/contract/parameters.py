"""Declared parameters -> compiled ones. Slips that have one reading are read; what could do harm is withheld."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from facade.contract.compiled import CompiledParameter
from facade.contract.document import Node, join, mapping, sequence, text
from facade.contract.faults import Broken, broken, warning
from facade.contract.media import is_json, is_text
from facade.contract.reading import reading_of
from facade.contract.risks import acts_as_another, is_credential
from facade.contract.schemas import Direction
from facade.contract.styles import Codec
from facade.contract.validators import Validator
from facade.contract.workshop import Site, Workshop
from facade.kernel import FRAMING_HEADERS, HEADER_NAME, Finding, Json, JsonObject, Location, Parameter, Severity

_STYLES: Final[Mapping[Location, tuple[str, ...]]] = {
    Location.PATH: ("simple", "label", "matrix"),
    Location.QUERY: ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    Location.HEADER: ("simple",),
    Location.COOKIE: ("form",),
}
_SET_BY_US: Final = frozenset({"accept", "content-type", "authorization"})
_WITHHELD: Final = re.compile(rf"(?i){'|'.join(sorted(FRAMING_HEADERS))}|cookie|forwarded|x-forwarded-.*|proxy-.*")
_INLINE_SCHEMA: Final = ("type", "format", "items", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength")
_COLLECTIONS: Final = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_DELIMITERS: Final = "/\\%?#;"
_PROBE: Final = "a/b\\c%d?e#f;g"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The parameters of an operation; Swagger 2.0's body and form parameters come out as a body."""

    parameters: tuple[CompiledParameter, ...]
    body: Node | None = None
    form: Mapping[str, Node] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """A Parameter Object with its resolved location."""

    fields: JsonObject
    place: str
    name: str
    location: Location


def declared_parameters(shop: Workshop, site: Site, names: tuple[str, ...]) -> Declared:
    """Read all parameters of an operation.

    Args:
        names: the names in the path template.

    Raises:
        Broken: one that a call cannot do without cannot be used.
    """
    nodes = list(_nodes(shop, site))
    body = next((n for n in nodes if mapping(n.value).get("in") == "body"), None)
    form = {text(mapping(n.value).get("name")): n for n in nodes if mapping(n.value).get("in") == "formData"}
    for node in nodes:
        if mapping(node.value).get("in") in ("body", "formData"):
            site.remarks.append(
                warning(
                    "parameter.swagger2", node.place, "Swagger 2.0 parameter; read as the request body it stands for"
                )
            )
    spots = [s for s in (_spot(site, n) for n in nodes) if s and _usable(shop, site, s, names)]
    spots += _undeclared(site, names, {s.name for s in spots if s.location is Location.PATH})
    read = [p for p in (_optional(shop, site, s) for s in spots) if p]
    return Declared(parameters=_with_claims(read), body=body, form=form or None)


def _nodes(shop: Workshop, site: Site) -> Iterator[Node]:
    """Parameters of the operation and, where it does not replace them, of its path item."""
    found: dict[tuple[str, str], Node] = {}
    for owner, place in ((site.item, site.item_place), (site.operation, site.route.place)):
        for i, value in enumerate(sequence(owner.get("parameters"))):
            node = shop.document.resolve(Node(value, join(place, "parameters", i)))
            fields = mapping(node.value)
            found[text(fields.get("in")), text(fields.get("name"))] = node
    return iter(found.values())


def _spot(site: Site, node: Node) -> _Spot | None:
    fields, place = mapping(node.value), node.place
    name, location = text(fields.get("name")), text(fields.get("in"))
    if location in ("body", "formData"):
        return None
    if not name or location not in list(Location)[:4]:
        message = "a parameter needs a 'name', and an 'in' that is path, query, header or cookie"
        if location == "querystring":
            message = "a whole query string is no argument; declare its parameters one by one"
        if fields.get("required") is True:
            raise broken("parameter.in", place, message)
        site.remarks.append(warning("parameter.in", place, f"{message}; ignored"))
        return None
    return _Spot(fields=fields, place=place, name=name, location=Location(location))


def _usable(shop: Workshop, site: Site, spot: _Spot, names: tuple[str, ...]) -> bool:
    """False for what never becomes an argument; says why unless OpenAPI itself says so."""
    if spot.location is Location.HEADER and spot.name.lower() in _SET_BY_US:
        return False
    reason = ""
    if spot.location is Location.PATH and spot.name not in names:
        reason = f"path parameter {spot.name!r} is not in the path; ignored"
    if spot.location is Location.HEADER and (_WITHHELD.fullmatch(spot.name) or not HEADER_NAME.fullmatch(spot.name)):
        reason = f"header {spot.name[:80]!r} is not for callers to set; ignored"
    if reason:
        site.remarks.append(warning("parameter.withheld", spot.place, reason))
        return False
    return spot.location is Location.PATH or shop.pinned(spot.location, spot.name) or _harmless(shop, site, spot)


def _harmless(shop: Workshop, site: Site, spot: _Spot) -> bool:
    """False for what would make the caller somebody else. An operation that needs it is kept from agents.

    A header that carries a credential is the exception: the tenant context sends that one.
    """
    fold = str.lower if spot.location is Location.HEADER else str
    declared = any(at is spot.location and fold(n) == fold(spot.name) for at, n in shop.credentials)
    if acts_as_another(spot.name):
        code, what = "risk.acting_as", "makes the caller somebody else"
    elif declared or is_credential(spot.name):
        code, what = "risk.key", "is a credential, which the tenant context sends"
    else:
        return True
    message = f"{spot.location} {spot.name[:80]!r} {what}"
    sent = code == "risk.key" and spot.location is not Location.QUERY
    if sent or spot.fields.get("required") not in (True, "true"):
        told = Finding(code=code, place=spot.place, message=f"{message}; agents do not", severity=Severity.INFO)
        site.remarks.append(told)
        return False
    site.remark_risk(code, spot.place, f"{message}, and is required")
    return site.settings.allow


def _undeclared(site: Site, names: tuple[str, ...], declared: set[str]) -> list[_Spot]:
    missing = [name for name in names if name not in declared]
    for name in missing:
        message = f"path parameter {name!r} is not declared; read as a string"
        site.remarks.append(warning("parameter.undeclared", site.route.place, message))
    schema: JsonObject = {"required": True, "schema": {"type": "string"}}
    return [_Spot(fields=schema, place=site.route.place, name=n, location=Location.PATH) for n in missing]


def _optional(shop: Workshop, site: Site, spot: _Spot) -> CompiledParameter | None:
    """A parameter that calls can do without is left out when it cannot be used; any other takes its operation along."""
    required = _required(site, spot)
    try:
        return _compiled(shop, site, spot, required=required)
    except Broken as fault:
        if required or shop.pinned(spot.location, spot.name):
            raise
        message = f"{fault.finding.message}; parameter {spot.name!r} left out"
        site.remarks.append(replace(fault.finding, message=message, severity=Severity.WARNING))
        return None


def _required(site: Site, spot: _Spot) -> bool:
    written = spot.fields.get("required", False)
    if isinstance(written, str):
        message = f"'required' must be true or false, not a string; read as {written.lower() == 'true'}"
        site.remarks.append(warning("parameter.required", join(spot.place, "required"), message))
        written = written.lower() == "true"
    return written is True or spot.location is Location.PATH


def _compiled(shop: Workshop, site: Site, spot: _Spot, *, required: bool) -> CompiledParameter:
    schema, as_json = _schema(site, spot)
    validator = shop.schemas.validator(schema, Direction.REQUEST)
    card_schema = shop.cards.inline(schema)
    style, explode = _style(site, spot)
    card = Parameter(
        name=spot.name,
        location=spot.location,
        schema=card_schema,
        required=required,
        description=text(spot.fields.get("description"))[:2_000],
        style=style,
        explode=explode,
        example=_example(spot.fields, card_schema),
        pinned=shop.pinned(spot.location, spot.name),
    )
    reading = reading_of(card_schema)
    codec = Codec(
        name=spot.name,
        location=spot.location,
        style=style,
        explode=explode,
        json=as_json,
        reserved=spot.fields.get("allowReserved") is True and spot.location is Location.QUERY,
        fields=frozenset(reading.fields),
    )
    return CompiledParameter(
        parameter=card,
        codec=codec,
        reading=reading,
        validator=validator,
        reserved=_admits_delimiters(card_schema, validator),
        words=_words(card_schema),
        may_be_empty=spot.fields.get("allowEmptyValue") is True,
    )


def _schema(site: Site, spot: _Spot) -> tuple[Node, bool]:
    """The schema of a parameter, and whether its value is one JSON text."""
    if spot.fields.get("schema") is not None:
        return Node(spot.fields["schema"], join(spot.place, "schema")), False
    content = mapping(spot.fields.get("content"))
    for written in (is_json, is_text):
        for media_type in filter(written, content):
            place = join(spot.place, "content", media_type, "schema")
            return Node(mapping(content[media_type]).get("schema", True), place), written is is_json
    if content:
        raise broken("parameter.content", spot.place, f"{next(iter(content))[:80]!r} cannot be written in a parameter")
    inline = {k: spot.fields[k] for k in _INLINE_SCHEMA if k in spot.fields}
    message = "read from the parameter itself, as Swagger 2.0 has it" if inline else "any value is accepted"
    site.remarks.append(warning("parameter.schema", spot.place, f"parameter {spot.name!r} has no schema; {message}"))
    return Node(inline, spot.place), False


def _style(site: Site, spot: _Spot) -> tuple[str, bool]:
    allowed = _STYLES[spot.location]
    collection = _COLLECTIONS.get(text(spot.fields.get("collectionFormat")))
    if collection and spot.location is Location.QUERY:
        return collection
    style = spot.fields.get("style", allowed[0])
    if style not in allowed:
        message = f"style {str(style)[:40]!r} is not for {spot.location} parameters; read as {allowed[0]!r}"
        site.remarks.append(warning("parameter.style", join(spot.place, "style"), message))
        style = allowed[0]
    explode = spot.fields.get("explode")
    return str(style), explode if isinstance(explode, bool) else style in ("form", "deepObject")


def _example(fields: JsonObject, schema: JsonObject) -> Json:
    if "example" in fields:
        return fields["example"]
    named = [mapping(v) for v in mapping(fields.get("examples")).values()]
    values = [v[key] for v in named for key in ("value", "dataValue") if key in v]
    return next(iter([*values, *sequence(schema.get("examples"))]), None)


def _admits_delimiters(schema: JsonObject, validator: Validator) -> bool:
    """The pattern names some URL delimiter without admitting everything: `^[a-z/]+$` does, `^.+$` says nothing."""
    pattern = text(schema.get("pattern"))
    return any(d in pattern for d in _DELIMITERS if d != "\\") and not validator.is_valid(_PROBE)


def _words(schema: JsonObject) -> frozenset[str]:
    listed = [*sequence(schema.get("enum")), schema.get("const")]
    return frozenset(v for v in listed if isinstance(v, str))


def _with_claims(read: list[CompiledParameter]) -> tuple[CompiledParameter, ...]:
    """Tell exploded objects of the query which names belong to others."""
    names = frozenset(p.parameter.name for p in read if p.parameter.location is Location.QUERY)
    return tuple(
        replace(p, codec=replace(p.codec, claimed=names - {p.codec.name}))
        if p.parameter.location is Location.QUERY
        else p
        for p in read
    )


def credentials_of(root: JsonObject) -> frozenset[tuple[Location, str]]:
    """Parameters that the description's `apiKey` security schemes name."""
    schemes = mapping(mapping(root.get("components")).get("securitySchemes"))
    found = set()
    for scheme in map(mapping, schemes.values()):
        if scheme.get("type") == "apiKey" and scheme.get("in") in ("query", "header", "cookie"):
            found.add((Location(text(scheme.get("in"))), text(scheme.get("name"))))
    return frozenset(found)
