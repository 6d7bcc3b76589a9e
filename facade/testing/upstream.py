"""Fakes of the ports to the application: scripted, recording, without a network."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType

from facade.kernel import Answer, ApprovedCall, FacadeError
from facade.ports import Passage, Relayed

Respond = Callable[[ApprovedCall], Answer]


@dataclass
class FakeUpstream:
    """Answers approved calls by a function, or with scripted answers and errors in order; records what was sent."""

    respond: Respond | None = None
    script: list[Answer | FacadeError] = field(default_factory=list)
    sent: list[ApprovedCall] = field(default_factory=list)

    async def send(self, call: ApprovedCall) -> Answer:
        """See `ports.Upstream`."""
        self.sent.append(call)
        if self.script:
            scripted = self.script.pop(0)
            if isinstance(scripted, FacadeError):
                raise scripted
            return scripted
        return self.respond(call) if self.respond is not None else Answer(status=200)


@dataclass
class FakeRelay:
    """Answers every passage alike; records passages and the bodies that came with them.

    Attributes:
        breaks: raised in the middle of the answer, after `chunks`.
        closed: how many exchanges were left.
    """

    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    chunks: Sequence[bytes] = ()
    refuses: FacadeError | None = None
    breaks: FacadeError | None = None
    passages: list[Passage] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    closed: int = 0

    @asynccontextmanager
    async def exchange(self, passage: Passage) -> AsyncGenerator[Relayed]:
        """See `ports.Relay`."""
        self.passages.append(passage)
        if self.refuses is not None:
            raise self.refuses
        self.bodies.append(b"".join([chunk async for chunk in passage.body]) if passage.body is not None else b"")
        try:
            yield Relayed(status=self.status, reason="OK", headers=self.headers, chunks=self._answer())
        finally:
            self.closed += 1

    async def _answer(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk
        if self.breaks is not None:
            raise self.breaks


class FakeTry(AbstractAsyncContextManager["FakeTry"]):
    """The one attempt that `NoRetries` gives."""

    number = 1

    def answered(self, answer: Answer) -> None:
        """Nothing depends on it."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class NoRetries:
    """One attempt for every call."""

    async def attempts(self, call: ApprovedCall) -> AsyncGenerator[FakeTry]:
        """See `ports.Retries`."""
        yield FakeTry()
