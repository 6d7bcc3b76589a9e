"""`facade check`."""

from collections.abc import Iterator
from pathlib import Path

import typer

from facade.cli.catalogue import attempted
from facade.cli.options import DEFAULT_FILE, AsJson, SettingsFile
from facade.cli.tables import show_table
from facade.cli.terminal import Terminal
from facade.config import Settings, key_findings, notes_of, read
from facade.contract import Contract
from facade.kernel import Finding, SettingsInvalid, Severity


def command(ctx: typer.Context, *, config: SettingsFile = DEFAULT_FILE, as_json: AsJson = False) -> int:
    """Tell every problem of the settings and of the descriptions they name, all at once. Nothing is started.

    An `error` stops the start (settings), or keeps an operation from agents (descriptions; the proxy still passes it).
    Exit 0 when the facade would start, else 1.

    \b
    Examples:
      facade check -c facade.yaml
      facade check --json | jq '.findings[] | select(.severity == "error")'
    """
    terminal: Terminal = ctx.obj
    settings, findings = _settings(terminal, config)
    starts = settings is not None
    if settings is not None:
        for finding, stops in _described(settings):
            findings.append(finding)
            starts = starts and not stops
        keys = key_findings(settings)
        starts = starts and not keys
        findings.extend(keys)
        findings.extend(notes_of(settings))
    _show(terminal, findings, starts=starts, as_json=as_json)
    return 0 if starts else 1


def _settings(terminal: Terminal, config: Path) -> tuple[Settings | None, list[Finding]]:
    try:
        return read(config, environ=terminal.environ), []
    except SettingsInvalid as error:
        return None, list(error.findings)


def _described(settings: Settings) -> Iterator[tuple[Finding, bool]]:
    """What is wrong with each description, and whether that stops the start."""
    for name, contract in attempted(settings):
        if isinstance(contract, str):
            yield Finding(code="description.unusable", place=f"apis.{name}.spec", message=contract), True
            continue
        yield from ((_placed(finding, name), False) for finding in contract.findings)
        yield _reach(contract, name), False


def _placed(finding: Finding, api: str) -> Finding:
    return Finding(
        code=finding.code, place=f"apis.{api}.spec#{finding.place}", message=finding.message, severity=finding.severity
    )


def _reach(contract: Contract, api: str) -> Finding:
    count = len(contract.operations)
    message = f"{count} operation{'s' * (count != 1)} of {contract.title!r} within agents' reach"
    if contract.kept:
        message += f"; {len(contract.kept)} more kept from them by rule: `facade operations --kept`"
    severity = Severity.INFO if count else Severity.WARNING
    return Finding(code="description.reach", place=f"apis.{api}", message=message, severity=severity)


def _show(terminal: Terminal, findings: list[Finding], *, starts: bool, as_json: bool) -> None:
    if as_json:
        rows = [{"severity": f.severity, "code": f.code, "place": f.place, "message": f.message} for f in findings]
        terminal.show_json({"starts": starts, "findings": rows})
        return
    show_table(terminal, ("severity", "place", "message"), [(f.severity.value, f.place, f.message) for f in findings])
    verdict = "The facade would start." if starts else "The facade would not start."
    terminal.note(verdict)
