"""A clock that tests move."""

from facade.kernel import SECOND, Micros

START = Micros(1_700_000_000 * SECOND)
"""2023-11-14T22:13:20Z: an ordinary moment, away from every calendar edge."""


class FakeClock:
    """`Clock` that stands still until it is moved."""

    def __init__(self, now: Micros = START) -> None:
        self._now = now
        self._monotonic = Micros(0)

    def now(self) -> Micros:
        """The moment it was moved to."""
        return self._now

    def monotonic(self) -> Micros:
        """Only what was advanced; steps of the wall clock do not count."""
        return self._monotonic

    def advance(self, duration: Micros) -> None:
        """Let time pass on both clocks.

        Raises:
            ValueError: a negative duration; a wall clock that is set back is `step`.
        """
        if duration < 0:
            raise ValueError(f"time does not pass backwards: {duration}")
        self._now = Micros(self._now + duration)
        self._monotonic = Micros(self._monotonic + duration)

    def step(self, to: Micros) -> None:
        """Set the wall clock, backwards too, as an operator or NTP may."""
        self._now = to
