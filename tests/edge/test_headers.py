"""Which headers cross the proxy in each direction."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.edge.headers import Caller, Fields, ForwardRules, Peer, to_application, to_client, traced, trailing
from facade.kernel import Context, InvalidRequest, Secret
from tests.requirements import requirement

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
PEER = Peer(address="192.0.2.7", scheme="https", host="shop.example")
OWNED = frozenset({"x-tenant-id", "x-account-key"})
PLAIN = ForwardRules()
NOBODY = Caller(context=None, owned=OWNED)
SOMEBODY = Caller(
    context=Context(headers=(("X-Tenant-ID", Secret("acme")),), owned=OWNED),
    owned=OWNED,
    credential="authorization",
    ours=True,
)
FORWARDING = (
    ("X-Forwarded-For", "192.0.2.7"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "shop.example"),
)
ADDED = (*FORWARDING, ("traceparent", "new"), ("Via", "1.1 facade"))


def sent(*raw: tuple[str, str], caller: Caller = NOBODY, rules: ForwardRules = PLAIN) -> tuple[tuple[str, str], ...]:
    encoded = [(name.encode(), value.encode()) for name, value in raw]
    return text(to_application(encoded, caller, PEER, rules, new_trace=lambda: b"new"))


def text(fields: Fields) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode(), value.decode()) for name, value in fields)


@requirement("invariant:proxy:unchanged")
def test_end_to_end_headers_keep_name_value_order_and_duplicates() -> None:
    raw = (("Accept", "a"), ("accept", "b"), ("Cookie", "x=1"), ("X-Own", "é"), ("Authorization", "Basic x"))
    assert sent(*raw) == (*FORWARDING, *raw, *ADDED[3:])


def test_what_belongs_to_one_connection_stays_on_it() -> None:
    raw = [
        ("Connection", "keep-alive, X-Hop"),
        ("X-Hop", "1"),
        ("Keep-Alive", "timeout=5"),
        ("TE", "trailers"),
        ("Trailer", "X"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "3"),
        ("Upgrade", "x"),
        ("Proxy-Authorization", "x"),
        ("Proxy-Connection", "close"),
        ("Host", "shop.example"),
    ]
    assert sent(*raw) == ADDED


@requirement("proxy:headers:connection")
@pytest.mark.parametrize("name", ["Authorization", "cookie", "Content-Type", "Host", "Content-Length"])
def test_a_connection_header_that_names_an_end_to_end_header_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        sent(("Connection", f"close, {name}"))
    assert refused.value.place == "Connection"


@requirement("proxy:headers:connection")
def test_our_context_is_added_after_stripping_so_connection_cannot_remove_it() -> None:
    assert sent(("Connection", "X-Tenant-ID"), caller=SOMEBODY)[-1] == ("X-Tenant-ID", "acme")


SPELLINGS = [
    "X-Tenant-ID",
    "x-tenant-id",
    "X_TENANT_ID",
    "X-Tenant_ID",
    "x.tenant.id",
    "HTTP_X_TENANT_ID",
    "X--Tenant-ID",
]


@requirement("proxy:headers:spoofed-context")
@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("caller", [NOBODY, SOMEBODY], ids=["nobody", "somebody"])
def test_a_context_header_of_the_client_is_dropped_in_every_spelling(name: str, caller: Caller) -> None:
    context = (("X-Tenant-ID", "acme"),) if caller is SOMEBODY else ()
    assert sent((name, "victim"), (name, "victim"), caller=caller) == (*ADDED, *context)


@requirement("proxy:headers:spoofed-origin")
@pytest.mark.parametrize(
    "name",
    [
        "X-Forwarded-For",
        "X-Forwarded-Prefix",
        "X_Forwarded_Host",
        "Forwarded",
        "X-Real-IP",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "True-Client-IP",
        "X-Facade-Tenant",
    ],
)
def test_claims_about_origin_path_or_method_are_dropped(name: str) -> None:
    assert sent((name, "evil")) == ADDED


@requirement("serving:forwarded:trusted")
def test_a_trusted_proxys_chain_is_continued() -> None:
    rules = ForwardRules(trusted=(ip_network("192.0.2.0/24"),), prefix="/api")
    raw = (("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "www.example"))
    assert sent(*raw, rules=rules)[:4] == (
        ("X-Forwarded-For", "203.0.113.9, 192.0.2.7"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", "www.example"),
        ("X-Forwarded-Prefix", "/api"),
    )
    assert sent(*raw, rules=ForwardRules(trusted=(ip_network("10.0.0.0/8"),)))[:3] == FORWARDING


@requirement("serving:forwarded:trusted")
def test_a_peer_without_an_address_is_trusted_by_nobody() -> None:
    rules = ForwardRules(trusted=(ip_network("0.0.0.0/0"),))
    headers = to_application([], NOBODY, Peer(address="", scheme="http", host=""), rules, new_trace=lambda: b"new")
    assert text(headers) == (("X-Forwarded-Proto", "http"), ("traceparent", "new"), ("Via", "1.1 facade"))


def test_the_clients_host_travels_when_it_is_configured() -> None:
    assert sent(rules=ForwardRules(client_host=True)) == (*ADDED, ("Host", "shop.example"))


KEYED = ForwardRules(credential_headers=frozenset({"x-account-key"}))


def known_by(header: str, *, passes: bool, ours: bool = False) -> Caller:
    context = Context(headers=(("X-Account-Key", Secret("k")),), owned=OWNED, passes_credential=passes)
    return Caller(context=context, owned=OWNED, credential=header, ours=ours)


@requirement("proxy:credentials:kept-apart")
@pytest.mark.parametrize(
    ("caller", "kept"),
    [
        (NOBODY, ["Authorization", "X-Account-Key"]),
        (known_by("x-account-key", passes=True), ["Authorization", "X-Account-Key"]),
        (known_by("x-account-key", passes=False), ["Authorization", "X-Account-Key"]),
        (known_by("authorization", passes=False, ours=True), []),
        (known_by("authorization", passes=True, ours=True), ["Authorization"]),
    ],
)
def test_a_credential_travels_only_as_far_as_it_may(caller: Caller, kept: list[str]) -> None:
    raw = (("Authorization", "Bearer t"), ("X-Account-Key", "own"))
    names = [name for name, value in sent(*raw, caller=caller, rules=KEYED) if value in {"Bearer t", "own"}]
    assert names == kept


@pytest.mark.parametrize(("given", "expected"), [((), ["ours"]), ((("x-request-id", "theirs"),), ["theirs"])])
def test_a_request_id_is_added_where_the_client_sent_none(
    given: tuple[tuple[str, str], ...], expected: list[str]
) -> None:
    caller = Caller(context=None, owned=OWNED, request_id="ours")
    assert [v for n, v in sent(*given, caller=caller) if n.lower() == "x-request-id"] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([("traceparent", TRACE), ("tracestate", "a=1")], [("traceparent", TRACE), ("tracestate", "a=1")]),
        ([("traceparent", "junk"), ("tracestate", "a=1")], [("traceparent", "new")]),
        ([("traceparent", TRACE), ("traceparent", TRACE)], [("traceparent", "new")]),
        ([("tracestate", "a=1")], [("traceparent", "new")]),
    ],
)
def test_a_usable_trace_goes_on_and_another_begins_here(
    raw: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    assert [pair for pair in sent(*raw) if pair[0].startswith("trace")] == expected


@pytest.mark.parametrize("value", [None, "", TRACE[:-1], TRACE.upper(), "01" + TRACE[2:], TRACE.replace("a", "0")])
def test_a_malformed_trace_is_not_continued(value: str | None) -> None:
    assert not traced(None if value is None else value.encode())


@requirement("wire:bytes:kept")
def test_a_value_that_we_do_not_read_passes_whatever_bytes_it_holds() -> None:
    odd = (b"X-Name", b"\xe9\xff \x80")
    assert odd in to_application([odd], NOBODY, PEER, PLAIN, new_trace=lambda: b"new")
    assert to_client([odd])[0] == odd


@requirement("invariant:proxy:unchanged")
@pytest.mark.parametrize("chunked", [True, False])
def test_an_answers_headers_reach_the_client_without_those_of_the_connection(chunked: bool) -> None:
    raw = [
        (b"Content-Type", b"text/html"),
        (b"Set-Cookie", b"a"),
        (b"Set-Cookie", b"b"),
        (b"Connection", b"X-Hop, bad token"),
        (b"X-Hop", b"1"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Content-Disposition", b'attachment; filename="\xe9.txt"'),
        (b"Server", b"legacy/1"),
        (b"RateLimit", b"theirs"),
    ]
    kept = (
        (b"Content-Type", b"text/html"),
        (b"Set-Cookie", b"a"),
        (b"Set-Cookie", b"b"),
        *(((b"Transfer-Encoding", b"chunked"),) if chunked else ()),
        (b"Content-Disposition", b'attachment; filename="\xe9.txt"'),
        (b"Server", b"legacy/1"),
        (b"RateLimit", b"theirs"),
    )
    ours = (("RateLimit", "ours"), ("RateLimit-Policy", "ours"))
    added = ((b"Via", b"1.1 facade"), (b"RateLimit-Policy", b"ours"))
    assert to_client(raw, ours, chunked=chunked) == (*kept, *added)


@requirement("wire:trailers:passed")
def test_trailers_that_would_change_how_the_answer_is_read_stay_here() -> None:
    raw = [(b"X-Sum", b"1"), (b"Content-Length", b"9"), (b"Set-Cookie", b"a"), (b"Connection", b"x"), (b"Digest", b"2")]
    assert trailing(raw) == ((b"X-Sum", b"1"), (b"Digest", b"2"))


NAMES = st.text("abcXYZ-_.0", min_size=1, max_size=12)


@requirement("proxy:headers:spoofed-context")
@given(st.lists(st.tuples(NAMES, st.text("ab ,", max_size=8)), max_size=8), st.sampled_from(SPELLINGS))
def test_whatever_else_is_sent_the_context_has_exactly_one_value(others: list[tuple[str, str]], spoof: str) -> None:
    headers = sent(*others, (spoof, "victim"), *others, caller=SOMEBODY)
    folded = [value for name, value in headers if "tenant" in name.lower() and "id" in name.lower()]
    assert folded == ["acme"]
