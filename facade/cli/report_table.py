"""A report of contract tests for people: what went wrong, with the command that shows it, and what was covered."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from facade.cli.terminal import Terminal
from facade.conformance.records import Level, Problem, Report
from facade.conformance.rendering import verdict

_STYLES = {"failed": "bold red", "warned": "yellow", "passed": "green"}
_DISAGREEMENTS = 5


def show_report(terminal: Terminal, report: Report) -> None:
    """Operations with their verdicts, then each problem with its curl, then the summary."""
    plain = terminal.environ.get("NO_COLOR", "") != ""
    console = Console(file=terminal.out, highlight=False, no_color=plain)
    console.print(_operations(report))
    for number, problem in enumerate(report.problems, 1):
        _problem(console, number, problem)
    _rest(console, report)


def _operations(report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("Operation", "Request", "Checks", "Verdict", "Expected", "Seen"):
        table.add_column(name, overflow="fold")
    for operation, request in report.operations.items():
        own = [o for o in report.outcomes if o.operation == operation]
        found = sorted((p for o in own for p in o.problems), key=lambda p: p.level is not Level.FAILURE)
        word = verdict(own)
        first = found[0] if found else None
        cells = (operation, request, str(sum(o.made for o in own)))
        told = (first.expected, first.seen) if first else ("", "")
        table.add_row(*map(Text, cells), Text(word, style=_STYLES[word]), *map(Text, told))
    return table


def _problem(console: Console, number: int, problem: Problem) -> None:
    style = _STYLES["failed" if problem.level is Level.FAILURE else "warned"]
    times = f" ({problem.times} times)" if problem.times > 1 else ""
    console.print(Text(f"{number}. {problem.operation}: {problem.check}{times}", style=style))
    console.print(Text(f"   expected {problem.expected}\n   seen     {problem.seen}"))
    if problem.why and problem.why not in problem.expected:
        console.print(Text(f"   tried    {problem.why}"))
    if problem.curl:
        console.print(Text(f"   {problem.curl}", style="dim"), soft_wrap=True)


def _rest(console: Console, report: Report) -> None:
    if report.skipped:
        console.print(Text(f"Not called: {len(report.skipped)} operations (--json names them)."))
    for line in report.disagreements[:_DISAGREEMENTS]:
        console.print(Text(f"Verdicts differ: {line}", style="yellow"))
    for line in (*report.leftovers, *report.notes):
        console.print(Text(line, style="yellow"))
    if not report.complete:
        console.print(Text("Not everything was tried: the run was stopped, or its time was up.", style="yellow"))
    judged = f"{report.cross_checked} answers cross-checked, {len(report.disagreements)} verdicts differ"
    console.print(
        Text(
            f"{len(report.failures)} failures, {len(report.warnings)} warnings in {len(report.operations)} operations; "
            f"{report.requests} requests, {judged}, {report.seconds:.1f} s, seed {report.seed}."
        )
    )
