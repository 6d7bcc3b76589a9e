"""Descriptions -> contracts, off the event loop (D11)."""

import asyncio
from collections.abc import Mapping

import structlog

from facade.adapters.descriptions import description_at
from facade.config import Settings, contract_settings_of
from facade.contract import Contract, ContractSettings, compile_contract, parse


async def contracts_of(settings: Settings, log: structlog.typing.FilteringBoundLogger) -> Mapping[str, Contract]:
    """The contract of every API.

    Raises:
        DescriptionInvalid: one cannot be read or used.
    """
    shaping = contract_settings_of(settings)
    contracts = {}
    for name, api in settings.apis.items():
        raw = await description_at(api.spec)
        contracts[name] = await asyncio.to_thread(_compiled, raw, api.spec, name, shaping[name])
        findings = contracts[name].findings
        if findings:
            log.warning("description", api=name, findings=len(findings), see="facade check")
    return contracts


def _compiled(raw: bytes, place: str, api: str, settings: ContractSettings) -> Contract:
    return compile_contract(parse(raw, place=place), api=api, settings=settings)
