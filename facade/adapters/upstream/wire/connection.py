"""One connection to an application: moves bytes, keeps deadlines, decides nothing about what they mean.

Silence counts against the application only while it is its turn: somebody waits for its next byte, or for it to take
ours. One timer serves a connection for its whole life; it is set anew when it rings, not with every exchange.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, cast

from facade.adapters.upstream.wire.answer import Answer, Malformed
from facade.kernel import FacadeError, UpstreamBroken, UpstreamTimeout

MOST_WAITING: Final = 65_536
"""Bytes of an answer that may wait to be taken; then no more are read from the application."""

Ended = Callable[["Connection"], None]


class Connection(asyncio.Protocol):
    """A connection that serves one exchange after the other.

    Attributes:
        answer: what the exchange at hand is answered; None between exchanges.
        fault: why nothing more will come.
        used: exchanges that were completed here before.
        alive: may still be written to.
    """

    __slots__ = (
        *("answer", "fault", "used", "alive"),
        *("_loop", "_ended", "_idle_s", "_kept_s", "_transport", "_reader", "_writer"),
        *("_full", "_paused", "_theirs", "_since", "_timer", "_rings"),
    )

    def __init__(self, ended: Ended, *, idle_s: float, kept_s: float) -> None:
        """Make the protocol of a new connection.

        Args:
            ended: called once, when the connection is no more.
            idle_s: longest silence of the application in an exchange.
            kept_s: longest time between two exchanges.
        """
        self.answer: Answer | None = None
        self.used = 0
        self.alive = False
        self._loop = asyncio.get_running_loop()
        self._ended = ended
        self._idle_s, self._kept_s = idle_s, kept_s
        self._transport: asyncio.Transport | None = None
        self.fault: FacadeError | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._full = self._paused = False
        self._theirs = True
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._rings = 0.0

    # --- an exchange

    def begin(self, answer: Answer) -> None:
        """Start an exchange; bytes that come from now on are its answer."""
        self.answer = answer
        self._theirs = True

    def finish(self) -> None:
        """End an exchange whose answer was taken whole; the connection waits for the next."""
        if self.answer is not None:
            self.answer.close()
            self.answer = None
        self.used += 1
        self._since = self._loop.time()
        self._ring_at(self._since + self._kept_s)
        self._flow()

    @property
    def idle_for_s(self) -> float:
        """How long ago the last exchange ended."""
        return self._loop.time() - self._since

    def write(self, data: bytes) -> None:
        """Send bytes; `drained` tells when more may follow."""
        if self._transport is not None:
            self._transport.write(data)

    async def drained(self) -> None:
        """Wait until the application has taken what was written, but for a bounded rest.

        Raises:
            FacadeError: it takes nothing any more.
        """
        while self._full and self.fault is None:
            self._writer = self._loop.create_future()
            await self._their_turn(self._writer)
        if self.fault is not None:
            raise self.fault

    async def news(self) -> None:
        """Wait until more of the answer has come. Only one may wait.

        Raises:
            FacadeError: no more will come.
        """
        if self.fault is not None:
            raise self.fault
        self._reader = self._loop.create_future()
        await self._their_turn(self._reader)

    def taken(self) -> None:
        """Pieces were taken from the answer: read on when it had become too much."""
        if self._paused:
            self._flow()

    def turn(self, *, theirs: bool) -> None:
        """Whose silence counts: the application's, or for now the client's."""
        self._theirs = theirs
        self._since = self._loop.time()
        if theirs and self._reader is not None:
            self._ring_at(self._since + self._idle_s)

    def end_writing(self) -> None:
        """Nothing more will be written; the other side may still send."""
        if self._transport is None:
            return
        if self._transport.can_write_eof():
            with suppress(OSError):  # reset by the application, and the loop does not know yet
                self._transport.write_eof()
        else:
            self.abort()

    def fail(self, error: FacadeError) -> None:
        """End the exchange with an error: whoever waits gets it, and the connection is closed."""
        if self.fault is None:
            self.fault = error
        self._wake()
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        self.alive = False
        if self._transport is not None:
            self._transport.abort()

    async def _their_turn(self, waiter: asyncio.Future[None]) -> None:
        self._since = self._loop.time()
        self._ring_at(self._since + self._idle_s)
        await waiter

    # --- what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast("asyncio.Transport", transport)
        self.alive = True

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer; any that nobody asked for spoil the connection."""
        answer = self.answer
        if answer is None:
            self.abort()
            return
        try:
            answer.feed(data)
        except Malformed as error:
            self.fail(UpstreamBroken(f"The application's answer is malformed: {error}."))
            return
        if answer.waiting > MOST_WAITING and not self._paused:
            self._flow()
        if self._reader is not None:
            self._wake_reader()

    def eof_received(self) -> bool:
        """The application sends no more; a tunnel's other direction stays open."""
        self.alive = False
        answer = self.answer
        if answer is None:
            return False
        try:
            answer.feed_eof()
        except Malformed:
            self._cut()
            return False
        self._wake()
        return answer.switched

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        self.alive = False
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        if self.answer is not None and not self.answer.ended:
            self._cut()
        self._full = False
        self._wake()
        self._ended(self)

    def pause_writing(self) -> None:
        """Too much waits to be sent."""
        self._full = True

    def resume_writing(self) -> None:
        """More may be sent."""
        self._full = False
        if self._writer is not None and not self._writer.done():
            self._writer.set_result(None)

    def _cut(self) -> None:
        self.fail(UpstreamBroken("The application's answer was cut or did not come."))

    def _flow(self) -> None:
        """Read from the application, or not, by how much waits to be taken."""
        too_much = self.answer is not None and self.answer.waiting > MOST_WAITING
        if self._transport is None or too_much == self._paused:
            return
        self._paused = too_much
        if too_much:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _wake(self) -> None:
        self._wake_reader()
        if self._writer is not None and not self._writer.done():
            self._writer.set_result(None)

    def _wake_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.set_result(None)

    # --- the timer

    def _ring_at(self, when: float) -> None:
        if self._timer is not None:
            if self._rings <= when:
                return
            self._timer.cancel()
        self._rings = when
        self._timer = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        if self.answer is None:
            if now < self._since + self._kept_s:
                self._ring_at(self._since + self._kept_s)
            else:
                self.abort()
        elif self._waited_for:
            if now < self._since + self._idle_s:
                self._ring_at(self._since + self._idle_s)
            else:
                self.fail(UpstreamTimeout("The application did not answer in time."))

    @property
    def _waited_for(self) -> bool:
        """True while it is the application's turn."""
        writing = self._writer is not None and not self._writer.done()
        return writing or (self._theirs and self._reader is not None)
