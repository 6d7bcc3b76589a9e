"""Large bodies through a facade in a process of its own, to and from an application that keeps none of them."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from facade.cli.processes import Running, running
from tests.fidelity.case import OK, answering
from tests.fidelity.doors import settings_of

MIB: Final = 1_048_576
BLOCK: Final = bytes(range(256)) * 256
"""64 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The facade's process and port; `taken`: how many bytes followed the head of each request that ended."""

    process: Running
    port: int
    taken: list[int]

    def peak_kib(self) -> int:
        """The most memory the facade ever had resident."""
        status = Path(f"/proc/{self.process.process.pid}/status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert peak is not None
        return int(peak[1])

    async def asked(self, head: bytes, blocks: Iterable[bytes] = ()) -> tuple[bytes, int]:
        """Send a request as fast as it is taken; the answer's head, and how many bytes followed it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(head)
            for block in blocks:
                writer.write(block)
                await writer.drain()
            answer = await reader.readuntil(b"\r\n\r\n")
            return answer, await _counted(reader, int(re.search(rb"(?i)length: *(\d+)", answer)[1]))  # type: ignore[index]
        finally:
            writer.transport.abort()


@asynccontextmanager
async def flowing(folder: Path) -> AsyncGenerator[Flow]:
    """The application, and a facade in front of it."""
    taken: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                taken.append(await _body(head, reader))
                await _given(head, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        path = folder / "facade.yaml"
        path.write_text(yaml.safe_dump(settings_of(server.sockets[0].getsockname()[1], folder)))
        async with running("facade", "serve", "-c", str(path)) as process:
            yield Flow(process=process, port=int(process.url.rpartition(":")[2]), taken=taken)


async def _body(head: bytes, reader: asyncio.StreamReader) -> int:
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    if length:
        return await _counted(reader, int(length[1]))
    if b"transfer-encoding" not in head.lower():
        return 0
    seen, tail = 0, b""
    while not tail.endswith(b"0\r\n\r\n"):
        data = await reader.read(MIB)
        if not data:
            raise asyncio.IncompleteReadError(b"", None)
        seen, tail = seen + len(data), (tail + data)[-5:]
    return seen


async def _counted(reader: asyncio.StreamReader, size: int) -> int:
    seen = 0
    while seen < size and (data := await reader.read(min(MIB, size - seen))):
        seen += len(data)
    return seen


async def _given(head: bytes, writer: asyncio.StreamWriter) -> None:
    down = re.match(rb"GET /down/(\d+) ", head)
    if down is None:
        writer.write(OK)
        return
    size = int(down[1])
    writer.write(answering(b"200 OK", b"Content-Length: %d" % size, body=None))
    for _ in range(size // len(BLOCK)):
        writer.write(BLOCK)
        await writer.drain()
