"""A raw HTTP/1.1 server for tests: records the exact bytes of each request, answers with scripted bytes.

It understands just enough framing to know where a request ends. What it recorded is the only truth about what was
sent, and how often.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request: its head without the empty line, its body with chunking removed, and the connection it came on."""

    head: bytes
    body: bytes
    connection: int

    @property
    def line(self) -> bytes:
        """The request line."""
        return self.head.split(b"\r\n", 1)[0]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """As sent: order, case and duplicates."""
        pairs = (line.partition(b":") for line in self.head.split(b"\r\n")[1:])
        return [(name.decode("latin-1"), value.strip().decode("latin-1")) for name, _, value in pairs]

    def values(self, name: str) -> list[str]:
        """Every value of one header."""
        return [value for given, value in self.headers if given.lower() == name.lower()]


Script = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Wire:
    """The recorder. Requests are recorded when their head is complete; their bodies are then read, unless `early`.

    Attributes:
        script: writes the answer; may close the connection.
        early: answer before the body is read.
    """

    script: Script
    early: bool = False
    port: int = 0
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    open: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        number = self.connections
        self.open[writer] = asyncio.current_task()
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
                body = b"" if self.early else await body_after(head, reader)
                request = Received(head=head, body=body, connection=number)
                self.received.append(request)
                self.arrived.set()
                await self.script(request, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def end(self) -> None:
        """Break every connection and wait for its end."""
        tasks = [task for task in self.open.values() if task is not None]
        for writer in self.open:
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)


async def body_after(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """The body that a request head announces, without its chunking."""
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    if length:
        return await reader.readexactly(int(length[1]))
    if not re.search(rb"(?im)^transfer-encoding:\s*chunked", head):
        return b""
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body


def always(answer: bytes) -> Script:
    """A script that gives the same bytes each time."""

    async def script(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return script


def each(*answers: bytes | None) -> Script:
    """A script that gives one answer after the other; None closes the connection instead."""
    left = list(answers)

    async def script(request: Received, writer: asyncio.StreamWriter) -> None:
        answer = left.pop(0)
        if answer is None:
            writer.close()
        else:
            writer.write(answer)

    return script


@asynccontextmanager
async def wire(script: Script, *, early: bool = False, ssl: SSLContext | None = None) -> AsyncIterator[Wire]:
    """A recorder on a free loopback port, reachable as `localhost` and `127.0.0.1`; with TLS when it has a context."""
    recorder = Wire(script=script, early=early)
    server = await asyncio.start_server(recorder.serve, "127.0.0.1", 0, ssl=ssl)
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield recorder
    finally:
        server.close()
        await recorder.end()
