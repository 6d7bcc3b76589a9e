"""What a passage may touch: rights without autonomy, and values that the context fixes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.guard import PassageParts, passable, plain_charset, undescribed, unpinned
from facade.kernel import (
    Autonomy,
    ContextConflict,
    Forbidden,
    InvalidRequest,
    Location,
    Pin,
    Rights,
    Rule,
    Tier,
    WriteClass,
)
from facade.testing.world import World
from tests.requirements import requirement

FORM = "application/x-www-form-urlencoded"
MULTIPART = 'multipart/form-data; boundary="cut"'


def form(**fields: str) -> bytes:
    parts = (f'--cut\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items())
    return f"{''.join(parts)}--cut--\r\n".encode()


def pin(location: Location, value: object = "a-1") -> Pin:
    return Pin(location=location, name="account_id", value=value)


def conflict(pinned: Pin, parts: PassageParts) -> str:
    """The place that is refused, '' when nothing is."""
    try:
        unpinned([pinned], parts)
    except ContextConflict as refused:
        return refused.place
    return ""


@requirement("proxy:pins:compared")
@pytest.mark.parametrize(
    ("location", "parts"),
    [
        (Location.PATH, PassageParts(path={"account_id": "b"})),
        (Location.QUERY, PassageParts(query="x=1&account_id=b")),
        (Location.QUERY, PassageParts(query="account_id=a-1;account_id=b")),
        (Location.QUERY, PassageParts(query="Account_Id[]=b")),
        (Location.QUERY, PassageParts(query="account_id")),
        (Location.HEADER, PassageParts(headers=(("Account_ID", "b"),))),
        (Location.COOKIE, PassageParts(headers=(("Cookie", 'x=1; account_id="b"'),))),
        (Location.BODY, PassageParts(body=b'{"account_id": "b"}')),
        (Location.BODY, PassageParts(body=b'[{"account_id": "a-1"}, {"account_id": null}]')),
        (Location.BODY, PassageParts(body=b' {"Account.ID": "b"}', media_type="text/plain")),
        (Location.BODY, PassageParts(body='{"account_id": "b"}'.encode("utf-16"))),
        (Location.BODY, PassageParts(body=b"x=1&account_id=b", media_type=FORM)),
        (Location.BODY, PassageParts(body=b"account_id%5B0%5D=b", media_type=f"{FORM}; charset=utf-8")),
        (Location.BODY, PassageParts(body=form(x="a-1", account_id="b"), media_type=MULTIPART)),
        (Location.PATH, PassageParts(meant=({"x": "a-1"}, {"account_id": "b"}))),
        (Location.QUERY, PassageParts(query="account_id[x]=b")),
        (Location.QUERY, PassageParts(query="+account.id%00=b")),
        (Location.HEADER, PassageParts(headers=(("Account-ID", "b"),))),
    ],
)
def test_another_value_is_refused_wherever_it_is_said(location: Location, parts: PassageParts) -> None:
    assert conflict(pin(location), parts) == f"{location.value}.account_id"


@requirement("proxy:pins:compared")
@pytest.mark.parametrize(
    ("location", "parts"),
    [
        (Location.PATH, PassageParts(path={"account_id": "a-1", "other": "b"})),
        (Location.QUERY, PassageParts(query="account_id=a%2D1&other=b")),
        (Location.HEADER, PassageParts(headers=(("account_id", " a-1 "), ("Cookie", "account_id=b")))),
        (Location.COOKIE, PassageParts(headers=(("Cookie", "account_id=a-1"), ("account_id", "b")))),
        (Location.BODY, PassageParts(body=b'{"account_id": "a-1", "nested": {"account_id": "b"}}')),
        (Location.BODY, PassageParts(body=b'"text"')),
        (Location.BODY, PassageParts(body=b"account_id=b", media_type="image/png")),
        (Location.BODY, PassageParts(body=b"account_id=a-1", media_type=FORM)),
        (Location.BODY, PassageParts(body=form(account_id="a-1"), media_type=MULTIPART)),
        (Location.PATH, PassageParts(meant=({"account_id": "a-1"}, {"other": "b"}))),
        (Location.QUERY, PassageParts(query="account=b&account_idx=b&my_account_id=b")),
        (Location.BODY, PassageParts(body=b"")),
        (Location.BODY, PassageParts()),
    ],
)
def test_the_own_value_and_silence_pass(location: Location, parts: PassageParts) -> None:
    assert conflict(pin(location), parts) == ""


def test_a_pinned_number_is_compared_as_it_is_written() -> None:
    assert conflict(pin(Location.QUERY, 7), PassageParts(query="account_id=7")) == ""
    assert conflict(pin(Location.BODY, 7), PassageParts(body=b'{"account_id": 7}')) == ""
    assert conflict(pin(Location.BODY, 7), PassageParts(body=b'{"account_id": 8}')) == "body.account_id"


@requirement("proxy:pins:compared")
@pytest.mark.parametrize(
    ("location", "parts", "place"),
    [
        (Location.PATH, PassageParts(suspicious=True), "path"),
        (Location.QUERY, PassageParts(query="a&" * 1_001), "query"),
        (Location.BODY, PassageParts(body=b"{"), "body"),
        (Location.BODY, PassageParts(body=b'{"account_id": 1, "account_id": 2}'), "body"),
        (Location.BODY, PassageParts(body=b"[" * 100_000), "body"),
        (Location.BODY, PassageParts(body=b"\xff", media_type="application/json"), "body"),
        (Location.BODY, PassageParts(body=b"a&" * 1_001, media_type=FORM), "body"),
        (Location.BODY, PassageParts(body=b"account_id=a-1", media_type=MULTIPART), "body"),
        (Location.BODY, PassageParts(body=b"--cut\r\n\r\nb\r\n--cut--\r\n", media_type=MULTIPART), "body"),
        (Location.BODY, PassageParts(body=form(x="b"), media_type="multipart/form-data"), "body"),
        (Location.BODY, PassageParts(body=form(x="b"), media_type=f"{MULTIPART}; boundary=b"), "body"),
        *(
            (Location.BODY, PassageParts(body=body, media_type=MULTIPART), "body")
            for body in (
                form(x="b").replace(b"\r\n", b"\n"),
                b"before\r\n" + form(x="b"),
                form(x="b") + b"after",
                form(x="b").replace(b"--cut--\r\n", b""),
                form(x="b").replace(b"b\r\n--cut", b"b\n--cut"),
                form(x="b").replace(b"x", b"a --cut b"),
                form(x="b").replace(b"; name=", b";\r\n name="),
                form(x="b").replace(b'"x"', b'"x\\"'),
                form(x="b").replace(b'"x"', b'"x"; name="account_id"'),
                form(x="b").replace(b'"x"', b"\"x\"; name*=utf-8''account_id"),
                form(x="b").replace(b'"x"', b'""'),
                form(x="b").replace(b"form-data", b"attachment"),
                form(x="b").replace(b"\r\n\r\n", b"\r\nContent-Disposition: form-data; name=y\r\n\r\n"),
                form(x="b").replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
                form(x="b").replace(b"\r\n\r\n", b"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"),
                form(x="b").replace(b"\r\n\r\n", b"\r\nX: " + b"y" * 5_000 + b"\r\n\r\n"),
                form(x="b").replace(b"\r\n\r\n", b"\r\n"),
                form(**{f"n{n}": "" for n in range(1_001)}),
                b"--cut\r\n" * 100_000,
            )
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_place(location: Location, parts: PassageParts, place: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        unpinned([pin(location)], parts)
    assert refused.value.place == place


@requirement("bodies:multipart:bounded")
@pytest.mark.parametrize(
    ("media_type", "extra"),
    [
        (MULTIPART, b""),
        ("Multipart/Form-Data; charset=utf-8; boundary=cut", b""),
        (MULTIPART, b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit"),
        (MULTIPART, b"; filename*=utf-8''%c3%bc.txt; filename=\"u.txt\""),
    ],
)
def test_forms_as_clients_write_them_are_compared(media_type: str, extra: bytes) -> None:
    own, other = (form(account_id=value).replace(b'"\r\n\r\n', b'"' + extra + b"\r\n\r\n") for value in ("a-1", "b"))

    unpinned([pin(Location.BODY)], PassageParts(body=own, media_type=media_type))
    unpinned(
        [pin(Location.BODY)], PassageParts(body=form(**{f"n{n}": "" for n in range(1_000)}), media_type=media_type)
    )
    assert conflict(pin(Location.BODY), PassageParts(body=other, media_type=media_type)) == "body.account_id"


def test_without_pins_nothing_is_looked_at() -> None:
    unpinned([], PassageParts(query="a&" * 1_001, body=b"{", suspicious=True))


@requirement("proxy:pins:compared")
@given(st.text(max_size=20))
def test_a_body_field_passes_only_with_the_pinned_value(said: str) -> None:
    refused = conflict(pin(Location.BODY), PassageParts(body=json.dumps({"account_id": said}).encode()))
    assert refused == ("" if said == "a-1" else "body.account_id")


def tenant(*rules: Rule, autonomy: Autonomy = Autonomy.CONFIRM):
    tier = Tier(name="gold", rights=Rights(allow=rules), autonomy=autonomy)
    return World(contracts={}, rules={}, tiers={"gold": tier}).tenant("acme")


def test_rights_judge_a_path_that_the_contract_does_not_describe_by_method_and_path() -> None:
    reader = tenant(Rule(methods=("GET",), paths=("/open/*",), apis=("main",)))
    passable(None, "GET", "/open/door", "main", reader)
    for method, path, api in (("POST", "/open/door", "main"), ("GET", "/x", "main"), ("GET", "/open/door", "other")):
        with pytest.raises(Forbidden):
            passable(None, method, path, api, reader)


@requirement("proxy:spellings:one-meaning")
@pytest.mark.parametrize(
    "path", ["/admin/x", "/%61dmin/x", "/Admin/x", "//admin//x", "/admin;v=1/x", "/%2Fadmin%5cx", "/ADMIN/", "/%2541"]
)
def test_what_is_denied_is_denied_in_every_spelling(path: str) -> None:
    tier = Tier(name="gold", rights=Rights(deny=(Rule(paths=("/Admin*", "/%41")),)))
    member = World(contracts={}, rules={}, tiers={"gold": tier}).tenant("acme")
    with pytest.raises(Forbidden):
        passable(None, "GET", path, "main", member)
    passable(None, "GET", "/user/admin", "main", member)


@requirement("proxy:spellings:one-meaning")
@pytest.mark.parametrize("path", ["/open/%2e./x", "/open%2Fdoor", "/open;x/door"])
def test_what_is_allowed_is_allowed_only_if_every_reading_is(path: str) -> None:
    narrow = tenant(Rule(paths=("/open*",)), Rule(paths=("/x",)))
    passable(None, "GET", path, "main", narrow)
    with pytest.raises(Forbidden):
        passable(None, "GET", f"/%6Fpen/..{path}", "main", tenant(Rule(paths=("/%6Fpen/*",))))


def test_autonomy_is_about_agents_and_does_not_narrow_a_clients_own_act() -> None:
    passable(None, "DELETE", "/x", "main", tenant(autonomy=Autonomy.READ_ONLY))


@pytest.mark.parametrize(
    ("method", "write_class"), [("GET", WriteClass.READ), ("HEAD", WriteClass.READ), ("POST", WriteClass.WRITE)]
)
def test_an_undescribed_path_writes_by_its_method(method: str, write_class: WriteClass) -> None:
    assert undescribed(method, "/x", "main").write_class is write_class


@requirement("proxy:pins:compared")
@pytest.mark.parametrize(
    ("charset", "read"),
    [
        ("charset=utf-8", True),
        ('Charset = "UTF8"', True),
        ("charset=windows-1252", True),
        ("charset=utf-7", False),
        ("charset=utf-8; charset='utf-7'", False),
        ("charset*=utf-8''utf-7", False),
        ("charset=", False),
    ],
)
def test_a_body_is_read_in_no_charset_that_hides_names_behind_ascii(charset: str, read: bool) -> None:
    parts = PassageParts(body=b'{"account+AF8-id": "b"}', media_type=f"application/json; {charset}")
    assert plain_charset(parts.media_type) is read
    if read:
        assert conflict(pin(Location.BODY), parts) == ""
    else:
        with pytest.raises(InvalidRequest):
            unpinned([pin(Location.BODY)], parts)
