"""What a passage of an existing client may touch: the tenant's rights, and values that its context fixes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from facade.guard.fields import Said, body_fields, names, query_fields
from facade.guard.rules import permitted
from facade.kernel import (
    ContextConflict,
    Forbidden,
    InvalidRequest,
    Location,
    Operation,
    OperationKey,
    Pin,
    Tenant,
    WriteClass,
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 section 9.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageParts:
    """What a passage says, as far as pins can fix it.

    Attributes:
        path: decoded path values by name, of the matching operation; empty without one.
        meant: the same of operations that the path could mean where none matches as it stands.
        suspicious: the path can be read in several ways, so that its values cannot be compared.
        body, media_type: only read when a pin fixes a field of the body.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    meant: Sequence[Mapping[str, str]] = ()
    suspicious: bool = False
    query: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = None
    media_type: str = ""


def passable(operation: Operation | None, method: str, path: str, api: str, tenant: Tenant) -> None:
    """Let the tenant's rights decide; a path that the contract does not describe is judged by method and path, both as
    it stands and as it reads when an application has decoded it.

    Autonomy does not matter here: it is about agents, and this is the client's own act.

    Raises:
        Forbidden
    """
    judged = [operation] if operation else [undescribed(method, each, api) for each in _readings(path)]
    if not all(permitted(each, tenant) for each in judged):
        raise Forbidden(f"{method} on this path is not allowed for your tier or role.")


def _readings(path: str) -> set[str]:
    """As sent, decoded, and without what servers drop: repeated separators and path parameters."""
    plain = unquote(path)
    kept = (segment.partition(";")[0] for segment in plain.replace("\\", "/").split("/"))
    return {path, plain, "/" + "/".join(segment for segment in kept if segment)}


def undescribed(method: str, path: str, api: str) -> Operation:
    """The card of a path that the contract does not know; it has no id and no tags to be allowed by."""
    return Operation(
        key=OperationKey(api, ""),
        method=method,
        path=path,
        title=f"{method} on a path that the contract does not describe",
        write_class=WriteClass.READ if method in SAFE_METHODS else WriteClass.WRITE,
    )


def unpinned(pins: Iterable[Pin], parts: PassageParts) -> None:
    """Compare what the client says with what its context fixes.

    Raises:
        ContextConflict: it names another value.
        InvalidRequest: more fields than anybody needs, or a body that cannot be compared.
    """
    pinned = tuple(pins)
    if parts.suspicious and any(pin.location is Location.PATH for pin in pinned):
        raise InvalidRequest("The path holds an encoded separator or a malformed escape; send it plain.", place="path")
    said = {at: _SAID[at](parts) for at in {pin.location for pin in pinned}}
    for pin in pinned:
        wanted = pin.value if isinstance(pin.value, str) else json.dumps(pin.value)
        if any(value != wanted for name, value in said[pin.location] if _means(pin, name)):
            place = f"{pin.location.value}.{pin.name}"
            raise ContextConflict(f"{place} is fixed by your tenant; leave it out or send your own value.", place=place)


def _means(pin: Pin, name: str) -> bool:
    match pin.location:
        case Location.PATH:
            return name == pin.name
        case Location.HEADER:
            return _header_name(name) == _header_name(pin.name)
        case _:
            return names(pin.name, name)


def _header_name(name: str) -> str:
    """CGI reads `_` and `-` as one (RFC 3875 section 4.1.18)."""
    return name.lower().replace("_", "-")


def _paths(parts: PassageParts) -> Said:
    return [item for values in (parts.path, *parts.meant) for item in values.items()]


def _headers(parts: PassageParts) -> Said:
    return [(name, value.strip()) for name, value in parts.headers]


def _cookies(parts: PassageParts) -> Said:
    crumbs = [crumb for name, value in parts.headers if name.lower() == "cookie" for crumb in value.split(";")]
    pairs = (crumb.partition("=") for crumb in crumbs)
    return [(name.strip(), value.strip().strip('"')) for name, _, value in pairs]


def _body(parts: PassageParts) -> Said:
    return body_fields(parts.body, parts.media_type) if parts.body else []


_SAID: Mapping[Location, Callable[[PassageParts], Said]] = {
    Location.PATH: _paths,
    Location.QUERY: lambda parts: query_fields(parts.query),
    Location.HEADER: _headers,
    Location.COOKIE: _cookies,
    Location.BODY: _body,
}
