"""Reading one answer, without any I/O: bytes are fed, and what they say is found in the attributes.

llhttp reads in its strict mode. Refused on top of that: transfer codings other than `chunked`, one in HTTP/1.0 or on
an informational answer, versions that are not ours, statuses below 100, a switch of protocols that nobody asked for,
anything behind the end of the answer, and what has no bound.

Source: RFC 9112, sections 6 and 7; RFC 9110, section 15.2; reliability catalogue SEC-SMG.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

MOST_HEAD_BYTES: Final = 65_536
MOST_TRAILER_BYTES: Final = 16_384
MOST_INTERIMS: Final = 32
"""Informational answers before the final one."""

SWITCHING: Final = 101
_FINAL: Final = 200
_INFORMATIONAL: Final = 100
_BODILESS: Final = frozenset({204, 304})
_VERSIONS: Final = frozenset({"1.0", "1.1"})

Fields = list[tuple[bytes, bytes]]


class Malformed(Exception):
    """The bytes are no answer that everybody would read in the same way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interim:
    """An informational answer, such as 103."""

    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class Answer:
    """One answer as far as it has come.

    Attributes:
        status: of the final answer; 0 until its head is complete.
        body_bytes: the length that it declares; None without one.
        pieces: parts of the body that nobody has taken yet, `waiting` bytes in all.
        trailers: complete with the body.
        ended: all of it has come.
        switched: what follows the head is another protocol's.
        spoiled: it is malformed, so that nothing of it may be believed.
        keeps: once ended, whether another answer may follow on the connection.
        interims: informational answers that nobody has taken yet.
    """

    __slots__ = (
        *("status", "reason", "headers", "trailers", "body_bytes", "pieces", "waiting", "interims"),
        *("ended", "switched", "spoiled", "keeps"),
        *("_head", "_upgrade", "_parser", "_status", "_informed", "_head_bytes", "_trailer_bytes", "_to_the_end"),
    )

    def __init__(self, *, head: bool = False, upgrade: bool = False) -> None:
        """Expect an answer.

        Args:
            head: the request's method is HEAD, so that no body follows.
            upgrade: the request asked for another protocol.
        """
        self.status = 0
        self.reason = b""
        self.headers: Fields = []
        self.trailers: Fields = []
        self.body_bytes: int | None = None
        self.pieces: deque[bytes] = deque()
        self.waiting = 0
        self.interims: deque[Interim] = deque()
        self.ended = self.switched = self.spoiled = self.keeps = False
        self._head = head
        self._upgrade = upgrade
        self._status = self._informed = self._head_bytes = self._trailer_bytes = 0
        self._to_the_end = False
        self._parser = HttpResponseParser(self)

    @property
    def begun(self) -> bool:
        """Something of an answer has come."""
        return self._head_bytes > 0

    def feed(self, data: bytes) -> None:
        """Read on.

        Raises:
            Malformed
        """
        if self.switched:
            self._more(data)
            return
        if not self.status:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as switch:
            self._more(data[switch.args[0] :])
        except HttpParserError as error:
            if not (self._head and self.ended):
                raise self._spoilt(str(error.__context__ or error)) from None
            self.keeps = False
        if not self.status and self._head_bytes > MOST_HEAD_BYTES:
            raise self._spoilt("the head is too large")

    def feed_eof(self) -> None:
        """The application will send no more.

        Raises:
            Malformed: the answer is not complete.
        """
        if self.ended:
            return
        if not self._to_the_end and not self.switched:
            raise Malformed("the answer is cut")
        self.ended = True

    def close(self) -> None:
        """Let go of the parser, which holds this answer in turn: otherwise both wait for the garbage collector."""
        del self._parser

    def _spoilt(self, why: str) -> Malformed:
        self.spoiled = True
        return Malformed(why)

    def _more(self, data: bytes) -> None:
        if data:
            self.pieces.append(data)
            self.waiting += len(data)

    # --- what the parser calls

    def on_message_begin(self) -> None:
        """Another answer begins: the first, or the one behind an informational one."""
        if self.ended:
            raise Malformed("there is more behind the answer")
        self.headers = []
        self.reason = b""

    def on_status(self, reason: bytes) -> None:
        """The reason phrase."""
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head, or behind the body."""
        if not self.status:
            self.headers.append((name, value))
            return
        self._trailer_bytes += len(name) + len(value)
        if self._trailer_bytes > MOST_TRAILER_BYTES:
            raise Malformed("the trailers are too large")
        self.trailers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is complete: judge how the answer is framed."""
        status = self._status = self._parser.get_status_code()
        length, coded = self._framing()
        if self._parser.get_http_version() not in _VERSIONS:
            raise Malformed("this is not HTTP/1.1")
        if status < _FINAL:
            self._interim(status, framed=coded or length is not None)
            return
        self.status, self.body_bytes = status, length
        if self._head:
            framed = coded or length is not None
            self.ended, self.keeps = True, self._parser.should_keep_alive() if framed else self._stays()
        elif status not in _BODILESS:
            self._to_the_end = length is None and not coded

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        if self._head:
            self.keeps = False
            return
        self.pieces.append(data)
        self.waiting += len(data)

    def on_message_complete(self) -> None:
        """An answer is complete, the final one or not."""
        if not self.status:
            if self._status != SWITCHING:
                headers = tuple(self.headers)
                self.interims.append(Interim(status=self._status, reason=self.reason, headers=headers))
            return
        if not self._head and not self.switched:
            self.ended, self.keeps = True, self._parser.should_keep_alive()

    def _interim(self, status: int, *, framed: bool) -> None:
        self._informed += 1
        if status < _INFORMATIONAL or framed or self._informed > MOST_INTERIMS:
            raise Malformed("an informational answer that cannot be passed on")
        if status == SWITCHING:
            if not self._upgrade:
                raise Malformed("the application switched protocols without being asked to")
            self.status, self.switched = status, True

    def _stays(self) -> bool:
        """The parser believes that an answer to HEAD without a length goes on to the end of the connection."""
        said = b",".join([value for name, value in self.headers if name.lower() == b"connection"]).lower()
        return self._parser.get_http_version() == "1.1" and b"close" not in said

    def _framing(self) -> tuple[int | None, bool]:
        """The declared length, and whether the body is chunked. Two lengths, or both, the parser refuses."""
        length, coded = None, False
        for name, value in self.headers:
            size = len(name)
            if size == _LENGTH_SIZE and name.lower() == b"content-length":
                length = int(value)
            elif size == _CODING_SIZE and name.lower() == b"transfer-encoding":
                if coded or value.strip().lower() != b"chunked" or self._parser.get_http_version() != "1.1":
                    raise Malformed("a transfer coding that is not ours")
                coded = True
        return length, coded


_LENGTH_SIZE: Final = len(b"content-length")
_CODING_SIZE: Final = len(b"transfer-encoding")
