"""How late is too late."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.edge.load import TICK_S, Lateness, Load, LoadRules, Pressure, measured, pressure_of, watched
from tests.requirements import requirement

pytestmark = requirement("serving:load:shed")

RULES = LoadRules(late_s=0.1, interval_s=1.0, far=5)


def after(*late: float, rules: LoadRules = RULES) -> Pressure:
    lateness = Lateness()
    for each in late:
        lateness = measured(lateness, each, each + TICK_S, rules)
    return pressure_of(lateness, rules)


@pytest.mark.parametrize(
    ("late", "pressure"),
    [
        ((0.5,), Pressure.NONE),  # a burst
        ((0.2,) * 5, Pressure.AGENTS),
        ((0.2,) * 4 + (0.0,) + (0.2,) * 2, Pressure.NONE),  # on time once in between
        ((0.6,) * 2, Pressure.ALL),
        ((0.6, 0.6, 0.2), Pressure.AGENTS),  # not that late all the time
        ((0.09,) * 100, Pressure.NONE),
    ],
)
def test_only_lateness_that_lasts_turns_anybody_away(late: tuple[float, ...], pressure: Pressure) -> None:
    assert after(*late) is pressure


@given(st.lists(st.floats(0, 10), max_size=30))
def test_nobody_is_turned_away_where_that_is_off(late: list[float]) -> None:
    assert after(*late, rules=LoadRules(late_s=0)) is Pressure.NONE


@given(st.lists(st.floats(0, 10), max_size=30))
def test_one_measurement_on_time_ends_it(late: list[float]) -> None:
    assert after(*late, 0.0) is Pressure.NONE


async def test_a_loop_is_measured_while_it_runs() -> None:
    ticks = list[float]()

    class Told(Load):
        def tick(self, late_s: float, elapsed_s: float) -> None:
            ticks.append(elapsed_s)
            seen.set()

    seen = asyncio.Event()
    async with watched(Told(RULES)):
        await seen.wait()
    assert ticks[0] >= TICK_S
