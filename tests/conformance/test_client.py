"""The tests' own client: what it does not do, and how answers that break off are told."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from facade.conformance import client as module
from facade.conformance.client import Client, fetched, open_client
from facade.conformance.records import Request, Who
from facade.kernel import InvalidRequest, UpstreamUnavailable

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
GET = Request(method="GET", target="/")


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_it_keeps_no_cookies_follows_nothing_and_adds_no_credential_of_its_own() -> None:
    seen: list[dict[str, str]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append(dict(request.headers))
        return web.Response(status=302, headers={"Location": "/elsewhere", "Set-Cookie": "sid=1"})

    async with serving(handler) as origin, open_client(origin, {Who.FIRST: (("X-Key", "k"),)}) as client:
        for who in (Who.FIRST, Who.NOBODY):
            answer = await client.send(Request(method="GET", target="/a", headers=(("x-key", "mine"),), who=who))
            assert answer.status == 302
    assert [("Cookie" in headers, headers.get("X-Key"), headers.get("x-key")) for headers in seen] == [
        (False, "k", None),
        (False, None, None),
    ]


async def test_a_busy_application_is_waited_for() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=429 if len(asked) < 3 else 200, headers={"Retry-After": "0"})

    async with serving(handler) as origin, open_client(origin, {}) as client:
        assert (await client.send(GET)).status == 200
    assert len(asked) == 3


async def test_a_body_that_breaks_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/gone" and request.transport is not None:
            request.transport.close()
            return web.Response()
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x" * 40)
        if request.path == "/cut" and request.transport is not None:
            request.transport.close()
        await response.write(b"x" * 60)
        return response

    monkeypatch.setattr(module, "MAX_BODY_BYTES", 64)
    async with serving(handler) as origin, open_client(origin, {}) as client:
        cut = await client.send(Request(method="GET", target="/cut"))
        long = await client.send(Request(method="GET", target="/long"))
        gone = await client.send(Request(method="GET", target="/gone"))
    assert (cut.status, cut.cut) == (200, "the connection ended after 40 bytes of the body")
    assert (long.status, long.cut.startswith("more than")) == (200, True)
    assert (gone.status, gone.cut.startswith("the connection ended without an answer")) == (0, True)


class Silent:
    """A session in which nobody answers in time."""

    def request(self, *_: object, **__: object) -> None:
        raise TimeoutError


async def test_an_answer_that_does_not_come_is_told() -> None:
    client = Client(Silent(), "http://app", {})  # type: ignore[arg-type]  # as much of a session as is asked for
    with pytest.raises(UpstreamUnavailable) as nobody:
        await client.send(GET)
    assert nobody.value.detail == "http://app cannot be reached: no answer in time."
    assert (await client.send(GET)).cut == "no answer in time (TimeoutError)"


async def test_a_description_is_fetched_from_an_address() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=200 if request.path_qs == "/openapi.json?v=1" else 404, text="{}")

    async with serving(handler) as origin:
        assert await fetched(f"{origin}/openapi.json?v=1") == b"{}"
        with pytest.raises(InvalidRequest):
            await fetched(origin)
