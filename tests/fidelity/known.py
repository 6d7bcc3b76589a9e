"""What is known to differ through the proxy: exactly what, in the words of `comparing`, and why."""

from collections.abc import Mapping
from typing import Final

Found = tuple[str, ...]


def _refused(step: int = 2, answer: int = 400) -> Found:
    return (
        f"step {step}: Take did not happen",
        "application: 1 requests -> 0",
        f"client: answers [200] -> [{answer}]",
    )


def _trailers(sent: str) -> Found:
    return (f"application: trailers {sent} -> none",)


_METHODS: Final = ("BREW", "get", "Get", "VERSION-CONTROL", "X-CUSTOM", "A")
METHODS: Final = (
    "Refused with 400: the server's parser (llhttp) has a fixed list of methods, in capitals alone. Its limit: "
    "RFC 9110 9.1 would let any name pass."
)
TARGETS: Final = "Refused with 400: a target is ASCII, all else percent-encoded (RFC 3986 2, RFC 9112 3.2)."
TRAILERS: Final = (
    "Dropped, as RFC 9112 7.1.2 allows: aiohttp's server hands a request's trailers to nobody. An answer's pass."
)
HALF_CLOSED: Final = (
    "A client that closes its sending half counts as one that left, and its read is dropped: aiohttp's server makes no "
    "difference between the two."
)
BEHIND_UPGRADE: Final = (
    "Lost: aiohttp's parser keeps what comes in one go behind a request to switch to WebSocket, and drops it for any "
    "other protocol. A client that waits for the answer, as all known ones do, loses nothing; one whose wish is "
    "declined is told that the connection closes, so that it knows."
)

DIFFERENT: Final[Mapping[tuple[str, str], tuple[Found, str]]] = {
    **{("methods", name): (_refused(), METHODS) for name in _METHODS},
    **{("targets", name): (_refused(), TARGETS) for name in ("raw UTF-8", "raw Latin-1")},
    ("request trailers", "one, announced"): (_trailers("X-Sum: 1"), TRAILERS),
    ("request trailers", "one, not announced"): (_trailers("X-Sum: 1"), TRAILERS),
    ("request trailers", "several of one name"): (_trailers("X-Sum: 1, X-Other: a, x-sum: 2"), TRAILERS),
    ("request trailers", "after no bytes"): (_trailers("X-Sum: 1"), TRAILERS),
    ("upgrades", "another protocol, ignored, and a request behind it"): (
        ("step 4: Take did not happen", "application: 2 requests -> 1", "client: answers [200, 200] -> [200]"),
        BEHIND_UPGRADE,
    ),
    ("upgrades", "another protocol, begun at once"): (
        ("step 5: Arrives did not happen", "application: bytes after the switch now -> "),
        BEHIND_UPGRADE,
    ),
    ("slow ends", "a client that closes its sending half"): (
        ("client: answers [200] -> []",),
        HALF_CLOSED,
    ),
}
