"""Fakes of the ports to the application: scripted, recording, without a network."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import TracebackType

from facade.kernel import Answer, ApprovedCall, FacadeError

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
