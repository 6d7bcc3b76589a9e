"""`facade operations --findings`: what is wrong with descriptions, and where traffic of a running facade differs."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from facade.cli.tables import show_table
from facade.cli.terminal import Terminal
from facade.contract import Catalogue
from facade.kernel import FacadeError, Finding, Json, UpstreamUnavailable

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_SOUND: Final = "The descriptions have no findings."
_ALIKE: Final = "Nothing that was looked at in traffic differed; `observe` says what is looked at."


def show_findings(terminal: Terminal, catalogue: Catalogue, *, url: str | None, as_json: bool) -> None:
    """Tell the findings of the descriptions, and with an address those of its traffic, most frequent first.

    Args:
        url: of a running facade with its prefix, such as http://127.0.0.1:8080/agent; the environment's
            FACADE_MONITORING_TOKEN is shown to it.
    """
    described = [(api, each) for api, contract in catalogue.contracts.items() for each in contract.findings]
    seen = asyncio.run(_seen(url, terminal.environ.get("FACADE_MONITORING_TOKEN", ""))) if url else []
    if as_json:
        terminal.show_json({"description": [_as_json(api, each) for api, each in described], "traffic": seen})
        return
    rows = [(api, each.severity.value, each.code, each.message, each.place) for api, each in described]
    show_table(terminal, ("api", "severity", "rule", "what, and the mend", "where"), rows, empty=_SOUND)
    if url:
        columns = ("api", "operation", "direction", "code", "times")
        traffic = [tuple(str(row[column]) for column in columns) for row in seen]
        show_table(terminal, columns, traffic, empty=_ALIKE)


def _as_json(api: str, finding: Finding) -> dict[str, Json]:
    return {
        "api": api,
        "code": finding.code,
        "severity": finding.severity.value,
        "place": finding.place,
        "message": finding.message,
    }


async def _seen(url: str, token: str) -> list[Mapping[str, Any]]:
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    address = f"{url.rstrip('/')}/findings"
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(address, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != 200:  # noqa: PLR2004 - the only status that carries findings
                raise _unreachable(address, f"it answered {answer.status}")
            rows: list[Mapping[str, Any]] = (await answer.json())["traffic"]
            return rows
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
        raise _unreachable(address, str(error) or type(error).__name__) from error


def _unreachable(address: str, reason: str) -> FacadeError:
    return UpstreamUnavailable(
        f"{address} tells no findings: {reason}; name a running facade with its prefix, and its monitoring token in "
        "FACADE_MONITORING_TOKEN if it has one."
    )
