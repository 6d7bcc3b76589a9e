"""What the proxy changes, case by case: `python -m bench.fidelity [--check]` plays the raw suite and writes its table.

Every case of `tests/fidelity` is played twice directly and twice through a facade, as a client that we do not know and
as a tenant's, and compared at both ends. The page is `docs/fidelity.md`; with `--check` it is compared, not written.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from tests.fidelity.attacks import ATTACKS
from tests.fidelity.cases import CASES, Case
from tests.fidelity.comparing import ALWAYS, Allowed, Verdict
from tests.fidelity.stage import Who, staged

PAGE = Path(__file__).parents[1] / "docs" / "fidelity.md"
CLIENTS: tuple[Who, ...] = ("nobody", "tenant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of cases: how many, and how they came out."""

    kind: str
    cases: int
    identical: int
    allowed: int
    different: int


async def verdicts() -> dict[tuple[str, str], tuple[Verdict, ...]]:
    """Every case's verdict for each client, by kind and name."""
    found: dict[tuple[str, str], tuple[Verdict, ...]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with staged(Path(folder)) as stage:
            for case in track(CASES, "cases", console=Console(stderr=True), transient=True):
                found[case.kind, case.name] = tuple([await stage.verdict(case, who) for who in CLIENTS])
    return found


def rows(cases: Sequence[Case], found: Mapping[tuple[str, str], tuple[Verdict, ...]]) -> list[Row]:
    """One for each kind, in the order of the cases. A case counts by the worse of its verdicts."""
    kinds = list(dict.fromkeys(case.kind for case in cases))
    return [_row(kind, [found[case.kind, case.name] for case in cases if case.kind == kind]) for kind in kinds]


def _row(kind: str, found: Sequence[tuple[Verdict, ...]]) -> Row:
    different = sum(any(verdict.found for verdict in each) for each in found)
    identical = sum(all(verdict.identical for verdict in each) for each in found)
    allowed = len(found) - different - identical
    return Row(kind=kind, cases=len(found), identical=identical, allowed=allowed, different=different)


def page(found: Mapping[tuple[str, str], tuple[Verdict, ...]]) -> str:
    """The whole page, Markdown."""
    table = rows(CASES, found)
    total = Row(
        kind="**together**",
        cases=sum(row.cases for row in table),
        identical=sum(row.identical for row in table),
        allowed=sum(row.allowed for row in table),
        different=sum(row.different for row in table),
    )
    used = {reason for each in found.values() for verdict in each for reason in verdict.allowed}
    lines = [_HEAD, *(_line(row) for row in (*table, total)), *_allowed(used), *_different(CASES), _ATTACKS]
    return "\n".join(lines) + "\n"


_HEAD = """\
# What the proxy changes

<!-- Written by `python -m bench.fidelity`; the cases are in tests/fidelity. -->

Every case is played with raw sockets at both ends, directly and through a facade that does its whole job (a recognised
tenant, limits, tenant context, journal, observation), as a tenant's client and as one that nobody knows. Compared are
the bytes that the application received and the bytes that the client received: start lines, header fields with their
order, spelling and values, bodies, trailers, interim answers, and what follows a switch of protocols.

*Identical* is a case in which nothing differs but what every passage has (the first two reasons below); *allowed*, one
that also needed another reason of the list; *different*, one whose difference is listed further down.

| kind | cases | identical | allowed | different |
|---|---|---|---|---|"""

_ATTACKS = f"""
## What is refused

{len(ATTACKS)} requests that two servers could read in two ways are refused with one answer and a closed connection, and
none of them reaches the application (`tests/fidelity/attacks.py`). The same requests are sent through nginx and HAProxy
before and behind the facade where these are installed, and through two facades in a row: for each of them there are as
many requests behind as good answers before.

## What it takes

A hundred megabytes up, as many down, a chunk extension of 5 MB and 300,000 chunks of one byte each take less than 24 MB
of memory more at their peak, in a process of their own (`tests/fidelity/test_bounds.py`)."""


def _line(row: Row) -> str:
    return f"| {row.kind} | {row.cases} | {row.identical} | {row.allowed} | {row.different} |"


def _allowed(used: set[Allowed]) -> Iterator[str]:
    yield "\n## What may differ\n"
    for reason in Allowed:
        if reason in used:
            always = " With every passage." if reason in ALWAYS else ""
            yield f"- {reason[0].upper()}{reason[1:]}.{always}"


def _different(cases: Sequence[Case]) -> Iterator[str]:
    yield "\n## What differs, and why\n"
    by_reason: dict[str, list[Case]] = {}
    for case in cases:
        if case.found:
            by_reason.setdefault(case.why, []).append(case)
    for why, several in by_reason.items():
        names = "; ".join(f"`{case.kind}: {case.name}`" for case in several)
        yield f"- {why}  \n  {names}"


def main() -> int:
    """Play, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the page that is there; 1 when it differs")
    given = parser.parse_args()
    found = asyncio.run(verdicts())
    text = page(found)
    print(text)
    unlisted = [case for case in CASES if any(v.found != list(case.found) for v in found[case.kind, case.name])]
    for case in unlisted:
        print(f"not as listed: {case.kind}: {case.name}: {found[case.kind, case.name]}", file=sys.stderr)
    if given.check:
        return int(bool(unlisted) or text != PAGE.read_text())
    PAGE.write_text(text)
    return int(bool(unlisted))


if __name__ == "__main__":
    if failed := main():
        sys.exit(failed)
