"""`facade operations`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from facade.cli.catalogue import catalogue_for
from facade.cli.changes import FailOn, compared, fails, show_changes
from facade.cli.findings import show_findings
from facade.cli.options import DEFAULT_FILE, AsJson, SettingsFile
from facade.cli.tables import show_table
from facade.cli.terminal import Terminal
from facade.config import read, tiers_of
from facade.contract import Catalogue
from facade.guard import permits
from facade.kernel import Autonomy, Json, Operation, Tier, WriteClass


def command(
    ctx: typer.Context,
    *,
    config: SettingsFile = DEFAULT_FILE,
    spec: Annotated[str | None, typer.Option(help="A description to look at, without any settings.")] = None,
    kept: Annotated[bool, typer.Option("--kept", help="List what a rule keeps from agents instead, and why.")] = False,
    findings: Annotated[
        bool, typer.Option("--findings", help="List instead where descriptions, and traffic with --url, differ.")
    ] = False,
    url: Annotated[
        str | None, typer.Option(help="With --findings: a running facade, such as http://127.0.0.1:8080/agent.")
    ] = None,
    diff: Annotated[
        Path | None, typer.Option(metavar="OLD", help="Tell instead what has changed since this older description.")
    ] = None,
    api: Annotated[str | None, typer.Option(help="With --diff: which API of the settings it is about.")] = None,
    fail_on: Annotated[FailOn | None, typer.Option(help="With --diff: exit 1 when there are such changes.")] = None,
    as_json: AsJson = False,
) -> int:
    """List the operations that agents may reach: id, method, path, what it does to data, what it needs, and in which
    tier it is called at once (`yes`), after consent (`asks`) or not at all (`no`).

    What a description declares and is missing here was left out for a reason: `facade check` tells it. What is kept
    back by a rule, such as signing in or emptying a collection, `allow: true` under the API's `operations` allows.

    With --diff it tells what changed from an older description to the one that is served, or to --spec, and whom each
    change breaks: clients written against the older one, or what was planned with it. JSON in a pipe.

    \b
    Examples:
      facade operations -c facade.yaml
      facade operations --spec openapi.json --json
      facade operations --diff openapi-before.yaml --fail-on breaking
      facade operations --kept
      facade operations --findings --url http://127.0.0.1:8080/agent
    """
    terminal: Terminal = ctx.obj
    if diff is not None:
        changes = compared(terminal, old=diff, config=config, spec=spec, api=api)
        show_changes(terminal, changes, as_json=as_json)
        return int(fails(changes, fail_on))
    catalogue = catalogue_for(terminal, config=config, spec=spec)
    if findings:
        show_findings(terminal, catalogue, url=url, as_json=as_json)
        return 0
    if kept:
        _show_kept(terminal, catalogue, as_json=as_json)
        return 0
    found = list(catalogue)
    tiers = {} if spec is not None else tiers_of(read(config, environ=terminal.environ))
    if as_json:
        terminal.show_json([{**_as_json(o), "reach": _reach(o, tiers)} for o in found])
        return 0
    columns = ("api", "operation", "method", "path", "class", "needs", "reach")
    rows = [_row(operation, tiers) for operation in found]
    show_table(terminal, columns, rows, empty="No operation is within agents' reach; `facade check` tells why.")
    count = sum(len(contract.kept) for contract in catalogue.contracts.values())
    if count:
        terminal.note(f"{count} more kept from agents by rule: `facade operations --kept` tells which and why.")
    return 0


def _show_kept(terminal: Terminal, catalogue: Catalogue, *, as_json: bool) -> None:
    rows = [
        (api, name, contract.compiled[name].operation, finding)
        for api, contract in catalogue.contracts.items()
        for name, findings in contract.kept.items()
        for finding in findings
    ]
    columns = ("api", "operation", "method", "path", "rule", "why")
    told = [(api, name, o.method, o.path, finding.code, finding.message) for api, name, o, finding in rows]
    if as_json:
        terminal.show_json([dict(zip(columns, row, strict=True)) for row in told])
        return
    show_table(terminal, columns, told, empty="No rule keeps anything from agents.")


def _reach(operation: Operation, tiers: Mapping[str, Tier]) -> dict[str, str]:
    """By tier: `yes`, `asks` (after consent) or `no`. Roles may narrow it further."""
    return {name: _reached(operation, tier) for name, tier in tiers.items()}


def _reached(operation: Operation, tier: Tier) -> str:
    writes = operation.write_class is not WriteClass.READ
    if not permits(tier.rights, operation) or (writes and tier.autonomy is Autonomy.READ_ONLY):
        return "no"
    return "asks" if writes and tier.autonomy is Autonomy.CONFIRM else "yes"


def _row(operation: Operation, tiers: Mapping[str, Tier]) -> tuple[str, ...]:
    needs = ", ".join(p.name for p in operation.inputs if p.required)
    reach = ", ".join(f"{name}: {how}" for name, how in _reach(operation, tiers).items())
    api, name = operation.key
    return (api, name, operation.method, operation.path, operation.write_class.value, needs, reach)


def _as_json(operation: Operation) -> dict[str, Json]:
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
