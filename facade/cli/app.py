"""The table of commands, and how one of them is run."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from facade import __version__
from facade.cli.terminal import Terminal
from facade.kernel import FacadeError, SettingsInvalid

COMMANDS: Mapping[str, str] = {
    "init": "Write a commented facade.yaml from a description.",
    "check": "Tell every problem of the settings and the descriptions at once.",
    "serve": "Start the facade.",
    "demo": "Start a demo help desk with a facade in front of it.",
    "chat": "Talk with the application in this terminal.",
    "plan": "Show what words would call, and why; nothing is called.",
    "operations": "List the operations that agents may reach.",
    "token": "Mint a development token.",
    "usage": "Show what was used, by tenant, operation and day.",
    "eval": "Play a file of cases against the planner.",
    "test": "Test an application against its description.",
    "settings": "Print the reference of the settings file.",
    "probe": "Ask a URL whether it is well; for health checks.",
}
"""Every command with its line in `facade --help`; its module has the same name, `eval` lives in `evaluate`."""

USAGE_ERROR = 2
_MODULES = {"eval": "evaluate"}
_INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


class _Commands(dict[str, Any]):
    """Command objects by name, imported when one is asked for."""

    def __missing__(self, name: str) -> Any:
        module = import_module(f"facade.cli.{_MODULES.get(name, name)}")
        single = typer.Typer(rich_markup_mode=None, add_completion=False)
        single.command(name=name)(module.command)
        self[name] = get_command(single)
        return self[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in COMMANDS else default

    def keys(self) -> Any:
        return COMMANDS.keys()


class _Group(TyperGroup):
    """Lists commands without importing them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(name="facade", cls=_Group, rich_markup_mode=None, pretty_exceptions_enable=False)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"facade {__version__}\n")
        raise typer.Exit


@app.callback(epilog="`facade COMMAND --help` explains one command, with examples.")
def _facade(
    *, version: bool = typer.Option(False, "--version", is_eager=True, callback=_version, help="Show the version.")
) -> None:
    """An agent facade in front of a multi-tenant SaaS: words in, contract-checked calls out."""


def run(args: Sequence[str], *, environ: Mapping[str, str]) -> int:
    """Run one command line.

    Returns:
        The exit code: 0, 1 when the command failed, 2 for a wrong command line.
    """
    terminal = Terminal(environ=environ, out=sys.stdout, err=sys.stderr)
    try:
        code = app(args=list(args) or ["--help"], prog_name="facade", standalone_mode=False, obj=terminal)
        terminal.out.flush()
    except (BrokenPipeError, SystemExit):  # the parser turns the first into the second
        return _reader_left()
    except (FacadeError, OSError) as error:
        return _failed(terminal, _lines_of(error), code=1)
    except (typer.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return _failed(terminal, [_usage_problem(error, args)], code=USAGE_ERROR)
    return code if isinstance(code, int) else 0


def _failed(terminal: Terminal, lines: Iterable[str], *, code: int) -> int:
    for line in lines:
        terminal.note(f"facade: {' '.join(line.split())}")
    return code


def _lines_of(error: FacadeError | OSError) -> Iterable[str]:
    """One line; for settings, one for each problem."""
    if isinstance(error, OSError):
        what = f"{error.filename} cannot be used" if error.filename else "something outside cannot be used"
        return [f"{what}: {error.strerror or error}."]
    if isinstance(error, SettingsInvalid) and error.findings:
        return [f"{f.place}: {f.message}" if f.place else f.message for f in error.findings]
    return [error.detail]


def _usage_problem(error: Any, args: Sequence[str]) -> str:
    """The parser's complaint with where to look; its classes differ between versions, its methods do not."""
    name = next((a for a in args if not a.startswith("-")), "")
    where = f"facade {name}" if name in COMMANDS else "facade"
    message = error.format_message().replace("Value error, ", "").rstrip()
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} See `{where} --help`."


def _reader_left() -> int:
    """Whoever read our output has gone, as `| head` does; that is no failure of ours."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it lives until the process ends, which flushes it
    return 0
