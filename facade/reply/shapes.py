"""What an answer holds: rows, one record, one value or nothing. Found by structure: envelopes differ by endpoint, even
within one application."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from facade.kernel import Answer, Json, JsonObject, Operation, ResponseShape
from facade.reply.separated import is_separated, sheet_of
from facade.reply.wording import properties_of, schema_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list. `total` is what the application says exists, None when it does not say; `more` when it says only
    that there is more; `schema` describes one row."""

    rows: Sequence[Json]
    total: int | None
    more: bool
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One object."""

    fields: Mapping[str, Json]
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One bare value."""

    value: Json
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A body that is not JSON; `text` is None when it is not textual either. `size` is in octets, 0 when unknown."""

    text: str | None
    media_type: str
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No body."""


Shape: TypeAlias = Rows | Record | Scalar | Text | Nothing

_PAYLOADS = ("data", "result", "results", "items", "item", "record", "records", "payload", "response", "_embedded")
_IDENTITIES = frozenset({"id", "_id", "uuid", "key", "code", "slug"})
_TOTALS = (
    *("total", "total_count", "totalcount", "total_items", "totalitems", "total_results", "totalresults"),
    *("totalelements", "total_records", "totalrecords", "total_entries", "num_results", "numfound", "count"),
)
_TOTAL_HEADERS = ("x-total-count", "total-records", "x-total", "total-count")
_PAGING = frozenset(
    {
        *_TOTALS,
        *("page", "per_page", "perpage", "page_size", "pagesize", "pages", "page_count", "total_pages", "totalpages"),
        *("last_page", "current_page", "limit", "offset", "size", "number", "start", "skip", "first", "last", "empty"),
        *("next", "previous", "prev", "next_page", "prev_page", "next_cursor", "cursor", "has_more", "hasmore"),
        *("more", "has_next", "next_page_token", "nextpagetoken", "links", "_links", "meta", "_meta", "metadata"),
        *("paging", "pagination", "object", "kind", "url", "status", "success", "ok", "error", "errors", "message"),
        "took",
    }
)
_NEXT = frozenset(
    {"next", "next_page", "next_cursor", "next_page_token", "nextpagetoken", "has_more", "hasmore", "has_next"}
)
_DEPTH = 3
"""Envelopes within envelopes that are opened."""


def shape_of(answer: Answer, operation: Operation) -> Shape:
    """The shape of a successful answer."""
    if answer.body is None:
        return _worded(answer, answer.text) if answer.media_type and answer.text else _bare(answer)
    return _opened(answer.body, _schema_of(answer, operation), _Outer(answer=answer), _DEPTH)


def _worded(answer: Answer, text: str) -> Shape:
    """Separated values are rows; of other texts nothing is known."""
    sheet = sheet_of(text, answer.media_type) if is_separated(answer.media_type) else None
    if sheet is None:
        return Text(text=text, media_type=answer.media_type, size=answer.size)
    total = _total(_Outer(answer=answer), len(sheet.rows))
    return Rows(rows=sheet.rows, total=total, more=sheet.more, schema={})


def _bare(answer: Answer) -> Shape:
    """No JSON and no text: nothing at all, or something that is not textual."""
    length = answer.header("content-length")
    some = answer.size or (length not in {None, "0"} and answer.media_type)
    if some and "json" not in answer.media_type:
        return Text(text=None, media_type=answer.media_type, size=answer.size)
    return Nothing()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outer:
    """What surrounds a payload: where totals and paging stand."""

    answer: Answer
    envelopes: tuple[Mapping[str, Json], ...] = ()


def _opened(body: Json, schema: JsonObject, outer: _Outer, depth: int) -> Shape:
    if isinstance(body, Mapping):
        inner = _payload_name(body) if depth else None
        if inner is None:
            return Record(fields=body, schema=schema)
        within = _Outer(answer=outer.answer, envelopes=(*outer.envelopes, body))
        return _opened(body[inner], schema_at(properties_of(schema), inner), within, depth - 1)
    if isinstance(body, str) or not isinstance(body, Sequence):
        return Scalar(value=body, schema=schema)
    items = schema.get("items")
    return Rows(
        rows=body,
        total=_total(outer, len(body)),
        more=_more(outer),
        schema=items if isinstance(items, Mapping) else {},
    )


def _payload_name(body: Mapping[str, Json]) -> str | None:
    """The one property that holds what was asked for, or None when the object is itself the answer."""
    if any(k.lower() in _IDENTITIES and not isinstance(v, Mapping | list) for k, v in body.items()):
        return None
    holders = [k for k, v in body.items() if isinstance(v, Mapping | list | tuple)]
    named = [k for k in holders if k.lower() in _PAYLOADS]
    if len(named) == 1:
        return named[0]
    others = {k for k in body if k.lower() not in _PAGING}
    return next(iter(others)) if len(others) == 1 and others <= set(holders) else None


def _places(outer: _Outer) -> Iterator[Mapping[str, Json]]:
    """Envelopes from the inside out, each followed by the objects in it that speak of paging."""
    for envelope in reversed(outer.envelopes):
        yield envelope
        for name, value in envelope.items():
            if name.lower() in _PAGING and isinstance(value, Mapping):
                yield value
                yield from (v for v in value.values() if isinstance(v, Mapping))


def _total(outer: _Outer, rows: int) -> int | None:
    """A told total below the number of rows is no total."""
    told = (v for place in _places(outer) for v in _at_totals(place))
    headers = (_whole(outer.answer.header(name)) for name in (*_TOTAL_HEADERS, "content-range"))
    counts = (v for v in (*told, *headers) if isinstance(v, int) and not isinstance(v, bool))
    return next((v for v in counts if v >= rows), None)


def _at_totals(place: Mapping[str, Json]) -> Iterator[Json]:
    lower = {name.lower(): value for name, value in place.items()}
    yield from (lower[name] for name in _TOTALS if name in lower)


def _whole(text: str | None) -> int | None:
    """`48`, or the end of `items 0-19/48`."""
    digits = (text or "").rpartition("/")[2].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None  # noqa: PLR2004 - 2^53


def _more(outer: _Outer) -> bool:
    return any(bool(v) for place in _places(outer) for k, v in place.items() if k.lower() in _NEXT)


def _schema_of(answer: Answer, operation: Operation) -> JsonObject:
    status = str(answer.status)
    by_status: Mapping[str, ResponseShape] = {r.status.upper(): r for r in reversed(operation.responses)}
    found = by_status.get(status) or by_status.get(status[0] + "XX") or by_status.get("DEFAULT")
    return found.schema if found else {}
