"""`facade settings`."""

from typing import Annotated

import typer

from facade.cli.terminal import Terminal
from facade.config import settings_page, settings_schema


def command(
    ctx: typer.Context,
    *,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema instead, for editors.")] = False,
) -> None:
    """Print the reference of the settings file: every key, its values, its default, its meaning.

    \b
    Examples:
      facade settings | less
      facade settings --schema > settings.schema.json
    """
    terminal: Terminal = ctx.obj
    terminal.out.write(settings_schema() if schema else settings_page())
