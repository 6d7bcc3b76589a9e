"""The application, the facade in front of it, and a case played at either."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.fidelity.bell import Bell
from tests.fidelity.cases import Case
from tests.fidelity.client import connected
from tests.fidelity.comparing import Verdict, compared
from tests.fidelity.doors import KEY_HEADER, facade_before
from tests.fidelity.recorder import Recorder, recording
from tests.fidelity.steps import Outcome, Scene, methods_of, played

Who = Literal["nobody", "tenant"]
"""A client that we do not know, whose traffic passes all the same, or a tenant's, with a credential that we do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Both ways to the application; `facade` is the facade's port."""

    bell: Bell
    recorder: Recorder
    facade: int

    async def verdict(self, case: Case, who: Who) -> Verdict:
        """The case once directly and once through the facade, compared at both ends."""
        direct = await self.play(case, who, self.recorder.port)
        return compared(direct, await self.play(case, who, self.facade))

    async def play(self, case: Case, who: Who, port: int) -> Outcome:
        """The case at one door."""
        self.recorder.forget()
        async with connected(port, self.bell) as client:
            scene = Scene(
                client=client,
                recorder=self.recorder,
                bell=self.bell,
                credential=KEY_HEADER if who == "tenant" else b"",
                methods=methods_of(case.steps),
            )
            return await played(case.steps, scene)


@asynccontextmanager
async def staged(folder: Path) -> AsyncGenerator[Stage]:
    """An application and a facade in front of it."""
    bell = Bell()
    async with recording(bell) as recorder, facade_before(recorder.port, folder) as port:
        yield Stage(bell=bell, recorder=recorder, facade=port)
