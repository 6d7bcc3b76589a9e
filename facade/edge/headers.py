"""Which headers cross the proxy, and what we add: pure functions over header fields as they are on the wire.

Towards the application: everything end-to-end, in order, in its spelling, duplicates kept; without what belongs to one
connection, what only the tenant context may set, and what a client could use to lie about where it comes from. Towards
the client: everything end-to-end. A value that we do not read ourselves passes whatever bytes it holds.

Source: RFC 9110 sections 7.6.1 and 7.6.3, W3C Trace Context, `reference` catalogue SEC-HDR.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, NamedTuple

from facade.edge.credentials import TENANT_HEADER
from facade.edge.locations import Moved
from facade.kernel import Context, InvalidRequest
from facade.ports import RawHeaders
from facade.tenancy import canonical_name, is_spoof

Fields = tuple[tuple[bytes, bytes], ...]

PSEUDONYM: Final = "facade"
"""What we call ourselves in `Via`."""

_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_IN_PLACE: Final = frozenset({"trailer", "transfer-encoding"})
"""Of an answer that goes on in chunks, these stay where the application put them."""

_NEVER_TRAILING: Final = frozenset(
    {
        *("authorization", "cache-control", "content-encoding", "content-length", "content-range", "content-type"),
        *("cookie", "expires", "host", "location", "set-cookie", "www-authenticate"),
    }
)
"""Fields that change how a message is read must not come behind it (RFC 9110, section 6.5.1)."""

_REQUEST_ONLY: Final = frozenset({"content-length", "host"})
"""Written anew for the connection to the application. `Expect` travels as far as the passage says that it holds."""

_ESSENTIAL: Final = frozenset(
    {"authorization", "content-encoding", "content-length", "content-type", "cookie", "host", "set-cookie"}
)
"""End-to-end by nature: a `Connection` that names one is an attack, not a request to drop it."""

_CLAIMS: Final = frozenset(
    {
        "forwarded",
        "x-client-ip",
        "x-forwarded",
        "x-cluster-client-ip",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "x-original-host",
        "x-original-url",
        "x-real-ip",
        "x-rewrite-url",
        "true-client-ip",
    }
)
"""Claims about where a request comes from or what it really asks for (SEC-HDR-04); `X-Forwarded-*` joins them."""

_CONNECTION_SIZE: Final = len(b"connection")
_LOCATIONS: Final = frozenset({"location", "content-location"})
_VIA: Final = (b"Via", f"1.1 {PSEUDONYM}".encode())

_CHOICE: Final = canonical_name(TENANT_HEADER)
"""Meant for us: which of its tenants the client acts for."""

_KEPT_NAMES: Final = 1_024
_KEPT_BYTES: Final = 64

_TRACE: Final = frozenset({"traceparent", "tracestate"})
_TRACEPARENT: Final = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_TOKENS: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The other end of the client's connection.

    Attributes:
        address: its address as text, '' when unknown.
        host: the `Host` that the client sent, '' without one.
    """

    address: str
    scheme: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardRules:
    """How passages of one API are forwarded (settings).

    Attributes:
        credential_headers: lower-case headers in which the application's own credential comes.
        trusted: peers whose forwarding headers are believed and continued.
        client_host: the client's `Host` travels on.
        prefix: what the proxy cut from the front of the path; '' for nothing.
        origins: the application's own addresses, such as `http://app:80`, which the client's takes the place of in
            `Location`; none leaves it as it is.
    """

    credential_headers: frozenset[str] = frozenset()
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()
    client_host: bool = False
    prefix: str = ""
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is known of who sends a passage.

    Attributes:
        context: what the tenant context sets; None for traffic without an identity.
        owned: lower-case headers that the context sets, for whoever has one.
        secrets: those of them that tell a credential of the application.
        credential: lower-case header that the identity was read from; '' without one.
        ours: that credential is one of our tokens, so the application's own ones beside it are dropped.
        request_id: what the application may log the request under, when the client names none itself; '' adds none.
    """

    context: Context | None
    owned: frozenset[str]
    secrets: frozenset[str] = frozenset()
    credential: str = ""
    ours: bool = False
    request_id: str = ""


def to_application(
    raw: RawHeaders, caller: Caller, peer: Peer, rules: ForwardRules, *, new_trace: Callable[[], bytes]
) -> Fields:
    """The headers of a passage as the application gets them.

    Args:
        new_trace: makes a `traceparent` when the client sent no usable one.

    Raises:
        InvalidRequest: `Connection` names an end-to-end header.
    """
    named, sieve = _named(raw), _sieve_for(caller, rules)
    kept: list[tuple[bytes, bytes]] = []
    seen: set[str] = set()
    for field in raw:
        lower, travels = sieve[field[0]]
        if travels and lower not in named:
            kept.append(field)
            seen.add(lower)
    traced_on = [*kept, (b"traceparent", new_trace())] if seen.isdisjoint(_TRACE) else _traced(kept, new_trace)
    headers = [*_forwarding(raw, peer, rules), *traced_on, _VIA]
    if caller.request_id and "x-request-id" not in seen:
        headers.append((b"X-Request-Id", caller.request_id.encode()))
    if rules.client_host and peer.host:
        headers.append((b"Host", peer.host.encode()))
    if caller.context is not None:
        headers.extend([(name.encode(), secret.reveal().encode()) for name, secret in caller.context.headers])
    return tuple(headers)


def to_client(
    raw: RawHeaders, extra: Iterable[tuple[str, str]] = (), *, chunked: bool = False, moved: Moved | None = None
) -> Fields:
    """The headers of the application's answer as the client gets them, and ours that it has not set itself.

    Args:
        chunked: what the application says of chunks and trailers stays where it put it.
        moved: how `Location` and `Content-Location` are rewritten.
    """
    named = _named_lenient(raw)
    kept: list[tuple[bytes, bytes]] = []
    sent: set[str] = set()
    for field in raw:
        lower, crosses = _crossing(field[0])
        if (crosses and lower not in named) or (chunked and lower in _IN_PLACE):
            kept.append(field)
            sent.add(lower)
    if moved is not None and not sent.isdisjoint(_LOCATIONS):
        kept = [(n, moved.rewritten(v)) if n.lower().decode("latin-1") in _LOCATIONS else (n, v) for n, v in kept]
    kept.append(_VIA)
    kept.extend([(name.encode(), value.encode()) for name, value in extra if name.lower() not in sent])
    return tuple(kept)


def trailing(raw: RawHeaders) -> Fields:
    """Trailers of the application's answer that the client gets."""
    decided = [(_crossing(field[0]), field) for field in raw]
    return tuple(field for (lower, crosses), field in decided if crosses and lower not in _NEVER_TRAILING)


def traced(value: bytes | None) -> bool:
    """True for a `traceparent` that can be continued.

    Source: W3C Trace Context Level 2, section 3.2; flags are read as bits, so any two hex digits will do.
    """
    return value is not None and _TRACEPARENT.fullmatch(value) is not None


def asked_at(raw: RawHeaders, peer: Peer, rules: ForwardRules) -> tuple[str, str]:
    """Scheme and host by which the client asked: as we see them, or as a trusted peer says."""
    if not _trusts(peer.address, rules):
        return peer.scheme, peer.host
    scheme = _last(_values(raw, b"x-forwarded-proto")) or peer.scheme
    return scheme, _last(_values(raw, b"x-forwarded-host")) or peer.host


def _traced(kept: list[tuple[bytes, bytes]], new_trace: Callable[[], bytes]) -> list[tuple[bytes, bytes]]:
    """A client's usable trace goes on as it is; otherwise one begins here, without the old one's state."""
    parents = [value for name, value in kept if name.lower() == b"traceparent"]
    if len(parents) == 1 and traced(parents[0]):
        return kept
    clean = [field for field in kept if field[0].lower() not in {b"traceparent", b"tracestate"}]
    return [*clean, (b"traceparent", new_trace())]


def _forwarding(raw: RawHeaders, peer: Peer, rules: ForwardRules) -> Fields:
    """Where the request comes from, by what we see; a trusted peer's own chain is continued."""
    scheme, host = asked_at(raw, peer, rules)
    chain = ", ".join(_values(raw, b"x-forwarded-for")) if _trusts(peer.address, rules) else ""
    return _forwarded(", ".join(part for part in (chain, peer.address) if part), scheme, host, rules.prefix)


@lru_cache(maxsize=1024)
def _forwarded(chain: str, scheme: str, host: str, prefix: str) -> Fields:
    pairs = [
        (b"X-Forwarded-For", chain),
        (b"X-Forwarded-Proto", scheme),
        (b"X-Forwarded-Host", host),
        (b"X-Forwarded-Prefix", prefix),
    ]
    return tuple((name, value.encode("latin-1")) for name, value in pairs if value)


def _trusts(address: str, rules: ForwardRules) -> bool:
    if not rules.trusted:
        return False
    try:
        where = ip_address(address)
    except ValueError:
        return False
    return any(where in network for network in rules.trusted)


def _values(raw: RawHeaders, name: bytes) -> list[str]:
    return [value.decode("latin-1") for each, value in raw if each.lower() == name]


def _last(values: list[str]) -> str:
    return values[-1].strip() if values else ""


class _Kind(NamedTuple):
    """What of a caller decides about headers."""

    owned: frozenset[str]
    credential: str
    ours: bool
    vouched: bool
    passes: bool
    credential_headers: frozenset[str]


class _Sieve(dict[bytes, tuple[str, bool]]):
    """For callers of one kind: a header's name in lower case, and whether it travels.

    Decided once for each spelling; as clients choose the spellings, only so many are kept, and none that is long.
    """

    def __init__(self, caller: _Kind) -> None:
        super().__init__()
        self._caller = caller

    def __missing__(self, raw: bytes) -> tuple[str, bool]:
        name = raw.decode("latin-1")
        lower = name.lower()
        decided = (lower, not _always_here(lower) and not _claimed(name, self._caller))
        if len(self) < _KEPT_NAMES and len(raw) <= _KEPT_BYTES:
            self[raw] = decided
        return decided


def _sieve_for(caller: Caller, rules: ForwardRules) -> _Sieve:
    passes = caller.context is not None and caller.context.passes_credential
    vouched = caller.context is not None
    credentials = rules.credential_headers | caller.secrets
    return _sieve(_Kind(caller.owned, caller.credential, caller.ours, vouched, passes, credentials))


@lru_cache(maxsize=64)
def _sieve(kind: _Kind) -> _Sieve:
    return _Sieve(kind)


def _claimed(name: str, caller: _Kind) -> bool:
    """True for a header that the client may not send in any spelling, and for a credential that stops here.

    A credential proves itself, so traffic without an identity keeps its own even where the context sets the same
    header for others; the application judges it.
    """
    if _lying(name):
        return True
    lower = name.lower()
    if lower == caller.credential:
        return caller.ours and caller.vouched and not caller.passes
    if lower == "authorization" or lower in caller.credential_headers:
        return caller.ours or (caller.vouched and is_spoof(name, caller.owned))
    return is_spoof(name, caller.owned)


def _lying(name: str) -> bool:
    """True for a header that claims another origin, path or method, or speaks to us alone, in any spelling."""
    canonical = canonical_name(name)
    return canonical in _CLAIMS or canonical.startswith("x-forwarded-") or canonical == _CHOICE


def _always_here(lower: str) -> bool:
    return lower in _HOP or lower in _REQUEST_ONLY or lower == "x-forwarded-for"


def _named(raw: RawHeaders) -> frozenset[str]:
    """What `Connection` names, to be dropped with it."""
    named = _named_lenient(raw)
    essential = sorted(named & _ESSENTIAL)
    if essential:
        raise InvalidRequest(
            f"Connection may not name {essential[0]}: that header is for the application, not for this connection.",
            place="Connection",
        )
    return named


def _named_lenient(raw: RawHeaders) -> frozenset[str]:
    values = [value for name, value in raw if len(name) == _CONNECTION_SIZE and name.lower() == b"connection"]
    if not values:
        return frozenset()
    text = b",".join(values).decode("latin-1").lower()
    return frozenset(part for part in map(str.strip, text.split(",")) if _TOKENS.fullmatch(part))


@lru_cache(maxsize=2048)
def _crossing(raw: bytes) -> tuple[str, bool]:
    """A header of an answer in lower case, and whether it is end-to-end."""
    lower = raw.decode("latin-1").lower()
    return lower, lower not in _HOP
