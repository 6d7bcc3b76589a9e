"""`facade eval`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from facade.adapters.clock import SystemClock
from facade.cli.catalogue import contract_at
from facade.cli.moments import moment_of
from facade.cli.terminal import Terminal
from facade.contract import ContractSettings, Override
from facade.kernel import DescriptionInvalid, InvalidRequest, Json, Micros, Operation, OperationKey
from facade.plan import Request, index_of, understand
from facade.plan.evaluate import failure, prediction
from facade.plan.index import Index


def command(
    ctx: typer.Context,
    cases: Annotated[Path, typer.Argument(help="Cases, one JSON object a line.", metavar="CASES.jsonl")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where predictions go.", metavar="PRED.jsonl")],
) -> None:
    """Play a file of cases against the embedded planner and write one prediction a line.

    A case names `id`, `utterance`, `spec` (relative to the file), and may name `now`. Each description is loaded
    once. There is no tenant, no approval and no network. A case that cannot be played becomes a refusal, told on
    standard error, and the run goes on.

    \b
    Example:
      facade eval cases.jsonl --out predictions.jsonl
    """
    terminal: Terminal = ctx.obj
    rows = list(_cases(cases))
    player = _Player(cases.resolve().parent)
    with _opened(out) as sink:
        for row in track(rows, "playing", console=Console(file=terminal.err), disable=not terminal.err.isatty()):
            sink.write(json.dumps(player.played(row, terminal), ensure_ascii=False) + "\n")
    terminal.note(f"{len(rows)} cases, {player.failed} could not be played; predictions in {out}")


def _opened(out: Path) -> Any:
    try:
        return out.open("w", encoding="utf-8")
    except OSError as error:
        raise InvalidRequest(f"{out}: cannot be written: {error.strerror}.") from None


def _cases(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InvalidRequest(f"{path}: cannot be read as UTF-8 text; name a file of cases.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _case(line, f"{path}:{number}")


def _case(line: str, place: str) -> Mapping[str, Any]:
    try:
        case = json.loads(line)
    except ValueError:
        raise InvalidRequest(f"{place}: is no JSON; each line is one case.") from None
    if not isinstance(case, dict) or not isinstance(case.get("id"), str):
        raise InvalidRequest(f"{place}: a case is an object with an `id`.")
    return case


_WORDS_ALONE = ContractSettings(others=Override(allow=True))
"""Cases are about words: what a rule keeps from agents until its provider allows it takes part here."""

_Described = tuple[Index, Mapping[OperationKey, Operation]]


def _described(locator: str) -> _Described | DescriptionInvalid:
    try:
        contract = contract_at(locator, settings=_WORDS_ALONE)
    except DescriptionInvalid as error:
        return error
    operations = {o.key: o for o in contract.operations.values()}
    return index_of(operations.values()), operations


class _Player:
    """Loads each description once and plays cases against it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._clock = SystemClock()
        self._loaded: dict[str, _Described | DescriptionInvalid] = {}
        self.failed = 0

    def played(self, case: Mapping[str, Any], terminal: Terminal) -> Mapping[str, Json]:
        """The case's prediction, whatever happens: one broken case must not cost the others."""
        began = self._clock.monotonic()
        try:
            return self._prediction(case)
        except Exception as error:  # noqa: BLE001 - a case that breaks the planner is a finding, not the end
            self.failed += 1
            terminal.note(f"{case['id']}: {type(error).__name__}: {' '.join(str(error).split())}")
            return failure(case["id"], ms=(self._clock.monotonic() - began) / 1000)

    def _prediction(self, case: Mapping[str, Any]) -> Mapping[str, Json]:
        index, operations = self._described(str(case["spec"]))
        request = Request(words=str(case["utterance"]), now=self._now(case))
        began = self._clock.monotonic()
        understanding = understand(request, index)
        ms = (self._clock.monotonic() - began) / 1000
        return prediction(case["id"], understanding, operations, ms=ms)

    def _described(self, spec: str) -> _Described:
        if spec not in self._loaded:
            self._loaded[spec] = _described(str(self._folder / spec))
        found = self._loaded[spec]
        if isinstance(found, DescriptionInvalid):
            raise found
        return found

    def _now(self, case: Mapping[str, Any]) -> Micros:
        written = case.get("now")
        return moment_of(str(written)) if written else self._clock.now()
