"""The other processes of `bench.proxy`: an application, a bare pass-through, a load generator.

`python -m bench.actors application`, `... passthrough UPSTREAM`, `... load URL HEADER CONNECTIONS SECONDS`. The first
two print one JSON line with their `url` when they are ready; the last prints its counts.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import uvloop
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

PATH = "/v1/customers/c_1"
BODY = json.dumps(
    {"id": "c_1", "name": "Acme", "rows": [{"n": n, "text": "x" * 24} for n in range(24)]}, separators=(",", ":")
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length", "upgrade", "te", "trailer"}


class Application(asyncio.Protocol):
    """Answers every request alike, as cheaply as Python can: the application must not be what is measured."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self.transport: Any = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        """Requests without bodies, whole or in pieces."""
        *whole, self.rest = (self.rest + data).split(b"\r\n\r\n")
        self.transport.write(ANSWER * len(whole))


class Client(asyncio.Protocol):
    """One kept-alive connection that asks again as soon as it is answered."""

    def __init__(self, request: bytes, done: Callable[[float, bool], bool]) -> None:
        self.request = request
        self.done = done
        self.buffer = b""
        self.at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first time."""
        self.transport: Any = transport
        self._ask()

    def _ask(self) -> None:
        self.at = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """An answer with a length, whole or in pieces."""
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not found or len(body) < int(length):
            return
        self.buffer = b""
        if self.done(time.perf_counter() - self.at, head.startswith(b"HTTP/1.1 200")):
            self._ask()
        else:
            self.transport.close()


async def application() -> None:
    """The application behind every target."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Application, "127.0.0.1", 0, backlog=1024)
    await _ready(server.sockets[0].getsockname()[1])


async def passthrough(upstream: str) -> None:
    """aiohttp server and `ClientSession` with their defaults, but for redirects and the access log."""
    async with aiohttp.ClientSession() as session:

        async def handle(request: web.Request) -> web.Response:
            headers = [(k, v) for k, v in request.headers.items() if k.lower() not in _HOP]
            body = await request.read() if request.body_exists else None
            url = URL(upstream + request.raw_path, encoded=True)
            async with session.request(
                request.method, url, headers=headers, data=body, allow_redirects=False
            ) as answer:
                kept = CIMultiDict((k, v) for k, v in answer.headers.items() if k.lower() not in _HOP)
                return web.Response(status=answer.status, headers=kept, body=await answer.read())

        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        await _ready(runner.addresses[0][1])
        await runner.cleanup()


async def _ready(port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
    await stop.wait()


async def load(url: str, header: str, connections: int, seconds: float) -> None:
    """Keep every connection busy for some seconds."""
    parts = urlsplit(url)
    lines = [f"GET {PATH}?n=1 HTTP/1.1", f"Host: {parts.netloc}", "Accept: application/json", header]
    request = "\r\n".join(line for line in lines if line).encode() + b"\r\n\r\n"
    times: list[float] = []
    failed = 0
    until = time.perf_counter() + seconds

    def done(took: float, right: bool) -> bool:
        nonlocal failed
        times.append(took)
        failed += not right
        return time.perf_counter() < until

    loop = asyncio.get_running_loop()
    clients = [
        loop.create_connection(lambda: Client(request, done), parts.hostname, parts.port) for _ in range(connections)
    ]
    await asyncio.gather(*clients)
    await asyncio.sleep(seconds + 0.2)
    times.sort()
    figures = {
        "done": len(times),
        "failed": failed,
        "p50": times[len(times) // 2],
        "p99": times[len(times) * 99 // 100],
    }
    print(json.dumps(figures), flush=True)


def main() -> None:
    """Play one part."""
    match sys.argv[1:]:
        case ["application"]:
            part = application()
        case ["passthrough", upstream]:
            part = passthrough(upstream)
        case ["load", url, header, connections, seconds]:
            part = load(url, header, int(connections), float(seconds))
        case _:
            sys.exit(__doc__)
    uvloop.run(part)


if __name__ == "__main__":
    main()
