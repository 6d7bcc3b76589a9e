"""Floods and slow clients at the door: `python -m bench.doors`. Names are those of docs/resilience.md.

A facade in a process of its own, with the default limits; one well-behaved client asks 20 times a second all the while,
alone at first. `slowhttptest` (Debian) brings the slow clients.
"""

import asyncio
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from facade.cli.processes import Running, running
from tests.serving.scenes import mapping_with
from tests.serving.takeover import application

EVERY_S = 0.05
GOOD = b"GET /things HTTP/1.1\r\nHost: facade.test\r\nX-Key: k\r\nConnection: close\r\n\r\n"
SLOW = {
    "REL-DOS-01 slow headers, 900 clients": ["-H", "-i", "2", "-l", "20"],
    "REL-DOS-02 slow bodies, 900 clients": ["-B", "-i", "2", "-l", "20"],
    "REL-DOS-02 slow readers, 900 clients": ["-X", "-l", "20"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """What the well-behaved client met."""

    answered: int
    failed: int
    p50_ms: float
    p99_ms: float


async def victim(port: int, until: Awaitable[object]) -> Victim:
    """Ask on and on, each time on a new connection, until something else is over."""
    other = asyncio.ensure_future(until)
    took: list[float] = []
    failed = 0
    while not other.done():
        began = time.perf_counter()
        try:
            async with asyncio.timeout(5):
                took.append(await _good(port, began))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            failed += 1
        await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - began)))
    await other
    ranked = sorted(took) or [float("nan")]
    p99 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]
    return Victim(answered=len(took), failed=failed, p50_ms=statistics.median(ranked) * 1000, p99_ms=p99 * 1000)


async def _good(port: int, began: float) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(GOOD)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionRefusedError(head[:20])
        return time.perf_counter() - began
    finally:
        writer.close()


async def slow(port: int, options: list[str]) -> None:
    """Nine hundred slow clients for twenty seconds."""
    command = ["slowhttptest", "-c", "900", "-r", "300", "-u", f"http://127.0.0.1:{port}/things", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    await process.wait()


async def flood(port: int) -> None:
    """Five thousand connections that say nothing, held for ten seconds."""
    held = []
    for _ in range(5_000):
        with suppress(OSError):
            held.append((await asyncio.open_connection("127.0.0.1", port))[1])
    await asyncio.sleep(10)
    for writer in held:
        writer.transport.abort()


async def malformed(port: int) -> None:
    """Ten seconds of requests that are none, as fast as one client can."""
    end = time.perf_counter() + 10
    while time.perf_counter() < end:
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
            await reader.read()
            writer.close()


async def endless(port: int) -> tuple[int, float]:
    """A chunked body without an end, to an entrance of ours: when it was refused, and after how many bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /agent/v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    sent, began = 0, time.perf_counter()
    answered = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))
    with suppress(ConnectionError):
        while not answered.done():
            writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            sent += 65_536
            await asyncio.wait_for(writer.drain(), 10)
    head = await answered
    writer.transport.abort()
    return int(head.split(b" ")[1]), sent / 2**20 if time.perf_counter() - began < 10 else float("inf")


@asynccontextmanager
async def served(folder: Path, *, files: int | None = None) -> AsyncGenerator[tuple[Running, int]]:
    """A facade over an application that answers at once; its log goes to a file."""
    async with application() as upstream:
        sections = {"apis": {"things": {"spec": "things.yaml", "upstream": upstream}}}
        sections["limits"] = {"connections_per_address": 0}  # every client of a bench has the same address
        (folder / "facade.yaml").write_text(yaml.safe_dump(mapping_with(folder, **sections)))
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, limits[1]))
        with (folder / "facade.log").open("wb") as log:
            starting = running("facade", "serve", "-c", str(folder / "facade.yaml"), stderr=log)
            async with starting as facade:
                resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
                yield facade, int(facade.url.rpartition(":")[2])


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    line = next(each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def measured(name: str, port: int, pid: int, attack: Callable[[], Awaitable[object]]) -> None:
    """Print one row."""
    before = memory_mib(pid)
    met = await victim(port, attack())
    grown = memory_mib(pid) - before
    print(
        f"| {name} | {met.answered} | {met.failed} | {met.p50_ms:.1f} | {met.p99_ms:.1f} | {grown:+.0f} |", flush=True
    )


async def bench() -> None:
    """Every attack, one after the other."""
    print("| what | answered | failed | p50 ms | p99 ms | MiB more |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with served(folder) as (facade, port):
            pid = facade.process.pid
            await measured("alone", port, pid, lambda: asyncio.sleep(10))
            if shutil.which("slowhttptest"):
                for what, options in SLOW.items():
                    await measured(what, port, pid, lambda options=options: slow(port, options))  # type: ignore[misc]
            await measured("REL-DOS-03 5,000 silent connections", port, pid, lambda: flood(port))
            lines = (folder / "facade.log").read_bytes().count(b"\n")
            await measured("REL-DOS-09 malformed requests", port, pid, lambda: malformed(port))
            told = (folder / "facade.log").read_bytes().count(b"\n") - lines
            status, sent = await endless(port)
            print(f"\nREL-DOS-04: an endless body got {status} after {sent:.1f} MiB.")
            print(f"REL-DOS-09: {told} log lines in those ten seconds, one for each good request included.")


def main() -> None:
    """Run it."""
    if not shutil.which("slowhttptest"):
        sys.stderr.write("slowhttptest is not installed: the rows with slow clients are left out.\n")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(bench())


if __name__ == "__main__":
    main()
