"""What two ends have of a case through the proxy, beside what they have without it; and what of that is allowed.

The tables here are the whole list of what the proxy may change (I6); everything else is a difference.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from tests.fidelity.messages import Fields, Message
from tests.fidelity.steps import Outcome

End = Literal["application", "client"]


class Allowed(StrEnum):
    """Why something may differ."""

    ANNOUNCED = "the proxy names itself, the client and the trace: Via, X-Forwarded-*, traceparent, X-Request-Id"
    CONTEXT = "configured: the tenant's context and its limits"
    HOP = "headers of one connection stay on it (RFC 9110 7.6.1)"
    FRAMING = "each connection frames bodies by itself (RFC 9112 6 and 7)"
    VERSION = "each connection speaks its own version (RFC 9110 2.5, 6.2)"
    PLACE = "Host and Content-Length are written anew, in another place (RFC 9110 5.3)"
    BLANKS = "blanks around a value are no part of it (RFC 9110 5.5)"
    DATE = "a Date is added where there is none (RFC 9110 6.6.1)"
    HOST = "a Host is written where HTTP/1.0 sends none (RFC 9112 3.2)"
    SERVER = "a Server is added where there is none"


ALWAYS: Final = frozenset({Allowed.ANNOUNCED, Allowed.CONTEXT})
"""With every passage: what the proxy is there for. A case with these alone counts as identical."""

_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"upgrade",
    }
)
_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding"})
_PLACED: Final = frozenset({b"host", b"content-length"})

ADDED: Final[dict[End, dict[bytes, Allowed]]] = {
    "application": {
        b"via": Allowed.ANNOUNCED,
        b"x-forwarded-for": Allowed.ANNOUNCED,
        b"x-forwarded-proto": Allowed.ANNOUNCED,
        b"x-forwarded-host": Allowed.ANNOUNCED,
        b"traceparent": Allowed.ANNOUNCED,
        b"x-request-id": Allowed.ANNOUNCED,
        b"x-tenant-id": Allowed.CONTEXT,
        b"host": Allowed.HOST,
    },
    "client": {
        b"via": Allowed.ANNOUNCED,
        b"ratelimit": Allowed.CONTEXT,
        b"ratelimit-policy": Allowed.CONTEXT,
        b"date": Allowed.DATE,
        b"server": Allowed.SERVER,
    },
}


@dataclass(slots=True)
class Verdict:
    """What differs.

    Attributes:
        allowed: reasons that were needed. found: what no reason covers, in words that name the end and the part.
    """

    allowed: set[Allowed] = field(default_factory=set)
    found: list[str] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        """Nothing but what every passage has."""
        return not self.found and self.allowed <= ALWAYS


def compared(direct: Outcome, passed: Outcome) -> Verdict:
    """The case without and with the proxy."""
    verdict = Verdict()
    if direct.missed:
        verdict.found.append(f"the case does not work directly: step {direct.missed}")
    if passed.missed:
        verdict.found.append(f"step {passed.missed} did not happen")
    _each("application", direct.requests, passed.requests, verdict)
    _each("client", direct.answers, passed.answers, verdict)
    for end, before, after in (("application", direct.up, passed.up), ("client", direct.down, passed.down)):
        if before != after:
            verdict.found.append(f"{end}: bytes after the switch {_short(before)} -> {_short(after)}")
    return verdict


def _each(end: End, before: Sequence[Message], after: Sequence[Message], verdict: Verdict) -> None:
    if end == "client":
        ours, theirs = [m.status for m in after], [m.status for m in before]
        if ours != theirs:
            verdict.found.append(f"client: answers {theirs} -> {ours}")
            return
    elif len(before) != len(after):
        verdict.found.append(f"application: {len(before)} requests -> {len(after)}")
        return
    for one, other in zip(before, after, strict=True):
        _message(end, one, other, verdict)


def _message(end: End, before: Message, after: Message, verdict: Verdict) -> None:
    _start(end, before, after, verdict)
    _fields(end, before, after, verdict)
    if "none" in {before.framing, after.framing} and before.framing != after.framing:
        verdict.found.append(f"{end}: framing {before.framing} -> {after.framing}")
    elif before.framing != after.framing or (before.raw != after.raw and before.body == after.body):
        verdict.allowed.add(Allowed.FRAMING)
    if before.whole != after.whole:
        verdict.found.append(f"{end}: whole {before.whole} -> {after.whole}")
    if before.body != after.body:
        verdict.found.append(f"{end}: body {_short(before.body)} -> {_short(after.body)}")
    if _stripped(before.trailers) != _stripped(after.trailers):
        verdict.found.append(f"{end}: trailers {_listed(before.trailers)} -> {_listed(after.trailers)}")


def _start(end: End, before: Message, after: Message, verdict: Verdict) -> None:
    one, other = list(before.words), list(after.words)
    version = 2 if end == "application" else 0
    if one[version] != other[version]:
        verdict.allowed.add(Allowed.VERSION)
        one[version] = other[version] = b""
    if one != other:
        verdict.found.append(f"{end}: {_short(before.start)} -> {_short(after.start)}")


def _fields(end: End, before: Message, after: Message, verdict: Verdict) -> None:
    kept = _end_to_end(before, verdict, sized=_says_size(before))
    got = _end_to_end(after, verdict, sized=_says_size(before))
    got = _without_added(end, kept, got, verdict)
    if kept == got:
        return
    if sorted(kept) != sorted(got) and sorted(_stripped(kept)) == sorted(_stripped(got)):
        verdict.allowed.add(Allowed.BLANKS)
    kept, got = _stripped(kept), _stripped(got)
    if kept == got:
        return
    if sorted(kept) == sorted(got) and _unplaced(kept) == _unplaced(got):
        verdict.allowed.add(Allowed.PLACE)
        return
    verdict.found.extend(_told(end, kept, got))


def _told(end: End, kept: Fields, got: Fields) -> Iterable[str]:
    before, after = Counter(kept), Counter(got)
    lost, new = list((before - after).elements()), list((after - before).elements())
    if not lost and not new:
        yield f"{end}: another order of {_listed(kept)} -> {_listed(got)}"
    if lost:
        yield f"{end}: lost {_listed(tuple(lost))}"
    if new:
        yield f"{end}: new {_listed(tuple(new))}"


def _says_size(before: Message) -> bool:
    """Its length is a statement about what it stands for, such as in the answer to a HEAD, and no framing."""
    return before.framing == "none"


def _end_to_end(message: Message, verdict: Verdict, *, sized: bool) -> Fields:
    named = {part.strip().lower() for value in message.values("connection") for part in value.split(b",")}
    here = (_HOP | named) if sized else (_HOP | named | _FRAMING)
    kept = tuple(pair for pair in message.fields if pair[0].lower() not in here)
    gone = {name.lower() for name, _ in message.fields} & (_HOP | named)
    if gone:
        verdict.allowed.add(Allowed.HOP)
    return kept


def _without_added(end: End, kept: Fields, got: Fields, verdict: Verdict) -> Fields:
    """Without one of each header that the proxy may add; with the same name among `kept`, the last one is ours."""
    sent = Counter(name.lower() for name, _ in kept)
    left = Counter(name.lower() for name, _ in got)
    result: list[tuple[bytes, bytes]] = []
    for name, value in reversed(got):
        lower = name.lower()
        if lower in ADDED[end] and left[lower] > sent[lower]:
            left[lower] -= 1
            verdict.allowed.add(ADDED[end][lower])
        else:
            result.append((name, value))
    return tuple(reversed(result))


def _unplaced(fields: Fields) -> Fields:
    return tuple(pair for pair in fields if pair[0].lower() not in _PLACED)


def _stripped(fields: Fields) -> Fields:
    return tuple((name, value.strip(b" \t")) for name, value in fields)


def _listed(fields: Fields) -> str:
    return ", ".join(_short(name + b":" + value) for name, value in fields) or "none"


def _short(data: bytes) -> str:
    text = repr(data)[2:-1]
    return text if len(text) <= 60 else f"{text[:40]}... ({len(data)} bytes)"
