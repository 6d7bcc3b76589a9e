"""What changed between two descriptions, for `facade operations --diff`."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from facade.cli.catalogue import contract_at, settings_for, source_for
from facade.cli.tables import show_table
from facade.cli.terminal import Terminal
from facade.config import contract_settings_of
from facade.config.compiling import compiler_of
from facade.contract import Change, difference
from facade.kernel import InvalidRequest


class FailOn(StrEnum):
    """Which changes make the command fail."""

    BREAKING = "breaking"
    CLIENTS = "clients"
    PLANS = "plans"
    ANY = "any"


_FAILS: Final[Mapping[FailOn, Callable[[Change], bool]]] = {
    FailOn.BREAKING: lambda change: change.breaking,
    FailOn.CLIENTS: lambda change: change.clients,
    FailOn.PLANS: lambda change: change.plans,
    FailOn.ANY: lambda _: True,
}


def compared(terminal: Terminal, *, old: Path, config: Path, spec: str | None, api: str | None) -> Sequence[Change]:
    """What changed from an older description to the served one, or to a bare one. Both are read with what the
    settings say of the API, so that only the descriptions differ.

    Raises:
        SettingsInvalid, DescriptionInvalid, InvalidRequest.
    """
    if spec is not None:
        return difference(contract_at(str(old)), contract_at(spec))
    settings = settings_for(terminal, config=config)
    name = api if api is not None else next(iter(settings.apis))
    if name not in settings.apis or (api is None and len(settings.apis) > 1):
        raise InvalidRequest(f"Name the API with --api; the settings have {', '.join(sorted(settings.apis))}.")
    shaping = contract_settings_of(settings)[name]
    compiler = compiler_of(settings)
    before = contract_at(str(old), api=name, settings=shaping, compiler=compiler)
    return difference(before, compiler.contract(source_for(settings, name)))


def fails(changes: Sequence[Change], on: FailOn | None) -> bool:
    """Whether a change is one of those that were named."""
    return on is not None and any(_FAILS[on](change) for change in changes)


def show_changes(terminal: Terminal, changes: Sequence[Change], *, as_json: bool) -> None:
    """A table for people; JSON in a pipe."""
    if as_json or not terminal.interactive:
        terminal.show_json([_as_json(change) for change in changes])
        return
    if changes:
        show_table(terminal, ("breaks", "operation", "place", "change"), [_row(change) for change in changes])
    breaking = sum(change.breaking for change in changes)
    terminal.note(f"{len(changes)} change{'s' * (len(changes) != 1)}, {breaking} breaking")


def _row(change: Change) -> tuple[str, ...]:
    return (" ".join(_breaks(change)), change.operation, change.place, change.means)


def _breaks(change: Change) -> list[str]:
    return [who for who, broken in (("clients", change.clients), ("plans", change.plans)) if broken]


def _as_json(change: Change) -> dict[str, str | list[str]]:
    return {
        "kind": change.kind,
        "operation": change.operation,
        "place": change.place,
        "breaks": _breaks(change),
        "means": change.means,
    }
