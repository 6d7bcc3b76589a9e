"""What the page shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry

from facade.contract import Catalogue
from facade.kernel import Finding, Json

_COUNTER: Final = "facade_contract_violations_total"

MOST_FINDINGS: Final = 1_000
"""Findings of descriptions that are shown; `facade check` has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How often traffic of one operation broke one rule since the start.

    Attributes:
        direction: `request` or `response`.
    """

    api: str
    operation: str
    direction: str
    code: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that is known: by API the findings of its description, and what traffic did otherwise."""

    described: tuple[tuple[str, Finding], ...]
    seen: tuple[Seen, ...]

    def as_json(self) -> Json:
        """The same as data."""
        return {
            "description": [
                {
                    "api": api,
                    "code": finding.code,
                    "severity": finding.severity.value,
                    "place": finding.place,
                    "message": finding.message,
                }
                for api, finding in self.described
            ],
            "traffic": [
                {
                    "api": each.api,
                    "operation": each.operation,
                    "direction": each.direction,
                    "code": each.code,
                    "times": each.times,
                }
                for each in self.seen
            ],
        }


def board_of(catalogue: Catalogue, registry: CollectorRegistry) -> Board:
    """The present state, most frequent first."""
    described = [(api, finding) for api, contract in catalogue.contracts.items() for finding in contract.findings]
    return Board(described=tuple(described[:MOST_FINDINGS]), seen=tuple(seen_in(registry)))


def seen_in(registry: CollectorRegistry) -> Iterable[Seen]:
    """What was counted, most frequent first."""
    found = [
        Seen(
            api=sample.labels["api"],
            operation=sample.labels["operation"],
            direction=sample.labels["direction"],
            code=sample.labels["code"],
            times=int(sample.value),
        )
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == _COUNTER
    ]
    return sorted(found, key=lambda each: (-each.times, each.api, each.operation, each.code))
