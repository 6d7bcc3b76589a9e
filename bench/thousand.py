"""A thousand operations: how long until they can be served, how much they hold, how fast words are planned over them.

`python -m bench.thousand [--operations N] [--json FILE]`. The description is made by `facade.testing.synthetic`, the
same on every run. Start is the wall time of `facade serve` until its ready line; planning is measured inside one
process, on requests made from the operations' own titles and ids of the right form.
"""

import argparse
import asyncio
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

from facade.cli.processes import running
from facade.contract import Contract, ContractSettings, compile_contract, parse
from facade.kernel import Location, Micros, Operation, OperationKey
from facade.plan import Plan, Question, Refusal, Request, index_of, understand
from facade.testing.synthetic import synthetic_document

NOW = Micros(1_795_000_000_000_000)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Seconds, mebibytes of the measuring process, milliseconds, and the share of requests planned as meant."""

    operations: int
    serve_ready_s: float
    parse_s: float
    compile_s: float
    index_s: float
    rss_mib: int
    plan_p50_ms: float
    plan_p99_ms: float
    planned_as_meant: float


def measured(operations: int, requests: int) -> Figures:
    """One run."""
    raw = json.dumps(synthetic_document(operations)).encode()
    serving = asyncio.run(_served(raw))
    document, parsing = _timed(lambda: parse(raw, place="synthetic"))
    contract, compiling = _timed(lambda: compile_contract(document, api="main", settings=ContractSettings()))
    index, indexing = _timed(lambda: index_of(contract.operations.values()))
    asked = _requests(contract, requests)
    took, right = [], 0
    for operation, words in track(asked, description="planning", console=Console(stderr=True), transient=True):
        understanding, seconds = _timed(lambda w=words: understand(Request(words=w, now=NOW), index))
        took.append(1000 * seconds)
        right += _about(understanding.decision) == operation.key
    ranks = statistics.quantiles(took, n=100)
    return Figures(
        operations=len(contract.operations),
        serve_ready_s=round(serving, 2),
        parse_s=round(parsing, 2),
        compile_s=round(compiling, 2),
        index_s=round(indexing, 2),
        rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        plan_p50_ms=round(ranks[49], 2),
        plan_p99_ms=round(ranks[98], 2),
        planned_as_meant=round(right / len(asked), 3),
    )


def _about(decision: Plan | Question | Refusal) -> OperationKey | None:
    """The operation that is planned, or asked about: the words name what to create or change, and no values for it."""
    if isinstance(decision, Plan):
        return decision.steps[0].operation
    return decision.draft.operation if isinstance(decision, Question) and decision.draft else None


def _requests(contract: Contract, count: int) -> list[tuple[Operation, str]]:
    every = list(contract.operations.values())
    step = max(1, len(every) // count)
    return [(operation, _words(operation)) for operation in every[::step]][:count]


def _words(operation: Operation) -> str:
    needed = [p for p in operation.parameters if p.required and p.location is Location.PATH]
    return " ".join([operation.title, *(f"{p.name.replace('_', ' ')} {4000 + n}" for n, p in enumerate(needed))])


async def _served(raw: bytes) -> float:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "openapi.json").write_bytes(raw)
        (folder / "facade.yaml").write_text(
            "version: 1\nlisten: {port: 0}\n"
            "apis: {main: {spec: openapi.json, upstream: 'http://127.0.0.1:9'}}\n"
            "identity: {saas: {headers: [X-Key], mapping: [{credential: k, tenant: t, user: u}]}}\n"
            "tiers: {only: {}}\ntenants: {t: {tier: only}}\n"
        )
        started = time.perf_counter()
        with (folder / "log").open("wb") as log:
            async with running("facade", "serve", "-c", str(folder / "facade.yaml"), stderr=log):
                return time.perf_counter() - started


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def show(figures: Figures) -> None:
    """The figures as a table."""
    table = Table("figure", "value")
    for name, value in asdict(figures).items():
        table.add_row(name, str(value))
    Console().print(table)


def main(argv: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.thousand", description=__doc__)
    parser.add_argument("--operations", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args(argv)
    figures = measured(args.operations, args.requests)
    show(figures)
    if args.json:
        args.json.write_text(json.dumps(asdict(figures), indent=1) + "\n")


if __name__ == "__main__":
    main()
