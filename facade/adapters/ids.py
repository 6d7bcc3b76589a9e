"""The one source of identifiers: UUID version 7."""

import secrets
import uuid
from typing import Final

from facade.ports import Clock

_STEPS_PER_MS: Final = 4096
_RANDOM_BITS: Final = 62


class UuidV7:
    """UUIDv7 behind the `Ids` port: 62 unguessable bits, strictly rising within a process.

    A clock that goes back or stands still does not break the order: the stamp then moves on by the smallest step.

    Source: RFC 9562, sections 5.7 and 6.2, method 3 (`rand_a` holds the fraction of the millisecond).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def new(self) -> str:
        """The next identifier, in its canonical text form."""
        self._last = max(self._last + 1, self._clock.now() * _STEPS_PER_MS // 1_000)
        return uuid7(self._last, secrets.randbits(_RANDOM_BITS))


def uuid7(stamp: int, random: int) -> str:
    """Lay out a version 7 UUID.

    Args:
        stamp: milliseconds since the epoch times 4096, with the fraction of the millisecond below.
        random: 62 bits.
    """
    milliseconds, fraction = divmod(stamp, _STEPS_PER_MS)
    version, variant = 0x7, 0b10
    return str(uuid.UUID(int=milliseconds << 80 | version << 76 | fraction << 64 | variant << 62 | random))
