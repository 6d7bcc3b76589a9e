"""Moments as people write them on a command line."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from facade.kernel import SECOND, InvalidRequest, Micros

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(text: str, *, time_zone: str = "UTC") -> Micros:
    """Microseconds since the epoch of an ISO 8601 date or moment; in `time_zone` unless it names its own offset.

    Raises:
        InvalidRequest: neither, or no such zone.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise InvalidRequest(f"{time_zone!r} is no time zone; write its IANA name, like Europe/Berlin.") from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"{text!r} is no moment; write it like 2026-03-01 or 2026-03-01T09:30.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    past = moment - _EPOCH
    return Micros((past.days * 86_400 + past.seconds) * SECOND + past.microseconds)
