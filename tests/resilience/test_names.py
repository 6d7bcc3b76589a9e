"""The application's name: followed where it may lead, and remembered while nobody can be asked."""

import asyncio
import logging
import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from facade.adapters.upstream import Address
from facade.adapters.upstream.pinning import Pinned
from tests.requirements import requirement

APP = Address(scheme="http", host="app.test", port=80)


class Server(AbstractResolver):
    """A name server: answers with each of these in turn, the last one from then on."""

    def __init__(self, *answers: str | OSError | None) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            await asyncio.Event().wait()
        if not isinstance(answer, str):
            raise answer or OSError()
        return [ResolveResult(hostname=host, host=answer, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return None


async def led(pinned: Pinned) -> tuple[str, ...]:
    pinned.forget()
    return await pinned.where()


@requirement("upstream:names:changing")
async def test_a_move_within_the_network_is_followed_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    pinned = Pinned(APP, ("10.0.0.0/8",), Server("10.0.0.1", "10.0.0.2"))
    with caplog.at_level(logging.WARNING):
        assert [await led(pinned), await led(pinned)] == [("10.0.0.1",), ("10.0.0.2",)]
    assert not pinned.permits("10.0.0.1", 80)
    assert [(r.message, r.before, r.now) for r in caplog.records] == [
        ("application moved", ["10.0.0.1"], ["10.0.0.2"]),
    ]


@requirement("upstream:names:changing")
async def test_a_move_out_of_the_network_is_not_followed() -> None:
    pinned = Pinned(APP, ("10.0.0.0/8",), Server("10.0.0.1", "192.0.2.1"))
    assert await led(pinned) == ("10.0.0.1",)
    with pytest.raises(OSError, match="not the configured application"):
        await led(pinned)


@requirement("upstream:names:changing")
@pytest.mark.parametrize("trouble", [OSError("NXDOMAIN"), OSError("SERVFAIL"), None])
async def test_a_name_server_that_fails_or_is_slow_is_done_without(trouble: OSError | None) -> None:
    pinned = Pinned(APP, (), Server("10.0.0.1", trouble), patience_s=0.01)
    assert [await led(pinned), await led(pinned)] == [("10.0.0.1",), ("10.0.0.1",)]


@requirement("upstream:names:changing")
async def test_what_was_resolved_too_long_ago_does_not_serve() -> None:
    pinned = Pinned(APP, (), Server("10.0.0.1", OSError("NXDOMAIN")), remembered_s=-1)
    await led(pinned)
    with pytest.raises(OSError, match="NXDOMAIN"):
        await led(pinned)
