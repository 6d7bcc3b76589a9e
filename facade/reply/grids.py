"""Rows as data: what a program sorts, counts and draws, beside the Markdown that a person reads.

The same columns in the same order as the Markdown table, and more of both. Values are the application's own scalars;
texts are cleaned of what nobody sees and cut, and never escaped: whoever shows them does so as plain text.
"""

from collections.abc import Mapping, Sequence

from facade.kernel import Json, JsonObject
from facade.reply.inert import clean
from facade.reply.phrases import phrase
from facade.reply.records import Column, Grid, Manner
from facade.reply.shapes import Record, Rows, Shape
from facade.reply.tables import CONSIDERED, columns_of, is_table
from facade.reply.values import currency_of, is_day, is_minor, is_moment, is_money, is_number, label_of
from facade.reply.wording import properties_of, schema_at, title_of

MAX_ROWS = 300
MAX_COLUMNS = 12
CELL_LIMIT = 200
"""Characters of a text."""
_EXACT = 2**53 - 1
"""Source: RFC 8259, section 6."""
_GRIDS = 2
"""Lists inside one record that become grids, as many as `tables.fields` shows."""


def grids_of(shape: Shape, manner: Manner, title: str = "") -> tuple[Grid, ...]:
    """The tables of an answer, in the order in which the Markdown shows them."""
    if isinstance(shape, Rows):
        return _listed(title, shape, manner)
    if not isinstance(shape, Record):
        return ()
    schemas = properties_of(shape.schema)
    names = [n for n in list(shape.fields)[:CONSIDERED] if is_table(shape.fields[n])][:_GRIDS]
    return tuple(grid for name in names for grid in _inner(name, shape.fields[name], schemas, manner))


def _inner(name: str, rows: Json, schemas: Mapping[str, Json], manner: Manner) -> tuple[Grid, ...]:
    items = schema_at(schema_at(schemas, name), "items")
    listed = Rows(rows=rows if isinstance(rows, list | tuple) else (), total=None, more=False, schema=items)
    return _listed(title_of(name, schemas.get(name)), listed, manner)


def _listed(title: str, shape: Rows, manner: Manner) -> tuple[Grid, ...]:
    records = [row for row in shape.rows[:MAX_ROWS] if isinstance(row, Mapping)]
    if not records or len(records) < len(shape.rows[:MAX_ROWS]):
        return ()
    names = columns_of(records, properties_of(shape.schema), MAX_COLUMNS)
    columns = tuple(_column(name, records, shape.schema) for name in names)
    rows = tuple(tuple(_cell(record.get(name), manner) for name in names) for record in records)
    more = shape.more or (shape.total or len(shape.rows)) > len(rows)
    return (Grid(title=clean(title), columns=columns, rows=rows, total=shape.total, more=more),)


def _column(name: str, records: Sequence[Mapping[str, Json]], schema: JsonObject) -> Column:
    values = [v for r in records if (v := r.get(name)) is not None]
    kind = _kind(name, values)
    currencies = {currency_of(r) for r in records} if kind == "money" else set()
    currency = currencies.pop() if len(currencies) == 1 else ""
    title = title_of(name, properties_of(schema).get(name))
    return Column(name=name, title=title, kind=kind, currency=currency, minor=bool(currency) and is_minor(name))


def _kind(name: str, values: Sequence[Json]) -> str:
    """What all of a column's values are; `text` where they differ."""
    money = is_money(name)
    checks = {
        "boolean": lambda v: isinstance(v, bool),
        "money": lambda v: money and (_is_figure(v) or is_number(v)),
        "number": _is_figure,
        "date": is_day,
        "moment": is_moment,
    }
    return next((kind for kind, check in checks.items() if values and all(map(check, values))), "text")


def _is_figure(value: Json) -> bool:
    """A number that every reader of JSON takes for the same one; a longer one names something and is told as text."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _EXACT


def _cell(value: Json, manner: Manner) -> Json:
    """A scalar as it is; a record by its name; a list by what is in it."""
    if value is None or isinstance(value, bool) or _is_figure(value):
        return value
    if isinstance(value, Mapping):
        label = label_of(value)
        return _cut(str(label)) if label is not None else _counted(len(value), manner)
    return _listed_cell(value, manner) if isinstance(value, list | tuple) else _cut(str(value))


def _listed_cell(values: Sequence[Json], manner: Manner) -> str:
    named = [label_of(v) if isinstance(v, Mapping) else v for v in values[:CONSIDERED]]
    if any(v is None or isinstance(v, list | tuple) for v in named):
        return _counted(len(values), manner)
    return _cut(", ".join(str(v) for v in named))


def _counted(count: int, manner: Manner) -> str:
    return phrase("items", manner.language, count=count) if count else ""


def _cut(text: str) -> str:
    seen = clean(text[: CELL_LIMIT * 4])
    return seen if len(seen) <= CELL_LIMIT else seen[:CELL_LIMIT].rstrip() + "…"
