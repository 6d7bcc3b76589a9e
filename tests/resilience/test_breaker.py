"""When an application is given a rest, and when it is asked again."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.adapters.upstream.breaker import (
    UNVOUCHED,
    Breaker,
    BreakerRules,
    abandoned,
    admit,
    answered,
    counted,
    failed,
    totals,
)
from facade.kernel import SECOND, Micros
from tests.requirements import requirement

RULES = BreakerRules()
NOW = Micros(1_000 * SECOND)


def after(outcomes: str, *, who: str = "acme", rules: BreakerRules = RULES, now: Micros = NOW) -> Breaker:
    """A breaker that was told good ones (g), faults (f) and connections that could not be made (u)."""
    breaker = Breaker()
    for outcome in outcomes:
        if outcome == "g":
            breaker = answered(breaker, who, now, rules, probe=False)
        else:
            breaker = failed(breaker, who, now, rules, probe=False, unreached=outcome == "u")
    return breaker


@requirement("breaker:opens")
@pytest.mark.parametrize(
    ("outcomes", "opened"),
    [
        ("uuuu", False),
        ("uuuuu", True),
        ("uuguuu", False),
        ("uufuuu", False),
        ("g" * 10 + "f" * 9, False),
        ("g" * 10 + "f" * 10, True),
        ("g" * 11 + "f" * 10, False),
        ("f" * 19, False),
        ("f" * 20, True),
    ],
)
def test_half_of_twenty_or_five_connections_in_a_row_open_it(outcomes: str, opened: bool) -> None:
    assert after(outcomes).open is opened


@requirement("breaker:opens")
def test_what_is_older_than_the_window_does_not_count() -> None:
    early = after("f" * 19)
    later = Micros(NOW + RULES.window)
    assert not failed(early, "acme", later, RULES, probe=False).open
    assert failed(early, "acme", Micros(later - 2 * SECOND), RULES, probe=False).open


@requirement("breaker:tenant")
@pytest.mark.parametrize(
    ("served", "blamed", "opened"),
    [
        ("beta", ("acme", UNVOUCHED), False),
        ("beta", (UNVOUCHED, "acme"), False),
        ("beta", (UNVOUCHED,), False),
        ("beta", ("acme", "gamma", UNVOUCHED), True),
        ("acme", ("acme", UNVOUCHED), True),
        (UNVOUCHED, (UNVOUCHED,), True),
        (UNVOUCHED, ("acme", UNVOUCHED), False),
    ],
)
@pytest.mark.parametrize("apart", [0, 3 * SECOND])
def test_what_comes_without_a_tenant_is_no_second_witness(
    served: str, blamed: tuple[str, ...], opened: bool, apart: int
) -> None:
    breaker = answered(Breaker(), served, NOW, RULES, probe=False)
    for turn, who in enumerate(blamed):
        for _ in range(30):
            breaker = failed(breaker, who, Micros(NOW + turn * apart), RULES, probe=False)
    assert breaker.open is opened


@requirement("breaker:off")
def test_a_breaker_that_is_switched_off_never_opens() -> None:
    assert not after("u" * 100, rules=BreakerRules(enabled=False)).open


@requirement("breaker:tenant")
def test_one_callers_faults_are_its_own_while_others_are_answered() -> None:
    served = answered(Breaker(), "beta", NOW, RULES, probe=False)
    alone = both = served
    for number in range(60):
        alone = failed(alone, "acme", NOW, RULES, probe=False)
        both = failed(both, ("acme", "gamma")[number % 2], NOW, RULES, probe=False)
    assert (alone.open, both.open) == (False, True)
    later = Micros(NOW + RULES.window)
    for _ in range(20):
        alone = failed(alone, "acme", later, RULES, probe=False)
    assert alone.open


@requirement("breaker:probes")
def test_one_probe_leaves_a_second_after_it_opened_and_closes_it_by_its_answer() -> None:
    breaker = after("uuuuu")
    _, wait, probe = admit(breaker, NOW, RULES)
    assert (wait, probe) == (SECOND, False)
    then = Micros(NOW + SECOND)
    breaker, wait, probe = admit(breaker, then, RULES)
    assert (wait, probe) == (0, True)
    breaker, wait, probe = admit(breaker, then, RULES)
    assert (wait, probe) == (RULES.probe_for, False)
    assert answered(breaker, "acme", then, RULES, probe=False).open
    assert answered(breaker, "acme", then, RULES, probe=True) == Breaker()


@requirement("breaker:probes")
def test_a_probe_that_fails_is_followed_by_the_next_a_second_later() -> None:
    then = Micros(NOW + SECOND)
    breaker, _, _ = admit(after("uuuuu"), then, RULES)
    assert failed(breaker, "acme", then, RULES, probe=False).probe_from == then + RULES.probe_for
    breaker = failed(breaker, "acme", then, RULES, probe=True)
    assert (breaker.open, breaker.probe_from) == (True, then + SECOND)


@requirement("breaker:probes")
def test_a_probe_whose_client_left_frees_its_place_but_not_the_pace() -> None:
    then = Micros(NOW + SECOND)
    breaker, _, _ = admit(after("uuuuu"), then, RULES)
    assert abandoned(breaker, then, RULES, probe=True).probe_from == then + SECOND
    assert abandoned(breaker, Micros(then + 3 * SECOND), RULES, probe=True).probe_from == then + 3 * SECOND
    assert abandoned(breaker, then, RULES, probe=False) == breaker


@requirement("breaker:probes")
@given(st.lists(st.tuples(st.integers(0, 400_000), st.booleans()), max_size=200))
def test_however_requests_come_no_more_than_one_a_second_is_let_through(steps: list[tuple[int, bool]]) -> None:
    breaker, now, left = after("uuuuu"), NOW, []
    for step, told in steps:
        now = Micros(now + step)
        breaker, wait, probe = admit(breaker, now, RULES)
        assert probe == (wait == 0)
        if probe:
            left.append(now)
            if told:
                breaker = failed(breaker, "acme", now, RULES, probe=True, unreached=True)
    assert all(later - earlier >= SECOND for earlier, later in pairwise(left))


@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.booleans()), max_size=100))
def test_a_window_counts_what_is_recent_in_at_most_ten_parts(steps: list[tuple[int, bool]]) -> None:
    window, now, told = (), NOW, []
    for step, bad in steps:
        now = Micros(now + step)
        window = counted(window, now, RULES.window, who="acme", bad=bad)
        told.append((now, bad))
    assert len(window) <= 10
    recent = [bad for at, bad in told if at // SECOND > now // SECOND - 10]
    assert totals(window, now, RULES.window) == (recent.count(False), recent.count(True))
