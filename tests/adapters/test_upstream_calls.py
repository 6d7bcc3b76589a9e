"""What an agent's call becomes on the wire, and what each kind of answer becomes for the agent."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade import __version__
from facade.adapters.upstream import CallUpstream, Outgoing, UpstreamSettings, idempotency_key, open_session
from facade.adapters.upstream.answers import BoundedBody, UnusableBody, parsed
from facade.kernel import (
    Answer,
    FacadeError,
    Finding,
    Micros,
    OutboundRequest,
    OutcomeUnknown,
    Secret,
    UpstreamBroken,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from facade.testing.clock import FakeClock
from facade.testing.upstream import reach_of
from facade.testing.wire import OK, Received, Script, Wire, always, wire
from tests.adapters.approved import approved
from tests.requirements import requirement

POST = OutboundRequest(method="POST", target="/things", body=b'{"a":1}')
JSON_200 = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@asynccontextmanager
async def calling(script: Script, **settings: object) -> AsyncIterator[tuple[CallUpstream, Wire]]:
    async with wire(script) as app:
        configured = replace(UpstreamSettings(base=f"http://localhost:{app.port}"), **settings)
        async with open_session(configured) as outgoing:
            yield upstream_over(outgoing, configured), app


def upstream_over(outgoing: Outgoing, settings: UpstreamSettings) -> CallUpstream:
    return CallUpstream([outgoing], [outgoing], reach_of(settings), settings, FakeClock(Micros(0)))


def answer(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def finding(code: str, what: str) -> Finding:
    return Finding(code=f"answer.{code}", place="", message=f"The body of the application's answer {what}.")


async def test_a_call_is_sent_as_built_with_its_secrets_and_nothing_else() -> None:
    request = OutboundRequest(
        method="PUT",
        target="/things/1?q=%2F",
        headers=(("Accept", "application/json"), ("Content-Type", "application/merge-patch+json")),
        body=b"{}",
        secret_headers=(("X-Account-Key", Secret("k")),),
    )
    async with calling(always(OK)) as (upstream, app):
        await upstream.send(approved(request, write=True))
        assert app.received == [
            Received(
                head=(
                    f"PUT /things/1?q=%2F HTTP/1.1\r\nHost: localhost:{app.port}\r\nAccept: application/json\r\n"
                    "Content-Type: application/merge-patch+json\r\nX-Account-Key: k\r\nAccept-Encoding: identity\r\n"
                    f"User-Agent: facade/{__version__}\r\nX-Request-Id: r1\r\nContent-Length: 2"
                ).encode(),
                body=b"{}",
                connection=1,
            )
        ]


async def test_an_answer_shows_its_json_and_only_the_headers_meant_for_agents() -> None:
    raw = answer(b'{"a":[1]}', "Set-Cookie: sid=1", "Server: x", 'ETag: "1"', "X-Own: y", status="201 Created")
    async with calling(always(raw), answer_headers=("x-own",)) as (upstream, _):
        assert await upstream.send(approved()) == Answer(
            status=201,
            headers=(("Content-Type", "application/json"), ("ETag", '"1"'), ("X-Own", "y")),
            media_type="application/json",
            body={"a": [1]},
            size=9,
        )


@requirement("bodies:answers:read")
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(status=204)),
        (
            answer(b"", kind="application/json"),
            Answer(status=200, headers=(("Content-Type", "application/json"),), media_type="application/json"),
        ),
        (
            answer("é".encode("latin-1"), kind="text/plain; charset=latin-1"),
            Answer(
                status=200,
                headers=(("Content-Type", "text/plain; charset=latin-1"),),
                media_type="text/plain",
                text="é",
                size=1,
            ),
        ),
        (
            answer(b"x", kind="text/plain; charset=klingon"),
            Answer(
                status=200,
                headers=(("Content-Type", "text/plain; charset=klingon"),),
                media_type="text/plain",
                text="x",
                size=1,
            ),
        ),
        (
            answer(b"\x89PNG", kind="image/png"),
            Answer(status=200, headers=(("Content-Type", "image/png"),), media_type="image/png", size=4),
        ),
        (
            answer(b"\xef\xbb\xbf[1]", kind="application/hal+json"),
            Answer(
                status=200,
                headers=(("Content-Type", "application/hal+json"),),
                media_type="application/hal+json",
                body=[1],
                size=6,
            ),
        ),
        (
            answer(gzip.compress(b"[1]") + gzip.compress(b" "), "Content-Encoding: gzip"),
            Answer(
                status=200,
                headers=(("Content-Type", "application/json"),),
                media_type="application/json",
                body=[1],
                size=4,
            ),
        ),
        (
            answer(b'{"a":1}\n{"a":2}\n', kind="application/x-ndjson"),
            Answer(
                status=200,
                headers=(("Content-Type", "application/x-ndjson"),),
                media_type="application/x-ndjson",
                text='{"a":1}\n{"a":2}\n',
                size=16,
            ),
        ),
        (
            answer(b"data: {}\n\n", kind="text/event-stream"),
            Answer(
                status=200,
                headers=(("Content-Type", "text/event-stream"),),
                media_type="text/event-stream",
                text="data: {}\n\n",
                size=10,
            ),
        ),
        (
            answer("a;ü\n".encode("utf-16-le"), kind='text/csv; charset="utf-16-le"'),
            Answer(
                status=200,
                headers=(("Content-Type", 'text/csv; charset="utf-16-le"'),),
                media_type="text/csv",
                text="a;ü\n",
                size=8,
            ),
        ),
        (
            answer(b"<h1>", status="502 Bad Gateway"),
            Answer(
                status=502,
                headers=(("Content-Type", "application/json"),),
                media_type="application/json",
                findings=(finding("json", "says that it is JSON and is not"),),
            ),
        ),
    ],
)
async def test_each_kind_of_body_becomes_what_it_is(raw: bytes, expected: Answer) -> None:
    async with calling(always(raw)) as (upstream, _):
        assert await upstream.send(approved()) == expected


async def test_a_large_text_is_read_whole() -> None:
    text = "ü" * 70_000
    async with calling(always(answer(text.encode(), kind="text/csv"))) as (upstream, _):
        got = await upstream.send(approved())
    assert (got.text, got.size) == (text, 140_000)


async def test_a_large_answer_is_parsed_whole() -> None:
    rows = b"[" + b",".join(b'{"n":%d}' % n for n in range(20_000)) + b"]"
    async with calling(always(answer(rows))) as (upstream, _):
        assert (await upstream.send(approved())).body == [{"n": n} for n in range(20_000)]


async def test_a_head_request_has_no_body_whatever_length_it_names() -> None:
    async with calling(always(JSON_200 + b"Content-Length: 500\r\n\r\n")) as (upstream, _):
        got = await upstream.send(approved(OutboundRequest(method="HEAD", target="/")))
    assert (got.status, got.body, got.text) == (200, None, None)


UNUSABLE = {
    "json": (answer(b"{"), "says that it is JSON and is not"),
    "depth": (answer(b"[" * 65 + b"]" * 65), "is nested deeper than 64 levels"),
    "too_large": (answer(b"1" * 70_001), "is larger than 70000 bytes"),
    "encoding": (answer(b"x", "Content-Encoding: br"), "uses a content encoding that was not asked for"),
}


@requirement("upstream:body:bounded")
@pytest.mark.parametrize("code", UNUSABLE)
async def test_an_unusable_body_breaks_a_read_and_is_a_finding_on_a_write(code: str) -> None:
    raw, what = UNUSABLE[code]
    async with calling(always(raw), max_response_bytes=70_000) as (upstream, _):
        with pytest.raises(UpstreamBroken):
            await upstream.send(approved())
        wrote = await upstream.send(approved(POST, write=True))
    assert (wrote.status, wrote.findings) == (200, (finding(code, what),))


@requirement("upstream:body:bounded")
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compression_bomb_is_given_up_at_the_cap(encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    body = BoundedBody(encoding, cap=1_000_000, ratio=100)
    with pytest.raises(UnusableBody) as refused:
        body.add(pack(b"0" * 50_000_000))
    assert refused.value.finding.code == "answer.too_large"


@requirement("upstream:body:bounded")
def test_a_ratio_beyond_the_bound_is_given_up_below_the_cap() -> None:
    body = BoundedBody("gzip", cap=8_000_000, ratio=100)
    with pytest.raises(UnusableBody) as refused:
        body.add(gzip.compress(b"0" * 7_000_000))
    assert refused.value.finding.code == "answer.ratio"


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "raw", ""]), st.integers(1, 7))
def test_an_encoded_body_in_any_pieces_decodes_to_what_was_packed(data: bytes, how: str, step: int) -> None:
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(data),
        "deflate": zlib.compress(data),
        "raw": raw.compress(data) + raw.flush(),
        "": data,
    }[how]
    body = BoundedBody("deflate" if how == "raw" else how, cap=1_000, ratio=100)
    for start in range(0, len(packed), step):
        body.add(packed[start : start + step])
    assert body.whole() == data


def decoded(data: bytes) -> bytes | str:
    body = BoundedBody("gzip", cap=1_000, ratio=100)
    try:
        body.add(data)
        return body.whole()
    except UnusableBody as refused:
        return refused.finding.code


@given(st.binary(min_size=1, max_size=60))
def test_garbage_never_decodes_to_an_unexpected_error(data: bytes) -> None:
    assert decoded(data) == "answer.encoding"


@requirement("upstream:body:cut")
def test_an_encoding_that_ends_too_early_is_not_a_body() -> None:
    body = BoundedBody("gzip", cap=1_000, ratio=100)
    body.add(gzip.compress(b"hello")[:-4])
    with pytest.raises(UnusableBody):
        body.whole()


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists))
def test_strict_json_reads_what_json_writes(value: object) -> None:
    assert parsed(json.dumps(value).encode(), max_depth=1_000) == value


@pytest.mark.parametrize("text", [b"NaN", b"[1e400]", b'"\xff"', b"", b"[" * 100_000, "[1]".encode("utf-16")])
def test_what_is_not_strict_json_is_refused(text: bytes) -> None:
    with pytest.raises(UnusableBody) as refused:
        parsed(text, max_depth=64)
    assert refused.value.finding.code == "answer.json"


def closing(raw: bytes) -> Script:
    async def script(request: Received, writer) -> None:
        writer.write(raw)
        await writer.drain()
        writer.close()

    return script


@requirement("upstream:body:cut", "upstream:faults:named")
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 20",
        JSON_200 + b"Content-Length: 10\r\n\r\n[1]",
        JSON_200 + b"Transfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n",
        JSON_200 + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n[1]",
        JSON_200 + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n[1]",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
async def test_a_cut_or_malformed_answer_breaks_a_read_and_leaves_a_write_unknown(raw: bytes) -> None:
    async with calling(closing(raw)) as (upstream, _):
        with pytest.raises(UpstreamBroken):
            await upstream.send(approved())
        with pytest.raises(OutcomeUnknown):
            await upstream.send(approved(POST, write=True))


@requirement("upstream:body:cut")
async def test_a_body_that_ends_with_the_connection_must_be_whole_json_or_is_marked() -> None:
    async with calling(closing(JSON_200 + b"\r\n[1]")) as (upstream, _):
        assert (await upstream.send(approved())).body == [1]
    async with calling(closing(JSON_200 + b"\r\n[1")) as (upstream, _):
        with pytest.raises(UpstreamBroken):
            await upstream.send(approved())
    async with calling(closing(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\npart")) as (upstream, _):
        marked = await upstream.send(approved())
    assert (marked.text, [f.code for f in marked.findings]) == ("part", ["answer.maybe_cut"])


@requirement("upstream:body:cut")
async def test_bytes_after_an_answer_never_become_the_next_callers_answer() -> None:
    poison = answer(b"[1]") + answer(b'["poison"]')
    sent = [poison, answer(b"[2]")]

    async def script(request: Received, writer) -> None:
        writer.write(sent.pop(0))

    async with calling(script) as (upstream, _):
        assert (await upstream.send(approved())).body == [1]
        assert (await upstream.send(approved())).body == [2]


@requirement("upstream:faults:named")
@pytest.mark.parametrize(("write", "error"), [(False, UpstreamTimeout), (True, OutcomeUnknown)])
@pytest.mark.parametrize("limit", ["first_byte_s", "total_s"])
async def test_silence_ends_at_its_deadline(limit: str, write: bool, error: type[FacadeError]) -> None:
    async def hang(request: Received, writer) -> None:
        await writer.wait_closed()

    limits = {"connect_s": 0.1, "queue_s": 0.05, limit: 0.2}
    async with calling(hang, **limits) as (upstream, app):
        with pytest.raises(error):
            await upstream.send(approved(POST if write else None, write=write))
        assert len(app.received) == 1


@requirement("upstream:faults:named")
@pytest.mark.parametrize("write", [False, True])
async def test_a_refused_connection_says_that_nothing_was_sent(write: bool) -> None:
    async with wire(always(OK)) as gone:
        pass
    settings = UpstreamSettings(base=f"http://127.0.0.1:{gone.port}")
    async with open_session(settings) as outgoing:
        with pytest.raises(UpstreamUnavailable):
            await upstream_over(outgoing, settings).send(approved(POST if write else None, write=write))


@requirement("upstream:faults:named")
async def test_plain_text_where_tls_was_configured_fails_closed() -> None:
    async with wire(always(OK)) as app:
        settings = UpstreamSettings(base=f"https://localhost:{app.port}")
        async with open_session(settings) as outgoing:
            with pytest.raises(UpstreamUnavailable):
                await upstream_over(outgoing, settings).send(approved())
        assert app.received == []


async def test_an_idempotency_key_is_sent_where_it_is_declared_and_only_there() -> None:
    keyed = approved(POST, write=True, idempotency_header="Idempotency-Key")
    async with calling(always(OK)) as (upstream, app):
        await upstream.send(keyed)
        await upstream.send(keyed)
        await upstream.send(approved(POST, write=True))
        assert [r.values("idempotency-key") for r in app.received] == [[idempotency_key(keyed)]] * 2 + [[]]


def test_an_idempotency_key_belongs_to_one_approval_or_else_to_one_spend() -> None:
    first, other = approved(spend="1"), approved(spend="2")
    assert idempotency_key(first) == idempotency_key(approved(spend="1")) != idempotency_key(other)
    assert idempotency_key(approved(spend="1", approval="a")) == idempotency_key(approved(spend="2", approval="a"))
