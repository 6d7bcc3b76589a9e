"""One facade takes over from another on the same port, while clients go on asking. Also run by `bench.takeover`."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import yaml
from aiohttp import web

from facade.cli.processes import Running, running
from tests.serving.scenes import mapping_with

KEPT, FRESH = 12, 4
"""Clients that keep their connection as long as they may, and clients that take a new one for each request."""


async def taken_over(folder: Path, *, rounds: int) -> Counter[str]:
    """What clients met while so many facades took over from each other: `200` for an answer, else what went wrong."""
    met: Counter[str] = Counter()
    port = free_port()
    async with application() as upstream, AsyncExitStack() as members:
        before = await members.enter_async_context(_member(folder / "0", port, upstream))
        clients = [asyncio.create_task(_client(port, met, keeps=n < KEPT)) for n in range(KEPT + FRESH)]
        for number in range(1, rounds + 1):
            after = await members.enter_async_context(_member(folder / str(number), port, upstream))
            await _some_more(met)
            before.process.terminate()
            await before.process.wait()
            await _some_more(met)
            before = after
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
    return met


@asynccontextmanager
async def _member(own: Path, port: int, upstream: str) -> AsyncGenerator[Running]:
    own.mkdir()  # noqa: ASYNC240 - a test's own folder
    listen = {"host": "127.0.0.1", "port": port, "share_port": True}
    api = {"spec": "things.yaml", "upstream": upstream}
    (own / "facade.yaml").write_text(yaml.safe_dump(mapping_with(own, listen=listen, apis={"things": api})))
    with (own / "log").open("ab") as log:
        async with running("facade", "serve", "-c", str(own / "facade.yaml"), stderr=log) as member:
            yield member


async def _some_more(met: Counter[str], answers: int = 300) -> None:
    """Until clients have had so many more answers."""
    enough = met["200"] + answers
    while met["200"] < enough:  # noqa: ASYNC110 - counted by tasks that know nothing of us
        await asyncio.sleep(0.01)


async def _client(port: int, met: Counter[str], *, keeps: bool) -> None:
    """Ask again and again; never ask the same twice, so that every failure is seen."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while await _exchange(reader, writer, met) and keeps:
                    pass
            finally:
                writer.close()
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            met[type(error).__name__] += 1


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, met: Counter[str]) -> bool:
    """One request; False when the server closes the connection afterwards."""
    writer.write(b"GET /things HTTP/1.1\r\nHost: facade.test\r\nX-Key: k\r\n\r\n")
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    met[head.split(b" ", 2)[1].decode()] += 1
    return b"connection: close" not in head


@asynccontextmanager
async def application() -> AsyncGenerator[str]:
    """An application that answers at once."""

    async def things(_: web.Request) -> web.Response:
        return web.json_response([])

    app = web.Application()
    app.router.add_get("/things", things)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
