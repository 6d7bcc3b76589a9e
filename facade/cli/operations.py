"""`facade operations`."""

from typing import Annotated

import typer

from facade.cli.catalogue import catalogue_for
from facade.cli.options import DEFAULT_FILE, AsJson, SettingsFile
from facade.cli.tables import show_table
from facade.cli.terminal import Terminal
from facade.kernel import Json, Operation


def command(
    ctx: typer.Context,
    *,
    config: SettingsFile = DEFAULT_FILE,
    spec: Annotated[str | None, typer.Option(help="A description to look at, without any settings.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the operations that agents may reach: id, method, path, what it does to data, what it needs.

    What a description declares and is missing here was left out for a reason: `facade check` tells it.

    \b
    Examples:
      facade operations -c facade.yaml
      facade operations --spec openapi.json --json
    """
    terminal: Terminal = ctx.obj
    found = list(catalogue_for(terminal, config=config, spec=spec))
    if as_json:
        terminal.show_json([_as_json(operation) for operation in found])
        return
    columns = ("api", "operation", "method", "path", "class", "needs")
    show_table(terminal, columns, [_row(operation) for operation in found])


def _row(operation: Operation) -> tuple[str, ...]:
    needs = ", ".join(p.name for p in operation.inputs if p.required)
    api, name = operation.key
    return (api, name, operation.method, operation.path, operation.write_class.value, needs)


def _as_json(operation: Operation) -> Json:
    return {
        "api": operation.key.api,
        "operation": operation.key.operation_id,
        "method": operation.method,
        "path": operation.path,
        "write_class": operation.write_class.value,
        "title": operation.title,
        "tags": list(operation.tags),
        "deprecated": operation.deprecated,
        "inputs": [{"in": p.location.value, "name": p.name, "required": p.required} for p in operation.inputs],
        "pinned": [{"in": p.location.value, "name": p.name} for p in operation.parameters if p.pinned],
    }
