"""The one reader of time."""

import time

from facade.kernel import Micros


class SystemClock:
    """The machine's clocks, behind the `Clock` port."""

    def now(self) -> Micros:
        """Microseconds since the Unix epoch; follows the wall clock, also backwards."""
        return Micros(time.time_ns() // 1_000)

    def monotonic(self) -> Micros:
        """Microseconds that never run backwards; for durations."""
        return Micros(time.monotonic_ns() // 1_000)
