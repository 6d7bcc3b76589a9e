"""Which address the next request goes to, and who is told."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.adapters.upstream import UpstreamSettings
from facade.adapters.upstream.addresses import Addresses, Chosen, HealthRules, Outcome, outcome_of
from facade.adapters.upstream.breaker import BreakerRules
from facade.adapters.upstream.health import OutlierRules
from facade.adapters.upstream.settings import addresses_of
from facade.kernel import SECOND, Micros, SettingsInvalid, UpstreamUnavailable
from facade.testing.clock import FakeClock
from facade.testing.upstream import FakeWatch
from tests.requirements import requirement

NAMES = ("http://a.test", "http://b.test", "http://c.test", "http://d.test", "http://e.test")
PATIENT = HealthRules(breaker=BreakerRules(enabled=False))


class Scene:
    """Addresses on a clock of the test's, with repeatable chance."""

    def __init__(self, count: int, rules: HealthRules = PATIENT, *, seed: int = 7) -> None:
        self.clock = FakeClock()
        self.watch = FakeWatch()
        settings = UpstreamSettings(base=NAMES[0], others=NAMES[1:count])
        chance = random.Random(seed).random  # noqa: S311 - repeatable chance, not secrets
        self.addresses = Addresses(addresses_of(settings), rules, self.clock, self.watch, chance=chance)

    def one(self, bad: str = "", outcome: Outcome = Outcome.SILENT) -> str:
        """One request; hosts named in `bad` fail."""
        chosen = self.addresses.choose("calls", "acme")
        name = chosen.address.host[0]
        chosen.told(outcome if name in bad else Outcome.ANSWERED)
        return name

    def many(
        self, count: int, bad: str = "", outcome: Outcome = Outcome.SILENT, *, every_s: float = 0.0
    ) -> Counter[str]:
        """So many requests, some time apart."""
        seen: Counter[str] = Counter()
        for _ in range(count):
            self.clock.advance(Micros(round(every_s * SECOND)))
            seen[self.one(bad, outcome)] += 1
        return seen


@requirement("upstream:outlier:ejected")
@pytest.mark.parametrize("outcome", [Outcome.UNREACHED, Outcome.SILENT, Outcome.CUT, Outcome.GATEWAY])
def test_the_one_of_two_that_fails_is_out_within_ten_seconds_and_gets_nothing(outcome: Outcome) -> None:
    scene = Scene(2)
    scene.many(400, "b", outcome, every_s=0.025)
    assert scene.watch.told[:1] == ["ejected http://b.test:80 5"]
    before = scene.many(100, "b", outcome)
    assert before["b"] <= 1


@requirement("upstream:outlier:ejected")
def test_what_was_out_comes_back_by_one_probe_and_stays_out_longer_each_time() -> None:
    scene = Scene(2)
    scene.many(2_000, "b", every_s=0.05)
    lengths = [float(line.rpartition(" ")[2]) for line in scene.watch.told]
    assert lengths == [5, 10, 20, 40, 80]
    scene.clock.advance(Micros(80 * SECOND))
    probe = scene.addresses.choose("calls")
    others = {scene.addresses.choose("calls").address.host for _ in range(50)}
    assert (probe.address.host, others) == ("b.test", {"a.test"})
    probe.told(Outcome.ANSWERED)
    assert scene.watch.told[-1] == "returned http://b.test:80"
    seen = scene.many(200)
    assert seen["b"] > 50


@requirement("upstream:outlier:ejected")
def test_a_probe_whose_client_left_is_followed_by_another() -> None:
    scene = Scene(2)
    scene.many(400, "b", every_s=0.025)
    scene.clock.advance(Micros(400 * SECOND))
    probe = scene.addresses.choose("calls")
    probe.told(Outcome.ABANDONED)
    assert scene.addresses.choose("calls").address.host == "b.test"


@requirement("upstream:outlier:half")
@pytest.mark.parametrize(("count", "out"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)])
def test_never_more_than_half_are_out(count: int, out: int) -> None:
    scene = Scene(count)
    scene.many(300, "bcde"[: count - 1], every_s=0.01)
    scene.many(300, "abcde", every_s=0.01)
    assert len({line.split()[1] for line in scene.watch.told}) == out


@requirement("upstream:outlier:half")
def test_where_all_fail_alike_nobody_is_an_outlier() -> None:
    scene = Scene(4)
    chance = random.Random(3).random  # noqa: S311 - repeatable chance, not secrets
    for _ in range(2_000):
        scene.clock.advance(Micros(SECOND // 100))
        scene.addresses.choose("calls").told(Outcome.GATEWAY if chance() < 0.6 else Outcome.ANSWERED)
    assert scene.watch.told == []


@requirement("breaker:off")
def test_ejection_can_be_switched_off() -> None:
    rules = HealthRules(breaker=BreakerRules(enabled=False), outliers=OutlierRules(enabled=False))
    scene = Scene(2, rules)
    scene.many(500, "b", every_s=0.01)
    assert scene.watch.told == []


def test_a_fault_makes_the_other_address_the_better_one_for_a_second() -> None:
    scene = Scene(2)
    while scene.one("b") != "b":
        pass
    assert scene.many(20, "b") == {"a": 20}
    scene.clock.advance(Micros(SECOND))
    assert scene.many(50)["b"] > 0


def test_requests_go_where_fewer_are_in_work() -> None:
    scene = Scene(2)
    held = [scene.addresses.choose("calls") for _ in range(100)]
    assert scene.addresses.in_flight == (50, 50)
    for chosen in held:
        chosen.told(Outcome.ANSWERED)
        chosen.told(Outcome.CUT)
    assert (scene.addresses.in_flight, scene.watch.told) == ((0, 0), [])


@requirement("upstream:addresses:elsewhere")
def test_a_request_that_found_no_connection_gets_another_address_where_there_is_one() -> None:
    scene = Scene(2)
    first = scene.addresses.choose("calls")
    first.told(Outcome.UNREACHED)
    assert scene.addresses.another(first)
    assert scene.addresses.choose("calls", beside=first).index != first.index
    alone = Scene(1)
    only = alone.addresses.choose("calls")
    only.told(Outcome.UNREACHED)
    assert not alone.addresses.another(only)


def opened(scene: Scene, path: str = "calls", outcome: Outcome = Outcome.UNREACHED) -> None:
    for _ in range(20):
        if not scene.addresses.open[path]:
            scene.addresses.choose(path).told(outcome)


@requirement("breaker:refusal")
def test_an_open_breaker_refuses_with_the_time_until_the_next_probe() -> None:
    scene = Scene(1, HealthRules())
    opened(scene)
    scene.clock.advance(Micros(SECOND // 4))
    for refused in (lambda: scene.addresses.choose("calls"), lambda: scene.addresses.refuse("calls")):
        with pytest.raises(UpstreamUnavailable) as told:
            refused()
        assert told.value.retry_after == SECOND * 3 // 4
    assert scene.watch.told == ["opened calls"]


@requirement("breaker:probes")
def test_asking_whether_to_refuse_takes_no_probes_place() -> None:
    scene = Scene(1, HealthRules())
    opened(scene)
    scene.clock.advance(Micros(SECOND))
    scene.addresses.refuse("calls")
    scene.addresses.choose("calls").told(Outcome.ANSWERED)
    assert scene.watch.told == ["opened calls", "closed calls"]


@requirement("breaker:own-answers")
def test_a_gateways_errors_count_for_agents_alone_unless_settings_say_otherwise() -> None:
    counted = {}
    for name, paths in (("calls", {"calls"}), ("all", {"calls", "passages", "questions"}), ("none", set())):
        scene = Scene(1, HealthRules(gateway_counts=frozenset(paths)))
        for path in ("calls", "passages"):
            opened(scene, path, Outcome.GATEWAY)
        counted[name] = (scene.addresses.open["calls"], scene.addresses.open["passages"])
    assert counted == {"calls": (True, False), "all": (True, True), "none": (False, False)}


def test_each_path_has_a_breaker_of_its_own() -> None:
    scene = Scene(1, HealthRules())
    opened(scene, "calls")
    scene.addresses.choose("passages").told(Outcome.ANSWERED)
    assert dict(scene.addresses.open) == {"calls": True, "passages": False, "questions": False}


def test_an_answer_is_told_by_its_status() -> None:
    told = {status: outcome_of(status) for status in (0, 200, 404, 500, 501, 502, 503, 504)}
    gateway = dict.fromkeys((502, 503, 504), Outcome.GATEWAY)
    assert told == {0: Outcome.ABANDONED} | dict.fromkeys((200, 404, 500, 501), Outcome.ANSWERED) | gateway


@given(st.integers(1, 5), st.lists(st.tuples(st.sampled_from(list(Outcome)), st.integers(0, 9), st.booleans())))
def test_nothing_is_lost_count_of(count: int, steps: list[tuple[Outcome, int, bool]]) -> None:
    scene = Scene(count)
    held: list[Chosen] = []
    for outcome, pause, begin in steps:
        scene.clock.advance(Micros(pause * SECOND))
        if begin or not held:
            held.append(scene.addresses.choose("passages"))
        else:
            held.pop().told(outcome)
        assert sum(scene.addresses.in_flight) == len(held)
    told = scene.watch.told
    assert sum(line.startswith("ejected") for line in told) >= sum(line.startswith("returned") for line in told)


def test_every_address_is_judged_as_the_first() -> None:
    settings = UpstreamSettings(base="http://a.test", others=("http://b.test/v1",))
    with pytest.raises(SettingsInvalid) as refused:
        addresses_of(settings, place="apis.main")
    assert [f.place for f in refused.value.findings] == ["apis.main"]
