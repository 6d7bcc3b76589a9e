"""The records that handlers take and give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias

from facade.demo.helpdesk.forms import Form, Json
from facade.demo.helpdesk.store import Store

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One authenticated request, its body already read by the route's form."""

    account: str
    store: Store
    now: datetime
    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    fields: Mapping[str, Json]
    idempotency_key: str | None = None

    @property
    def today(self) -> date:
        """The day it is for this application, in UTC."""
        return self.now.date()

    @property
    def stamp(self) -> str:
        """The moment as it is stored and shown, to the second."""
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back; no body means an empty one."""

    status: int = 200
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)


Handler: TypeAlias = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation: where it is, what it takes, whether it changes anything."""

    method: str
    path: str
    handler: Handler
    form: Form | None = None
    writes: bool = True


def reading(path: str, handler: Handler) -> Route:
    """Route a GET, which never writes."""
    return Route(method="GET", path=path, handler=handler, writes=False)
