"""Descriptions read and compiled for commands that look at them without serving."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from facade.adapters.descriptions import description_at
from facade.cli.terminal import Terminal
from facade.config import contract_settings_of, read
from facade.contract import Catalogue, Contract, ContractSettings, compile_contract, parse
from facade.kernel import DescriptionInvalid, InvalidRequest

SINGLE = "main"
"""Name of the API when a bare description is looked at."""


def contract_at(locator: str, *, api: str = SINGLE, settings: ContractSettings | None = None) -> Contract:
    """One description, compiled.

    Raises:
        DescriptionInvalid: it cannot be used as a whole.
    """
    raw = asyncio.run(description_at(locator))
    return compile_contract(parse(raw, place=locator), api=api, settings=settings or ContractSettings())


def catalogue_for(terminal: Terminal, *, config: Path, spec: str | None) -> Catalogue:
    """The contracts of a settings file, or of a bare description when one is named.

    Raises:
        SettingsInvalid, DescriptionInvalid.
    """
    if spec is not None:
        return Catalogue(contracts={SINGLE: contract_at(spec)})
    if not config.exists():
        raise InvalidRequest(f"{config} does not exist; name another with -c, or a description with --spec.")
    settings = read(config, environ=terminal.environ)
    shaping = contract_settings_of(settings)
    return Catalogue(
        contracts={name: contract_at(api.spec, api=name, settings=shaping[name]) for name, api in settings.apis.items()}
    )


def attempted(locators: Mapping[str, str], shaping: Mapping[str, ContractSettings]) -> Mapping[str, Contract | str]:
    """Each API's contract, or the one line that says why there is none."""
    found: dict[str, Contract | str] = {}
    for name, locator in locators.items():
        try:
            found[name] = contract_at(locator, api=name, settings=shaping[name])
        except DescriptionInvalid as error:
            found[name] = error.detail
    return found
