"""Raw bytes against the real server: what the parser lets through and a proxy must not (SEC-HDR, SEC-SMG)."""

import asyncio
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.edge.hygiene import Head, HeadLimits, refuse_ambiguous, wanders
from facade.edge.server import ServerSettings
from facade.kernel import InvalidRequest
from tests.edge.proxying import bearer, problem, request, rig, status
from tests.requirements import requirement

HOST = b"Host: facade.test\r\n"

AMBIGUOUS = {
    "gzip and chunked": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "identity and chunked": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "version token HTTP/2.0": b"GET / HTTP/2.0\r\n" + HOST + b"\r\n",
    "absolute form": b"GET http://evil.test/p HTTP/1.1\r\n" + HOST + b"\r\n",
    "two slashes": b"GET //evil.test/p HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority form": b"CONNECT evil.test:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "fragment": b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n",
    "user in host": b"GET / HTTP/1.1\r\nHost: a@evil.test\r\n\r\n",
    "junk port": b"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
    "path in host": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two authorizations": b"GET / HTTP/1.1\r\n" + HOST + b"Authorization: a\r\nAuthorization: b\r\n\r\n",
    "two content types": b"GET / HTTP/1.1\r\n" + HOST + b"Content-Type: a\r\nContent-Type: b\r\n\r\n",
    "length and chunked": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "folded line": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: 1\r\n X-B: 2\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\n" + HOST + b"X-A : 1\r\n\r\n",
    "control in value": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\x01b\r\n\r\n",
    "delete in value": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\x7fb\r\n\r\n",
    "dots": b"GET /a/../b HTTP/1.1\r\n" + HOST + b"\r\n",
    "encoded dots": b"GET /a/%2e%2E/b HTTP/1.1\r\n" + HOST + b"\r\n",
    "twice encoded dots": b"GET /a/%252e%252e/b HTTP/1.1\r\n" + HOST + b"\r\n",
    "dots with a parameter": b"GET /a/..;x=1/b HTTP/1.1\r\n" + HOST + b"\r\n",
    "dots behind a backslash": b"GET /a%5c..%5cb HTTP/1.1\r\n" + HOST + b"\r\n",
    "dots behind an encoded slash": b"GET /a/%2f../b HTTP/1.1\r\n" + HOST + b"\r\n",
    "encoded zero": b"GET /a%00b HTTP/1.1\r\n" + HOST + b"\r\n",
    "encoded line end": b"GET /a%0d%0ab HTTP/1.1\r\n" + HOST + b"\r\n",
    "too many fields": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: 1\r\n" * 64 + b"\r\n",
    "too large a field": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 8_200 + b"\r\n\r\n",
    "too large a head": b"GET / HTTP/1.1\r\n" + HOST + (b"X-A: " + b"a" * 8_000 + b"\r\n") * 5 + b"\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@requirement("proxy:hygiene:ambiguous", "proxy:paths:same-reading")
@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_a_request_that_can_be_read_in_two_ways_is_refused_and_its_connection_closed(name: str) -> None:
    smuggled = request("/smuggled")
    async with rig() as r:
        answer = await r.raw(AMBIGUOUS[name] + smuggled)
        answers = re.findall(rb"(?m)^HTTP/1\.[01] (\d+)", answer)
        assert (answers, r.app.received) == ([b"400"], [])
        assert problem(answer)[1] == "invalid_request"


@requirement("wire:bytes:kept")
async def test_a_header_passes_whatever_bytes_it_holds_and_one_that_we_read_must_be_text() -> None:
    async with rig() as r:
        assert status(await r.raw(request("/", "X-Name: \xe9\xff"))) == 200
        assert b"X-Name: \xe9\xff" in r.app.received[0].head
        assert problem(await r.raw(request("/", "Authorization: Bearer \xe9")))[:2] == (401, "unauthenticated")


@requirement("wire:upgrade:passed")
@pytest.mark.parametrize("protocol", ["h2c", "websocket, h2c", "HTTP/2.0", "H2C", "TLS/1.2", "SPDY/3"])
async def test_an_upgrade_to_another_version_of_http_is_not_offered(protocol: str) -> None:
    async with rig() as r:
        upgrade = request("/", "Connection: Upgrade", f"Upgrade: {protocol}").replace(b"Connection: close\r\n", b"")
        assert problem(await r.raw(upgrade))[:2] == (501, "not_offered")
        ours = upgrade.replace(protocol.encode(), b"websocket").replace(b"GET / ", b"GET /agent/healthz ")
        assert problem(await r.raw(ours))[:2] == (501, "not_offered")
        assert r.app.received == []


@requirement("proxy:hygiene:ambiguous")
async def test_an_expectation_that_we_do_not_know_is_refused() -> None:
    async with rig() as r:
        assert status(await r.raw(request("/", "Expect: 200-maybe", method="POST", body=b"x"))) == 417
        assert r.app.received == []


@requirement("invariant:errors:clear")
async def test_a_malformed_request_is_answered_without_reflecting_it_or_naming_what_we_run_on() -> None:
    async with rig() as r:
        for raw in (b"GET /<script>secret</script> HTTP/9.9\r\n\r\n", request("/agent/none"), request("//x")):
            answer = await r.raw(raw)
            assert b"secret" not in answer
            assert b"Python" not in answer
            assert b"aiohttp" not in answer


async def test_what_nobody_expected_is_opaque_to_the_client_and_told_without_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with rig() as r:
        answer = await r.raw(request("/agent/bug"))
    assert (problem(answer)[:2], b"client sent" in answer) == ((500, "internal_error"), False)
    record = next(record for record in caplog.records if record.name == "facade.edge")
    assert (record.levelname, record.getMessage(), vars(record)["error"]) == ("ERROR", "request failed", "KeyError")
    assert "client sent" not in caplog.text


async def test_a_flood_of_malformed_requests_writes_nothing_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with rig() as r:
        for _ in range(20):
            await r.raw(b"nonsense\r\n\r\n")
    assert [record for record in caplog.records if record.name.startswith(("aiohttp", "facade"))] == []


async def test_requests_on_one_connection_are_answered_in_order() -> None:
    keep = request("/1").replace(b"Connection: close\r\n", b"")
    async with rig() as r:
        answers = await r.raw(keep * 5 + request("/2"))
        assert answers.count(b"HTTP/1.1 200") == 6
        assert [received.line.split()[1] for received in r.app.received] == [b"/1"] * 5 + [b"/2"]


@requirement("proxy:hygiene:trailers")
async def test_trailers_never_become_headers() -> None:
    chunked = (
        b"POST / HTTP/1.1\r\n" + HOST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n0\r\nX-Tenant-ID: victim\r\nAuthorization: x\r\n\r\n"
    )
    async with rig() as r:
        assert status(await r.raw(chunked)) == 200
        names = {name.lower() for name, _ in r.app.received[0].headers}
        assert (r.app.received[0].body, names & {"x-tenant-id", "authorization"}) == (b"abc", set())


@requirement("proxy:headers:spoofed-context")
@pytest.mark.parametrize(
    "name", ["X-Tenant-ID", "x-TENANT-id", "X_Tenant_ID", "X-Tenant_ID", "X.Tenant.ID", "HTTP_X_TENANT_ID"]
)
async def test_the_application_sees_one_tenant_and_it_is_the_verified_one(name: str) -> None:
    async with rig() as r:
        await r.raw(request("/", bearer("acme"), f"{name}: victim", f"{name}:\t victim", "Connection: X-Tenant-ID"))
        tenants = [value for header, value in r.app.received[0].headers if "tenant" in header.lower()]
        assert tenants == ["acme"]


@requirement("proxy:hygiene:slow")
async def test_a_connection_that_sends_no_whole_head_in_time_is_closed() -> None:
    async with rig(settings=ServerSettings(keep_alive_s=0.05)) as r:
        assert await r.raw(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""


@requirement("proxy:hygiene:slow")
@pytest.mark.parametrize("target", ["/agent/echo"])
async def test_a_body_that_stops_arriving_is_refused(target: str) -> None:
    async with rig(settings=ServerSettings(body_s=0.05)) as r:
        answer = await r.raw(request(target, "Content-Length: 10", method="POST") + b"abc")
        assert problem(answer) == (400, "invalid_request", "body")


async def test_a_body_beyond_the_bound_of_our_own_entrances_is_refused() -> None:
    async with rig(settings=ServerSettings(max_body_bytes=10)) as r:
        assert problem(await r.raw(request("/agent/echo", method="POST", body=b"x" * 11))) == (413, "too_large", "body")
        assert status(await r.raw(request("/upload", method="POST", body=b"x" * 11))) == 200


async def test_more_work_than_we_take_is_refused_for_a_moment() -> None:
    free = asyncio.Event()

    async def script(received, writer) -> None:
        await free.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with rig(script, settings=ServerSettings(concurrency=1)) as r:
        first = asyncio.create_task(r.raw(request("/1")))
        await r.app.arrived.wait()
        assert problem(await r.raw(request("/2")))[:2] == (503, "overloaded")
        free.set()
        assert status(await first) == 204


@requirement("proxy:hygiene:parser")
def test_the_start_fails_without_the_strict_parser() -> None:
    code = "from facade.edge.server import require_strict_parser as r; r()"
    run = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", code], env={"AIOHTTP_NO_EXTENSIONS": "1"}, capture_output=True, text=True, check=False
    )
    assert (run.returncode, "C parser" in run.stderr) == (1, True)


def head(target: str = "/", *headers: tuple[bytes, bytes], version: tuple[int, int] = (1, 1)) -> Head:
    return Head(method="GET", target=target, version=version, headers=headers)


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?"), max_size=40))
def test_a_path_that_is_let_through_reads_the_same_after_any_decoding(text: str) -> None:
    try:
        refuse_ambiguous(head("/a" + text), HeadLimits())
    except InvalidRequest:
        return
    assert not wanders(("/a" + text).encode())
    assert "/../" not in f"/a{text}/"


@requirement("invariant:proxy:unchanged")
@pytest.mark.parametrize(
    "target", ["/", "/a.b/.well-known/c..d/...", "/a%2Fb", "/%7Euser", "/a;v=1.2/b", "/a?x=../..&y=%2e%2e", "/a//b"]
)
def test_ordinary_targets_pass(target: str) -> None:
    refuse_ambiguous(head(target, (b"Host", b"[::1]:80"), (b"Transfer-Encoding", b"Chunked")), HeadLimits())
