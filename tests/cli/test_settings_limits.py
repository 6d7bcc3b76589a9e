"""Rates and quotas as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from facade.config import QuotaSettings, RateSettings
from facade.kernel import Counted, Period


def rate(text: object) -> tuple[str, int, int, int | None, str]:
    found = RateSettings.model_validate(text)
    return (found.counts.value, found.rate, found.per_s, found.burst, found.label)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60 requests/minute burst 20", ("requests", 60, 60, 20, "requests-per-60s")),
        ("1 call per second", ("calls", 1, 1, None, "calls-per-1s")),
        ("500 writes/2 hours", ("writes", 500, 7200, None, "writes-per-7200s")),
        ("  10 Turns / 30 seconds  burst 3 ", ("turns", 10, 30, 3, "turns-per-30s")),
        ({"counts": "calls", "rate": 5, "per_s": 10, "name": "slow"}, ("calls", 5, 10, None, "slow")),
    ],
)
def test_a_rate_is_read_as_it_is_written(text: object, expected: tuple[object, ...]) -> None:
    assert rate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "60", "60 requests", "requests/minute", "60 apples/minute", "-1 calls/day", "60 requests/week"),
        *("0 calls/hour", "60 requests/minute burst 0", "1.5 calls/second", "9999999999 calls/second"),
        *("1 calls/0 seconds", 60, None, []),
    ],
)
def test_what_is_no_rate_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        RateSettings.model_validate(text)


@given(
    rate_=st.integers(1, 2**31 - 1),
    counts=st.sampled_from(Counted),
    times=st.integers(1, 24),
    unit=st.sampled_from(["second", "minute", "hour", "day"]),
    burst=st.none() | st.integers(1, 2**31 - 1),
)
def test_any_rate_written_in_words_is_what_was_meant(
    rate_: int, counts: Counted, times: int, unit: str, burst: int | None
) -> None:
    seconds = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}[unit]
    found = RateSettings.model_validate(
        f"{rate_} {counts.value}/{times} {unit}s" + (f" burst {burst}" if burst is not None else "")
    )
    assert (found.rate, found.counts, found.per_s, found.burst) == (rate_, counts, times * seconds, burst)


def test_a_quota_counts_in_a_calendar_day_or_month() -> None:
    daily, monthly = (QuotaSettings.model_validate(t) for t in ("1000 calls/day", "5 writes per month"))
    assert (daily.counts, daily.amount, daily.period, daily.label) == (Counted.CALLS, 1000, Period.DAY, "calls-per-day")
    assert (monthly.counts, monthly.amount, monthly.period) == (Counted.WRITES, 5, Period.MONTH)


@pytest.mark.parametrize("text", ["1000 calls/hour", "calls/day", "-1 calls/day", "1000 calls/2 days", 5])
def test_what_is_no_quota_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        QuotaSettings.model_validate(text)
