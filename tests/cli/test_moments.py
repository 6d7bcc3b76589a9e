"""Moments on a command line."""

import pytest

from facade.cli.moments import moment_of
from facade.kernel import InvalidRequest


@pytest.mark.parametrize(
    ("text", "zone", "micros"),
    [
        ("1970-01-01", "UTC", 0),
        ("1970-01-02T00:00:00", "UTC", 86_400_000_000),
        ("1970-01-01T01:00", "Europe/Berlin", 0),
        ("1970-01-01T01:00+02:00", "Europe/Berlin", -3_600_000_000),
        ("2026-03-01T09:30:00.000001Z", "Asia/Tokyo", 1_772_357_400_000_001),
    ],
)
def test_a_moment_is_read_in_its_zone_unless_it_names_an_offset(text: str, zone: str, micros: int) -> None:
    assert moment_of(text, time_zone=zone) == micros


@pytest.mark.parametrize(("text", "zone"), [("soon", "UTC"), ("", "UTC"), ("2026-01-01", "../etc"), ("2026-01-01", "")])
def test_anything_else_is_refused(text: str, zone: str) -> None:
    with pytest.raises(InvalidRequest):
        moment_of(text, time_zone=zone)
