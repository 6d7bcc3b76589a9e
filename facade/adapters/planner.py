"""The embedded planner behind its port: pure code, run in a worker thread so that the event loop stays free (D11)."""

import asyncio

from facade.plan import Index, Request, Understanding, understand


class EmbeddedPlanner:
    """Plans without a language model.

    Planning keeps no state and may run in several threads at once. The index is made where contracts are compiled
    (`adapters.compiling`), and changes with them.
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    async def understand(self, request: Request) -> Understanding:
        """Read one request against the operations this planner was made for."""
        return await asyncio.to_thread(understand, request, self._index)
