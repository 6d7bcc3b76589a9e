"""Fakes of the ports to the application: scripted, recording, without a network."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType

from facade.adapters.upstream.addresses import Addresses, HealthRules, Path
from facade.adapters.upstream.settings import Address, UpstreamSettings, addresses_of
from facade.adapters.upstream.shares import ShareRules, Shares
from facade.adapters.upstream.steering import Reach
from facade.adapters.upstream.watch import shown
from facade.kernel import Answer, ApprovedCall, FacadeError
from facade.ports import Clock, Passage, Relayed
from facade.testing.clock import FakeClock

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
    """Answers passages with scripted answers and errors in order; records what was sent, each body read whole."""

    script: list[Relayed | FacadeError] = field(default_factory=list)
    sent: list[tuple[Passage, bytes]] = field(default_factory=list)

    @asynccontextmanager
    async def exchange(self, passage: Passage) -> AsyncGenerator[Relayed]:
        """See `ports.Relay`."""
        body = b"" if passage.body is None else b"".join([chunk async for chunk in passage.body])
        self.sent.append((passage, body))
        scripted = self.script.pop(0)
        if isinstance(scripted, FacadeError):
            raise scripted
        yield scripted


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


@dataclass
class FakeWatch:
    """Keeps what was told of an application's health, as `what where` lines."""

    told: list[str] = field(default_factory=list)

    def ejected(self, address: Address, *, for_s: float) -> None:
        """See `addresses.Watch`."""
        self.told.append(f"ejected {shown(address)} {for_s:g}")

    def returned(self, address: Address) -> None:
        """See `addresses.Watch`."""
        self.told.append(f"returned {shown(address)}")

    def opened(self, path: Path) -> None:
        """See `addresses.Watch`."""
        self.told.append(f"opened {path}")

    def closed(self, path: Path) -> None:
        """See `addresses.Watch`."""
        self.told.append(f"closed {path}")

    def distrusted(self, address: Address, *, reason: str) -> None:
        """See `addresses.Watch`."""
        self.told.append(f"distrusted {shown(address)} {reason}")


def reach_of(
    settings: UpstreamSettings,
    *,
    rules: HealthRules | None = None,
    shares: ShareRules | None = None,
    clock: Clock | None = None,
    watch: FakeWatch | None = None,
) -> Reach:
    """Real steering over the addresses of these settings, on a clock of the test's."""
    return Reach(
        addresses=Addresses(
            addresses_of(settings),
            rules or HealthRules(),
            clock or FakeClock(),
            watch or FakeWatch(),
            chance=lambda: 0.0,
        ),
        shares=Shares(shares or ShareRules()),
    )
