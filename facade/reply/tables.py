"""Records and rows as Markdown: what matters first, no more than a person reads."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from facade.kernel import Json, JsonObject
from facade.reply.phrases import phrase
from facade.reply.records import Manner
from facade.reply.values import Aspect, currency_of, is_moment, is_money, shown
from facade.reply.wording import heading, properties_of, schema_at

MAX_COLUMNS = 7
MAX_ROWS = 20
MAX_FIELDS = 25
CONSIDERED = 200
"""Names of one record that are weighed against each other; what has more is a map, which nobody reads whole."""
CELL_LIMIT = 80
"""Characters of text in a table cell."""
FIELD_LIMIT = 500
"""Characters of text beside a field's name."""

_IDENTITY = re.compile(r"^(?:_?id|uuid|key|code|slug|number|no|ref|reference|sku)$", re.IGNORECASE)
_NAME = re.compile(r"(?:^|_)(?:name|title|subject|summary|label|headline)(?:_line)?$", re.IGNORECASE)
_STATE = re.compile(r"(?:^|_)(?:status|state|stage|priority|severity|type|kind|role)$", re.IGNORECASE)
_STAMP = re.compile(r"(?:created|updated|modified|changed|inserted)", re.IGNORECASE)
_PROSE = re.compile(r"^(?:description|body|notes?|comments?|content|text|html|message|bio|abstract)$", re.IGNORECASE)
_LINK = re.compile(r"(?:^_?links?$|(?:^|_)(?:url|uri|href|avatar|image|icon)$)", re.IGNORECASE)


def table(rows: Sequence[Json], schema: JsonObject, manner: Manner) -> str:
    """The first rows as a table of their most telling columns; rows that are no objects become a list."""
    first = rows[:MAX_ROWS]
    records = [r for r in first if isinstance(r, Mapping)]
    if len(records) < len(first):
        aspect = Aspect(name="", schema=schema, limit=FIELD_LIMIT)
        return "\n".join(f"- {shown(r, aspect, manner) or '-'}" for r in first)
    schemas = properties_of(schema)
    columns = columns_of(records, schemas)
    header = [heading(c, schemas.get(c)) for c in columns]
    lines = [_line(header), _line(["---"] * len(columns))]
    lines += (_line([_cell(r, c, schemas, manner) for c in columns]) for r in records)
    return "\n".join(lines)


def columns_of(
    records: Sequence[Mapping[str, Json]], schemas: Mapping[str, Json], limit: int = MAX_COLUMNS
) -> list[str]:
    """At most `limit` names: ids and names, states, amounts, moments, the rest; empty ones never."""
    names = dict.fromkeys((*schemas, *(name for r in records for name in islice(r, CONSIDERED))))
    filled = (name for name in names if any(not _empty(r.get(name)) for r in records))
    ranked = sorted(islice(filled, CONSIDERED), key=lambda name: _rank(name, records))
    return ranked[:limit] or ["-"]


def fields(record: Mapping[str, Json], schema: JsonObject, manner: Manner, limit: int = MAX_FIELDS) -> str:
    """One record as a list of names and values, most telling first; lists of records as tables below it."""
    schemas = properties_of(schema)
    names = [n for n in record if not _empty(record[n])]
    tables = [n for n in names[:CONSIDERED] if is_table(record[n])]
    ranked = sorted((n for n in names[:CONSIDERED] if n not in tables), key=lambda n: _rank(n, [record]))
    lines = [f"- **{heading(n, schemas.get(n))}**: {_field(record, n, schemas, manner)}" for n in ranked[:limit]]
    hidden = len(names) - len(tables) - len(lines)
    if hidden:
        lines.append("- " + phrase("more_fields", manner.language, count=hidden))
    return "\n\n".join(("\n".join(lines), *_tables(record, tables, schemas, manner))).strip()


def _tables(record: Mapping[str, Json], names: Sequence[str], schemas: Mapping[str, Json], manner: Manner) -> list[str]:
    shown_tables: list[str] = []
    for name in names[:2]:
        rows = record[name]
        items = schema_at(schema_at({name: schemas.get(name)}, name), "items")
        title = f"**{heading(name, schemas.get(name))}**"
        body = table(rows if isinstance(rows, Sequence) else (), items, manner)
        shown_tables += (f"{title}\n\n{body}", *_rest(rows, manner))
    return shown_tables


def _rest(rows: Json, manner: Manner) -> list[str]:
    hidden = len(rows) - MAX_ROWS if isinstance(rows, Sequence) else 0
    return [phrase("and_more", manner.language, count=hidden)] if hidden > 0 else []


def _rank(name: str, records: Sequence[Mapping[str, Json]]) -> int:
    sample = next((r[name] for r in records if not _empty(r.get(name))), None)
    checks = (
        bool(_IDENTITY.search(name)),
        bool(_NAME.search(name)) or (isinstance(sample, Mapping) and bool(_NAME.search(name))),
        bool(_STATE.search(name)),
        is_money(name),
        is_moment(sample) and not _STAMP.search(name),
        isinstance(sample, Mapping) and not _LINK.search(name),
        isinstance(sample, int | float | str) and not _dull(name, sample),
        isinstance(sample, list) and not _LINK.search(name),
        is_moment(sample),
        isinstance(sample, bool) or name.lower().endswith("_id"),
    )
    return checks.index(True) if True in checks else len(checks)


def _dull(name: str, sample: Json) -> bool:
    patterns = (_STAMP, _PROSE, _LINK)
    return isinstance(sample, bool) or name.lower().endswith("_id") or any(p.search(name) for p in patterns)


def _empty(value: Json) -> bool:
    return value is None or value == "" or (isinstance(value, Mapping | list | tuple) and not value)


def is_table(value: Json) -> bool:
    """True for a list of records, which is shown as a table of its own."""
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _cell(record: Mapping[str, Json], name: str, schemas: Mapping[str, Json], manner: Manner) -> str:
    return _value(record, name, schemas, manner, CELL_LIMIT)


def _field(record: Mapping[str, Json], name: str, schemas: Mapping[str, Json], manner: Manner) -> str:
    return _value(record, name, schemas, manner, FIELD_LIMIT)


def _value(record: Mapping[str, Json], name: str, schemas: Mapping[str, Json], manner: Manner, limit: int) -> str:
    aspect = Aspect(name=name, schema=schema_at(schemas, name), limit=limit, currency=currency_of(record))
    return shown(record.get(name), aspect, manner)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
