"""Start the facade as a user would, and wait until it says where it is."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

START_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running facade."""

    url: str
    pid: int


def run_facade(*args: str) -> str:
    """Run one command to its end and return what it printed."""
    command = [sys.executable, "-m", "facade", *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own program


@asynccontextmanager
async def served(*args: str) -> AsyncGenerator[Served]:
    """A facade process, from its ready line to SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "facade", *args, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(START_S):
            url = await _ready(process)
        yield Served(url=url, pid=process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process) -> str:
    """The address in the first line: `facade serve` prints `{"url": ...}` when its output is a pipe."""
    if process.stdout is None:
        raise RuntimeError("no output to read")
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"facade stopped with {await process.wait()} before it was ready")
    return str(json.loads(line)["url"])
