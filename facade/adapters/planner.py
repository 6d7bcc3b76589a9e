"""The embedded planner behind its port: pure code, run in a worker thread so that the event loop stays free (D11)."""

import asyncio

from facade.contract import Catalogue
from facade.plan import Request, Understanding, index_of, understand


class EmbeddedPlanner:
    """Plans without a language model.

    The index is built here, once per catalogue: about a second for a thousand operations, so a reload makes its planner
    in a worker. Planning itself keeps no state and may run in several threads at once.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._index = index_of(catalogue)

    async def understand(self, request: Request) -> Understanding:
        """Read one request against the catalogue this planner was made for."""
        return await asyncio.to_thread(understand, request, self._index)
