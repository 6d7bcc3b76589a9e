"""`facade usage`."""

import asyncio
import csv
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from facade.adapters.stores import open_stores
from facade.cli.moments import moment_of
from facade.cli.options import DEFAULT_FILE, AsJson, SettingsFile
from facade.cli.tables import show_table
from facade.cli.terminal import Terminal
from facade.config import Settings, read
from facade.kernel import InvalidRequest, Micros
from facade.meter import UsageRow

_COUNTS = ("requests", "calls", "writes", "turns", "attempts", "ok", "failed", "unknown", "refused")


class Grouping(StrEnum):
    """What rows can be grouped by."""

    TENANT = "tenant"
    OPERATION = "operation"
    DAY = "day"
    ENTRANCE = "entrance"


def command(
    ctx: typer.Context,
    *,
    config: SettingsFile = DEFAULT_FILE,
    by: Annotated[list[Grouping], typer.Option("--by", help="Group by this; may be given several times.")] = [  # noqa: B006 - typer reads it, nobody writes it
        Grouping.TENANT,
        Grouping.OPERATION,
        Grouping.DAY,
    ],
    since: Annotated[str | None, typer.Option(help="First moment, ISO 8601, UTC unless it says otherwise.")] = None,
    until: Annotated[str | None, typer.Option(help="First moment no longer counted.")] = None,
    tenant: Annotated[str | None, typer.Option(help="This tenant alone.")] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show what was used: what limits count (requests, calls, writes, turns), and attempts by how they ended.

    An attempt without an answer on record stays `unknown`. What a running facade has not yet delivered from its journal
    is missing; it delivers within seconds.

    \b
    Examples:
      facade usage --by tenant --by day --since 2026-03-01
      facade usage --tenant acme --csv > acme.csv
    """
    terminal: Terminal = ctx.obj
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other.")
    groups = tuple(dict.fromkeys(group.value for group in by))
    settings = read(config, environ=terminal.environ)
    rows = _usage(settings, groups, (_moment(since), _moment(until)), tenant)
    columns = (*groups, *_COUNTS)
    used = [row for row in rows if any(getattr(row, count) for count in _COUNTS)]  # consents are records, and no use
    cells = [_cells(row, groups) for row in used]
    if as_json:
        terminal.show_json([dict(zip(columns, row, strict=True)) for row in cells])
    elif as_csv:
        csv.writer(terminal.out, lineterminator="\n").writerows([columns, *cells])
    else:
        told = [[str(cell) for cell in row] for row in cells]
        show_table(terminal, columns, told, counts=_COUNTS, empty="Nothing was used.")


def _moment(text: str | None) -> Micros | None:
    return None if text is None else moment_of(text)


def _usage(
    settings: Settings, by: Sequence[str], window: tuple[Micros | None, Micros | None], tenant: str | None
) -> Sequence[UsageRow]:
    address = settings.ledger.database
    path = address.partition(":///")[2]
    if not path:
        raise InvalidRequest(f"The ledger is {address!r}, which lives in its process; ask that one.")
    return asyncio.run(_asked(address, by, window, tenant)) if Path(path).exists() else ()


async def _asked(
    address: str, by: Sequence[str], window: tuple[Micros | None, Micros | None], tenant: str | None
) -> Sequence[UsageRow]:
    async with open_stores(address) as stores:
        return await stores.ledger.usage(by=by, since=window[0], until=window[1], tenant=tenant)


def _cells(row: UsageRow, groups: Sequence[str]) -> list[str | int]:
    return [*(getattr(row.key, group) for group in groups), *(getattr(row, count) for count in _COUNTS)]
