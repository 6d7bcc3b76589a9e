"""Time and identifiers."""

import uuid
from itertools import pairwise

from facade.adapters.clock import SystemClock
from facade.adapters.ids import UuidV7
from facade.kernel import Micros
from facade.testing.clock import START, FakeClock
from facade.testing.ids import FakeIds, fake_id
from tests.requirements import requirement


def test_the_wall_clock_speaks_microseconds_since_the_epoch() -> None:
    year_2020, year_2200 = 1_577_836_800_000_000, 7_258_118_400_000_000
    assert year_2020 < SystemClock().now() < year_2200


def test_durations_never_run_backwards() -> None:
    clock = SystemClock()
    moments = [clock.monotonic() for _ in range(100)]
    assert moments == sorted(moments)


@requirement("ids:uuid7:ordered")
def test_identifiers_rise_while_the_clock_stands_still_or_goes_back() -> None:
    clock = FakeClock()
    ids = UuidV7(clock)
    first = [ids.new() for _ in range(5_000)]
    clock.step(Micros(START - 1_000_000))
    texts = first + [ids.new() for _ in range(100)]
    assert all(earlier < later for earlier, later in pairwise(texts))
    parsed = [uuid.UUID(text) for text in texts]
    assert {(one.version, one.variant) for one in parsed} == {(7, uuid.RFC_4122)}


@requirement("ids:uuid7:ordered")
def test_an_identifier_carries_its_millisecond() -> None:
    ids = UuidV7(FakeClock())
    assert uuid.UUID(ids.new()).int >> 80 == START // 1_000


def test_identifiers_of_two_processes_with_one_clock_differ() -> None:
    clock = FakeClock()
    assert UuidV7(clock).new() != UuidV7(clock).new()


def test_fake_identifiers_count() -> None:
    ids = FakeIds()
    assert [ids.new(), ids.new()] == [fake_id(1), fake_id(2)]
    assert uuid.UUID(fake_id(1)).version == 7
