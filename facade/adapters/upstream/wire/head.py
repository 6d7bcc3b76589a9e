"""The head of a request as it goes on the wire: end-to-end headers as given, and exactly one framing header of ours.

Source: RFC 9112, sections 3 and 6; reliability C4, C8.
"""

from functools import lru_cache
from typing import Final

from facade.adapters.upstream.settings import Address
from facade.kernel import FRAMING_HEADERS, InvalidRequest
from facade.ports import Passage

_OURS: Final = FRAMING_HEADERS - {"via"}
"""What we alone write; the passage itself sets `Via`."""

_CONTROLS: Final = bytes([*range(9), *range(10, 32), 127])
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def head_of(passage: Passage, host: bytes, *, client_host: bool = False) -> bytes:
    """The request line and every header, with the empty line behind them.

    Args:
        host: of the application.
        client_host: a `Host` that the passage carries stands in its place.

    Raises:
        InvalidRequest: the target or a value cannot be written without becoming something else.
    """
    _check(passage.target)
    kept, own_host = _kept(passage)
    lines = [b"%b: %b\r\n" % pair for pair in kept]
    if len(flat := b"".join(lines)) - 2 * len(lines) != len(flat.translate(None, _CONTROLS)):
        raise InvalidRequest(f"The header {_culprit(kept)} holds a control character.", place=_culprit(kept))
    line = f"{passage.method} {passage.target} HTTP/1.1\r\nHost: ".encode("ascii")
    return b"".join((line, (client_host and own_host) or host, b"\r\n", flat, _framing(passage), b"\r\n"))


def host_of(address: Address) -> bytes:
    """What `Host` says for an address: without the port where it is the scheme's own."""
    name = f"[{address.host}]" if ":" in address.host else address.host
    return (name if address.port == _DEFAULT_PORTS[address.scheme] else f"{name}:{address.port}").encode("ascii")


def _framing(passage: Passage) -> bytes:
    lines = b""
    if passage.upgrade:
        lines = b"Connection: Upgrade\r\nUpgrade: %b\r\n" % passage.upgrade
    if passage.body_bytes is not None:
        return lines + b"Content-Length: %d\r\n" % (passage.body_bytes if passage.body is not None else 0)
    return lines if passage.body is None else lines + b"Transfer-Encoding: chunked\r\n"


def _kept(passage: Passage) -> tuple[list[tuple[bytes, bytes]], bytes]:
    kept, host = [], b""
    for field in passage.headers:
        if not _ours(field[0]):
            kept.append(field)
        elif (lower := field[0].lower()) == b"host":
            host = field[1]
        elif lower == b"expect" and passage.expects:
            kept.append(field)
    return kept, host


@lru_cache(maxsize=1024)
def _ours(name: bytes) -> bool:
    lower = name.decode("latin-1").lower()
    return lower in _OURS or lower.startswith("proxy-")


@lru_cache(maxsize=1024)
def _check(target: str) -> None:
    """Nothing that ends the request line early, or starts another host's name."""
    if not target.startswith("/") or target.startswith("//") or not _plain(target):
        raise InvalidRequest("The request target must start with one slash and be percent-encoded.", place="target")


def _plain(target: str) -> bool:
    return target.isascii() and target.isprintable() and " " not in target and "#" not in target


def _culprit(headers: list[tuple[bytes, bytes]]) -> str:
    found = (name for name, value in headers if len((name + value).translate(None, _CONTROLS)) != len(name + value))
    return next(found, b"").decode("latin-1")
