"""UTC calendar periods of quotas, by whole-day arithmetic; no clock is read."""

from facade.kernel import DAY, Micros, Period, utc_date


def period_start(now: Micros, period: Period) -> Micros:
    """The first moment of the calendar day or month that holds `now`."""
    day = now // DAY
    if period is Period.MONTH:
        day -= utc_date(now).day - 1
    return Micros(day * DAY)


def period_end(start: Micros, period: Period) -> Micros:
    """The first moment after the period that begins at `start`."""
    # No month is longer than 31 days or shorter than 28, so 31 days on is always the month after.
    return Micros(start + DAY) if period is Period.DAY else period_start(Micros(start + 31 * DAY), period)
