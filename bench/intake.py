"""Descriptions as they are: what agents get of each, what was found in it, and what reading it costs.

`python -m bench.intake [NAME=]PATH ...` reads descriptions (JSON or YAML, gzip too), the demo's and a synthetic one of
18 MB and 1,675 operations after them, and prints a Markdown table. Each is read in a process of its own, by us and by
openapi-core; seconds are of parsing and compiling, memory is the peak of that process, interpreter and libraries
included.
"""

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from facade.contract import ContractSettings, compile_contract, parse
from facade.kernel import DescriptionInvalid, JsonObject
from facade.testing.synthetic import synthetic_document

_LIMIT_S = 300
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_DEMO = Path("specs/helpdesk.yaml")
_COLUMNS = (
    *("description", "MB", "declared", "in reach", "kept back", "broken", "errors", "warnings", "notes", "s", "MiB"),
    *("openapi-core s", "MiB", "its verdict"),
)
Figures = Mapping[str, Any]


def _read(path: Path) -> tuple[bytes, JsonObject]:
    raw = path.read_bytes()
    plain = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return plain, parse(plain, place=path.name)


def ours(path: Path) -> Figures:
    """What we make of a description."""
    raw, document = _read(path)
    contract = compile_contract(document, api="main", settings=ContractSettings())
    declared, reach, kept = _declared(document), len(contract.operations), len(contract.kept)
    severities = Counter(finding.severity.value for finding in contract.findings)
    risks = Counter(finding.code for found in contract.kept.values() for finding in found)
    return {
        "megabytes": len(raw) / 1e6,
        "declared": declared,
        "reach": reach,
        "kept": kept,
        "broken": declared - reach - kept,
        "findings": {name: severities[name] for name in ("error", "warning", "info")},
        "risks": dict(risks.most_common()),
    }


def _declared(document: JsonObject) -> int:
    paths = document.get("paths")
    items = paths.values() if isinstance(paths, Mapping) else ()
    return sum(name in _METHODS for item in items if isinstance(item, Mapping) for name in item)


def theirs(path: Path) -> Figures:
    """Whether openapi-core takes it."""
    from openapi_core import OpenAPI  # noqa: PLC0415 - only the process that measures it pays for it

    _, document = _read(path)
    try:
        OpenAPI.from_dict(document)  # type: ignore[arg-type] # it takes any mapping
    except Exception as error:  # noqa: BLE001 - whatever it raises is the figure
        first = next(iter(str(getattr(error, "message", error)).splitlines()), "")
        return {"verdict": f"{type(error).__name__}: {first.rpartition('} ')[2][:80]}"}
    return {"verdict": "loads"}


_READERS: Mapping[str, Callable[[Path], Figures]] = {"ours": ours, "theirs": theirs}


def _child(reader: str, path: Path) -> None:
    started = time.perf_counter()
    try:
        figures = _READERS[reader](path)
    except DescriptionInvalid as error:
        figures = {"verdict": error.detail[:90]}
    seconds = time.perf_counter() - started
    print(json.dumps({**figures, "seconds": seconds, "mebibytes": _peak()}))


def _peak() -> int:
    """Mebibytes that this program held at most; `ru_maxrss` would count what its parent held before."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024


def _measured(reader: str, path: Path) -> Figures:
    command = [sys.executable, "-m", "bench.intake", "--reader", reader, str(path)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)  # noqa: S603 - ourselves
    except subprocess.TimeoutExpired:
        return {"verdict": f"not done in {_LIMIT_S} s", "seconds": float(_LIMIT_S), "mebibytes": 0}
    if ran.returncode:
        return {"verdict": f"died: {ran.stderr.strip().splitlines()[-1][:80]}", "seconds": 0.0, "mebibytes": 0}
    found: Figures = json.loads(ran.stdout)
    return found


def rows(descriptions: Mapping[str, Path]) -> Iterator[tuple[str, Figures, Figures]]:
    """Name, our figures and openapi-core's, one description after the other."""
    for name, path in descriptions.items():
        sys.stderr.write(f"{name}\n")
        yield name, _measured("ours", path), _measured("theirs", path)


def _line(name: str, own: Figures, other: Figures) -> str:
    counts = [str(own.get(key, "-")) for key in ("declared", "reach", "kept", "broken")]
    findings = [str(n) for n in own.get("findings", {"": "-", " ": "-", "  ": "-"}).values()]
    cells = (
        *(name, f"{own.get('megabytes', 0):.2f}", *counts, *findings, f"{own['seconds']:.2f}", str(own["mebibytes"])),
        *(f"{other['seconds']:.2f}", str(other["mebibytes"]), str(other["verdict"]).replace("|", "/")),
    )
    return f"| {' | '.join(cells)} |"


def _table(found: Sequence[tuple[str, Figures, Figures]]) -> Iterator[str]:
    yield f"| {' | '.join(_COLUMNS)} |"
    yield f"|{'---|' * len(_COLUMNS)}"
    yield from (_line(*row) for row in found)
    total: Counter[str] = Counter()
    for _, own, _ in found:
        total.update(own.get("risks", {}))
    yield ""
    yield "| rule | operations kept back |"
    yield "|---|---|"
    yield from (f"| `{rule}` | {count} |" for rule, count in total.most_common())


def _named(argument: str) -> tuple[str, Path]:
    name, equals, path = argument.partition("=")
    return (name, Path(path)) if equals else (Path(argument).name.partition(".")[0], Path(argument))


def main() -> None:
    """Measure what is named, or what is ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("descriptions", nargs="*", help="[NAME=]PATH")
    parser.add_argument("--reader", choices=sorted(_READERS), help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    given = parser.parse_args()
    if given.reader:
        _child(given.reader, Path(given.descriptions[0]))
        return
    with tempfile.TemporaryDirectory() as folder:
        synthetic = Path(folder) / "synthetic.json"
        synthetic.write_text(json.dumps(synthetic_document(1_675, wide=48), separators=(",", ":")))
        descriptions = dict(map(_named, given.descriptions))
        found = list(rows({**descriptions, "help desk (demo)": _DEMO, "synthetic": synthetic}))
    print("\n".join(_table(found)))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
