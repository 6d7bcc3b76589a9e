"""Every default of the client library that is wrong for a multi-tenant proxy, shown switched off on the wire."""

import asyncio
import socket

import pytest
from aiohttp import ClientConnectorError, ClientSession, ClientTimeout, ServerDisconnectedError
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from facade.adapters.upstream import Address, UpstreamSettings, address_of, open_session
from facade.adapters.upstream.session import Exchange, repeat_never, url_of
from facade.kernel import InvalidRequest, SettingsInvalid
from facade.testing.wire import OK, always, each, wire
from tests.requirements import requirement

TIMEOUT = ClientTimeout(total=5)


def get(target: str = "/", *headers: tuple[str, str], method: str = "GET", body: bytes | None = None) -> Exchange:
    return Exchange(method=method, target=target, headers=headers, timeout=TIMEOUT, body=body)


@requirement("upstream:cookies:never-kept")
async def test_a_cookie_set_for_one_caller_is_not_sent_with_the_next_call() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=TENANT-A\r\nContent-Length: 0\r\n\r\n"
    async with wire(always(answer)) as app, open_session(UpstreamSettings(base=f"http://localhost:{app.port}")) as out:
        for _ in range(2):
            (await out.request(get())).close()
        assert [each.values("cookie") for each in app.received] == [[], []]


@requirement("upstream:redirects:never-followed")
async def test_a_redirect_is_handed_back_and_nothing_is_sent_to_its_target() -> None:
    async with wire(always(OK)) as trap:
        answer = f"HTTP/1.1 302 Found\r\nLocation: http://localhost:{trap.port}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with (
            wire(always(answer)) as app,
            open_session(UpstreamSettings(base=f"http://localhost:{app.port}")) as out,
        ):
            response = await out.request(get("/", ("X-Api-Key", "secret")))
            assert response.status == 302
            response.close()
        assert trap.received == []


@requirement("upstream:attempts:one-on-the-wire")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_a_stale_connection_never_makes_a_second_request(method: str) -> None:
    async with (
        wire(each(OK, None, OK)) as app,
        open_session(UpstreamSettings(base=f"http://localhost:{app.port}")) as out,
    ):
        first = await out.request(get())
        await first.read()
        with pytest.raises(ServerDisconnectedError):
            await out.request(get("/x", method=method))
        assert [(r.line.split()[0].decode(), r.connection) for r in app.received] == [("GET", 1), (method, 1)]


@requirement("upstream:attempts:one-on-the-wire")
async def test_the_start_fails_when_the_library_cannot_be_told_to_send_once() -> None:
    async with ClientSession() as session:
        repeat_never(session)
        with pytest.raises(RuntimeError):
            repeat_never(session)


@requirement("upstream:framing:ours-alone")
async def test_framing_and_host_headers_of_a_caller_do_not_reach_the_wire() -> None:
    hostile = [
        ("Content-Length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("Host", "evil.test"),
        ("Connection", "X-Tenant"),
        ("Keep-Alive", "1"),
        ("Upgrade", "h2c"),
        ("Expect", "100-continue"),
        ("TE", "trailers"),
        ("Trailer", "X"),
        ("Proxy-Authorization", "x"),
        ("X-Kept", "1"),
    ]
    async with wire(always(OK)) as app, open_session(UpstreamSettings(base=f"http://localhost:{app.port}")) as out:
        (await out.request(get("/", *hostile, method="POST", body=b"abc"))).close()
        assert app.received[0].headers == [
            ("Host", f"localhost:{app.port}"),
            ("X-Kept", "1"),
            ("Content-Length", "3"),
        ]
        assert app.received[0].body == b"abc"


async def test_nothing_is_added_that_the_caller_did_not_send() -> None:
    async with wire(always(OK)) as app, open_session(UpstreamSettings(base=f"http://localhost:{app.port}")) as out:
        (await out.request(get())).close()
        assert app.received[0].headers == [("Host", f"localhost:{app.port}")]


async def test_the_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with wire(always(OK)) as trap, wire(always(OK)) as app:
        monkeypatch.setenv("HTTP_PROXY", f"http://localhost:{trap.port}")
        monkeypatch.setenv("http_proxy", f"http://localhost:{trap.port}")
        async with open_session(UpstreamSettings(base=f"http://localhost:{app.port}")) as out:
            (await out.request(get())).close()
        assert (len(app.received), trap.received) == (1, [])


class Rebinding(AbstractResolver):
    """Answers with one address after the other, then fails."""

    def __init__(self, *addresses: str) -> None:
        self.left = list(addresses)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        if not self.left:
            raise OSError(None, "no answer")
        return [
            ResolveResult(
                hostname=host,
                host=self.left.pop(0),
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        return None


@requirement("upstream:egress:pinned")
async def test_a_name_that_moves_outside_the_allowed_networks_is_not_connected() -> None:
    async with wire(always(OK)) as trap:
        settings = UpstreamSettings(base=f"http://app.test:{trap.port}", networks=("10.0.0.0/8",))
        async with open_session(settings, resolver=Rebinding("127.0.0.1")) as out:
            with pytest.raises(ClientConnectorError):
                await out.request(get())
        assert trap.connections == 0


@requirement("upstream:egress:pinned")
async def test_a_literal_address_is_checked_although_no_resolver_is_asked_about_it() -> None:
    async with wire(always(OK)) as app:
        settings = UpstreamSettings(base=f"http://127.0.0.1:{app.port}", networks=("10.0.0.0/8",))
        async with open_session(settings) as out:
            with pytest.raises(ClientConnectorError):
                await out.request(get())
        async with open_session(UpstreamSettings(base=f"http://127.0.0.1:{app.port}")) as out:
            (await out.request(get())).close()
        assert app.connections == 1


async def test_the_last_good_address_serves_while_the_name_server_fails() -> None:
    resolver = Rebinding("127.0.0.1")
    async with wire(always(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))) as app:
        settings = UpstreamSettings(base=f"http://app.test:{app.port}")
        async with open_session(settings, resolver=resolver) as out:
            (await out.request(get())).close()
            out.forget_names()
            (await out.request(get())).close()
        assert (resolver.asked, app.connections) == (2, 2)


@requirement("upstream:egress:pinned")
async def test_a_name_that_never_resolved_is_unreachable() -> None:
    async with open_session(UpstreamSettings(base="http://app.test:80"), resolver=Rebinding()) as out:
        with pytest.raises(ClientConnectorError):
            await out.request(get())


@requirement("invariant:proxy:unchanged", "upstream:target:same-bytes")
@pytest.mark.parametrize(
    "target", ["/", "/p?", "/p?a=1&a=2&b=%2F", "/a%2fb;v=1/%E2%82%AC", "/a?b?c", "/a//b", "/x?q=%20+%00", "/%7euser/~"]
)
async def test_the_target_is_sent_byte_for_byte(target: str) -> None:
    async with wire(always(OK)) as app, open_session(UpstreamSettings(base=f"http://localhost:{app.port}")) as out:
        (await out.request(get(target))).close()
        assert app.received[0].line == f"GET {target} HTTP/1.1".encode()


@requirement("upstream:target:same-bytes")
@pytest.mark.parametrize(
    "target", ["", "x", "//evil.test/p", "http://evil.test/p", "/a b", "/a#b", "/é", "/a\r\nX: 1", "*"]
)
def test_a_target_that_would_change_or_leave_is_refused(target: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        url_of(Address(scheme="http", host="app.test", port=80), target)
    assert refused.value.place == "target"


@requirement("upstream:target:same-bytes")
@given(st.text(max_size=40))
def test_any_target_is_sent_as_it_is_or_refused(text: str) -> None:
    address = Address(scheme="https", host="app.test", port=8443)
    try:
        url = url_of(address, "/" + text)
    except InvalidRequest:
        return
    assert (str(url.origin()), url.raw_path_qs) == ("https://app.test:8443", "/" + text)


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("http://app.test", Address(scheme="http", host="app.test", port=80)),
        ("https://app.test:8443/", Address(scheme="https", host="app.test", port=8443)),
        ("http://[::1]:8080", Address(scheme="http", host="::1", port=8080)),
    ],
)
def test_an_address_is_read_from_the_settings(base: str, address: Address) -> None:
    assert address_of(UpstreamSettings(base=base)) == address


@requirement("invariant:errors:clear")
@pytest.mark.parametrize(
    "settings",
    [
        UpstreamSettings(base="app.test"),
        UpstreamSettings(base="ftp://app.test"),
        UpstreamSettings(base="http://"),
        UpstreamSettings(base="http://user:pw@app.test"),
        UpstreamSettings(base="http://app.test/v1"),
        UpstreamSettings(base="http://app.test?y=1"),
        UpstreamSettings(base="http://app.test:99999"),
        UpstreamSettings(base="http://app.test", networks=("ten",)),
        UpstreamSettings(base="http://app.test", connect_s=30),
    ],
)
def test_an_address_that_cannot_be_used_is_one_clear_finding(settings: UpstreamSettings) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        address_of(settings, place="apis.main.upstream")
    assert [(f.code, f.place) for f in refused.value.findings] == [("settings.upstream", "apis.main.upstream")]


@requirement("upstream:attempts:cancel-storm")
async def test_cancelled_calls_never_leave_their_answer_to_another_caller() -> None:
    async def echo(request, writer) -> None:
        await asyncio.sleep(0)
        mark = request.values("x-mark")[0].encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(mark), mark))

    async with (
        wire(echo) as app,
        open_session(UpstreamSettings(base=f"http://localhost:{app.port}", pool_size=8)) as out,
    ):

        async def one(number: int) -> tuple[str, str]:
            response = await out.request(get("/", ("X-Mark", str(number))))
            try:
                return str(number), (await response.read()).decode()
            finally:
                response.close()

        tasks = [asyncio.create_task(one(n)) for n in range(400)]
        for turn, task in enumerate(tasks):
            if turn % 2:
                await asyncio.sleep(0)
                task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
    answers = [d for d in done if isinstance(d, tuple)]
    assert len(answers) >= 200
    assert all(asked == answered for asked, answered in answers)
