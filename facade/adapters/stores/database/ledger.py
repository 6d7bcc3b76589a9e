"""The ledger in a database: what the journal is drained into, and what usage is read from."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import RowMapping, Select, case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement, FromClause

from facade import meter
from facade.adapters.stores.database.bulk import add_new
from facade.adapters.stores.database.dialect import insert_new
from facade.adapters.stores.database.engine import Database
from facade.adapters.stores.database.tables import attempts, decisions
from facade.kernel import Counted, Entrance, Micros
from facade.meter import Decision, Intent, LedgerRecord, Settle, UsageKey, UsageRow

_PLAIN = (
    "id", "spend", "attempt", "tenant", "user", "api", "what", "method", "wire",
    "price_list", "plan", "approval", "request_id", "at",
)  # fmt: skip
_DECIDED = ("id", "tenant", "user", "api", "what", "outcome", "request_id", "at")
_INTENT = (*_PLAIN[1:], "entrance", "day", *Counted)
_SETTLE = ("outcome", "status", "settled_at")
_ENDS = ("attempts", "ok", "failed", "unknown", "refused")
_SUMS = (*_ENDS, *Counted)

_Row: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Records as rows.

    Attributes:
        whole: attempts whose intent and settlement came together, as nearly all do.
    """

    whole: Sequence[_Row]
    intents: Sequence[_Row]
    settles: Sequence[_Row]
    decisions: Sequence[_Row]


class DatabaseLedger:
    """`Ledger` over two tables: an attempt with its settlement in one row, and decisions.

    Records come in any order and any number of times; the first of its kind and id is kept, so that a journal may be
    delivered again from any point.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def deliver(self, records: Sequence[LedgerRecord]) -> None:
        """Take records over in one transaction.

        Raises:
            LedgerUnavailable: none of them was kept.
        """
        rows = await asyncio.to_thread(_rows_of, records)
        async with self._database.writing() as connection:
            await _add_whole(connection, rows.whole)
            await _add_intents(connection, rows.intents)
            await _add_settles(connection, rows.settles)
            await add_new(connection, decisions, rows.decisions)

    async def usage(
        self, *, by: Sequence[str], since: Micros | None, until: Micros | None, tenant: str | None
    ) -> tuple[UsageRow, ...]:
        """Usage grouped by any of `meter.GROUPS`; ordered by its key.

        Raises:
            InvalidRequest: an unknown group.
            LedgerUnavailable: the store is down.
        """
        meter.check_groups(by)
        lines = union_all(
            *(_between(part, source, since, until, tenant) for part, source in ((_attempt_lines(), attempts),
                                                                                (_decision_lines(), decisions)))
        ).subquery()  # fmt: skip
        groups = [lines.c[group] for group in by]
        sums = [func.sum(lines.c[name]).label(name) for name in _SUMS]
        # A sum over nothing is one row of NULLs, so that grouping by nothing counts its lines to tell.
        query = select(*groups, *sums).group_by(*groups).order_by(*groups).having(func.count() > 0)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(_usage_row(row, by) for row in rows)

    async def charged(self, *, since: Micros) -> Mapping[str, Mapping[Counted, int]]:
        """Units charged per tenant since a moment.

        Raises:
            LedgerUnavailable: the store is down.
        """
        lines = union_all(
            *(select(t.c.tenant, *(t.c[counted] for counted in Counted)).where(t.c.at >= since)
              for t in (attempts, decisions))
        ).subquery()  # fmt: skip
        query = select(lines.c.tenant, *(func.sum(lines.c[counted]) for counted in Counted)).group_by(lines.c.tenant)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        totals = {tenant: dict(zip(Counted, sums, strict=True)) for tenant, *sums in rows}
        used = {tenant: {counted: n for counted, n in units.items() if n} for tenant, units in totals.items()}
        return {tenant: units for tenant, units in used.items() if units}

    async def unsettled(self) -> tuple[Intent, ...]:
        """Attempts without a settlement, oldest first.

        Raises:
            LedgerUnavailable: the store is down.
        """
        opened = select(attempts).where(attempts.c.outcome.is_(None), attempts.c.spend.is_not(None))
        async with self._database.reading() as connection:
            rows = (await connection.execute(opened.order_by(attempts.c.at, attempts.c.id))).mappings().all()
        return tuple(map(_intent_of, rows))


async def _add_whole(connection: AsyncConnection, rows: Sequence[_Row]) -> None:
    """Attempts of which nothing is known yet take one insertion; when any is, all go the way that tells."""
    if await add_new(connection, attempts, rows) < len(rows):
        await _add_intents(connection, [{name: row[name] for name in ("id", *_INTENT)} for row in rows])
        await _add_settles(connection, [{name: row[name] for name in ("id", *_SETTLE)} for row in rows])


async def _add_intents(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """A row that only a settlement made is completed; one that has its intent stays."""
    statement = insert_new(attempts)
    completed = {name: statement.excluded[name] for name in _INTENT}
    if rows:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=completed, where=attempts.c.spend.is_(None)),
            rows,
        )


async def _add_settles(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """The first settlement stays; one that comes before its intent makes the row."""
    statement = insert_new(attempts)
    settled = {name: statement.excluded[name] for name in _SETTLE}
    if rows:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=settled, where=attempts.c.outcome.is_(None)),
            rows,
        )


def _rows_of(records: Sequence[LedgerRecord]) -> _Rows:
    """Runs in a thread. The first of each kind and id counts, here as in the tables."""
    intents: dict[str, _Row] = {}
    settles: dict[str, _Row] = {}
    for record in records:
        if isinstance(record, Intent):
            intents.setdefault(record.id, _intent_row(record))
        elif isinstance(record, Settle):
            settles.setdefault(record.id, _settle_row(record))
    both = intents.keys() & settles.keys()
    return _Rows(
        whole=[intents[id] | settles[id] for id in intents if id in both],
        intents=[row for id, row in intents.items() if id not in both],
        settles=[row for id, row in settles.items() if id not in both],
        decisions=[_decision_row(record) for record in records if isinstance(record, Decision)],
    )


def _intent_row(record: Intent) -> _Row:
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        **_charged_of(record.units),
        "entrance": record.entrance.value,
        "day": meter.day_number(record.at),
    }


def _settle_row(record: Settle) -> _Row:
    return {"id": record.id, "outcome": record.outcome, "status": record.status, "settled_at": record.at}


def _decision_row(record: Decision) -> _Row:
    return {
        **{name: getattr(record, name) for name in _DECIDED},
        **_charged_of(record.units),
        "entrance": record.entrance.value,
        "day": meter.day_number(record.at),
    }


def _charged_of(units: Mapping[Counted, int]) -> dict[str, int]:
    return {counted.value: units.get(counted, 0) for counted in Counted}


def _intent_of(row: RowMapping) -> Intent:
    return Intent(
        **{name: row[name] for name in _PLAIN},
        entrance=Entrance(row["entrance"]),
        units={counted: row[counted] for counted in Counted if row[counted]},
    )


def _attempt_lines() -> Select[Any]:
    """Each attempt as a line of ones and zeros, in the order of `_ENDS`."""
    outcome = func.coalesce(attempts.c.outcome, meter.UNKNOWN)
    failed = outcome.not_in((meter.OK, meter.UNKNOWN))
    wire = attempts.c.wire
    return _lines(
        attempts,
        (_one(wire), _one(wire & (outcome == meter.OK)), _one(wire & failed), _one(wire & (outcome == meter.UNKNOWN)),
         literal(0)),
    ).where(attempts.c.spend.is_not(None))  # fmt: skip


def _decision_lines() -> Select[Any]:
    zero = literal(0)
    return _lines(decisions, (zero, zero, zero, zero, _one(decisions.c.outcome.not_in(meter.CONSENTS))))


def _lines(source: FromClause, ends: Sequence[ColumnElement[int]]) -> Select[Any]:
    named = [end.label(name) for end, name in zip(ends, _ENDS, strict=True)]
    keys = (source.c.tenant, source.c.what.label("operation"), source.c.day, source.c.entrance)
    return select(*keys, *named, *(source.c[counted.value] for counted in Counted))


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _between(
    lines: Select[Any],
    source: FromClause,
    since: Micros | None,
    until: Micros | None,
    tenant: str | None,
) -> Select[Any]:
    bounds = [
        None if since is None else source.c.at >= since,
        None if until is None else source.c.at < until,
        None if tenant is None else source.c.tenant == tenant,
    ]
    return lines.where(*(bound for bound in bounds if bound is not None))


def _usage_row(row: RowMapping, by: Sequence[str]) -> UsageRow:
    named = {group: row[group] for group in by}
    if "day" in named:
        named["day"] = meter.day_text(named["day"])
    return meter.row_of(UsageKey(**named), [row[name] for name in _SUMS])
