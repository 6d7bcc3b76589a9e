"""The attacks with nginx and HAProxy before and behind: nobody counts requests differently (SEC-SMG-02)."""

import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.fidelity.attacks import ATTACKS, REFUSED_ALONE
from tests.fidelity.bell import Bell
from tests.fidelity.case import OK, asking
from tests.fidelity.client import asked
from tests.fidelity.doors import facade_before
from tests.fidelity.neighbours import INSTALLED, behind
from tests.fidelity.recorder import Recorder, recording
from tests.requirements import requirement

WAYS = (
    *(f"{name} > facade" for name in INSTALLED),
    *(f"facade > {name}" for name in INSTALLED),
    "facade > facade",
)
SMUGGLED = asking(b"GET /smuggled HTTP/1.1", b"Connection: close")


@asynccontextmanager
async def row(way: str, folder: Path) -> AsyncGenerator[tuple[Recorder, int]]:
    """The recorder, and the port of the first server in the row, such as `nginx > facade`."""
    bell = Bell()
    async with AsyncExitStack() as stack:
        recorder = await stack.enter_async_context(recording(bell))
        recorder.always = lambda _: OK
        port = recorder.port
        for name in reversed(way.split(" > ")):
            server = facade_before(port, folder) if name == "facade" else behind(name, port, folder)
            port = await stack.enter_async_context(server)
        yield recorder, port


@requirement("smuggling:between-servers")
@pytest.mark.parametrize("way", WAYS)
async def test_there_are_as_many_requests_behind_as_good_answers_before(way: str, folder: Path) -> None:
    async with row(way, folder) as (recorder, port):
        counts: dict[str, tuple[int, int]] = {}
        for name, attack in {**ATTACKS, **REFUSED_ALONE}.items():
            recorder.forget()
            client = await asked(port, attack + SMUGGLED)
            good = len(re.findall(rb"HTTP/1\.[01] 2\d\d ", bytes(client.tape)))
            counts[name] = (good, sum(request.whole for request in recorder.requests))
        assert {name: pair for name, pair in counts.items() if pair[0] != pair[1]} == {}
        assert sum(good for good, _ in counts.values()) > 0
