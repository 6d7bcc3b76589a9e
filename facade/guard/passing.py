"""What a passage of an existing client may touch: the tenant's rights, and values that its context fixes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from facade.guard.rules import permitted
from facade.kernel import (
    ContextConflict,
    Forbidden,
    InvalidRequest,
    Json,
    Location,
    Operation,
    OperationKey,
    Pin,
    Tenant,
    WriteClass,
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 section 9.2.1)."""

MAX_FIELDS = 1_000
"""Query fields of a passage that are looked at; more are refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageParts:
    """What a passage says, as far as pins can fix it.

    Attributes:
        path: decoded path values by name, of the matching operation; empty without one.
        suspicious: the path can be read in several ways, so that its values cannot be compared.
        body: the JSON body, only read when a pin fixes one of its fields.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    suspicious: bool = False
    query: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = None


def passable(operation: Operation | None, method: str, path: str, api: str, tenant: Tenant) -> None:
    """Let the tenant's rights decide; a path that the contract does not describe is judged by method and path.

    Autonomy does not matter here: it is about agents, and this is the client's own act.

    Raises:
        Forbidden
    """
    judged = operation or undescribed(method, path, api)
    if not permitted(judged, tenant):
        raise Forbidden(f"{method} on this path is not allowed for your tier or role.")


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
    if not pinned:
        return
    if parts.suspicious and any(pin.location is Location.PATH for pin in pinned):
        raise InvalidRequest("The path holds an encoded separator or a malformed escape; send it plain.", place="path")
    said = _said(pinned, parts)
    for pin in pinned:
        wanted = pin.value if isinstance(pin.value, str) else json.dumps(pin.value)
        names = {pin.name} if pin.location is Location.PATH else _spellings(pin)
        for name, value in said[pin.location]:
            if name in names and value != wanted:
                place = f"{pin.location.value}.{pin.name}"
                raise ContextConflict(
                    f"{place} is fixed by your tenant; leave it out or send your own value.", place=place
                )


def _spellings(pin: Pin) -> set[str]:
    return {pin.name.lower(), f"{pin.name.lower()}[]"}


def _said(pins: tuple[Pin, ...], parts: PassageParts) -> Mapping[Location, list[tuple[str, str]]]:
    body = any(pin.location is Location.BODY for pin in pins)
    return {
        Location.PATH: list(parts.path.items()),
        Location.QUERY: _query(parts.query),
        Location.HEADER: [(name.lower(), value.strip()) for name, value in parts.headers],
        Location.COOKIE: _cookies(parts.headers),
        Location.BODY: _body(parts.body) if body and parts.body else [],
    }


def _query(query: str) -> list[tuple[str, str]]:
    """Names in lower case: some frameworks look them up without regard to it. `;` separates for some, too."""
    try:
        pairs = parse_qsl(query.replace(";", "&"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise InvalidRequest(f"The query has more than {MAX_FIELDS} fields.", place="query") from None
    return [(name.lower(), value) for name, value in pairs]


def _cookies(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    crumbs = [crumb for name, value in headers if name.lower() == "cookie" for crumb in value.split(";")]
    pairs = (crumb.partition("=") for crumb in crumbs)
    return [(name.strip().lower(), value.strip().strip('"')) for name, _, value in pairs]


def _body(body: bytes) -> list[tuple[str, str]]:
    try:
        value: Json = json.loads(body, object_pairs_hook=_unrepeated)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body must be plain JSON without repeated names.", place="body") from None
    rows = value if isinstance(value, list) else [value]
    fields = [item for row in rows if isinstance(row, dict) for item in row.items()]
    return [(name.lower(), each if isinstance(each, str) else json.dumps(each)) for name, each in fields]


def _unrepeated(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated name")
    return found
