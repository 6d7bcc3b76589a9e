"""The description as a tree: narrowing untrusted values, JSON pointers, local references."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote

from facade.contract.faults import broken
from facade.contract.settings import Dialect
from facade.kernel import DescriptionInvalid, Json, JsonObject

_HOPS: Final = 32
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")
_SUPPORTED: Final = "Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are supported"


class Node(NamedTuple):
    """A value of the description and the JSON pointer it stands at."""

    value: Json
    place: str


def mapping(value: Json) -> JsonObject:
    """The value when it is an object, else an empty one."""
    if isinstance(value, dict):  # nearly always; see `sequence`
        return value
    return value if value is not None and isinstance(value, Mapping) else {}


def sequence(value: Json) -> Sequence[Json]:
    """The value when it is an array, else an empty one."""
    if isinstance(value, list):  # nearly always; the general test costs five times as much
        return value
    return value if value is not None and isinstance(value, Sequence) and not isinstance(value, str) else ()


def text(value: Json) -> str:
    """The value when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def join(place: str, *tokens: str | int) -> str:
    """A JSON pointer with more reference tokens (RFC 6901, section 3)."""
    pointer = place
    for token in map(str, tokens):
        plain = "~" not in token and "/" not in token  # nearly always, and this is asked for every schema
        pointer = f"{pointer}/{token if plain else token.replace('~', '~0').replace('/', '~1')}"
    return pointer


def reference(value: Json) -> str | None:
    """The `$ref` of a Reference Object, if it is one."""
    target = mapping(value).get("$ref")
    return target if isinstance(target, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A description whose dialect is known.

    Attributes:
        own: what the description calls itself (`$self`, OpenAPI 3.2); references that begin with it are local.
    """

    root: JsonObject
    dialect: Dialect
    own: str = ""

    def locate(self, ref: str, place: str) -> Node:
        """What a local reference points at; `place` is where it stands, for the finding.

        Raises:
            Broken: it leaves this document, or points at nothing. Nothing outside is ever read (SEC-SPEC-01).
        """
        local = ref.removeprefix(self.own)
        if not local.startswith("#/"):
            raise broken("ref.remote", place, f"reference {ref[:200]!r} leaves this document; bundle it in under '#/'")
        value: Json = self.root
        target = ""
        for raw in local[2:].split("/"):
            token = unquote(raw).replace("~1", "/").replace("~0", "~")
            target = join(target, token)
            value = _step(value, token)
            if value is _NOTHING:
                raise broken("ref.missing", place, f"reference {ref[:200]!r} points at nothing in this document")
        return Node(value, target)

    def resolve(self, node: Node) -> Node:
        """Follow references until something else is met.

        Raises:
            Broken: remote, missing, or a loop.
        """
        for _ in range(_HOPS):
            ref = reference(node.value)
            if ref is None:
                return node
            node = self.locate(ref, node.place)
        raise broken("ref.loop", node.place, "the reference leads back to itself; point it at a definition")


_NOTHING: Final = "\0nothing"


def _step(value: Json, token: str) -> Json:
    if isinstance(value, Mapping):
        return value.get(token, _NOTHING)
    items = sequence(value)
    if _INDEX.fullmatch(token) and int(token) < len(items):
        return items[int(token)]
    return _NOTHING


def open_document(root: JsonObject) -> Document:
    """Find out the dialect. The room `dialects` has converted what can be converted to one of ours.

    Raises:
        DescriptionInvalid: not a dialect we know, or nothing to read in it.
    """
    version = root.get("openapi", root.get("swagger"))
    shown = str(version)
    dialect = next((d for d in Dialect if shown == d or shown.startswith(f"{d}.")), None)
    if version is None:
        raise DescriptionInvalid(f"This is no OpenAPI description: it has no 'openapi' field. {_SUPPORTED}.")
    if not isinstance(root.get("paths"), Mapping):
        raise DescriptionInvalid("The description has no 'paths' object, so there is nothing to call.")
    if dialect is None or "openapi" not in root:
        name = "OpenAPI" if "openapi" in root else "Swagger"
        raise DescriptionInvalid(f"{name} {shown[:20]!r} cannot be read: {_SUPPORTED}.")
    return Document(root=root, dialect=dialect, own=text(root.get("$self")))
