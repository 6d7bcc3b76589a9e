"""Settings of one application behind the facade, and the address that they fix."""

from dataclasses import dataclass
from ipaddress import ip_network

from yarl import URL

from facade.adapters.upstream.tls import TlsSettings
from facade.kernel import Finding, SettingsInvalid

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSettings:
    """How one application is reached. The defaults are those of a hardened edge, not of a client library.

    Attributes:
        base: `scheme://host[:port]`; nothing else ever decides where requests go (I3). Targets bring their whole path.
        others: further addresses of the same application, written in the same way.
        tls: how TLS is spoken; None trusts what the system trusts.
        client_host: passages keep the `Host` that the client sent; by default it is that of `base`.
        networks: CIDR blocks that the address must lie in; empty means any address the host resolves to.
        connect_s: until a connection stands. first_byte_s, total_s: of an agent's call.
        relay_idle_s: longest silence of the application in a passage, before the first byte and between two.
        continue_s: how long a body waits for the application's `100 Continue`; some never send one (RFC 9110, 10.1.1).
        keep_alive_s: how long an idle connection is kept; must be shorter than the application keeps it.
        write_idle_s: a kept connection that was idle for longer carries no write of a passage: the application may be
            about to close it, and nobody could tell whether the write was done.
        queue_s: longest wait for a free connection of the pool.
        max_response_bytes: of an agent's call, after decoding. max_ratio: decoded to encoded bytes.
        max_depth: nesting of a JSON answer.
        answer_headers: lower-case names that agents may see besides the built-in ones.
        deadline_header: tells the application of an agent's call how many milliseconds are left; '' tells nothing.
        retry_attempts: tries of a call that may be repeated, the first included.
    """

    base: str
    others: tuple[str, ...] = ()
    tls: TlsSettings | None = None
    client_host: bool = False
    networks: tuple[str, ...] = ()
    connect_s: float = 2.0
    first_byte_s: float = 20.0
    total_s: float = 30.0
    relay_idle_s: float = 60.0
    continue_s: float = 1.0
    queue_s: float = 1.0
    keep_alive_s: float = 15.0
    write_idle_s: float = 1.0
    pool_size: int = 128
    max_response_bytes: int = 8 * MIB
    max_ratio: int = 100
    max_depth: int = 64
    answer_headers: tuple[str, ...] = ()
    deadline_header: str = ""
    retry_attempts: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the application is, read once from the settings."""

    scheme: str
    host: str
    port: int


def address_of(settings: UpstreamSettings, *, place: str = "upstream") -> Address:
    """The first address.

    Raises:
        SettingsInvalid: see `addresses_of`.
    """
    return addresses_of(settings, place=place)[0]


def addresses_of(settings: UpstreamSettings, *, place: str = "upstream") -> tuple[Address, ...]:
    """Read `base` and `others`.

    Raises:
        SettingsInvalid: one is not an absolute http(s) URL, or carries what an address must not.
    """
    bases = (settings.base, *settings.others)
    problems = [*(problem for base in bases for problem in _base_problems(base)), *_other_problems(settings)]
    if problems:
        findings = tuple(Finding(code="settings.upstream", place=place, message=message) for message in problems)
        raise SettingsInvalid(f"{place}: {problems[0]}", findings=findings)
    return tuple(_address(URL(base)) for base in bases)


def _address(url: URL) -> Address:
    return Address(scheme=url.scheme, host=url.raw_host or "", port=url.port or 0)


def _base_problems(base: str) -> list[str]:
    try:
        url = URL(base)
    except ValueError:
        return [f"{base!r} is no URL; write `https://host` or `https://host:port`."]
    if url.scheme not in {"http", "https"} or not url.raw_host or not url.port:
        return [f"{base!r} must be an absolute http or https URL, such as `https://app.example`."]
    problems = []
    if url.raw_user is not None or url.raw_password is not None:
        problems.append("The address must hold no user name or password; credentials have settings of their own.")
    if url.raw_path not in {"", "/"} or "?" in base or "#" in base:
        problems.append(f"{base!r} must end with its host: a path in front of the operations is `base_path`.")
    return problems


def _other_problems(settings: UpstreamSettings) -> list[str]:
    problems = []
    if settings.connect_s + settings.queue_s >= settings.total_s:
        problems.append("connect_s and queue_s together must be shorter than total_s.")
    for network in settings.networks:
        try:
            ip_network(network)
        except ValueError:
            problems.append(f"{network!r} is no network; write it like `10.0.0.0/8`.")
    return problems
