import re
import tomllib

from tests.meta.source import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def test_every_target_is_told_by_help() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert targets == set(re.findall(r"^([a-z]+):.*## \S", MAKEFILE, re.MULTILINE))
    assert {"demo", "test", "check", "bench", "docs"} <= targets


def test_every_pure_room_but_plan_must_be_covered_whole() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    pure = next(c["source_modules"] for c in linter if c["name"].startswith("Pure rooms"))
    listed = re.search(r"^PURE := (.*)$", MAKEFILE, re.MULTILINE)
    assert listed is not None
    rooms = {entry.removesuffix("/*").replace("/", ".") for entry in listed[1].split(",")}
    assert rooms == set(pure) - {"facade.plan"}


def test_ci_runs_the_checks_and_then_the_tests() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("make")] == [
        ["make", "setup"],
        ["make", "check"],
        ["make", "test"],
    ]
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
