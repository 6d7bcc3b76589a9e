"""What a case does, one step after the other, at both ends; steps wait for events and for nothing else.

A step that does not come to happen ends the case, and its name is part of the outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tests.fidelity.bell import PATIENCE_S, Bell
from tests.fidelity.client import Client
from tests.fidelity.messages import Message, request_at
from tests.fidelity.recorder import Exchange, Recorder

HOST = b"Host: app.test\r\n"


@dataclass(slots=True, kw_only=True)
class Scene:
    """One case being played.

    Attributes:
        credential: a header line that goes with every request, or nothing.
        methods: of the requests that are sent, in order.
        taken: how many requests the application has looked at; `now` is the last of them.
        heard: where in the client's tape the last `Hear` ended.
    """

    client: Client
    recorder: Recorder
    bell: Bell
    credential: bytes
    methods: list[bytes]
    taken: int = 0
    now: Exchange | None = None
    heard: int = 0

    @property
    def answers(self) -> list[Message]:
        """What the client has."""
        return self.client.answers(self.methods)

    @property
    def finals(self) -> int:
        """How many requests are answered to the end."""
        return sum(1 for answer in self.answers if answer.whole and (answer.status >= 200 or answer.status == 101))

    @property
    def over(self) -> bool:
        """The client was answered by somebody else than the application, or let go."""
        return self.client.ended or self.finals > self.taken

    def exchange(self) -> Exchange:
        """The request in hand."""
        if self.now is None:
            raise LookupError("no request has been taken")
        return self.now


class Step:
    """`run` answers whether it happened."""

    async def run(self, scene: Scene) -> bool:
        """Do it."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Send(Step):
    """The client sends these bytes."""

    data: bytes

    async def run(self, scene: Scene) -> bool:
        scene.client.send(self.data.replace(HOST, HOST + scene.credential))
        return True


@dataclass(frozen=True, slots=True)
class Finish(Step):
    """The client closes its sending half."""

    async def run(self, scene: Scene) -> bool:
        scene.client.transport.write_eof()
        return True


@dataclass(frozen=True, slots=True)
class Finished(Step):
    """The application sees that no more will be sent."""

    async def run(self, scene: Scene) -> bool:
        line = scene.exchange().line
        return await scene.bell.until(lambda: line.ended)


@dataclass(frozen=True, slots=True)
class TakeHead(Step):
    """The application sees the next request's head; its body may still be coming."""

    patience_s: float = PATIENCE_S
    whole: ClassVar[bool] = False

    async def run(self, scene: Scene) -> bool:
        def there() -> bool:
            found = scene.recorder.exchanges[scene.taken :]
            return bool(found) and (found[0].message.whole or not self.whole)

        await scene.bell.until(lambda: there() or scene.over, self.patience_s)
        if not there():
            return False
        scene.now = scene.recorder.exchanges[scene.taken]
        scene.taken += 1
        return True


@dataclass(frozen=True, slots=True)
class Take(TakeHead):
    """The application sees the next request whole."""

    whole: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class TakeBody(Step):
    """The rest of the request in hand arrives."""

    async def run(self, scene: Scene) -> bool:
        exchange = scene.exchange()
        await scene.bell.until(lambda: exchange.message.whole or exchange.line.ended)
        return exchange.message.whole


@dataclass(frozen=True, slots=True)
class Arrives(Step):
    """These bytes reach the application, in what follows the head of the request in hand."""

    data: bytes
    patience_s: float = PATIENCE_S

    async def run(self, scene: Scene) -> bool:
        exchange = scene.exchange()
        await scene.bell.until(lambda: self.data in exchange.arrived or exchange.line.ended, self.patience_s)
        return self.data in exchange.arrived


@dataclass(frozen=True, slots=True)
class Reply(Step):
    """The application writes these bytes."""

    data: bytes

    async def run(self, scene: Scene) -> bool:
        line = scene.exchange().line
        line.raw = line.raw or self.data.startswith(b"HTTP/1.1 101")
        scene.exchange().write(self.data)
        return True


@dataclass(frozen=True, slots=True)
class Hear(Step):
    """The client has these bytes, after those it heard before."""

    data: bytes
    patience_s: float = PATIENCE_S

    async def run(self, scene: Scene) -> bool:
        tape = scene.client.tape
        await scene.bell.until(lambda: self.data in tape[scene.heard :] or scene.client.ended, self.patience_s)
        at = tape.find(self.data, scene.heard)
        scene.heard = at + len(self.data)
        return at >= 0


@dataclass(frozen=True, slots=True)
class Answered(Step):
    """The client has so many whole answers."""

    count: int = 1

    async def run(self, scene: Scene) -> bool:
        return await scene.bell.until(lambda: scene.finals >= self.count)


@dataclass(frozen=True, slots=True)
class Close(Step):
    """The application closes the connection of the request in hand, after what it wrote."""

    async def run(self, scene: Scene) -> bool:
        scene.exchange().line.transport.close()
        return True


@dataclass(frozen=True, slots=True)
class Reset(Step):
    """The application breaks the connection of the request in hand."""

    async def run(self, scene: Scene) -> bool:
        scene.exchange().line.transport.abort()
        return True


@dataclass(frozen=True, slots=True)
class StopReading(Step):
    """The client takes no more bytes for now."""

    async def run(self, scene: Scene) -> bool:
        scene.client.transport.pause_reading()
        return True


@dataclass(frozen=True, slots=True)
class Blocked(Step):
    """The application cannot write on, because nobody takes it."""

    async def run(self, scene: Scene) -> bool:
        line = scene.exchange().line
        return await scene.bell.until(lambda: line.blocked)


@dataclass(frozen=True, slots=True)
class ReadOn(Step):
    """The client reads again."""

    async def run(self, scene: Scene) -> bool:
        scene.client.transport.resume_reading()
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What both ends have of one case.

    Attributes:
        requests: as the application received them. answers: as the client did, interim ones among them.
        up, down: bytes after a switch of protocols, at the application and at the client.
        missed: the step that did not happen; '' when all did.
    """

    requests: tuple[Message, ...]
    answers: tuple[Message, ...]
    up: bytes = b""
    down: bytes = b""
    missed: str = ""


def methods_of(steps: Sequence[Step]) -> list[bytes]:
    """Of the requests that the client sends in these steps."""
    tape, at, methods = b"".join(step.data for step in steps if isinstance(step, Send)), 0, []
    switched = any(isinstance(step, Reply) and step.data.startswith(b"HTTP/1.1 101") for step in steps)
    while message := request_at(tape, at):
        methods.append(message.words[0])
        at = message.end
        if not message.whole or switched:
            break
    return methods


async def played(steps: Sequence[Step], scene: Scene) -> Outcome:
    """Play the steps to the end, and hear the client's answers out."""
    missed = ""
    for number, step in enumerate(steps, 1):
        if not await step.run(scene):
            missed = f"{number}: {type(step).__name__}"
            break
    await scene.bell.until(
        lambda: scene.client.ended or scene.finals >= len(scene.methods), 0.2 if missed else PATIENCE_S
    )
    return _outcome(scene, missed)


def _outcome(scene: Scene, missed: str) -> Outcome:
    answers = scene.answers
    switched = bool(answers) and answers[-1].status == 101
    exchange = scene.now
    return Outcome(
        requests=tuple(scene.recorder.requests),
        answers=tuple(answers),
        up=exchange.arrived[len(exchange.message.raw) :] if switched and exchange else b"",
        down=bytes(scene.client.tape[answers[-1].end :]) if switched else b"",
        missed=missed,
    )
