"""What an application's faults come to: `python -m bench.resilience [--seconds 60] [REL-UP-06 ...]` prints a table.

A whole facade on the real clock, the fault proxy of `facade.testing.faults` between it and an application. Every row
names its fault, the figure that passes, and what was measured; the exit status tells whether all passed.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from bench import resilience_faults as faults
from bench import resilience_load as load
from bench.resilience_rows import Row

MEASURES: dict[str, Callable[[], Awaitable[list[Row]]]] = {
    "REL-UP-01": faults.unreachable,
    "REL-UP-02": faults.silent,
    "REL-UP-03": faults.cuts,
    "REL-UP-04": faults.broken,
    "REL-UP-05": load.dripped,
    "REL-UP-07": faults.wishes,
    "REL-UP-09": faults.distrusted,
    "REL-UP-11": load.kept_alive,
    "REL-UP-12": load.gone,
    "REL-UP-13": load.outlier,
    "REL-UP-14": load.waited,
    "REL-UP-15": load.crowded,
}
"""Beside these REL-UP-06, whose length is an option. REL-UP-08 is measured with 04; REL-UP-10 is a matter of the
tests, which bring their own name server."""


def shown(rows: list[Row]) -> str:
    """The table, in Markdown."""
    lines = ["| id | fault | passes | measured | |", "|---|---|---|---|---|"]
    lines += [f"| {r.id} | {r.fault} | {r.figure} | {r.measured} | {'✓' if r.passed else '✗'} |" for r in rows]
    return "\n".join(lines)


async def measured(ids: list[str], storm_s: float) -> list[Row]:
    """Every row that was asked for, in the order of the catalogue."""
    measures = {**MEASURES, "REL-UP-06": lambda: load.stormed(storm_s)}
    rows: list[Row] = []
    for name in sorted(ids or measures):
        sys.stderr.write(f"{name} ...\n")
        rows += await measures[name]()
    return rows


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What an application's faults come to.")
    parser.add_argument("--seconds", type=float, default=60, help="how long each storm of REL-UP-06 lasts")
    parser.add_argument("ids", nargs="*", help="which rows, such as REL-UP-06; all by default")
    asked = parser.parse_args()
    rows = asyncio.run(measured(asked.ids, asked.seconds))
    sys.stdout.write(shown(rows) + "\n")
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
