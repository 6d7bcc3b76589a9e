"""Lists: query parameters into conditions and an order, pages in one of two envelopes."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from facade.demo.helpdesk import forms
from facade.demo.helpdesk.errors import invalid
from facade.demo.helpdesk.forms import Json
from facade.demo.helpdesk.records import Answer, Ask
from facade.demo.helpdesk.resources import Resource, Shown, show
from facade.demo.helpdesk.store import SqlValue

PER_PAGE = 25
MOST_PER_PAGE = 100
LAST_PAGE = 100_000

Condition: TypeAlias = tuple[str, SqlValue]
Words: TypeAlias = Callable[[str, str], SqlValue]

WHOLE = re.compile(r"-?[0-9]{1,12}")
AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One query parameter that narrows a list.

    `many` is how several values are given: not at all, in one comma-separated value,
    or by repeating the parameter. The condition then gets them as a JSON array.
    """

    name: str
    condition: str
    read: Words
    many: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The sort parameter: its words, each with the columns it stands for; the first is the default.

    With a `direction` parameter the words are bare columns; without one, a word that
    starts with `-` is the same column the other way round.
    """

    name: str
    words: Mapping[str, str]
    direction: str = ""
    default_direction: str = "desc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list and how long the whole of it is."""

    items: Sequence[Shown]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which part of a list is wanted, and in which order (`column ASC`)."""

    page: int = 1
    per_page: int = PER_PAGE
    order: str = "_row ASC"


def words_of(choices: Sequence[str]) -> Words:
    """Read one of a fixed set of words from a query value."""
    read = forms.choice(choices)

    def read_word(name: str, value: str) -> SqlValue:
        return str(read(name, value))

    return read_word


def day_of(name: str, value: str) -> SqlValue:
    """Read a day from a query value."""
    return str(forms.day(name, value))


def text_of(name: str, value: str) -> SqlValue:
    """Read a search text or key from a query value."""
    return str(forms.text(200)(name, value))


def whole_of(low: int, high: int = forms.MAX_WHOLE) -> Callable[[str, str], int]:
    """Read a whole number within bounds from a query value."""

    def read(name: str, value: str) -> int:
        if not WHOLE.fullmatch(value) or not low <= int(value) <= high:
            raise invalid(name, f"Expected a whole number from {low} to {high}.")
        return int(value)

    return read


def cents_of(name: str, value: str) -> SqlValue:
    """Read an amount from a query value into cents."""
    if not AMOUNT.fullmatch(value):
        raise invalid(name, "Expected an amount.")
    return int(str(forms.amount()(name, float(value))))


def flag_of(name: str, value: str) -> SqlValue:
    """Read true or false from a query value."""
    return int(words_of(("true", "false"))(name, value) == "true")


def one(ask: Ask, name: str) -> str | None:
    """The value of a parameter that is given at most once.

    Raises:
        Refusal: 422 when it is repeated.
    """
    values = ask.query.get(name, ())
    if len(values) > 1:
        raise invalid(name, "Give this parameter once.")
    return values[0] if values else None


def conditions_of(ask: Ask, filters: Sequence[Filter]) -> list[Condition]:
    """Turn the given query parameters into conditions; unknown parameters are ignored."""
    return [(filter_.condition, _filter_value(ask, filter_)) for filter_ in filters if filter_.name in ask.query]


def _filter_value(ask: Ask, filter_: Filter) -> SqlValue:
    if filter_.many == "repeat":
        values = ask.query[filter_.name]
    else:
        value = one(ask, filter_.name) or ""
        if not filter_.many:
            return filter_.read(filter_.name, value)
        values = value.split(",")
    return json.dumps([filter_.read(filter_.name, value) for value in values])


def span_of(ask: Ask, order: Order | None) -> Span:
    """Read page, page length and order from the query."""
    return Span(
        page=whole_of(1, LAST_PAGE)("page", one(ask, "page") or "1"),
        per_page=whole_of(1, MOST_PER_PAGE)("per_page", one(ask, "per_page") or str(PER_PAGE)),
        order=_order_of(ask, order) if order else "_row ASC",
    )


def _order_of(ask: Ask, order: Order) -> str:
    word = one(ask, order.name) or next(iter(order.words))
    if order.direction:
        direction = one(ask, order.direction) or order.default_direction
        forms.choice(("asc", "desc"))(order.direction, direction)
        return order_by(order.words, order.name, word, direction)
    bare = word.removeprefix("-")
    return order_by(order.words, order.name, bare, "desc" if word != bare else "asc")


def order_by(words: Mapping[str, str], name: str, word: str, direction: str) -> str:
    """Spell an order in SQL, ties by age so that pages never overlap."""
    forms.choice(tuple(words))(name, word)
    return f"{words[word]} {direction.upper()}, _row {direction.upper()}"


def select_page(ask: Ask, resource: Resource, conditions: Sequence[Condition], span: Span) -> Page:
    """Read one page of the asking account's rows that meet every condition."""
    where = " AND ".join(["_account = ?", *(text for text, _ in conditions)])
    values = (ask.account, *(value for _, value in conditions))
    count = ask.store.row(f"SELECT count(*) AS n FROM {resource.view} WHERE {where}", values)  # noqa: S608 - our own names
    sql = f"SELECT * FROM {resource.view} WHERE {where} ORDER BY {span.order} LIMIT ? OFFSET ?"  # noqa: S608 - our own names
    rows = ask.store.rows(sql, (*values, span.per_page, (span.page - 1) * span.per_page))
    total = count["n"] if count else 0
    return Page(items=[show(row) for row in rows], total=total, page=span.page, per_page=span.per_page)


def flat(page: Page) -> Json:
    """The envelope of most lists."""
    return {
        "items": page.items,
        "total": page.total,
        "page": page.page,
        "per_page": page.per_page,
    }


def with_meta(page: Page) -> Json:
    """The envelope of the lists that were written later, by somebody else."""
    pages = -(-page.total // page.per_page)
    meta = {
        "page": page.page,
        "per_page": page.per_page,
        "total_count": page.total,
        "total_pages": pages,
    }
    return {"data": page.items, "meta": meta}


def listed(ask: Ask, resource: Resource, filters: Sequence[Filter] = (), order: Order | None = None) -> Answer:
    """Answer a plain list request."""
    page = select_page(ask, resource, conditions_of(ask, filters), span_of(ask, order))
    return Answer(body=flat(page))
