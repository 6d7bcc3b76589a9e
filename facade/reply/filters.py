"""The filters that a call used, in words: the reader sees what was looked for and not only what was found."""

import re
from collections.abc import Mapping

from facade.kernel import Arguments, Json, Location, Operation
from facade.reply.phrases import phrase
from facade.reply.records import Manner
from facade.reply.values import Aspect, shown
from facade.reply.wording import plain_name

VALUE_LIMIT = 80
"""Characters of a filter's value that are shown."""

_SILENT = frozenset(
    {
        *("page", "per_page", "perpage", "page_size", "pagesize", "limit", "offset", "cursor", "skip", "top", "take"),
        *("fields", "select", "expand", "include", "embed", "format", "page_token", "pagetoken", "count", "size"),
        *("order", "direction", "dir", "sort_order", "sort_dir"),
    }
)
_SORTS = frozenset(["sort", "sort_by", "sortby", "order_by", "orderby", "ordering"])
_SEARCHES = frozenset(["q", "query", "search", "text", "term", "keyword", "keywords", "filter", "search_term"])

_COMPARISONS = (
    (re.compile(r"^(?:min|minimum)_(.+)$|^(.+?)_(?:min|minimum|gte)$|^(.+)__gte$"), "at_least"),
    (re.compile(r"^(?:max|maximum)_(.+)$|^(.+?)_(?:max|maximum|lte)$|^(.+)__lte$"), "at_most"),
    (re.compile(r"^(?:over|above)_(.+)$|^(.+?)_gt$|^(.+)__gt$"), "above"),
    (re.compile(r"^(?:under|below)_(.+)$|^(.+?)_lt$|^(.+)__lt$"), "below"),
    (re.compile(r"^(?:from|since)_(.+)$|^(.+?)_(?:from|since|after)$|^(.+)__after$"), "from"),
    (re.compile(r"^(?:to|until)_(.+)$|^(.+?)_(?:to|until|before)$|^(.+)__before$"), "until"),
    (re.compile(r"^(?:not|exclude)_(.+)$|^(.+?)_(?:not|ne)$|^(.+)__(?:not|ne)$"), "not"),
)


def filters_of(arguments: Arguments, operation: Operation, manner: Manner) -> str:
    """` where status is open and customer is 7, sorted by due on`; '' without filters.

    Path values count only where they do not name the one record that is asked for; body fields only in reads, whose
    body is a query.
    """
    schemas = {(p.location, p.name): p.schema for p in operation.parameters}
    conditions: list[str] = []
    sorts: list[str] = []
    for location, name, value in _given(arguments):
        bare = name.strip("_$").lower()
        if value is None or bare in _SILENT:
            continue
        aspect = Aspect(name=name, schema=schemas.get((location, name), {}), limit=VALUE_LIMIT)
        text = shown(value, aspect, manner)
        if bare in _SORTS:
            sorts.append(_sorted(text, manner))
        else:
            conditions.append(_condition(name, bare, text, manner))
    where = phrase("where", manner.language, conditions=phrase("and", manner.language).join(conditions))
    order = phrase("sorted", manner.language, value=", ".join(sorts))
    return (where if conditions else "") + (order if sorts else "")


def _sorted(text: str, manner: Manner) -> str:
    """`-due_on` is a custom of many APIs for the other direction."""
    name = plain_name(text.lstrip("\\-+"))
    return phrase("descending", manner.language, name=name) if text.lstrip("\\").startswith("-") else name


def _given(arguments: Arguments) -> list[tuple[Location, str, Json]]:
    body = arguments.body if isinstance(arguments.body, Mapping) else {}
    places = ((Location.PATH, arguments.path), (Location.QUERY, arguments.query), (Location.BODY, body))
    return [(location, name, value) for location, values in places for name, value in values.items()]


def _condition(name: str, bare: str, text: str, manner: Manner) -> str:
    if bare in _SEARCHES:
        return phrase("matching", manner.language, value=f"“{text}”")
    for pattern, key in _COMPARISONS:
        match = pattern.match(bare)
        if match:
            rest = next(group for group in match.groups() if group)
            return phrase(key, manner.language, name=plain_name(rest), value=text)
    return phrase("is", manner.language, name=plain_name(name), value=text)
