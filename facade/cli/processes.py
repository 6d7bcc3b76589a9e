"""Start a program that prints one JSON line when it is ready, and stop it as an operator would."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO, Any

READY_S = 60
"""Longest wait for the ready line."""
STOP_S = 30
"""Longest wait after SIGTERM before the process is killed."""


class NotReady(Exception):
    """The program ended, or said something else, before it was ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A program that is ready; `said` is its ready line."""

    process: asyncio.subprocess.Process
    said: Mapping[str, Any]

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.said["url"])


@asynccontextmanager
async def running(module: str, *args: str, stderr: IO[bytes] | int | None = None) -> AsyncGenerator[Running]:
    """`python -m module args`, from its ready line until the block ends; then SIGTERM.

    Raises:
        NotReady: it did not come up.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *args, stdout=asyncio.subprocess.PIPE, stderr=stderr
    )
    try:
        yield Running(process=process, said=await _ready(process, [module, *args]))
    finally:
        await _stopped(process)


async def _ready(process: asyncio.subprocess.Process, command: Sequence[str]) -> Mapping[str, Any]:
    if process.stdout is None:
        raise NotReady("no output to read")
    try:
        async with asyncio.timeout(READY_S):
            line = await process.stdout.readline()
            if not line:
                raise NotReady(f"`{' '.join(command)}` ended with {await process.wait()} before it was ready.")
        said = json.loads(line)
    except (TimeoutError, ValueError) as error:
        raise NotReady(f"`{' '.join(command)}` did not say that it is ready.") from error
    if not isinstance(said, dict):
        raise NotReady(f"`{' '.join(command)}` did not say where it is.")
    return said


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
