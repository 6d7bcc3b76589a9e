"""Requests that some server on the way would read differently; each must be refused (SEC-SMG-01, SEC-SMG-05)."""

from collections.abc import Mapping
from typing import Final

_POST = b"POST / HTTP/1.1\r\nHost: app.test\r\n"
_GET = b"GET / HTTP/1.1\r\nHost: app.test\r\n"


def _sized(*values: bytes, end: bytes = b"abc") -> bytes:
    return _POST + b"".join(b"Content-Length:" + value + b"\r\n" for value in values) + b"\r\n" + end


def _coded(*lines: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return _POST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + end


def _chunked(body: bytes) -> bytes:
    return _coded(b"Transfer-Encoding: chunked", end=body)


def _with(line: bytes) -> bytes:
    return _GET + line + b"\r\n\r\n"


def _line(line: bytes) -> bytes:
    return line + b"\r\nHost: app.test\r\n\r\n"


_LENGTHS: Mapping[str, bytes] = {
    "twice, the same": _sized(b" 3", b" 3"),
    "twice, different": _sized(b" 3", b" 4"),
    "a list": _sized(b" 3, 3"),
    "a list of others": _sized(b" 3,4"),
    "with a plus": _sized(b" +3"),
    "negative": _sized(b" -3"),
    "negative zero": _sized(b" -0"),
    "hexadecimal": _sized(b" 0x3"),
    "with an underscore": _sized(b" 1_0"),
    "with a fraction": _sized(b" 3.0"),
    "with an exponent": _sized(b" 3e0"),
    "empty": _sized(b""),
    "blank": _sized(b"  "),
    "with a blank inside": _sized(b" 3 3"),
    "words": _sized(b" three"),
    "an Arabic digit": _sized(" ٣".encode()),
    "larger than 64 bits": _sized(b" 18446744073709551619"),
    "thirty digits": _sized(b" " + b"9" * 30),
    "a quoted number": _sized(b' "3"'),
    "a vertical tab before it": _sized(b" \x0b3"),
    "a form feed behind it": _sized(b" 3\x0c"),
    "a name with a blank behind": _coded(b"Content-Length : 3", end=b"abc"),
    "a name with a tab behind": _coded(b"Content-Length\t: 3", end=b"abc"),
}

_CODINGS: Mapping[str, bytes] = {
    "length, then chunked": _coded(b"Content-Length: 3", b"Transfer-Encoding: chunked"),
    "chunked, then length": _coded(b"Transfer-Encoding: chunked", b"Content-Length: 3"),
    "length zero and chunked": _coded(b"Content-Length: 0", b"Transfer-Encoding: chunked"),
    "length and an unknown coding": _coded(b"Content-Length: 3", b"Transfer-Encoding: xchunked", end=b"abc"),
    "length and identity": _coded(b"Content-Length: 3", b"Transfer-Encoding: identity", end=b"abc"),
    "an unknown coding": _coded(b"Transfer-Encoding: xchunked"),
    "identity": _coded(b"Transfer-Encoding: identity"),
    "empty": _coded(b"Transfer-Encoding:"),
    "gzip": _coded(b"Transfer-Encoding: gzip"),
    "gzip, chunked": _coded(b"Transfer-Encoding: gzip, chunked"),
    "identity, chunked": _coded(b"Transfer-Encoding: identity, chunked"),
    "chunked, identity": _coded(b"Transfer-Encoding: chunked, identity"),
    "chunked, chunked": _coded(b"Transfer-Encoding: chunked, chunked"),
    "chunked and a comma": _coded(b"Transfer-Encoding: chunked,"),
    "chunked with a parameter": _coded(b"Transfer-Encoding: chunked;q=1"),
    "two lines, chunked twice": _coded(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "two lines, chunked and identity": _coded(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
    "two lines, unknown and chunked": _coded(b"Transfer-Encoding: cow", b"Transfer-Encoding: chunked"),
    "two spellings": _coded(b"Transfer-encoding: chunked", b"transfer-encoding: x"),
    "quoted": _coded(b'Transfer-Encoding: "chunked"'),
    "a blank before the colon": _coded(b"Transfer-Encoding : chunked"),
    "a tab before the colon": _coded(b"Transfer-Encoding\t: chunked"),
    "a vertical tab before it": _coded(b"Transfer-Encoding: \x0bchunked"),
    "a zero byte behind it": _coded(b"Transfer-Encoding: chunked\x00"),
    "a byte 0xa0 before it": _coded(b"Transfer-Encoding: \xa0chunked"),
    "folded": _coded(b"Transfer-Encoding:\r\n chunked"),
    "folded name": _coded(b"X-A: 1", b" Transfer-Encoding: chunked"),
    "hidden behind a bare line feed": _coded(b"X-A: 1\nTransfer-Encoding: chunked"),
    "hidden behind a bare return": _coded(b"X-A: 1\rTransfer-Encoding: chunked"),
    "in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "in HTTP/1.0 with a length": (
        b"POST / HTTP/1.0\r\nHost: app.test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
}

_LINES: Mapping[str, bytes] = {
    "HTTP/1.2": _line(b"GET / HTTP/1.2"),
    "HTTP/2.0": _line(b"GET / HTTP/2.0"),
    "HTTP/0.9": _line(b"GET / HTTP/0.9"),
    "HTTP/1.10": _line(b"GET / HTTP/1.10"),
    "HTTP/01.1": _line(b"GET / HTTP/01.1"),
    "http/1.1": _line(b"GET / http/1.1"),
    "HTTP 1.1": _line(b"GET / HTTP 1.1"),
    "no version": _line(b"GET /"),
    "a tab before the target": _line(b"GET\t/ HTTP/1.1"),
    "a blank before the method": _line(b" GET / HTTP/1.1"),
    "a colon in the method": _line(b"GE:T / HTTP/1.1"),
    "a zero byte in the target": _line(b"GET /\x00 HTTP/1.1"),
    "a return in the target": _line(b"GET /a\rb HTTP/1.1"),
    "no target": _line(b"GET  HTTP/1.1"),
    "a relative target": _line(b"GET a HTTP/1.1"),
    "absolute form": _line(b"GET http://evil.test/p HTTP/1.1"),
    "absolute form of ourselves": _line(b"GET http://app.test/p HTTP/1.1"),
    "an authority": _line(b"GET //evil.test/p HTTP/1.1"),
    "three slashes": _line(b"GET ///evil.test HTTP/1.1"),
    "a backslash": _line(b"GET \\\\evil.test HTTP/1.1"),
    "a fragment": _line(b"GET /a#b HTTP/1.1"),
    "asterisk": _line(b"OPTIONS * HTTP/1.1"),
    "CONNECT": _line(b"CONNECT evil.test:443 HTTP/1.1"),
    "the start of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: app.test\n\n",
    "a bare return at the end": b"GET / HTTP/1.1\rHost: app.test\r\r",
    "a return before the empty line": b"GET / HTTP/1.1\r\nHost: app.test\r\n\r\r\n",
    "a target of 9 KB": _line(b"GET /" + b"a" * 9_000 + b" HTTP/1.1"),
}

_FIELDS: Mapping[str, bytes] = {
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": _with(b"Host: other.test"),
    "two Hosts, the same": _with(b"host: app.test"),
    "an empty Host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "a user in Host": b"GET / HTTP/1.1\r\nHost: a@evil.test\r\n\r\n",
    "a list in Host": b"GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n",
    "a junk port in Host": b"GET / HTTP/1.1\r\nHost: a.test:80x\r\n\r\n",
    "a path in Host": b"GET / HTTP/1.1\r\nHost: a.test/b\r\n\r\n",
    "a blank in Host": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a folded line": _with(b"X-A: 1\r\n folded"),
    "a line folded with a tab": _with(b"X-A: 1\r\n\tfolded"),
    "a first line that is folded": b"GET / HTTP/1.1\r\n Host: app.test\r\n\r\n",
    "an empty name": _with(b": 1"),
    "no colon": _with(b"X-A"),
    "a blank in a name": _with(b"X A: 1"),
    "a blank before the colon": _with(b"X-A : 1"),
    "a zero byte in a name": _with(b"X-\x00A: 1"),
    "a zero byte in a value": _with(b"X-A: a\x00b"),
    "a return in a value": _with(b"X-A: a\rb"),
    "a line feed in a value": _with(b"X-A: a\nX-B: b"),
    "a delete in a value": _with(b"X-A: a\x7fb"),
    "a bracket in a name": _with(b"X[A]: 1"),
    "a name beyond ASCII": _with("X-Ä: 1".encode()),
    "two Authorizations": _with(b"Authorization: a\r\nauthorization: b"),
    "two media types": _with(b"Content-Type: a/b\r\nContent-Type: c/d"),
    "65 fields": _with(b"\r\n".join(b"X-%d: 1" % n for n in range(65))),
    "a field of 9 KB": _with(b"X-A: " + b"a" * 9_000),
    "fields of 40 KB": _with(b"\r\n".join(b"X-%d: " % n + b"a" * 8_000 for n in range(5))),
}

_CHUNKS: Mapping[str, bytes] = {
    "hexadecimal prefix": _chunked(b"0x3\r\nabc\r\n0\r\n\r\n"),
    "plus": _chunked(b"+3\r\nabc\r\n0\r\n\r\n"),
    "minus": _chunked(b"-3\r\nabc\r\n0\r\n\r\n"),
    "underscore": _chunked(b"0_3\r\nabc\r\n0\r\n\r\n"),
    "blank before": _chunked(b" 3\r\nabc\r\n0\r\n\r\n"),
    "blank behind": _chunked(b"3 \r\nabc\r\n0\r\n\r\n"),
    "tab behind": _chunked(b"3\t\r\nabc\r\n0\r\n\r\n"),
    "no size": _chunked(b"\r\nabc\r\n0\r\n\r\n"),
    "no hexadecimal digit": _chunked(b"g\r\nabc\r\n0\r\n\r\n"),
    "bare line feed behind the size": _chunked(b"3\nabc\r\n0\r\n\r\n"),
    "bare return behind the size": _chunked(b"3\rabc\r\n0\r\n\r\n"),
    "bare line feed behind the bytes": _chunked(b"3\r\nabc\n0\r\n\r\n"),
    "more bytes than said": _chunked(b"3\r\nabcd\r\n0\r\n\r\n"),
    "fewer bytes than said": _chunked(b"3\r\nab\r\n0\r\n\r\n"),
    "larger than 64 bits": _chunked(b"1" + b"0" * 16 + b"\r\nabc\r\n"),
    "wraps to 3": _chunked(b"10000000000000003\r\nabc\r\n0\r\n\r\n"),
    "an extension with a line feed": _chunked(b"3;a\nb\r\nabc\r\n0\r\n\r\n"),
    "an extension with a zero byte": _chunked(b"3;a=\x00\r\nabc\r\n0\r\n\r\n"),
    "bare line feed at the end": _chunked(b"0\r\n\n"),
    "a trailer that is a length": _chunked(b"0\r\nContent-Length: 3\r\n\r\n"),
    "a trailer that is a coding": _chunked(b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "a trailer without a colon": _chunked(b"0\r\nX-A\r\n\r\n"),
    "a folded trailer": _chunked(b"0\r\nX-A: 1\r\n b\r\n\r\n"),
}

REFUSED_ALONE: Final[Mapping[str, bytes]] = {
    "an unknown expectation": _with(b"Expect: 200-ok"),
    "an unknown expectation with a body": _sized(b" 3\r\nExpect: 200-ok"),
    "Connection that names an end-to-end header": _with(b"Connection: Authorization"),
    "Connection that names the length": _sized(b" 3\r\nConnection: Content-Length"),
}
"""Refused too, but nobody can be in doubt where they end: the connection may go on."""

_TABLES = (
    ("length", _LENGTHS),
    ("coding", _CODINGS),
    ("first line", _LINES),
    ("fields", _FIELDS),
    ("chunks", _CHUNKS),
)
ATTACKS: Final = {f"{kind}: {name}": attack for kind, table in _TABLES for name, attack in table.items()}
