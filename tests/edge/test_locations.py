"""`Location` by setting: the application's address gives way to the one that the client used."""

import pytest

from facade.edge.headers import ForwardRules
from facade.edge.locations import Moved
from facade.testing.wire import always
from tests.edge.proxying import request, rig
from tests.requirements import requirement

MOVED = Moved(origins=("http://app:8000", "https://app"), to="https://shop.example", mount="/crm")
PLAIN = Moved(origins=("http://app:80",), to="http://shop.example:81", mount="")


@requirement("wire:location")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"http://app:8000/a?b=%2F#c", b"https://shop.example/crm/a?b=%2F#c"),
        (b"HTTP://APP:8000", b"https://shop.example/crm"),
        (b"https://app:443/a", b"https://shop.example/crm/a"),
        (b"//app:8000/a", b"https://shop.example/crm/a"),
        (b"http://app:8000?x", b"https://shop.example/crm?x"),
        (b"/a/b", b"/crm/a/b"),
        (b"/\xe9", b"/crm/\xe9"),
    ],
)
def test_the_applications_own_address_is_replaced(value: bytes, expected: bytes) -> None:
    assert MOVED.rewritten(value) == expected


@requirement("wire:location")
@pytest.mark.parametrize(
    "value",
    [
        b"http://app:8001/a",
        b"http://app.evil.test/a",
        b"http://app:8000@evil.test/a",
        b"http://evil.test/http://app:8000/",
        b"http://app:8000\\@evil.test/",
        b"http://x@app:8000/",
        b"http://app:port/",
        b"ftp://app:8000/",
        b"http:/app:8000/a",
        b"mailto:a@app",
        b"a/b",
        b"?a",
        b"",
        b"\xff//app",
    ],
)
def test_what_leads_elsewhere_or_cannot_be_read_stays_as_it_is(value: bytes) -> None:
    assert MOVED.rewritten(value) in {value, b"https://shop.example/crm\\@evil.test/"}


def test_without_a_mount_a_path_stays_a_path() -> None:
    assert PLAIN.rewritten(b"/a") == b"/a"
    assert PLAIN.rewritten(b"http://app/a") == b"http://shop.example:81/a"


@requirement("wire:location")
@pytest.mark.parametrize("client_host", [False, True])
async def test_a_redirect_to_the_application_leads_to_where_the_client_asked(client_host: bool) -> None:
    own = b"facade.test" if client_host else b"app.internal"
    answer = (
        b"HTTP/1.1 302 Found\r\nLocation: http://%b/next\r\ncontent-location: /this\r\nContent-Length: 0\r\n\r\n" % own
    )
    rules = ForwardRules(origins=("http://app.internal",), prefix="/crm", client_host=client_host)
    async with rig(always(answer), api={"forward": rules, "mount": "/crm"}) as r:
        got = await r.raw(request("/crm/a"))
    assert b"\r\nLocation: http://facade.test/crm/next\r\ncontent-location: /crm/this\r\n" in got


@requirement("wire:location")
async def test_a_redirect_is_left_alone_without_the_setting() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://app.internal/next\r\nContent-Length: 0\r\n\r\n"
    async with rig(always(answer)) as r:
        assert b"\r\nLocation: http://app.internal/next\r\n" in await r.raw(request("/a"))
