"""Rows for people: a drawn table on a terminal, tab-separated lines in a pipe."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from facade.cli.terminal import Terminal


def show_table(
    terminal: Terminal,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    counts: Sequence[str] = (),
    empty: str = "",
) -> None:
    """Write rows under their column names; in a pipe the first line holds the names, lower case.

    Args:
        counts: columns of numbers. People see them right-aligned and whole, and do not see those that are 0 throughout.
        empty: what people are told in place of a table without rows.
    """
    found = list(rows)
    if terminal.interactive and empty and not found:
        terminal.say(empty)
        return
    if terminal.interactive:
        _draw(terminal, columns, found, counts)
        return
    terminal.say("\t".join(columns))
    for row in found:
        terminal.say("\t".join(" ".join(cell.split()) for cell in row))


def _draw(terminal: Terminal, columns: Sequence[str], rows: Sequence[Sequence[str]], counts: Sequence[str]) -> None:
    shown = [n for n, name in enumerate(columns) if name not in counts or any(row[n] != "0" for row in rows)]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for n in shown:
        number = columns[n] in counts
        table.add_column(columns[n], overflow="fold", no_wrap=number, justify="right" if number else "left")
    for row in rows:
        table.add_row(*(Text(row[n]) for n in shown))
    colour = terminal.environ.get("NO_COLOR", "") == ""
    Console(file=terminal.out, highlight=False, no_color=not colour).print(table)
