"""Descriptions -> contracts and the index over them, off the event loop (D11)."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import structlog

from facade.adapters.compiling import Edition, Source
from facade.adapters.descriptions import Description, description, is_address, stamp_of
from facade.config import Settings, contract_settings_of, description_tls_of
from facade.config.compiling import compiler_of
from facade.contract import Contract

Stamps = Mapping[str, tuple[int, ...]]


class Editions:
    """Reads the descriptions that settings name, and has them compiled. What has not changed is not read twice.

    Leaving it ends a compilation that still runs.

    Attributes:
        stamps: of the files, taken before they were read last.
    """

    def __init__(self, settings: Settings, log: structlog.typing.FilteringBoundLogger) -> None:
        self._compiler = compiler_of(settings)
        self._log = log
        self._read: Mapping[str, Description] = {}
        self._last: tuple[tuple[Source, ...], Edition] | None = None
        self.stamps: Stamps = {}

    def __enter__(self) -> Self:
        self._compiler.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._compiler.__exit__(kind, error, at)

    @property
    def last(self) -> Edition | None:
        """The edition that was made last."""
        return self._last[1] if self._last is not None else None

    async def of(self, settings: Settings) -> Edition:
        """The contract of every API; the very same edition when nothing has changed.

        Raises:
            DescriptionInvalid, SettingsInvalid: one cannot be read or used.
        """
        self.stamps = await asyncio.to_thread(stamps_of, settings)
        tls = description_tls_of(settings)
        read = {
            name: await description(api.spec, known=self._read.get(name), tls=tls[name])
            for name, api in settings.apis.items()
        }
        sources = _sources(settings, read)
        if self._last is None or self._last[0] != sources:
            edition = await asyncio.to_thread(self._compiler.edition, sources)
            self._read, self._last = read, (sources, edition)
            self._tell(edition)
        return self._last[1]

    def _tell(self, edition: Edition) -> None:
        for name, contract in edition.contracts.items():
            if contract.findings:
                self._log.warning("description", api=name, findings=len(contract.findings), see="facade check")


async def contracts_of(settings: Settings, log: structlog.typing.FilteringBoundLogger) -> Mapping[str, Contract]:
    """The contract of every API.

    Raises:
        DescriptionInvalid, SettingsInvalid: one cannot be read or used.
    """
    with Editions(settings, log) as editions:
        return (await editions.of(settings)).contracts


def stamps_of(settings: Settings) -> Stamps:
    """What changes when a description is written, for each that is a file."""
    return {name: stamp_of(api.spec) for name, api in settings.apis.items() if not is_address(api.spec)}


def _sources(settings: Settings, read: Mapping[str, Description]) -> tuple[Source, ...]:
    shaping = contract_settings_of(settings)
    return tuple(
        Source(raw=each.raw, place=each.place, api=name, settings=shaping[name]) for name, each in read.items()
    )
