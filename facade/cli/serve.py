"""`facade serve`."""

import os
from functools import partial
from typing import Annotated

import typer

from facade.app import serve
from facade.cli.options import DEFAULT_FILE, SettingsFile
from facade.cli.terminal import Terminal
from facade.config import Settings, notes_of, read
from facade.kernel import Finding, SettingsInvalid


def command(
    ctx: typer.Context,
    *,
    config: SettingsFile = DEFAULT_FILE,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that serve, in place of `listen.workers`.")
    ] = None,
) -> None:
    """Start the facade and run until SIGTERM or Ctrl-C; then finish what is in work, flush the ledger, and exit 0.

    Settings that do not hold together start nothing: every problem is told, exit 1. When it listens, one JSON line on
    standard output says where; the log goes to standard error, one JSON object a line.

    \b
    Example:
      facade serve -c facade.yaml
      facade serve -c facade.yaml --workers 4
    """
    terminal: Terminal = ctx.obj
    again = partial(read, config.resolve(), environ=dict(terminal.environ), workers=workers)
    settings = again()
    for finding in notes_of(settings):
        terminal.note(f"facade: {finding.place}: {finding.message}")
    try:
        serve(settings, environ=terminal.environ, again=again)
    except OSError as error:
        raise _unusable(settings, error) from error


def _unusable(settings: Settings, error: OSError) -> SettingsInvalid:
    """The address that we cannot listen on: taken, not ours, or reserved for root."""
    address = f"{settings.listen.host}:{settings.listen.port}"
    reason = os.strerror(error.errno) if error.errno else str(error)
    message = f"cannot listen on {address}: {reason}; name another port or address"
    return SettingsInvalid(message, findings=(Finding(code="settings.listen", place="listen", message=message),))
