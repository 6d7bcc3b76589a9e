"""Too much to do: how late the event loop runs, and what is turned away because of it.

A loop that is late for a moment has had a burst; one that is late all the time has more work than it can do, and every
request taken in makes all of them later. Then chat and tools are turned away first: a person or an agent can ask again,
while existing clients of the application never agreed to us. Only far beyond that are they turned away too.

Source: sojourn time above a target for a whole interval, as in CoDel (RFC 8289, section 3).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

TICK_S: Final = 0.05
"""How often the loop's lateness is measured."""


class Pressure(IntEnum):
    """How much has to be turned away."""

    NONE = 0
    AGENTS = 1
    ALL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRules:
    """When to turn work away.

    Attributes:
        late_s: the loop may be this late; 0 never turns anything away.
        interval_s: for so long it must have been late each time.
        far: beyond this many times `late_s`, existing clients are turned away too.
    """

    late_s: float = 0.1
    interval_s: float = 1.0
    far: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How long the loop has been late, and the least that it was late by in that time; both 0 when it is on time."""

    for_s: float = 0.0
    least_s: float = 0.0


def measured(before: Lateness, late_s: float, elapsed_s: float, rules: LoadRules) -> Lateness:
    """The lateness after one more measurement, `elapsed_s` after the one before."""
    if rules.late_s == 0 or late_s < rules.late_s:
        return Lateness()
    least = min(before.least_s, late_s) if before.for_s else late_s
    return Lateness(for_s=before.for_s + elapsed_s, least_s=least)


def pressure_of(lateness: Lateness, rules: LoadRules) -> Pressure:
    """What a lateness calls for."""
    if lateness.for_s < rules.interval_s:
        return Pressure.NONE
    return Pressure.ALL if lateness.least_s >= rules.far * rules.late_s else Pressure.AGENTS


class Load:
    """The present pressure; kept up to date by `watched`."""

    def __init__(self, rules: LoadRules) -> None:
        self.pressure = Pressure.NONE
        self._rules = rules
        self._lateness = Lateness()

    def tick(self, late_s: float, elapsed_s: float) -> None:
        """One more measurement."""
        self._lateness = measured(self._lateness, late_s, elapsed_s, self._rules)
        self.pressure = pressure_of(self._lateness, self._rules)


@asynccontextmanager
async def watched(load: Load) -> AsyncIterator[None]:
    """Measure while the block runs."""
    task = asyncio.create_task(_measuring(load))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _measuring(load: Load) -> None:
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(TICK_S)
        elapsed = loop.time() - before
        load.tick(max(0.0, elapsed - TICK_S), elapsed)
