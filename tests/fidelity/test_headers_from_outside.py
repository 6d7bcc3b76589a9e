"""What a client or an application may make of headers, by raw bytes, alone and with other servers beside (SEC-HDR)."""

import json
import re
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import pytest_asyncio

from tests.fidelity.case import OK, answering, asking
from tests.fidelity.client import Client, asked
from tests.fidelity.doors import KEY_HEADER, facade_before
from tests.fidelity.messages import Message
from tests.fidelity.neighbours import INSTALLED
from tests.fidelity.neighbours import behind as beside
from tests.fidelity.stage import Stage, staged
from tests.requirements import requirement

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = KEY_HEADER[:-2]
GET = b"GET /things/1 HTTP/1.1"
LAST = b"Connection: close"
AROUND = ("nothing", *INSTALLED)
SPELLINGS = (
    *(b"X-Tenant-ID", b"x-tenant-id", b"X-TENANT-ID", b"x-Tenant-iD", b"X-tenant-Id", b"X-TeNaNt-Id"),
    *(b"X_Tenant_ID", b"X-Tenant_ID", b"X_Tenant-ID", b"x_tenant_id", b"X.Tenant.ID", b"HTTP_X_TENANT_ID"),
    *(b"HTTP-X-TENANT-ID", b"Http_X-Tenant_Id"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(folder: Path) -> AsyncGenerator[Stage]:
    async with staged(folder) as opened:
        yield opened


@pytest.fixture(autouse=True)
def fresh(stage: Stage) -> None:
    stage.recorder.forget()
    stage.recorder.always = lambda _: OK


def status(client: Client) -> int:
    return int(client.tape[9:12])


async def got(stage: Stage, *fields: bytes, port: int = 0, line: bytes = GET) -> Message:
    """The one request that reached the application, for one that reached the facade."""
    client = await asked(port or stage.facade, asking(line, *fields, LAST))
    assert status(client) == 200
    (request,) = stage.recorder.requests
    return request


def tenants(request: Message) -> list[bytes]:
    """Values of every header that some receiver could take for the tenant's."""
    return [value.strip() for name, value in request.fields if b"tenant" in name.lower()]


@requirement("headers:one-tenant", "SEC-HDR-02", "proxy:headers:spoofed-context")
@pytest.mark.parametrize("name", SPELLINGS, ids=bytes.decode)
@pytest.mark.parametrize("known", [True, False])
async def test_the_application_sees_the_verified_tenant_or_none(stage: Stage, name: bytes, known: bool) -> None:
    spoofs = (name + b": victim", name + b":\t victim \t", name + b":", name.swapcase() + b": victim")
    request = await got(stage, *((KEY,) if known else ()), *spoofs)
    assert tenants(request) == ([b"acme"] if known else [])


@requirement("headers:one-tenant")
@pytest.mark.parametrize("name", [b"X\xe2\x80\x90Tenant\xe2\x80\x90ID", b"X-Tenant-ID\xa0", b"X-Tenant-ID\x0b"])
async def test_a_name_that_is_no_token_is_refused(stage: Stage, name: bytes) -> None:
    client = await asked(stage.facade, asking(GET, KEY, name + b": victim", LAST))
    assert (status(client), stage.recorder.requests) == (400, [])


@requirement("headers:through-nginx")
@pytest.mark.parametrize("way", [f"{name} {place}" for name in AROUND for place in ("before", "behind")])
async def test_a_wsgi_application_sees_one_tenant(way: str, folder: Path) -> None:
    spoofs = [name + b": victim" for name in SPELLINGS]
    name, place = way.split()
    async with AsyncExitStack() as stack:
        port = stack.enter_context(wsgi())
        rest = (facade_before, partial(beside, name))
        for server in rest if place == "before" else reversed(rest):
            port = await stack.enter_async_context(server(port, folder))
        client = await asked(port, asking(GET, KEY, *spoofs, LAST))
    environ = json.loads(re.search(rb"\{.*\}", bytes(client.tape))[0])  # type: ignore[index] # or the test fails
    assert {name: value for name, value in environ.items() if "TENANT" in name} == {"HTTP_X_TENANT_ID": "acme"}


@contextmanager
def wsgi() -> Iterator[int]:
    """A WSGI application that answers with its environment; where it listens."""

    def tell(environ: dict[str, Any], start: Any) -> list[bytes]:
        body = json.dumps({name: value for name, value in environ.items() if isinstance(value, str)}).encode()
        start("200 OK", [("Content-Length", str(len(body))), ("Content-Type", "application/json")])
        return [body]

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    class Nameless(WSGIServer):
        def server_bind(self) -> None:
            """Without asking the network for our name."""
            TCPServer.server_bind(self)
            self.server_name, self.server_port = "app.test", self.socket.getsockname()[1]
            self.setup_environ()

    with make_server("127.0.0.1", 0, tell, server_class=Nameless, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


NAMING = {
    "the tenant's header": (b"Connection: X-Tenant-ID",),
    "among others": (b"Connection: close, X-Tenant-ID ,Via",),
    "twice": (b"Connection: X-Tenant-ID", b"Connection: X-Tenant-ID, keep-alive"),
    "in other spellings": (b"Connection: x-tenant-id, X_Tenant_ID",),
    "forwarding headers": (b"Connection: X-Forwarded-For, X-Forwarded-Host, X-Request-Id, traceparent",),
    "with bytes beyond ASCII": (b"Connection: X-Tenant-ID, \xe9",),
    "with empty members": (b"Connection: ,, X-Tenant-ID,,",),
}


@requirement("headers:connection", "proxy:headers:connection")
@pytest.mark.parametrize("behind", AROUND)
async def test_what_connection_names_is_not_what_we_say(stage: Stage, behind: str, folder: Path) -> None:
    async with beside(behind, stage.recorder.port, folder) as next_port, facade_before(next_port, folder) as port:
        for name, naming in NAMING.items():
            stage.recorder.forget()
            request = await got(stage, KEY, *naming, b"X-Tenant-ID: victim", port=port)
            spoken = [value for value in request.values("Connection") if b"enant" in value]
            assert (name, tenants(request), spoken) == (name, [b"acme"], [])
            assert request.values("X-Forwarded-Host") == [b"app.test"]


@requirement("headers:connection", "proxy:headers:connection")
async def test_what_connection_names_stays_here(stage: Stage) -> None:
    request = await got(stage, b"Connection: X-Hop, x-other", b"X-Hop: 1", b"x-hop: 2", b"X-Other: 3", b"X-Kept: 4")
    assert {name.lower() for name, _ in request.fields} & {b"x-hop", b"x-other", b"x-kept"} == {b"x-kept"}


@requirement("headers:connection", "proxy:headers:connection")
@pytest.mark.parametrize("essential", ["Authorization", "Cookie", "Host", "Content-Length", "Content-Type"])
async def test_connection_may_not_name_what_the_application_needs(stage: Stage, essential: str) -> None:
    client = await asked(stage.facade, asking(GET, f"Connection: close, {essential}".encode()))
    assert (status(client), stage.recorder.requests) == (400, [])


CLAIMS = (
    *(
        b"X-Forwarded-For: 6.6.6.6",
        b"X-Forwarded-Host: evil.test",
        b"X-Forwarded-Proto: gopher",
        b"X-Forwarded-Port: 6",
    ),
    *(b"X-Forwarded-Prefix: /evil", b"X_Forwarded_For: 6.6.6.6", b"Forwarded: for=6.6.6.6;host=evil.test"),
    *(b"X-Real-IP: 6.6.6.6", b"X-Client-IP: 6.6.6.6", b"True-Client-IP: 6.6.6.6", b"X-Cluster-Client-IP: 6.6.6.6"),
    *(b"X-Original-URL: /evil", b"X-Rewrite-URL: /evil", b"X-Original-Host: evil.test", b"X-Forwarded: for=6.6.6.6"),
    *(b"X-HTTP-Method-Override: DELETE", b"X-HTTP-Method: DELETE", b"X-Method-Override: DELETE"),
    *(b"x_http_method_override: DELETE", b"X_Facade_Tenant: victim"),
)


@requirement("headers:origin", "proxy:headers:spoofed-origin")
@pytest.mark.parametrize("known", [True, False])
async def test_claims_about_origin_path_and_method_are_dropped(stage: Stage, known: bool) -> None:
    request = await got(stage, *((KEY,) if known else ()), *CLAIMS, line=b"POST /things/1 HTTP/1.1")
    flat = b"\n".join(name + b":" + value for name, value in request.fields)
    assert [lie for lie in (b"6.6.6.6", b"evil", b"gopher", b"DELETE", b"victim") if lie in flat] == []
    assert request.values("X-Forwarded-For") == [b"127.0.0.1"]
    assert request.values("X-Forwarded-Proto") == [b"http"]


@requirement("headers:origin")
async def test_a_tenant_that_a_client_names_is_only_ever_one_of_its_own(stage: Stage) -> None:
    client = await asked(stage.facade, asking(GET, KEY, b"X-Facade-Tenant: victim", LAST))
    assert (status(client), stage.recorder.requests) == (403, [])
    assert tenants(await got(stage, b"X-Facade-Tenant: victim")) == []


@requirement("headers:trailers", "proxy:hygiene:trailers")
@pytest.mark.parametrize("behind", AROUND)
async def test_a_trailer_never_becomes_a_header(stage: Stage, behind: str, folder: Path) -> None:
    end = b"3\r\nabc\r\n0\r\nX-Tenant-ID: victim\r\nAuthorization: x\r\nX-Forwarded-For: 6.6.6.6\r\nHost: evil\r\n\r\n"
    data = asking(b"POST /things/1 HTTP/1.1", KEY, LAST, b"Transfer-Encoding: chunked", end=end)
    async with beside(behind, stage.recorder.port, folder) as next_port, facade_before(next_port, folder) as port:
        client = await asked(port, data)
    assert status(client) in {200, 400}
    for request in stage.recorder.requests:
        seen = (tenants(request), request.values("Authorization"), request.values("Host"), request.trailers)
        assert seen == ([b"acme"], [], [b"app.test"], ())


@requirement("headers:answers")
async def test_a_cookie_of_one_caller_is_not_sent_with_anothers_request(stage: Stage, folder: Path) -> None:
    """By a host name: the library's own jar ignores addresses, so a test on 127.0.0.1 would see nothing (C1)."""
    stage.recorder.always = lambda _: answering(b"200 OK", b"Set-Cookie: sid=of-acme", body=b"ok")
    reached = {"upstream": f"http://localhost:{stage.recorder.port}"}
    async with facade_before(stage.recorder.port, folder, reached) as port:
        for fields in ((KEY,), ()):
            client = await asked(port, asking(GET, *fields, LAST))
            assert b"Set-Cookie: sid=of-acme" in client.tape
    assert [request.values("Cookie") for request in stage.recorder.requests] == [[], []]


@requirement("headers:answers")
async def test_a_redirect_is_not_followed_and_shows_no_credential_elsewhere(stage: Stage) -> None:
    place = b"Location: http://127.0.0.1:%d/elsewhere" % stage.recorder.port
    stage.recorder.always = lambda _: answering(b"302 Found", place)
    client = await asked(stage.facade, asking(GET, KEY, LAST))
    assert (status(client), place in client.tape, len(stage.recorder.requests)) == (302, True, 1)


@requirement("headers:answers")
async def test_an_answers_own_hop_by_hop_headers_stay_behind(stage: Stage) -> None:
    hop = (b"Connection: X-Hop", b"X-Hop: 1", b"Keep-Alive: timeout=9", b"Proxy-Authenticate: Basic", b"Upgrade: h2c")
    stage.recorder.always = lambda _: answering(b"200 OK", *hop, b"X-Kept: 1", body=b"ok")
    (answer,) = (await asked(stage.facade, asking(GET, LAST))).answers([b"GET"])
    assert {name.lower() for name, _ in answer.fields} & {
        *(b"x-hop", b"keep-alive", b"proxy-authenticate", b"upgrade", b"x-kept")
    } == {b"x-kept"}


CONTROLS = [*range(0x01, 0x09), *range(0x0B, 0x0D), *range(0x0E, 0x20), 0x00, 0x0A, 0x0D, 0x7F]


@requirement("headers:controls")
@pytest.mark.parametrize("control", CONTROLS, ids=hex)
async def test_a_control_character_comes_neither_in_nor_out(stage: Stage, control: int) -> None:
    value = b"X-A: a" + bytes([control]) + b"b"
    client = await asked(stage.facade, asking(GET, value, LAST))
    assert (status(client), stage.recorder.requests) == (400, [])
    stage.recorder.always = lambda _: answering(b"200 OK", value, body=b"ok")
    client = await asked(stage.facade, asking(GET, LAST))
    assert (status(client), bytes([control]) + b"b" in client.tape) == (502, False)


@requirement("headers:host")
async def test_the_application_sees_its_own_host_whatever_the_client_says(stage: Stage, folder: Path) -> None:
    hosts = [b"other.test", b"OTHER.test:99", b"[::1]", b"127.0.0.1:1"]
    async with facade_before(stage.recorder.port, folder, {"host_header": "upstream"}) as port:
        for host in hosts:
            assert status(await asked(port, asking(GET, LAST, host=b"Host: " + host + b"\r\n"))) == 200
    requests = stage.recorder.requests
    assert [request.values("Host") for request in requests] == [[b"127.0.0.1:%d" % stage.recorder.port]] * len(hosts)
    assert [request.values("X-Forwarded-Host") for request in requests] == [[host] for host in hosts]
