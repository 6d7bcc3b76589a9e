"""One line of the table of `bench.resilience`, and the stage on which it is measured."""

import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facade.kernel import UpstreamUnavailable
from tests.resilience.scenes import Stage, staged

CALLS, PASSAGES = "agents' calls", "proxy"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: id, fault, the figure that passes, what was measured."""

    id: str
    fault: str
    figure: str
    measured: str
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """One request: what came of it, and the milliseconds until then."""

    said: str
    ms: float


async def took(asked: Awaitable[Any]) -> Took:
    """Measure one call or passage."""
    started = time.perf_counter()
    seen = await asked
    ms = (time.perf_counter() - started) * 1000
    return Took(said=_said(seen), ms=ms)


def _said(seen: Any) -> str:
    """The code of an error, `resting` for one that was not even tried, the application's status otherwise."""
    if hasattr(seen, "error"):
        if seen.error is None:
            return str(seen.answer.status)
        unasked = isinstance(seen.error, UpstreamUnavailable) and seen.error.retry_after is not None
        return "resting" if unasked else str(seen.error.code)
    if seen.code == "upstream_unavailable" and "Retry-After" in seen.headers:
        return "resting"
    return seen.code or (str(seen.status) if seen.whole else "broken off")


@asynccontextmanager
async def stage(**api: Any) -> AsyncIterator[Stage]:
    """A stage in a folder of its own, with the deadlines of the catalogue."""
    timeouts = {"connect_s": 2, "first_byte_s": 1, "total_s": 5, "idle_s": 1, **api.pop("timeouts", {})}
    with tempfile.TemporaryDirectory() as folder:
        async with staged(Path(folder), timeouts=timeouts, **api) as scene:
            yield scene


def quantile(values: list[float], share: float) -> float:
    """The nearest rank."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
