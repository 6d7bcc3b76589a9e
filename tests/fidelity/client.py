"""A client that sends exactly the bytes it is given and keeps every byte that comes back."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from tests.fidelity.bell import Bell
from tests.fidelity.messages import Message, answers_in


class Client(asyncio.Protocol):
    """One connection. `tape` is everything received; `ended`: the other end closed, `broken`: it reset."""

    def __init__(self, bell: Bell) -> None:
        self.tape = bytearray()
        self.ended = False
        self.broken = False
        self.transport: asyncio.Transport
        self._bell = bell

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Keep everything."""
        self.tape += data
        self._bell.ring()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self.ended, self.broken = True, exc is not None
        self._bell.ring()

    def send(self, data: bytes) -> None:
        """Write as it is."""
        self.transport.write(data)

    def answers(self, methods: list[bytes]) -> list[Message]:
        """What came back so far for requests of these methods."""
        return answers_in(self.tape, methods, ended=self.ended)[0]


@asynccontextmanager
async def connected(port: int, bell: Bell) -> AsyncGenerator[Client]:
    """A new connection; leaving breaks it."""
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_connection(lambda: Client(bell), "127.0.0.1", port)
    try:
        yield client
    finally:
        transport.abort()


async def asked(port: int, data: bytes) -> Client:
    """Send bytes on a connection of their own and hear it to its end, or as long as patience lasts."""
    bell = Bell()
    async with connected(port, bell) as client:
        client.send(data)
        await bell.until(lambda: client.ended)
    return client
