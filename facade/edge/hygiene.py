"""Requests that the HTTP parser accepts and a proxy must not: one early check over the raw head (SEC-SMG, SEC-HDR).

Each of these is read differently by some other server on the way; whoever reads it last would decide what was asked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from facade.kernel import InvalidRequest

_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_CONTROL: Final = re.compile(rb"[\x00-\x1f\x7f]")
_SEPARATORS: Final = re.compile(rb"[/\\]")
_SINGLE: Final = frozenset({b"authorization", b"content-type", b"host", b"transfer-encoding"})
_VERSIONS: Final = frozenset({(1, 0), (1, 1)})
_DECODINGS: Final = 2
"""How often some receivers decode a path one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request's head as it came.

    Attributes:
        target: request target, undecoded.
        version: major and minor, such as (1, 1).
    """

    method: str
    target: str
    version: tuple[int, int]
    headers: Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadLimits:
    """The largest head that is read: header fields, and the sum of their names and values in bytes."""

    fields: int = 64
    total_bytes: int = 32_768


def refuse_ambiguous(head: Head, limits: HeadLimits) -> None:
    """Accept nothing that two servers could read in two ways.

    Raises:
        InvalidRequest: with the place and the mend.
    """
    if head.version not in _VERSIONS:
        raise InvalidRequest("Only HTTP/1.1 and HTTP/1.0 are spoken here.", place="version")
    _check_target(head.target)
    _check_size(head, limits)
    _check_fields(head)


def _check_target(target: str) -> None:
    path = target.partition("?")[0]
    if not target.startswith("/") or target.startswith("//") or "#" in target:
        raise InvalidRequest(
            "The request target must be a path that starts with one slash, without host or fragment.", place="target"
        )
    if wanders(path.encode("utf-8", "surrogateescape")):
        raise InvalidRequest(
            "The path may not hold '.' or '..' segments or control characters, encoded or not.", place="target"
        )


def wanders(path: bytes) -> bool:
    """True when some receiver, after decoding, could read another path than the one that was authorised."""
    if b"%" not in path and b"/." not in path and b"\\" not in path:
        return False
    for _ in range(_DECODINGS + 1):
        segments = (segment.partition(b";")[0] for segment in _SEPARATORS.split(path))
        if any(segment in {b".", b".."} for segment in segments) or _CONTROL.search(path):
            return True
        path = unquote_to_bytes(path)
    return False


def _check_size(head: Head, limits: HeadLimits) -> None:
    if len(head.headers) > limits.fields:
        raise InvalidRequest(f"More than {limits.fields} header fields.", place="headers")
    if sum([len(name) + len(value) for name, value in head.headers]) > limits.total_bytes:
        raise InvalidRequest(f"The header fields are larger than {limits.total_bytes} bytes.", place="headers")


def _check_fields(head: Head) -> None:
    seen: set[bytes] = set()
    for name, value in head.headers:
        lower = name.lower()
        if lower not in _SINGLE:
            continue
        if lower in seen:
            raise InvalidRequest(f"{name.decode('latin-1')} is sent twice; send it once.", place=name.decode("latin-1"))
        seen.add(lower)
        if lower == b"host" and not _HOST.fullmatch(value):
            raise InvalidRequest("Host must be a host name or address, with or without a port.", place="Host")
        if lower == b"transfer-encoding":
            _check_coding(head, value)


def _check_coding(head: Head, value: bytes) -> None:
    if head.version != (1, 1) or value.strip().lower() != b"chunked":
        raise InvalidRequest("The only transfer coding is `chunked`, and only in HTTP/1.1.", place="Transfer-Encoding")
