import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.meta.source import ROOT

FLOORS = {"aiohttp": "3.14.5", "pyjwt": "2.15.1"}


def declared() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {r.name.lower(): r for r in map(Requirement, project["dependencies"])}


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_a_security_floor_is_declared_installed_and_explained(name: str, floor: str) -> None:
    lowest = [Version(s.version) for s in declared()[name].specifier if s.operator == ">="]
    assert lowest == [max(*lowest, Version(floor))]
    assert Version(version(name)) >= Version(floor)
    assert floor in (ROOT / "docs/dependencies.md").read_text()


def every() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return [Requirement(line) for line in (*project["dependencies"], *extras)]


def test_every_dependency_has_a_floor() -> None:
    assert [r.name for r in every() if not any(s.operator == ">=" for s in r.specifier)] == []


def test_every_dependency_has_its_reason() -> None:
    rows = (line for line in (ROOT / "docs/dependencies.md").read_text().splitlines() if line.startswith("| "))
    explained = {name.strip() for row in rows for name in row.split("|")[1].split(",")}
    assert {r.name for r in every()} - explained == set()
