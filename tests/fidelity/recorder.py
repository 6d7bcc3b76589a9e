"""An application made of bytes: keeps each request exactly as it came, and answers with what a case gives it.

It judges no request and holds no script of its own: the stage that plays a case takes the requests one by one, writes
to their connections and closes them.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from tests.fidelity.bell import Bell
from tests.fidelity.messages import Message, request_at


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request at the application: its head at once, its body as it becomes complete.

    Attributes:
        message: the request; not `whole` while its body is arriving.
        line: the connection it came on, and `number` how many connections there had been by then.
    """

    message: Message
    line: "Line"
    number: int

    def write(self, data: bytes) -> None:
        """Answer with these bytes."""
        self.line.transport.write(data)

    @property
    def arrived(self) -> bytes:
        """Everything that came on its connection after its head, framing included."""
        return bytes(self.line.tape[self.line.body_at :])


class Line(asyncio.Protocol):
    """A connection to the application.

    Attributes:
        raw: it left HTTP. ended: its other end sends no more. blocked: nobody reads what we write.
    """

    def __init__(self, recorder: "Recorder") -> None:
        self.tape = bytearray()
        self.raw = self.ended = self.blocked = False
        self.body_at = 0
        self.transport: asyncio.Transport
        self._recorder = recorder
        self._at = 0
        self._open: Exchange | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        self.transport = cast(asyncio.Transport, transport)
        self._recorder.lines.append(self)
        self.number = len(self._recorder.lines)

    def data_received(self, data: bytes) -> None:
        """Keep everything, and see which requests are complete."""
        self.tape += data
        while not self.raw and self._read():
            pass
        self._recorder.bell.ring()

    def eof_received(self) -> bool:
        """The other end sends no more; ours may still answer."""
        self.ended = True
        self._recorder.bell.ring()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come."""
        self.ended = True
        self._recorder.bell.ring()

    def pause_writing(self) -> None:
        """The other end does not take what we write."""
        self.blocked = True
        self._recorder.bell.ring()

    def resume_writing(self) -> None:
        """It does again."""
        self.blocked = False
        self._recorder.bell.ring()

    def _read(self) -> bool:
        """One step; True when there may be another."""
        message = request_at(self.tape, self._at)
        if message is None:
            return False
        if self._open is None:
            self.body_at = self.tape.find(b"\r\n\r\n", self._at) + 4
            self._open = Exchange(message=message, line=self, number=self.number)
            self._recorder.exchanges.append(self._open)
        self._open.message = message
        if not message.whole:
            return False
        if self._recorder.always is not None:
            self.transport.write(self._recorder.always(message))
        self._at, self._open = message.end, None
        return True


class Recorder:
    """The application of a stage; everything it was sent, in the order of arrival.

    Attributes:
        always: when set, makes the answer to each whole request at once.
    """

    def __init__(self, bell: Bell) -> None:
        self.bell = bell
        self.port = 0
        self.exchanges: list[Exchange] = []
        self.lines: list[Line] = []
        self.always: Callable[[Message], bytes] | None = None

    def forget(self) -> None:
        """Begin anew; connections that are kept stay."""
        self.exchanges.clear()

    def leave(self) -> None:
        """Break every connection."""
        for line in self.lines:
            line.transport.abort()

    @property
    def requests(self) -> list[Message]:
        """What was asked so far."""
        return [exchange.message for exchange in self.exchanges]


@asynccontextmanager
async def recording(bell: Bell) -> AsyncGenerator[Recorder]:
    """A recorder on a free loopback port."""
    recorder = Recorder(bell)
    server = await asyncio.get_running_loop().create_server(lambda: Line(recorder), "127.0.0.1", 0)
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield recorder
    finally:
        server.close()
        recorder.leave()
        await server.wait_closed()
