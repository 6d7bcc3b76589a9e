"""What contract tests want to know of a description beyond the compiled contract: security, headers, links, examples.

Reads the document as untrusted data: local references alone, a bounded number of hops, nothing raised.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import unquote

from facade.kernel import Json, JsonObject, Operation

_HOPS: Final = 32
_T = TypeVar("_T")
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderShape:
    """A declared response header."""

    name: str
    required: bool
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A declared link to another operation, by its id or by (method, path)."""

    name: str
    operation_id: str = ""
    route: tuple[str, str] = ("", "")
    parameters: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One operation.

    Attributes:
        secured: a credential is required; False when the description lets anybody in, None when it says nothing.
        headers, links: by declared status.
        bodies: examples of the request body.
        media_types: of the request body.
    """

    secured: bool | None = None
    headers: Mapping[str, tuple[HeaderShape, ...]] = field(default_factory=dict)
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    bodies: tuple[Json, ...] = ()
    media_types: tuple[str, ...] = ()

    def header_shapes(self, status: int) -> tuple[HeaderShape, ...]:
        """The headers that are declared for a status."""
        return _for_status(self.headers, status) or ()

    def links_of(self, status: int) -> tuple[Link, ...]:
        """The links that are declared for a status."""
        return _for_status(self.links, status) or ()


NOTHING: Final = Described()


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A whole document, by method and path."""

    document: JsonObject
    operations: Mapping[tuple[str, str], Described]

    def of(self, operation: Operation) -> Described:
        """What is said about an operation."""
        return self.operations.get((operation.method, operation.path), NOTHING)


def describe(document: JsonObject) -> Description:
    """Read a document that `contract.compile_contract` has accepted."""
    found: dict[tuple[str, str], Described] = {}
    for path, value in mapping(document.get("paths")).items():
        item = resolved(document, value)
        for method in _METHODS:
            if isinstance(item.get(method), Mapping):
                route = (method.upper(), path if path.startswith("/") else f"/{path}")
                found[route] = _operation(document, mapping(item[method]))
    return Description(document=document, operations=found)


def _operation(document: JsonObject, fields: JsonObject) -> Described:
    responses = {str(k): resolved(document, v) for k, v in mapping(fields.get("responses")).items()}
    content = mapping(resolved(document, fields.get("requestBody")).get("content"))
    return Described(
        secured=_secured(document, fields),
        headers={status: tuple(_headers(document, answer)) for status, answer in responses.items()},
        links={status: tuple(_links(document, answer)) for status, answer in responses.items()},
        bodies=tuple(_examples(document, content)),
        media_types=tuple(content),
    )


def _secured(document: JsonObject, fields: JsonObject) -> bool | None:
    security = fields.get("security", document.get("security"))
    if not isinstance(security, list):
        return None
    return bool(security) and all(isinstance(each, Mapping) and each for each in security)


def _headers(document: JsonObject, answer: JsonObject) -> Iterator[HeaderShape]:
    for name, value in mapping(answer.get("headers")).items():
        header = resolved(document, value)
        schema = resolved(document, header.get("schema"))
        if name.lower() != "content-type":
            yield HeaderShape(name=name, required=header.get("required") is True, schema=schema)


def _links(document: JsonObject, answer: JsonObject) -> Iterator[Link]:
    for name, value in mapping(answer.get("links")).items():
        link = resolved(document, value)
        named, ref = link.get("operationId"), link.get("operationRef")
        yield Link(
            name=name,
            operation_id=named if isinstance(named, str) else "",
            route=_route(ref) if isinstance(ref, str) else ("", ""),
            parameters=mapping(link.get("parameters")),
        )


def _route(ref: str) -> tuple[str, str]:
    """`#/paths/~1users~1{id}/get` -> (`GET`, `/users/{id}`)."""
    parts = ref.removeprefix("#/paths/").split("/")
    if not ref.startswith("#/paths/") or len(parts) != 2:  # noqa: PLR2004 - a path and a method
        return ("", "")
    return parts[1].upper(), unquote(parts[0]).replace("~1", "/").replace("~0", "~")


def _examples(document: JsonObject, content: JsonObject) -> Iterator[Json]:
    for media in map(mapping, content.values()):
        if "example" in media:
            yield media["example"]
        for named in mapping(media.get("examples")).values():
            example = resolved(document, named)
            if "value" in example:
                yield example["value"]


def mapping(value: Json) -> JsonObject:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def resolved(document: JsonObject, value: Json) -> JsonObject:
    """An object with its local references followed; empty when they lead nowhere."""
    for _ in range(_HOPS):
        fields = mapping(value)
        ref = fields.get("$ref")
        if not isinstance(ref, str):
            return fields
        value = _located(document, ref)
    return {}


def _located(document: JsonObject, ref: str) -> Json:
    if not ref.startswith("#/"):
        return None
    value: Json = document
    for raw in ref[2:].split("/"):
        token = unquote(raw).replace("~1", "/").replace("~0", "~")
        value = mapping(value).get(token)
    return value


def local_only(document: JsonObject) -> JsonObject:
    """A copy for libraries that fetch: references out of the document and external examples left out (SEC-SPEC-01)."""
    copied = _local(document, 0)
    return mapping(copied)


def _local(value: Json, depth: int) -> Json:
    if depth > 200:  # noqa: PLR2004 - deeper than any description that is read
        return {}
    if isinstance(value, Mapping):
        ref = value.get("$ref")
        if isinstance(ref, str) and not ref.startswith("#"):
            return {}
        kept = {k: v for k, v in value.items() if not (k == "externalValue" and isinstance(v, str))}
        return {key: _local(inner, depth + 1) for key, inner in kept.items()}
    return [_local(inner, depth + 1) for inner in value] if isinstance(value, list) else value


def _for_status(by_status: Mapping[str, _T], status: int) -> _T | None:
    for name in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if name in by_status:
            return by_status[name]
    return None
