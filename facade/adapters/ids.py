"""The one source of identifiers: UUID version 7."""

import os
from typing import Final

from facade.ports import Clock

_STEPS_PER_MS: Final = 4096
_VERSION: Final = 0x7 << 12
_VARIANT: Final = 0b10 << 62
_TAIL_BYTES: Final = 8
_TAIL_BITS: Final = (1 << 62) - 1
_DRAWN_BYTES: Final = 512 * _TAIL_BYTES


class UuidV7:
    """UUIDv7 behind the `Ids` port: 62 unguessable bits, strictly rising within a process.

    A clock that goes back or stands still does not break the order: the stamp then moves on by the smallest step.
    Chance is drawn from the operating system for many identifiers at once, since a proxied request needs three and a
    system call each costs more than all else here; each piece serves once. A forked copy would draw the same pieces:
    this process never forks.

    Source: RFC 9562, sections 5.7 and 6.2, method 3 (`rand_a` holds the fraction of the millisecond).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._drawn = b""
        self._used = 0

    def new(self) -> str:
        """The next identifier, in its canonical text form."""
        self._last = max(self._last + 1, self._clock.now() * _STEPS_PER_MS // 1_000)
        return uuid7(self._last, self._chance())

    def _chance(self) -> int:
        if self._used == len(self._drawn):
            self._drawn, self._used = os.urandom(_DRAWN_BYTES), 0
        at = self._used
        self._used = at + _TAIL_BYTES
        return int.from_bytes(self._drawn[at : self._used]) & _TAIL_BITS


def uuid7(stamp: int, random: int) -> str:
    """Lay out a version 7 UUID.

    Args:
        stamp: milliseconds since the epoch times 4096, with the fraction of the millisecond below.
        random: 62 bits.
    """
    milliseconds, fraction = divmod(stamp, _STEPS_PER_MS)
    tail = _VARIANT | random
    return (
        f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-{_VERSION | fraction:04x}"
        f"-{tail >> 48:04x}-{tail & 0xFFFFFFFFFFFF:012x}"
    )
