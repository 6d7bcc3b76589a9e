"""Waiting for something to have happened at either end, without looking at a clock."""

import asyncio
from collections.abc import Callable

PATIENCE_S = 5.0
"""How long a step that never comes is waited for, before the case is told to have failed."""


class Bell:
    """Rung whenever bytes or an end arrive anywhere on a stage."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something happened."""
        self._rung.set()

    async def until(self, true: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
        """Wait until it holds. False: it did not come to hold."""
        try:
            async with asyncio.timeout(patience_s):
                while not true():
                    self._rung.clear()
                    await self._rung.wait()
        except TimeoutError:
            return False
        return True
