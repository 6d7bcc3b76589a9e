"""Raw bytes that two servers could read in two ways, and answers that try the same (SEC-SMG)."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fidelity.attacks import ATTACKS, REFUSED_ALONE
from tests.fidelity.case import OK, answering, asking
from tests.fidelity.client import Client, asked, connected
from tests.fidelity.doors import KEY_HEADER, facade_before
from tests.fidelity.messages import Message
from tests.fidelity.stage import Stage, staged
from tests.requirements import requirement

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSALS = {400, 413, 414, 417, 431, 501, 505}
SMUGGLED = asking(b"GET /smuggled HTTP/1.1", b"Connection: close")
POST = b"POST /things/1 HTTP/1.1"
CHUNKED = b"Transfer-Encoding: chunked"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(folder: Path) -> AsyncGenerator[Stage]:
    async with staged(folder) as opened:
        yield opened


@pytest.fixture(autouse=True)
def fresh(stage: Stage) -> None:
    stage.recorder.forget()
    stage.recorder.always = None


def statuses(client: Client) -> list[int]:
    """Of everything in its tape that looks like an answer."""
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", bytes(client.tape))]


def told(message: Message) -> bytes:
    """An answer that repeats whose it is."""
    return answering(body=message.words[1])


@requirement("smuggling:refused", "proxy:hygiene:ambiguous")
@pytest.mark.parametrize("name", ATTACKS)
async def test_it_is_refused_once_its_connection_ends_and_it_reaches_nobody(stage: Stage, name: str) -> None:
    client = await asked(stage.facade, ATTACKS[name] + SMUGGLED)
    refused = statuses(client)
    assert (len(refused), set(refused) <= REFUSALS, client.ended) == (1, True, True)
    assert [request.start for request in stage.recorder.requests if request.whole] == []


@requirement("smuggling:refused")
@pytest.mark.parametrize("name", REFUSED_ALONE)
async def test_what_is_wrong_but_clear_is_refused_alone(stage: Stage, name: str) -> None:
    stage.recorder.always = told
    client = await asked(stage.facade, REFUSED_ALONE[name] + SMUGGLED)
    first, *others = statuses(client)
    assert (first in REFUSALS, others in ([], [200])) == (True, True)
    assert [request.words[1] for request in stage.recorder.requests] == [b"/smuggled"] * len(others)


SWITCHES = {
    "h2c": (b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings", b"HTTP2-Settings: AAMAAABkAAQAoAAA"),
    "h2c in capitals": (b"Upgrade: H2C", b"Connection: upgrade, http2-settings", b"HTTP2-Settings: AAMAAABk"),
    "h2c among others": (b"Upgrade: websocket, h2c", b"Connection: Upgrade", b"HTTP2-Settings: AAMAAABk"),
    "without its connection": (b"Upgrade: websocket",),
    "two": (b"Upgrade: websocket", b"Upgrade: h2c", b"Connection: Upgrade"),
}


@requirement("smuggling:refused")
@pytest.mark.parametrize("name", SWITCHES)
async def test_no_switch_to_another_http_is_asked_of_the_application(stage: Stage, name: str) -> None:
    stage.recorder.always = told
    client = await asked(stage.facade, asking(b"GET /x HTTP/1.1", *SWITCHES[name]) + SMUGGLED)
    assert statuses(client)[0] in {200} | REFUSALS
    asked_for = [value.lower() for request in stage.recorder.requests for value in request.values("Upgrade")]
    assert [value for value in asked_for if value.startswith(b"h2") or b"h2c" in value] == []
    assert [request.values("HTTP2-Settings") for request in stage.recorder.requests if request.whole] in (
        [],
        [[]],
        [[], []],
    )


EGRESS = {
    "sized": asking(POST, body=b"abc"),
    "chunked": asking(POST, CHUNKED, end=b"3\r\nabc\r\n0\r\n\r\n"),
    "size zero": asking(POST, b"Content-Length: 0"),
    "GET with a body": asking(b"GET /a HTTP/1.1", body=b"abc"),
    "HEAD with a body": asking(b"HEAD /a HTTP/1.1", body=b"abc"),
    "DELETE, chunked": asking(b"DELETE /a HTTP/1.1", CHUNKED, end=b"3\r\nabc\r\n0\r\n\r\n"),
    "chunked, with TE and Trailer": asking(
        POST, CHUNKED, b"TE: trailers, gzip", b"Trailer: X", end=b"0\r\nX: 1\r\n\r\n"
    ),
    "odd spelling": asking(POST, b"cOnTeNt-LeNgTh:   003  ", end=b"abc"),
    "spelt as if it were one": asking(POST, b"Content_Length: 9", b"Transfer_Encoding: chunked", body=b"abc"),
}


@requirement("smuggling:egress", "upstream:framing:ours-alone")
@pytest.mark.parametrize("name", EGRESS)
async def test_a_request_leaves_with_one_framing_and_ends_where_it_said(stage: Stage, name: str) -> None:
    stage.recorder.always = lambda message: told(message) if message.words[0] != b"HEAD" else OK[:-2]
    await asked(stage.facade, EGRESS[name] + SMUGGLED)
    request, *others = stage.recorder.requests
    framed = request.values("Content-Length") + request.values("Transfer-Encoding")
    assert framed in ([b"chunked"], [b"%d" % len(request.body)], [] if not request.body else None)
    assert request.body in {b"", b"abc"}
    assert [other.words[1] for other in others] in ([], [b"/smuggled"])


@requirement("smuggling:early", "relay:early:not-reused")
@pytest.mark.parametrize("framing", [b"Content-Length: 4000", CHUNKED])
async def test_a_connection_whose_request_was_answered_early_is_not_used_again(stage: Stage, framing: bytes) -> None:
    recorder, bell = stage.recorder, stage.bell
    async with connected(stage.facade, bell) as first, connected(stage.facade, bell) as second:
        first.send(asking(POST, framing))
        first.send(b"3\r\nabc\r\n" if framing == CHUNKED else b"abc")
        assert await bell.until(lambda: len(recorder.exchanges) == 1)
        recorder.exchanges[0].write(answering(body=b"early"))
        assert await bell.until(lambda: first.answers([b"POST"])[-1:] != [] and first.answers([b"POST"])[-1].whole)
        recorder.always = told
        second.send(asking(b"GET /second HTTP/1.1"))
        assert await bell.until(lambda: second.answers([b"GET"])[-1:] != [] and second.answers([b"GET"])[-1].whole)
        assert (first.answers([b"POST"])[-1].body, second.answers([b"GET"])[-1].body) == (b"early", b"/second")
        unfinished, following = recorder.exchanges
        assert (following.message.words[1], following.number != unfinished.number) == (b"/second", True)


BROKEN = {
    "length and chunked": answering(b"200 OK", CHUNKED, body=b"abc"),
    "two lengths": answering(b"200 OK", b"Content-Length: 5", body=b"abc"),
    "a list of lengths": answering(b"200 OK", b"Content-Length: 3, 3", body=None, end=b"abc"),
    "a length with a plus": answering(b"200 OK", b"Content-Length: +3", body=None, end=b"abc"),
    "a negative length": answering(b"200 OK", b"Content-Length: -3", body=None, end=b"abc"),
    "a length of words": answering(b"200 OK", b"Content-Length: three", body=None, end=b"abc"),
    "a length beyond 64 bits": answering(b"200 OK", b"Content-Length: 18446744073709551619", body=None, end=b"abc"),
    "a blank before the colon": answering(b"200 OK", b"Content-Length : 3", body=None, end=b"abc"),
    "an uninvited switch": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nraw",
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "another version": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "a zero byte in a value": answering(b"200 OK", b"X-A: a\x00b", body=b"abc"),
    "a return in a value": answering(b"200 OK", b"X-A: a\rb", body=b"abc"),
    "an empty name": answering(b"200 OK", b": 1", body=b"abc"),
    "no colon": answering(b"200 OK", b"X-A", body=b"abc"),
    "a folded value": answering(b"200 OK", b"X-A: 1\r\n b", body=b"abc"),
    "an endless head": answering(b"200 OK", *(b"X-%d: " % n + b"a" * 8_000 for n in range(200)), body=b"abc"),
    "a flood of interim answers": b"HTTP/1.1 102 Processing\r\n\r\n" * 1_000 + OK,
    "nothing": b"",
}


@requirement("smuggling:answers")
@pytest.mark.parametrize("name", BROKEN)
async def test_a_bad_answer_is_502_and_the_next_caller_gets_its_own(stage: Stage, name: str) -> None:
    recorder, bell = stage.recorder, stage.bell
    async with connected(stage.facade, bell) as first:
        first.send(asking(POST, b"Connection: close", body=b"abc"))
        assert await bell.until(lambda: len(recorder.exchanges) == 1)
        recorder.exchanges[0].write(BROKEN[name])
        if not BROKEN[name]:
            recorder.exchanges[0].line.transport.close()
        await bell.until(lambda: first.ended)
        assert [status for status in statuses(first) if status >= 200] == [502]
    await _own(stage, recorder.exchanges[0].number)


EXTRA = {
    "another answer": OK,
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npoi",
    "no HTTP": b"junk",
    "one byte": b"H",
}


@requirement("smuggling:answers")
@pytest.mark.parametrize("name", EXTRA)
async def test_bytes_behind_an_answer_belong_to_nobody(stage: Stage, name: str) -> None:
    recorder, bell = stage.recorder, stage.bell
    async with connected(stage.facade, bell) as first:
        first.send(asking(POST, b"Connection: close", body=b"abc"))
        assert await bell.until(lambda: len(recorder.exchanges) == 1)
        recorder.exchanges[0].write(answering(body=b"own") + EXTRA[name])
        assert await bell.until(lambda: first.ended)
        assert (statuses(first), first.tape.endswith(b"\r\n\r\nown")) in (([200], True), ([502], False))
    await _own(stage, recorder.exchanges[0].number)


@requirement("smuggling:answers")
async def test_bytes_between_two_answers_end_their_connection(stage: Stage) -> None:
    recorder, bell = stage.recorder, stage.bell
    recorder.always = told
    await asked(stage.facade, asking(POST, b"Connection: close", body=b"abc"))
    kept = recorder.exchanges[0].line
    kept.transport.write(OK)
    assert await bell.until(lambda: kept.ended)
    await _own(stage, recorder.exchanges[0].number)


async def _own(stage: Stage, spoilt: int) -> None:
    """The next caller's answer is its own, on a connection that nothing is left on."""
    stage.recorder.forget()
    stage.recorder.always = told
    client = await asked(stage.facade, asking(b"GET /next HTTP/1.1", b"Connection: close"))
    assert (statuses(client), bytes(client.tape[-9:])) == ([200], b"\r\n\r\n/next")
    assert [exchange.number != spoilt for exchange in stage.recorder.exchanges] == [True]


@requirement("smuggling:pipelines")
async def test_a_thousand_requests_in_one_write_are_answered_in_order(stage: Stage) -> None:
    stage.recorder.always = told
    targets = [b"/%d" % number for number in range(1_000)]
    async with connected(stage.facade, stage.bell) as client:
        client.send(b"".join(asking(b"GET " + target + b" HTTP/1.1") for target in targets))
        assert await stage.bell.until(lambda: client.tape.endswith(b"/999"), patience_s=30)
        assert [answer.body for answer in client.answers([b"GET"] * 1_000)] == targets
    assert [request.words[1] for request in stage.recorder.requests] == targets


@requirement("smuggling:pipelines")
async def test_requests_on_one_connection_are_each_counted(stage: Stage, folder: Path) -> None:
    stage.recorder.always = told
    tiers = {"gold": {"rates": ["1 requests/hour burst 5"]}}
    request = asking(b"GET /things/1 HTTP/1.1", KEY_HEADER[:-2])
    limited = facade_before(stage.recorder.port, folder, tiers=tiers)
    async with limited as port, connected(port, stage.bell) as client:
        client.send(request * 9)
        assert await stage.bell.until(lambda: len(statuses(client)) == 9)
        assert statuses(client) == [200] * 5 + [429] * 4
    assert len(stage.recorder.requests) == 5
