"""`facade operations --diff`."""

import io
from pathlib import Path

import pytest
import yaml

from facade.cli.changes import show_changes
from facade.cli.terminal import Terminal
from facade.contract import Change
from tests.cli.settings_files import SPEC, bent, small
from tests.cli.terminals import Facade
from tests.requirements import requirement


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """An older description: it had no way to make an order, and told less of the list."""
    old = yaml.safe_load(SPEC)
    del old["paths"]["/orders"]["post"]
    old["paths"]["/orders"]["get"]["parameters"] = [{"name": "page", "in": "query", "schema": {"type": "integer"}}]
    path = tmp_path / "before.yaml"
    path.write_text(yaml.safe_dump(old))
    return path


CHANGES = [
    {
        "kind": "parameter.removed",
        "operation": "listOrders",
        "place": "query.page",
        "breaks": ["clients", "plans"],
        "means": "is gone",
    },
    {
        "kind": "operation.added",
        "operation": "createOrder",
        "place": "",
        "breaks": [],
        "means": "is new (POST /orders)",
    },
]


@requirement("difference:command")
def test_what_changed_since_an_older_description_is_json_in_a_pipe(facade: Facade, before: Path) -> None:
    for ran in (
        facade("operations", "--diff", str(before)),
        facade("operations", "--diff", str(before), "--spec", "openapi.yaml"),
        facade("operations", "--diff", str(before), "--api", "main", "--json"),
    ):
        assert (ran.code, ran.data, ran.err) == (0, CHANGES, "")


@requirement("difference:command")
def test_it_fails_on_what_it_is_told_to(facade: Facade, before: Path) -> None:
    for on in ("breaking", "clients", "plans", "any"):
        codes = [facade("operations", "--diff", old, "--fail-on", on).code for old in (str(before), "openapi.yaml")]
        assert codes == [1, 0]


@requirement("difference:command")
def test_a_harmless_change_fails_only_on_any(facade: Facade, before: Path, tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC.replace("List orders", "Show orders"))
    before.write_text(SPEC)
    codes = [facade("operations", "--diff", str(before), "--fail-on", on).code for on in ("breaking", "any")]
    assert codes == [0, 1]


@requirement("difference:command")
def test_among_several_apis_one_is_named(facade: Facade, before: Path, tmp_path: Path) -> None:
    settings = small(tmp_path)
    both = bent(bent(settings, "apis.other", settings["apis"]["main"]), "apis.main.mount", "/main")
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump(bent(both, "apis.other.mount", "/other")))
    asked = [facade("operations", "--diff", str(before), *api) for api in ((), ("--api", "none"), ("--api", "other"))]
    assert [ran.code for ran in asked] == [1, 1, 0]
    assert asked[0].err == asked[1].err == "facade: Name the API with --api; the settings have main, other.\n"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@requirement("difference:command")
def test_people_see_a_table_with_whom_each_change_breaks() -> None:
    terminal = Terminal(environ={"NO_COLOR": "1"}, out=Screen(), err=io.StringIO())
    removed = Change(kind="parameter.removed", operation="listOrders", place="query.page")
    show_changes(terminal, [removed, Change(kind="operation.added", operation="makeOrder")], as_json=False)
    words = " ".join(terminal.out.getvalue().split())  # type: ignore[attr-defined]  # it is the screen above
    assert "clients plans listOrders query.page is gone" in words
    assert "makeOrder is new" in words
    assert terminal.err.getvalue() == "2 changes, 1 breaking\n"  # type: ignore[attr-defined]  # and this its error stream
    show_changes(terminal, [], as_json=False)
    assert terminal.err.getvalue().endswith("\n0 changes, 0 breaking\n")  # type: ignore[attr-defined]  # as before
