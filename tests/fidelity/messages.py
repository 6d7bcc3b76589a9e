"""HTTP/1.1 messages as bytes: where one ends, and its parts exactly as they came. Pure; judges nothing.

Source: RFC 9112 sections 6 and 7.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Framing = Literal["none", "length", "chunked", "close"]
Fields = tuple[tuple[bytes, bytes], ...]

_SIZE: Final = re.compile(rb"[0-9A-Fa-f]+")
_NO_BODY: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a connection.

    Attributes:
        start: its first line.
        fields: names and values as they came, blanks around the values included.
        raw: its body with the framing, and `body` without it; `trailers` as `fields`.
        end: where the next message begins on the connection.
        whole: nothing of it is still to come; for a request also before its body is complete, False.
    """

    start: bytes
    fields: Fields
    framing: Framing
    raw: bytes
    body: bytes
    trailers: Fields
    end: int
    whole: bool

    def values(self, name: str) -> list[bytes]:
        """Every value of one header, without the blanks around it."""
        wanted = name.lower().encode()
        return [value.strip(b" \t") for given, value in self.fields if given.lower() == wanted]

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.start[9:12])

    @property
    def words(self) -> tuple[bytes, bytes, bytes]:
        """Of a request: method, target, version. Of an answer: version, status, reason."""
        first, _, rest = self.start.partition(b" ")
        second, _, third = rest.partition(b" ")
        return first, second, third


class _Body(NamedTuple):
    framing: Framing
    end: int
    body: bytes
    trailers: Fields
    whole: bool


def request_at(tape: bytes | bytearray, start: int) -> Message | None:
    """The request that begins there; None until its head is complete."""
    return _message(tape, start, sized="none", ended=False)


def answer_at(tape: bytes | bytearray, start: int, method: bytes, *, ended: bool) -> Message | None:
    """The answer that begins there, interim ones included; None until its head is complete.

    Args:
        method: of the request it answers. ended: nothing more will come on this connection.
    """
    head = tape[start : start + 13]
    status = int(head[9:12]) if re.fullmatch(rb"HTTP/1\.[01] \d{3}[ \r]", bytes(head)) else 0
    bare = method == b"HEAD" or status in _NO_BODY or 100 <= status < 200
    return _message(tape, start, sized="bare" if bare else "close", ended=ended)


def answers_in(tape: bytes | bytearray, methods: list[bytes], *, ended: bool) -> tuple[list[Message], int]:
    """The answers to these requests in order, interim ones among them, and where they end."""
    found: list[Message] = []
    waiting, at = list(methods), 0
    while waiting:
        message = answer_at(tape, at, waiting[0], ended=ended)
        if message is None:
            break
        found.append(message)
        at = message.end
        if not message.whole:
            break
        if message.status >= 200 or message.status == 101:
            waiting.pop(0)
        if message.status == 101:
            break
    return found, at


def _message(
    tape: bytes | bytearray, start: int, *, sized: Literal["none", "bare", "close"], ended: bool
) -> Message | None:
    head_end = tape.find(b"\r\n\r\n", start)
    if head_end < 0:
        return None
    first, *lines = bytes(tape[start:head_end]).split(b"\r\n")
    fields = _fields(lines)
    at = head_end + 4
    body = _Body("none", at, b"", (), True) if sized == "bare" else _body(tape, at, fields, sized == "close", ended)
    return Message(
        start=first,
        fields=fields,
        framing=body.framing,
        raw=bytes(tape[at : body.end]) if body.whole else b"",
        body=body.body,
        trailers=body.trailers,
        end=body.end,
        whole=body.whole,
    )


def _fields(lines: list[bytes]) -> Fields:
    pairs = (line.partition(b":") for line in lines if line)
    return tuple((name, value) for name, _, value in pairs)


def _body(tape: bytes | bytearray, at: int, fields: Fields, until_close: bool, ended: bool) -> _Body:
    given = {name.lower(): value.strip() for name, value in fields}
    if given.get(b"transfer-encoding", b"").lower().endswith(b"chunked"):
        return _chunked(tape, at)
    if b"content-length" in given:
        end = at + int(given[b"content-length"])
        whole = end <= len(tape)
        return _Body("length", min(end, len(tape)), bytes(tape[at:end]) if whole else b"", (), whole)
    if until_close:
        return _Body("close", len(tape), bytes(tape[at:]) if ended else b"", (), ended)
    return _Body("none", at, b"", (), True)


def _chunked(tape: bytes | bytearray, at: int) -> _Body:
    body, unfinished = bytearray(), _Body("chunked", len(tape), b"", (), False)
    while (line_end := tape.find(b"\r\n", at)) >= 0:
        size = _SIZE.match(tape, at)
        if size is None:
            raise ValueError(f"no chunk size: {bytes(tape[at : at + 20])!r}")
        length, at = int(size[0], 16), line_end + 2
        if length == 0:
            return _trailed(tape, at, line_end, bytes(body)) or unfinished
        body += tape[at : at + length]
        at += length + 2
        if at > len(tape):
            break
    return unfinished


def _trailed(tape: bytes | bytearray, at: int, last_line: int, body: bytes) -> _Body | None:
    if tape[at : at + 2] == b"\r\n":
        return _Body("chunked", at + 2, body, (), True)
    end = tape.find(b"\r\n\r\n", last_line)
    if end < 0:
        return None
    return _Body("chunked", end + 4, body, _fields(bytes(tape[at:end]).split(b"\r\n")), True)
