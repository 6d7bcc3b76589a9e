"""Rows for people: a drawn table on a terminal, tab-separated lines in a pipe."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from facade.cli.terminal import Terminal


def show_table(terminal: Terminal, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows under their column names; in a pipe the first line holds the names, lower case."""
    if terminal.interactive:
        _draw(terminal, columns, rows)
        return
    terminal.say("\t".join(columns))
    for row in rows:
        terminal.say("\t".join(" ".join(cell.split()) for cell in row))


def _draw(terminal: Terminal, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    colour = terminal.environ.get("NO_COLOR", "") == ""
    Console(file=terminal.out, highlight=False, no_color=not colour).print(table)
