"""What applications answer: statuses, headers, cookies, bodies, trailers, partial and encoded content, old versions."""

from tests.fidelity.case import Case, answering, asking, case

_STATUSES = (
    *(b"200 OK", b"200 Fine, thanks", b"201 Created", b"202 Accepted", b"203 Non-Authoritative Information"),
    *(b"207 Multi-Status", b"226 IM Used", b"299 Odd", b"300 Multiple Choices"),
    *(b"400 Bad Request", b"401 Unauthorized", b"402 Payment Required", b"403 Forbidden", b"404 Not Found"),
    *(b"405 Method Not Allowed", b"406 x", b"407 Proxy Authentication Required", b"408 Request Timeout"),
    *(b"409 Conflict", b"410 Gone", b"411 Length Required", b"412 x", b"413 x", b"415 x", b"416 x", b"417 x"),
    *(b"418 I'm a teapot", b"421 Misdirected Request", b"422 x", b"423 Locked", b"425 Too Early", b"426 x"),
    *(b"428 x", b"429 Too Many Requests", b"431 x", b"451 Unavailable For Legal Reasons", b"499 x"),
    *(b"500 Internal Server Error", b"501 x", b"502 Bad Gateway", b"503 Service Unavailable", b"504 x", b"505 x"),
    *(b"507 x", b"511 x", b"520 x", b"599 Last", b"600 Beyond", b"999 Far beyond"),
)

_HEADERS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("spelling kept", (b"x-lower: 1", b"X-UPPER: 2", b"x-MiXeD: 3", b"content-TYPE: a/b")),
    ("same name, several values in order", (b"X-A: 1", b"X-B: 2", b"X-A: 3", b"x-a: 2")),
    ("empty value", (b"X-Empty:", b"X-Blank: ", b"X-Next: 1")),
    ("blanks around", (b"X-A:   1  ", b"X-B:\t2\t", b"X-C:3")),
    ("UTF-8", ("X-Name: Zoë 名前".encode(),)),
    ("Latin-1", (b"X-Name: Zo\xeb",)),
    ("every byte from 0x80", (b"X-Name: " + bytes(range(0x80, 0x100)),)),
    ("every visible character", (b"X-All: " + bytes(range(0x21, 0x7F)),)),
    ("every token character in a name", (b"X-!#$%&'*+.^`|~09_: 1",)),
    ("many", tuple(b"X-%d: %d" % (n, n) for n in range(80))),
    ("long", (b"X-Long: " + b"a" * 8_000,)),
    ("no media type", (b"X-A: 1",)),
    ("odd media type", (b'Content-Type: Text/HTML ;charset="X";;',)),
    ("server and powered by", (b"Server: Legacy/0.9 (x)", b"X-Powered-By: PHP/4")),
    ("caching", (b"Cache-Control: max-age=1", b"Age: 3", b"Expires: 0", b"Vary: *", b'ETag: W/"x"')),
    ("policies", (b"Content-Security-Policy: default-src 'self'; x", b"Strict-Transport-Security: max-age=1")),
    ("sharing", (b"Access-Control-Allow-Origin: *", b"Access-Control-Expose-Headers: *")),
    ("links", (b'Link: </a?b=%2F>; rel="next", <//x>; rel=y',)),
    ("challenge", (b'WWW-Authenticate: Basic realm="a", Digest nonce="b"',)),
    ("accelerator", (b"X-Accel-Redirect: /internal", b"X-Sendfile: /etc/x")),
    ("hop by hop", (b"Connection: X-Hop, keep-alive", b"X-Hop: 1", b"Keep-Alive: timeout=5")),
    ("a limit of its own", (b"RateLimit: 1", b"Retry-After: 5", b"X-RateLimit-Left: 1")),
    ("via of a server behind", (b"Via: 1.1 behind",)),
    ("alternatives", (b'Alt-Svc: h3=":443"', b"Upgrade: h2c")),
    ("request id", (b"X-Request-Id: theirs",)),
)

_CHUNKED = b"Transfer-Encoding: chunked"
_BINARY = bytes(range(256)) * 5


def _bodies() -> list[Case]:
    get = asking()

    def sized(name: str, *fields: bytes, body: bytes = b"ok") -> Case:
        return case("answer bodies", name, get, answering(b"200 OK", *fields, body=body))

    def chunked(name: str, end: bytes, *fields: bytes) -> Case:
        return case("answer bodies", name, get, answering(b"200 OK", _CHUNKED, *fields, body=None, end=end))

    def until_close(name: str, end: bytes, version: bytes = b"HTTP/1.1", *fields: bytes) -> Case:
        answer = answering(b"200 OK", *fields, body=None, end=end, version=version)
        return case("answer bodies", name, get, answer, closed=True)

    return [
        sized("sized", b"Content-Type: application/json", body=b'{"a": 1}'),
        sized("empty", body=b""),
        sized("binary", body=_BINARY),
        sized("64 KB and one byte", body=b"x" * 65_537),
        sized("1 MB", body=b"0123456789" * 100_000),
        sized("not the JSON it says", b"Content-Type: application/json", body=b"<html>"),
        sized("gzip left alone", b"Content-Encoding: gzip", b"Vary: Accept-Encoding", body=b"\x1f\x8b" + _BINARY),
        sized("br left alone", b"Content-Encoding: br", body=_BINARY),
        sized("deflate that is none", b"Content-Encoding: deflate", body=b"plain"),
        sized("several encodings", b"Content-Encoding: gzip, x-odd", body=_BINARY),
        sized("digest", b"Content-Digest: sha-256=:x:", b"Content-MD5: y"),
        chunked("one chunk", b"3\r\nabc\r\n0\r\n\r\n"),
        chunked("many chunks", b"1\r\na\r\n" * 300 + b"0\r\n\r\n"),
        chunked("no bytes at all, chunked", b"0\r\n\r\n"),
        chunked("chunk extensions", b'3;a=b;c="d;e"\r\nabc\r\n0;last\r\n\r\n'),
        chunked("bytes that look like framing", b"d\r\n0\r\n\r\nHTTP/1.1\r\n0\r\n\r\n"),
        chunked("chunk of 200 KB", b"30d40\r\n" + b"x" * 200_000 + b"\r\n0\r\n\r\n"),
        chunked("gzip, chunked, left alone", b"4\r\n\x1f\x8b\x08\x00\r\n0\r\n\r\n", b"Content-Encoding: gzip"),
        until_close("until the close", b"to the end"),
        until_close("until the close, empty", b""),
        until_close("until the close, HTTP/1.0", b"to the end", b"HTTP/1.0"),
        case("answer bodies", "sized, HTTP/1.0", get, answering(body=b"abc", version=b"HTTP/1.0"), closed=True),
        case(
            "answer bodies", "closed after it", get, answering(b"200 OK", b"Connection: close", body=b"a"), closed=True
        ),
    ]


def _trailers() -> list[Case]:
    def trailed(name: str, trailers: bytes, *fields: bytes, request: bytes = asking()) -> Case:
        answer = answering(b"200 OK", *fields, _CHUNKED, body=None, end=b"1\r\na\r\n0\r\n" + trailers + b"\r\n")
        return case("answer trailers", name, request, answer)

    wished = asking(b"GET / HTTP/1.1", b"TE: trailers", b"Connection: TE")
    return [
        trailed("one, announced and wished for", b"X-Sum: 1\r\n", b"Trailer: X-Sum", request=wished),
        trailed("one, not announced", b"X-Sum: 1\r\n", request=wished),
        trailed("several of one name", b"X-Sum: 1\r\nX-Other: a\r\nx-sum: 2\r\n", b"Trailer: X-Sum", request=wished),
        trailed("nobody wished for them", b"X-Sum: 1\r\n", b"Trailer: X-Sum"),
        case(
            "answer trailers",
            "after no bytes",
            wished,
            answering(b"200 OK", _CHUNKED, body=None, end=b"0\r\nServer-Timing: a;dur=1\r\n\r\n"),
        ),
    ]


def _bare() -> list[Case]:
    head = asking(b"HEAD /things/1 HTTP/1.1")
    get = asking(b"GET /things/1 HTTP/1.1", b'If-None-Match: "x"')
    return [
        case("HEAD", "with a length", head, answering(b"200 OK", b"Content-Length: 12345", body=None)),
        case("HEAD", "with a length of zero", head, answering(b"200 OK", b"Content-Length: 0", body=None)),
        case("HEAD", "without a length", head, answering(b"200 OK", b"Content-Type: a/b", body=None)),
        case("HEAD", "that says chunked", head, answering(b"200 OK", _CHUNKED, body=None)),
        case("HEAD", "404", head, answering(b"404 Not Found", b"Content-Length: 9", body=None)),
        case("204 and 304", "204", get, answering(b"204 No Content", body=None)),
        case("204 and 304", "204 to DELETE", asking(b"DELETE /a HTTP/1.1"), answering(b"204 No Content", body=None)),
        case("204 and 304", "204 with a length of zero", get, answering(b"204 No Content", body=b"")),
        case("204 and 304", "304", get, answering(b"304 Not Modified", b'ETag: "x"', b"Vary: A", body=None)),
        case(
            "204 and 304", "304 with a length", get, answering(b"304 x", b'ETag: "x"', b"Content-Length: 7", body=None)
        ),
        case("204 and 304", "304 to HEAD", head, answering(b"304 Not Modified", b"Content-Length: 7", body=None)),
        case("204 and 304", "205", get, answering(b"205 Reset Content", body=b"")),
    ]


def _partial() -> list[Case]:
    ranged = asking(b"GET /a HTTP/1.1", b"Range: bytes=0-1,4-5")
    parts = b"--x\r\nContent-Range: bytes 0-1/9\r\n\r\nab\r\n--x\r\nContent-Range: bytes 4-5/9\r\n\r\nef\r\n--x--\r\n"
    return [
        case("ranges", "one", ranged, answering(b"206 Partial Content", b"Content-Range: bytes 0-1/9", body=b"ab")),
        case(
            "ranges",
            "several",
            ranged,
            answering(b"206 x", b"Content-Type: multipart/byteranges; boundary=x", body=parts),
        ),
        case("ranges", "none can be met", ranged, answering(b"416 x", b"Content-Range: bytes */9", body=b"")),
        case("ranges", "ignored", ranged, answering(b"200 OK", b"Accept-Ranges: none", body=b"abcdefghi")),
    ]


def _redirects() -> list[Case]:
    places = (
        *(b"https://elsewhere.test/a?b#c", b"/a/../b", b"?q", b"//other.test/", b"http://app.test/x", b""),
        *(b"http://127.0.0.1:1/internal", b"relative/path", "/café".encode()),
    )
    codes = (b"301 Moved", b"302 Found", b"303 See Other", b"307 Temporary", b"308 Permanent")
    post = asking(b"POST /a HTTP/1.1", body=b"x")
    return [
        *(case("redirects", code.decode(), asking(), answering(code, b"Location: /next")) for code in codes),
        *(case("redirects", f"POST, {code.decode()}", post, answering(code, b"Location: /next")) for code in codes),
        *(case("redirects", repr(to)[2:-1], asking(), answering(b"302 Found", b"Location: " + to)) for to in places),
        case(
            "redirects",
            "201 with a place",
            post,
            answering(b"201 Created", b"Location: /things/2", b"Content-Location: /x"),
        ),
        case("redirects", "refresh", asking(), answering(b"200 OK", b"Refresh: 0; url=/x")),
    ]


def _cookies() -> list[Case]:
    def cookies(name: str, *values: bytes) -> Case:
        lines = [b"Set-Cookie: " + value for value in values]
        return case("answer cookies", name, asking(), answering(b"200 OK", *lines, body=b"ok"))

    return [
        cookies("one", b"sid=1; Path=/; HttpOnly; SameSite=Lax; Secure"),
        cookies("several in order", b"a=1", b"b=2; Expires=Sun, 06 Nov 1994 08:49:37 GMT", b"a=3; Max-Age=0"),
        cookies("odd ones", b"", b"novalue", b"=x", b'q="a;b"; Domain=.app.test', b"n=Zo\xeb", b"__Host-x=1"),
    ]


def _reasons() -> list[Case]:
    lines = (b"200 ", b"200", b"404 Nicht gefunden: Zo\xeb", b"200 \ttab", b"200 OK OK  OK")
    return [case("reasons", repr(line)[2:-1], asking(), answering(line, body=b"ok")) for line in lines]


def cases() -> list[Case]:
    """All of them."""
    return [
        *(
            case("statuses", s.decode(), asking(), answering(s, body=b"" if s[:3] == b"205" else b"ok"))
            for s in _STATUSES
        ),
        *_reasons(),
        *(case("answer headers", name, asking(), answering(b"200 OK", *f, body=b"ok")) for name, f in _HEADERS),
        *_cookies(),
        *_bodies(),
        *_trailers(),
        *_bare(),
        *_partial(),
        *_redirects(),
        case("answer headers", "no Date", asking(), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        case("answer headers", "none but a size", asking(), b"HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nok"),
    ]
