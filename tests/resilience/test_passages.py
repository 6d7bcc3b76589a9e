"""Existing clients of an application that fails in every way: never a broken answer for a whole one."""

import asyncio
from pathlib import Path

import pytest

from facade.adapters.upstream import UpstreamSettings, open_relay
from facade.ports import Passage
from facade.testing.faults import (
    KINDS,
    Exchange,
    dripping,
    framed,
    hang,
    ignore,
    in_turn,
    late,
    none,
    saying,
    stale,
)
from facade.testing.wire import OK, always, wire
from tests.requirements import requirement
from tests.resilience.scenes import KEYS, SOON, Stage, staged

UNJUDGED = {"breaker": {"enabled": False}, "timeouts": SOON}
OPAQUE = {"no JSON", "a page"}
"""Whole for a proxy, which does not look into bodies."""

BEFORE_ALL = {"hang": 504, "ignore": 504, "reset": 502, "stale": 502, "garbage": 502} | {
    "two lengths": 502,
    "a length and chunks": 502,
}
"""Statuses of ours where there is no head that can be passed on."""


def fitting(kind: str, seen: tuple[int, str]) -> bool:
    """What a client may see of a fault. A head that has come may be on its way already, or wait for a body."""
    if kind in OPAQUE:
        return seen == (200, "whole")
    codes = {502: "upstream_broken", 504: "upstream_timeout"}
    ours = codes.get(seen[0]) == seen[1]
    return ours and seen[0] == BEFORE_ALL[kind] if kind in BEFORE_ALL else ours or seen == (200, "broken off")


async def told(stage: Stage, method: str) -> tuple[int, str]:
    seen = await stage.passage(method)
    return seen.status, seen.code or ("whole" if seen.whole else "broken off")


@requirement("upstream:passages:every-fault")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_broken_answer_is_an_error_or_breaks_off_and_the_next_is_right(method: str, tmp_path: Path) -> None:
    ended = {}
    kinds = {kind: fault for kind, fault in KINDS.items() if kind != "endless"}
    async with staged(tmp_path, **UNJUDGED) as stage:
        for kind, fault in kinds.items():
            stage.proxy.fault = in_turn(none, *[fault] * (2 if method == "GET" else 1), none)
            assert await told(stage, method) == (200, "whole")
            ended[kind] = await told(stage, method)
            stage.proxy.fault = none
            assert await told(stage, method) == (200, "whole"), kind
    assert {kind: seen for kind, seen in ended.items() if not fitting(kind, seen)} == {}


@requirement("upstream:passages:every-fault")
@pytest.mark.parametrize("framing", [b"Content-Length: 900000\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_what_breaks_after_the_client_got_some_of_it_breaks_off_for_the_client_too(
    framing: bytes, tmp_path: Path
) -> None:
    body = b"%x\r\n" % 900_000 + bytes(600_000) if framing.startswith(b"T") else bytes(600_000)
    async with staged(tmp_path) as stage:
        stage.proxy.fault = framed(framing, body)
        seen = await stage.passage()
        assert (seen.status, seen.whole, set(seen.body)) == (200, False, {0})
        assert stage.outcomes == ["upstream_broken"]
        stage.proxy.fault = none
        assert (await stage.passage()).whole


@requirement("upstream:writes:never-again", "upstream:stale:unseen")
async def test_a_write_meets_a_fault_once_and_a_read_on_a_stale_connection_is_asked_again(tmp_path: Path) -> None:
    async with staged(tmp_path, **UNJUDGED) as stage:
        stage.proxy.fault = in_turn(none, stale, none, stale)
        assert [(await stage.passage()).status for _ in range(2)] == [200, 200]
        assert stage.outcomes == ["ok", "upstream_broken", "ok"]
        begun = stage.proxy.begun
        assert (await stage.passage("PUT", data=b"{}")).code == "upstream_broken"
        assert (stage.proxy.begun - begun, stage.outcomes[3:]) == (1, ["upstream_broken"])
        assert stage.received == ["GET /things/7"] * 2


@requirement("upstream:passages:every-fault")
async def test_a_slow_answer_passes_as_long_as_it_is_not_silent(tmp_path: Path) -> None:
    async with staged(tmp_path, timeouts=SOON) as stage:
        stage.proxy.fault = dripping(size=60, pause_s=0.1)
        assert await told(stage, "GET") == (200, "whole")
        stage.proxy.fault = late(0.1)
        assert await told(stage, "GET") == (200, "whole")


@requirement("upstream:passages:every-fault")
async def test_an_endless_answer_is_handed_over_as_it_is_taken_and_no_faster(tmp_path: Path) -> None:
    sent = 0
    blocked = asyncio.Event()

    async def endless(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            sending = asyncio.ensure_future(exchange.send(b"10000\r\n" + bytes(65_536) + b"\r\n"))
            done, _ = await asyncio.wait({sending}, timeout=0.2)
            if not done:
                blocked.set()
            await sending
            sent += 1

    async with staged(tmp_path) as stage:
        stage.proxy.fault = endless
        async with stage.http.get(stage.url + "/things/7") as answer:
            assert await answer.content.readexactly(65_536) == bytes(65_536)
            await blocked.wait()
            assert sent < 400
            answer.close()


@requirement("upstream:retry-after:honoured", "breaker:own-answers")
@pytest.mark.parametrize("value", ["0", "1000000000", "Wed, 21 Oct 2026 07:28:00 GMT", "soon"])
async def test_the_applications_own_wish_to_wait_reaches_the_client_as_it_is(value: str, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.proxy.fault = saying(503, b'{"busy":true}', f"Retry-After: {value}")
        for _ in range(30):
            seen = await stage.passage()
            assert (seen.status, seen.headers["Retry-After"], seen.body) == (503, value, b'{"busy":true}')
        assert (stage.proxy.begun, set(stage.outcomes)) == (30, {"ok"})


@requirement("upstream:client-gone")
async def test_a_client_that_leaves_ends_its_read_and_not_its_write(tmp_path: Path) -> None:
    held = asyncio.Event()

    async def holding(exchange: Exchange) -> None:
        answer = await exchange.answer()
        await held.wait()
        await exchange.send(answer)

    for method, outcome in (("GET", "broken"), ("DELETE", "ok")):
        async with staged(tmp_path) as stage:
            stage.proxy.fault = holding
            leaving = asyncio.create_task(stage.passage(method))
            await stage.apps[0].arrived.wait()
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            if method == "DELETE":
                for _ in range(50):
                    await asyncio.sleep(0)
                held.set()
            await stage.journal.settled.wait()
            assert (stage.outcomes, stage.received) == ([outcome], [f"{method} /things/7"])


@requirement("upstream:passages:every-fault")
async def test_one_clients_silence_does_not_hold_the_others(tmp_path: Path) -> None:
    twenty = asyncio.Event()

    async def some(exchange: Exchange) -> None:
        if exchange.proxy.begun == 20:
            twenty.set()
        await (ignore if b"/things/slow" in exchange.request else none)(exchange)

    async with staged(tmp_path) as stage:
        stage.proxy.fault = some
        slow = [asyncio.create_task(stage.passage(path="/things/slow")) for _ in range(20)]
        await twenty.wait()
        assert [(await stage.passage(who="beta")).status for _ in range(20)] == [200] * 20
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


@requirement("upstream:passages:every-fault")
async def test_an_application_that_hangs_is_given_up_with_504_and_its_connection_with_it(tmp_path: Path) -> None:
    async with staged(tmp_path, **UNJUDGED) as stage:
        stage.proxy.fault = in_turn(none, hang, none)
        assert [(await stage.passage("DELETE")).status for _ in range(3)] == [200, 504, 200]
        assert stage.proxy.connections == 2


@requirement("breaker:opens")
async def test_uploads_that_clients_break_off_say_nothing_about_the_application(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        port = int(stage.url.rpartition(":")[2])
        for _ in range(30):
            stage.journal.intended.clear()
            stage.journal.settled.clear()
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            head = f"PUT /things/7 HTTP/1.1\r\nHost: a\r\nX-Key: {KEYS['acme']}\r\nContent-Length: 9\r\n\r\nhalf"
            writer.write(head.encode())
            await stage.journal.intended.wait()
            writer.close()
            await stage.journal.settled.wait()
        assert (await stage.passage()).status == 200


@requirement("upstream:stale:unseen", "upstream:writes:never-again")
async def test_a_write_rides_no_connection_that_was_idle_for_long() -> None:
    async with wire(always(OK)) as app:
        settings = UpstreamSettings(base=f"http://127.0.0.1:{app.port}", write_idle_s=-1.0)
        async with open_relay(settings) as relay:
            for method in ("GET", "DELETE", "GET", "HEAD", "POST"):
                async with relay.exchange(Passage(api="main", method=method, target="/", headers=())) as answer:
                    assert [chunk async for chunk in answer.chunks] in ([b"{}"], [])
        assert [(r.line.split()[0], r.connection) for r in app.received] == [
            (b"GET", 1),
            (b"DELETE", 2),
            (b"GET", 2),
            (b"HEAD", 2),
            (b"POST", 3),
        ]
