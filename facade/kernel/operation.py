"""The operation card: what planning, guarding and the command line see of an operation.

The compiled validators and serialisers stay in `contract`, under the same key.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from facade.kernel.values import Json, JsonObject


class Location(StrEnum):
    """Where an argument travels; BODY is one top-level field of a JSON object body."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    BODY = "body"


class WriteClass(StrEnum):
    """What an operation does to the application's data (D4, D13); consent is asked by this."""

    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


class OperationKey(NamedTuple):
    """Identifies an operation: the API's name in the settings, and the operation's id in its contract."""

    api: str
    operation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument of an operation: a declared parameter, or a top-level field of its JSON object body.

    Attributes:
        schema: its JSON Schema with local references inlined as far as the bounds allow.
        style, explode: OpenAPI serialisation (meaningless for BODY).
        pinned: filled from the tenant context; hidden from planners.
    """

    name: str
    location: Location
    schema: JsonObject
    required: bool = False
    description: str = ""
    style: str = "form"
    explode: bool = True
    example: Json = None
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A request body: its media type and whole schema. Object bodies are also spread as BODY parameters."""

    media_type: str
    required: bool
    schema: JsonObject
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseShape:
    """A declared answer: `status` is `200`, `2XX` or `default`; schema is {} when none is declared."""

    status: str
    media_type: str
    schema: JsonObject
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation agents may reach, as its description and our settings tell it.

    Attributes:
        path: the template as written, such as `/tickets/{ticket_id}`.
        title: a short human name made from the summary, else from the id, else from method and path.
        parameters: declared parameters and, for JSON object bodies, the body's top-level fields.
        idempotency_header: header in which the application honours an idempotency key (settings only, D9).
    """

    key: OperationKey
    method: str
    path: str
    write_class: WriteClass
    title: str
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    responses: tuple[ResponseShape, ...] = ()
    idempotency_header: str | None = None
    deprecated: bool = False
    declared_id: bool = True

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """The parameters a planner may fill: everything that the tenant context does not pin."""
        return tuple(p for p in self.parameters if not p.pinned)
