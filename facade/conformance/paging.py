"""Parameters of paging, known by the names that APIs give them."""

from dataclasses import dataclass
from typing import Final

from facade.conformance.resources import words
from facade.conformance.samples import type_of
from facade.kernel import Location, Operation, Parameter

_SIZES: Final = frozenset(
    {("per", "page"), ("limit",), ("page", "size"), ("size",), ("page", "limit"), ("count",), ("top",), ("first",)}
    | {("max", "results"), ("pagesize",), ("perpage",), ("rows",), ("take",), ("max",), ("num",)}
)
_PAGES: Final = frozenset({("page",), ("page", "number"), ("page", "no"), ("pagenumber",), ("p",), ("page", "index")})
_OFFSETS: Final = frozenset({("offset",), ("skip",), ("start",), ("start", "index"), ("start", "at"), ("startat",)})
_CURSORS: Final = frozenset(
    {("cursor",), ("after",), ("page", "token"), ("next", "token"), ("starting", "after"), ("continuation",)}
    | {("page", "cursor"), ("next", "page", "token"), ("next", "cursor")}
)
LARGE: Final = 100
"""Items of one part, where the description allows more or says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a list is asked for its parts; empty names for what it does not take."""

    size: str = ""
    page: str = ""
    offset: str = ""
    cursor: str = ""
    largest: int = LARGE
    first: int = 1

    @property
    def turns(self) -> bool:
        """True when there is a way to the next part."""
        return bool(self.page or self.offset or self.cursor)

    @property
    def names(self) -> frozenset[str]:
        """The parameters that are no filters."""
        return frozenset({self.size, self.page, self.offset, self.cursor} - {""})


def paging_of(operation: Operation) -> Paging:
    """Recognise the usual shapes among the query parameters."""
    query = [p for p in operation.parameters if p.location is Location.QUERY]
    whole = [p for p in query if type_of(p.schema) in ("integer", "number")]
    size, page = _first(whole, _SIZES), _first(whole, _PAGES)
    largest = size.schema.get("maximum") if size else None
    least = page.schema.get("minimum", 1) if page else 1
    return Paging(
        size=size.name if size else "",
        page=page.name if page else "",
        offset=_name(_first(whole, _OFFSETS)),
        cursor=_name(_first([p for p in query if p not in whole], _CURSORS)),
        largest=int(largest) if isinstance(largest, int | float) else LARGE,
        first=int(least) if isinstance(least, int | float) else 1,
    )


def _first(parameters: list[Parameter], forms: frozenset[tuple[str, ...]]) -> Parameter | None:
    return next((p for p in parameters if words(p.name) in forms), None)


def _name(parameter: Parameter | None) -> str:
    return parameter.name if parameter else ""
