"""Descriptions read and compiled for commands that look at them without serving: apart, bounded and kept, as a start
does it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from facade.adapters.compiling import Compiler, Edition, Limits, Source
from facade.adapters.descriptions import description, description_at
from facade.cli.terminal import Terminal
from facade.config import Settings, contract_settings_of, description_tls_of, read
from facade.config.compiling import compiler_of
from facade.contract import Catalogue, Contract, ContractSettings
from facade.kernel import DescriptionInvalid, InvalidRequest

SINGLE = "main"
"""Name of the API when a bare description is looked at."""


def contract_at(
    locator: str, *, api: str = SINGLE, settings: ContractSettings | None = None, compiler: Compiler | None = None
) -> Contract:
    """One description, compiled; without a compiler within the usual bounds, and not kept.

    Raises:
        DescriptionInvalid: it cannot be used as a whole.
    """
    return (compiler or Compiler(Limits())).contract(_bare(locator, api, settings or ContractSettings()))


def edition_for(terminal: Terminal, *, config: Path, spec: str | None) -> Edition:
    """The contracts of a settings file, or of a bare description when one is named, and the index over them.

    Raises:
        SettingsInvalid, DescriptionInvalid.
    """
    if spec is not None:
        return Compiler(Limits()).edition([_bare(spec, SINGLE, ContractSettings())])
    settings = settings_for(terminal, config=config)
    return compiler_of(settings).edition([source_for(settings, name) for name in settings.apis])


def catalogue_for(terminal: Terminal, *, config: Path, spec: str | None) -> Catalogue:
    """The contracts of a settings file, or of a bare description when one is named.

    Raises:
        SettingsInvalid, DescriptionInvalid.
    """
    if spec is not None:
        return Catalogue(contracts={SINGLE: contract_at(spec)})
    settings = settings_for(terminal, config=config)
    compiler = compiler_of(settings)
    return Catalogue(contracts={name: compiler.contract(source_for(settings, name)) for name in settings.apis})


def attempted(settings: Settings) -> Iterator[tuple[str, Contract | str]]:
    """Each API's name and contract, or the one line that says why there is none."""
    compiler = compiler_of(settings)
    for name in settings.apis:
        try:
            yield name, compiler.contract(source_for(settings, name))
        except DescriptionInvalid as error:
            yield name, error.detail


def settings_for(terminal: Terminal, *, config: Path) -> Settings:
    """The settings file of a command that could also do with a bare description.

    Raises:
        SettingsInvalid, InvalidRequest.
    """
    if not config.exists():
        raise InvalidRequest(f"{config} does not exist; name another with -c, or a description with --spec.")
    return read(config, environ=terminal.environ)


def source_for(settings: Settings, name: str) -> Source:
    """The description of an API, read as a start reads it.

    Raises:
        DescriptionInvalid: it cannot be read.
    """
    tls = description_tls_of(settings)[name]
    found = asyncio.run(description(settings.apis[name].spec, tls=tls))
    return Source(raw=found.raw, place=found.place, api=name, settings=contract_settings_of(settings)[name])


def _bare(locator: str, api: str, settings: ContractSettings) -> Source:
    return Source(raw=asyncio.run(description_at(locator)), place=locator, api=api, settings=settings)
