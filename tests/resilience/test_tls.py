"""TLS towards the application, against real servers: whom to trust, as whom to appear, and never in the clear."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from facade.adapters.upstream import CallUpstream, UpstreamSettings, open_relay, open_session
from facade.adapters.upstream.steering import SteeredRelay
from facade.adapters.upstream.tls import TlsSettings, context_of, reason_of
from facade.kernel import Answer, Micros, OutboundRequest, SettingsInvalid, UpstreamUnavailable
from facade.ports import Passage
from facade.testing.clock import FakeClock
from facade.testing.upstream import FakeWatch, reach_of
from facade.testing.wire import OK, Wire, always, wire
from tests.adapters.approved import approved
from tests.requirements import requirement
from tests.resilience.certificates import Authority, Signed, authority

POST = OutboundRequest(method="POST", target="/things", body=b"{}")
PATHS = ["calls", "passages"]


def server_context(signed: Signed, folder: Path, *, client_ca: Authority | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.write(folder / "server.pem"))
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca.write(folder / "client-ca.pem"))
    return context


@asynccontextmanager
async def application(signed: Signed, folder: Path, *, client_ca: Authority | None = None) -> AsyncIterator[Wire]:
    async with wire(always(OK), ssl=server_context(signed, folder, client_ca=client_ca)) as app:
        yield app


def settings_for(port: int, folder: Path, **tls: object) -> UpstreamSettings:
    """A client that trusts the tests' authority alone."""
    trusted = authority().write(folder / "ca.pem")
    return UpstreamSettings(
        base=f"https://localhost:{port}", connect_s=2.0, tls=TlsSettings(**{"ca_file": trusted, **tls})
    )


async def asked(settings: UpstreamSettings, path: str, watch: FakeWatch | None = None) -> int:
    """The status that a write gets over this path."""
    reach = reach_of(settings, watch=watch)
    if path == "calls":
        async with open_session(settings) as outgoing:
            upstream = CallUpstream([outgoing], [outgoing], reach, settings, FakeClock(Micros(0)))
            answer: Answer = await upstream.send(approved(POST, write=True))
            return answer.status
    passage = Passage(api="main", method="DELETE", target="/things", headers=())
    async with open_relay(settings) as relay, SteeredRelay([relay], reach).exchange(passage) as relayed:
        return relayed.status


@requirement("tls-out:private")
@pytest.mark.parametrize("path", PATHS)
async def test_a_private_authority_is_trusted_by_its_file(path: str, tmp_path: Path) -> None:
    async with application(authority().sign("localhost"), tmp_path) as app:
        assert await asked(settings_for(app.port, tmp_path), path) == 200


@requirement("tls-out:verified")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("signed", "reason"),
    [
        (lambda: authority().sign("localhost", days=(-9, -1)), "its certificate has expired or is not valid yet"),
        (lambda: authority().sign("localhost", days=(1, 9)), "its certificate has expired or is not valid yet"),
        (lambda: authority().sign("other.test"), "its certificate is for another host"),
        (lambda: Authority.make("Nobody"), "its certificate is not signed by an authority that is trusted"),
        (
            lambda: Authority.make("Another").sign("localhost"),
            "its certificate is not signed by an authority that is trusted",
        ),
    ],
)
async def test_a_certificate_in_doubt_ends_the_attempt_and_the_log_says_why(
    signed: object, reason: str, path: str, tmp_path: Path
) -> None:
    watch = FakeWatch()
    async with application(signed(), tmp_path) as app:
        with pytest.raises(UpstreamUnavailable):
            await asked(settings_for(app.port, tmp_path), path, watch)
        assert app.received == []
    assert watch.told == [f"distrusted https://localhost:{app.port} {reason}"]


@requirement("tls-out:private")
@pytest.mark.parametrize("path", PATHS)
async def test_the_certificate_may_bear_another_name_when_settings_say_so(path: str, tmp_path: Path) -> None:
    async with application(authority().sign("app.internal"), tmp_path) as app:
        assert await asked(settings_for(app.port, tmp_path, server_name="app.internal"), path) == 200
        with pytest.raises(UpstreamUnavailable):
            await asked(settings_for(app.port, tmp_path), path)


@requirement("tls-out:private")
@pytest.mark.parametrize("path", PATHS)
async def test_an_application_that_wants_to_know_us_is_shown_our_certificate(path: str, tmp_path: Path) -> None:
    clients = Authority.make("Clients")
    ours = clients.sign("facade", client=True).write(tmp_path / "ours.pem")
    async with application(authority().sign("localhost"), tmp_path, client_ca=clients) as app:
        assert await asked(settings_for(app.port, tmp_path, client_cert_file=ours), path) == 200


@requirement("tls-out:private")
async def test_verification_is_off_only_when_settings_say_so(tmp_path: Path) -> None:
    async with application(Authority.make("Nobody").sign("other.test"), tmp_path) as app:
        unverified = replace(settings_for(app.port, tmp_path), tls=TlsSettings(verify=False))
        assert [await asked(unverified, path) for path in PATHS] == [200, 200]


@requirement("tls-out:private")
def test_old_versions_are_not_spoken() -> None:
    versions = {m: context_of(TlsSettings(minimum=m)).minimum_version for m in ("TLSv1.2", "TLSv1.3")}
    assert versions == {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


@asynccontextmanager
async def handshaking(first: bytes, *, stays: bool) -> AsyncIterator[int]:
    """A server that answers a client's first bytes with these, and then is silent or gone."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(first)
        await writer.drain()
        if stays:
            await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()
        await server.wait_closed()


@requirement("tls-out:handshake")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("first", "stays"),
    [
        (b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", False),
        (b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", True),
        (b"", False),
        (b"", True),
        (OK, False),
    ],
)
async def test_a_handshake_that_does_not_come_about_ends_within_the_connect_deadline(
    first: bytes, stays: bool, path: str, tmp_path: Path
) -> None:
    async with handshaking(first, stays=stays) as port:
        hurried = replace(settings_for(port, tmp_path), connect_s=0.1)
        with pytest.raises(UpstreamUnavailable):
            await asked(hurried, path)


@requirement("tls-out:settings")
def test_a_file_that_cannot_be_used_is_named_with_its_place(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    locked = authority().sign("facade").write(tmp_path / "locked.pem", password=b"secret")
    wrong = [
        (TlsSettings(ca_file=empty), "apis.main.tls.ca_file"),
        (TlsSettings(ca_file=tmp_path / "missing.pem"), "apis.main.tls.ca_file"),
        (TlsSettings(client_cert_file=empty), "apis.main.tls.client_cert_file"),
        (TlsSettings(client_cert_file=locked), "apis.main.tls.client_cert_file"),
    ]
    for tls, place in wrong:
        with pytest.raises(SettingsInvalid) as refused:
            context_of(tls, place="apis.main.tls")
        assert [(f.code, f.place) for f in refused.value.findings] == [("settings.tls", place)]


def test_only_what_is_about_tls_has_a_reason() -> None:
    assert [reason_of(None), reason_of(OSError("refused"))] == [None, None]
    assert reason_of(ssl.SSLError()) == "the TLS handshake failed: cut"
