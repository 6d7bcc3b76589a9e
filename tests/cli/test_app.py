"""The command line as a whole."""

import subprocess
import sys
from importlib import import_module

import pytest

from facade import __version__
from facade.__main__ import main
from facade.cli import COMMANDS, run
from tests.cli.terminals import Facade
from tests.requirements import requirement


def test_help_lists_every_command_and_the_version_is_told(facade: Facade) -> None:
    ran = facade("--help")
    assert ran.code == 0
    assert all(f"  {name}" in ran.out and line in ran.out for name, line in COMMANDS.items())
    assert facade().out == ran.out
    assert facade("--version").out == f"facade {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_a_module_that_explains_itself(facade: Facade, name: str) -> None:
    module = import_module(f"facade.cli.{'evaluate' if name == 'eval' else name}")
    assert module.command.__doc__
    ran = facade(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"Usage: facade {name}" in ran.out
    assert "facade " + name in ran.out.partition("Example")[2]


@requirement("cli:errors:one-line")
@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("servv",), 2, "'serve'"),
        (("--nope",), 2, "facade --help"),
        (("plan",), 2, "facade plan --help"),
        (("plan", "words", "--nope"), 2, "--nope"),
        (("probe", "x", "--timeout", "soon"), 2, "'--timeout'"),
        (("probe", "nowhere"), 1, "no http(s) address"),
        (("plan", "words", "-c", "absent.yaml"), 1, "absent.yaml does not exist"),
        (("operations", "--spec", "absent.yaml"), 1, "absent.yaml"),
        (("plan", "words", "--now", "soon"), 1, "'soon' is no moment"),
        (("plan", "words", "--now", "2026-01-01", "--time-zone", "Mars"), 1, "Mars"),
        (("usage", "--json", "--csv"), 2, "exclude each other"),
        (("usage", "-c", "absent.yaml"), 1, "does not exist"),
        (("token",), 2, "--tenant"),
        (("demo", "--port", "0", "--folder", "/dev/null/demo"), 1, "/dev/null/demo cannot be used"),
        (("eval", "absent.jsonl", "--out", "p.jsonl"), 1, "absent.jsonl"),
        (("init", "--spec", "openapi.yaml", "--upstream", "app.example"), 1, "--upstream"),
        (("init", "--spec", "openapi.yaml", "--upstream", "http://a.example"), 1, "facade.yaml exists"),
    ],
)
def test_a_command_that_fails_says_why_in_one_line(facade: Facade, args: tuple[str, ...], code: int, said: str) -> None:
    ran = facade(*args)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("facade: ")
    assert ran.err.count("\n") == 1
    assert said in ran.err


def test_help_costs_no_import_of_the_planner_or_the_web_server() -> None:
    code = (
        "import sys; from facade.cli import run; run(['--help'], environ={});"
        "heavy = {'aiohttp', 'pydantic', 'openapi_core', 'dateparser', 'sqlalchemy', 'facade.plan', 'facade.config'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_reader_that_leaves_early_is_no_failure() -> None:
    code = "from facade.cli import run; import sys; sys.exit(run(['settings'], environ={}))"
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.close()
        said = ran.stderr.read()
    assert (ran.returncode, said) == (0, "")


def test_ctrl_c_ends_a_command_as_shells_expect(facade: Facade, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("facade.cli.settings.settings_page", interrupted)
    assert facade("settings").code == 130


def test_the_program_ends_with_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["facade", "nonsense"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


def test_an_error_that_is_ours_to_mend_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug keeps its traceback; only what a user can mend becomes one line."""
    monkeypatch.setitem(sys.modules, "facade.cli.settings", None)  # type: ignore[arg-type] # what a broken install looks like
    with pytest.raises(ModuleNotFoundError):
        run(["settings"], environ={})
