"""What the wire's tests share: a relay in front of a recorded application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from facade.adapters.upstream import UpstreamSettings, WireRelay, open_relay
from facade.ports import Passage, Relayed
from facade.testing.wire import Script, Wire, wire


@asynccontextmanager
async def relaying(script: Script, *, early: bool = False, **settings: object) -> AsyncIterator[tuple[WireRelay, Wire]]:
    async with wire(script, early=early) as app:
        configured = replace(UpstreamSettings(base=f"http://localhost:{app.port}"), **settings)
        async with open_relay(configured) as relay:
            yield relay, app


def passage(method: str = "GET", target: str = "/", **more: object) -> Passage:
    return Passage(**{"api": "main", "method": method, "target": target, "headers": (), **more})


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def whole(answer: Relayed) -> bytes:
    return b"".join([chunk async for chunk in answer.chunks])


async def got(relay: WireRelay, asked: Passage) -> tuple[int, bytes]:
    async with relay.exchange(asked) as answer:
        return answer.status, await whole(answer)
