"""What a description lets us guess for its settings file: base path, credential, and what looks like an account."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from facade.contract.document import mapping, sequence, text
from facade.kernel import HEADER_NAME, Json, JsonObject, Location, Operation

_ACCOUNT = re.compile(
    r"(?:.*[_-])?(?:account|tenant|org|organi[sz]ation|workspace|company|customer_?account|site|store|team)"
    r"(?:[_-]?(?:id|key|slug|code|name|uuid))?"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LEAST = 2
"""What names the customer is in several operations."""
_SELF = re.compile(r"(?:/[\w\-.]+)*/(?:me|self|whoami|current[_-]?user|userinfo|session|profile|account)/?")
_PATH = re.compile(r"(?:/[\w\-.~]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A header that the description asks for, and the template that fills it. `why` says where that stands."""

    header: str
    value: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A parameter that seems to name the customer; `operations` counts how many have it."""

    location: Location
    name: str
    operations: int

    @property
    def pin(self) -> str:
        """Its key under `pins`."""
        return f"{self.location.value}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What `init` writes into the file, and what it leaves there as a comment.

    Attributes:
        who_am_i: path of a read without inputs that seems to tell whose credential it is, base path included.
    """

    title: str
    base_path: str
    credential: Credential | None
    accounts: tuple[Account, ...]
    who_am_i: str | None


def suggestions_for(document: JsonObject, operations: Iterable[Operation], *, upstream_path: str = "") -> Suggestions:
    """Read the guesses out of a description.

    Args:
        upstream_path: path of the address that the provider gave; it wins over the description's `servers`.
    """
    found = tuple(operations)
    base_path = upstream_path.rstrip("/") or _base_path(document)
    asked = min((o.path for o in found if o.method == "GET" and _asks_who(o)), key=_plainness, default=None)
    return Suggestions(
        title=_line(mapping(document.get("info")).get("title")) or "this API",
        base_path=base_path,
        credential=_credential(document),
        accounts=_accounts(found),
        who_am_i=None if asked is None else f"{base_path}{asked}",
    )


def _asks_who(operation: Operation) -> bool:
    return not any(p.required for p in operation.inputs) and _SELF.fullmatch(operation.path) is not None


def _plainness(path: str) -> tuple[int, bool, int]:
    """Short paths first, and among these the ones about users."""
    return (path.count("/"), "user" not in path, len(path))


def _base_path(document: JsonObject) -> str:
    first = next(iter(sequence(document.get("servers"))), None)
    path = _path_of(text(mapping(first).get("url")) or text(document.get("basePath")))
    return path if _PATH.fullmatch(path) else ""


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path.rstrip("/")
    except ValueError:
        return ""


def _credential(document: JsonObject) -> Credential | None:
    """The first declared scheme that travels in a header; a global requirement decides which is first."""
    declared = {
        **mapping(mapping(document.get("components")).get("securitySchemes")),
        **mapping(document.get("securityDefinitions")),
    }
    wanted = [name for name in _required(document) if name in declared]
    for name in dict.fromkeys((*wanted, *declared)):
        found = _header_of(name, mapping(declared[name]))
        if found is not None:
            return found
    return None


def _required(document: JsonObject) -> list[str]:
    return [name for entry in sequence(document.get("security")) for name in mapping(entry)]


def _header_of(name: str, scheme: JsonObject) -> Credential | None:
    kind, why = scheme.get("type"), f"the description declares `{_line(name)}`"
    header = scheme.get("name")
    if kind == "apiKey" and scheme.get("in") == "header" and isinstance(header, str) and HEADER_NAME.fullmatch(header):
        return Credential(header=header, value="{secret}", why=why)
    word = str(scheme.get("scheme", "")).lower() if kind == "http" else str(kind)
    if word in {"bearer", "oauth2", "openIdConnect"}:
        return Credential(header="Authorization", value="Bearer {secret}", why=why)
    if word == "basic":
        return Credential(header="Authorization", value="Basic {secret}", why=f"{why}; base64 of user:password")
    return None


def _accounts(operations: tuple[Operation, ...]) -> tuple[Account, ...]:
    counted = Counter(
        (parameter.location, parameter.name)
        for operation in operations
        for parameter in operation.parameters
        if parameter.location is not Location.BODY and _ACCOUNT.fullmatch(_snake(parameter.name))
    )
    return tuple(
        Account(location=location, name=name, operations=count)
        for (location, name), count in counted.most_common()
        if count >= _LEAST
    )


def _snake(name: str) -> str:
    return _CAMEL.sub("_", name).lower()


def _line(value: Json) -> str:
    """Foreign text for a comment: one short, printable line."""
    return " ".join("".join(c for c in str(value or "") if c.isprintable()).split())[:80]
