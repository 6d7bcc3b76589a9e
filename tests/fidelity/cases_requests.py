"""What clients send: methods, targets, headers, cookies, bodies, trailers, old versions."""

from tests.fidelity.case import Case, asking, case

_METHODS = (
    *("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"),
    *("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "QUERY", "PURGE"),
    *("LINK", "UNLINK", "MERGE", "CHECKOUT", "REBIND", "ACL", "BIND", "MKCALENDAR", "NOTIFY", "SUBSCRIBE"),
    *("BREW", "get", "Get", "VERSION-CONTROL", "X-CUSTOM", "M-SEARCH", "TRACE", "A"),
)

_TARGETS = (
    *("/", "/things/1", "/things/1/", "/a/b/c.json", "/a//b", "/a/b//", "/a;v=1/b;w", "/a.b/c~d_e-f", "/a:b@c"),
    *("/a%2Fb", "/a%2fb", "/a%5Cb", "/a%20b", "/a+b", "/a%2Bb", "/a%25b", "/a%3Fb", "/a%23b", "/a%3Bb", "/%41%62c"),
    *("/%7Euser", "/~user", "/caf%C3%A9", "/caf%E9", "/%FF%FE", "/%E2%82%AC", "/a%zz", "/a%", "/a%4", "/.hidden"),
    *("/a...b", "/...", "/!$&'()*+,;=:@", "/a|b", "/a^b", "/a`b", '/a"b', "/a{b}", "/<a>", "/a[b]", "/a\\b"),
    *("/a?", "/a??", "/a?b", "/a?b=", "/a?=b", "/a?b=1&b=2&b=1", "/a?b=%20", "/a?b=+", "/a?b=%2B", "/a?b=a/b?c"),
    *("/a?b=1&&c=2", "/a?&b", "/a?b;c", "/a?b[]=1&b[]=2", "/a?b=%C3%A9", "/a?b=%E9", "/a?%62=1", "/a?b={c}|d"),
    *("/a?b=../../c", "/a?u=http://x.test/y", "/a?b=%00", "/a?b=%0D%0A", "/?", "/?a", "/a?b='c'\"d\""),
)

_HEADERS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("one", (b"X-One: 1",)),
    ("spelling kept", (b"x-lower: 1", b"X-UPPER: 2", b"x-MiXeD: 3")),
    ("same name, several values in order", (b"X-A: 1", b"X-B: 2", b"X-A: 3", b"X-A: 2")),
    ("same name in other cases", (b"X-A: 1", b"x-a: 2", b"X-a: 3")),
    ("empty value", (b"X-Empty:", b"X-Next: 1")),
    ("empty value with a blank", (b"X-Empty: ",)),
    ("blanks around", (b"X-A:   1  ", b"X-B:\t2\t", b"X-C:3")),
    ("blanks within", (b"X-A: a  b\tc",)),
    ("UTF-8", ("X-Name: Zoë 名前".encode(),)),
    ("Latin-1", (b"X-Name: Zo\xeb",)),
    ("every byte from 0x80", (b"X-Name: " + bytes(range(0x80, 0x100)),)),
    ("every visible character", (b"X-All: " + bytes(range(0x21, 0x7F)),)),
    ("every token character in a name", (b"X-!#$%&'*+.^`|~09: 1",)),
    ("a name with an underscore", (b"X_Under_Score: 1",)),
    ("one letter", (b"A: 1",)),
    ("many", tuple(b"X-%d: %d" % (n, n) for n in range(50))),
    ("long", (b"X-Long: " + b"a" * 8_000,)),
    ("long name", (b"X-" + b"n" * 200 + b": 1",)),
    ("commas and quotes", (b'X-List: a, "b, c",,d', b'If-None-Match: "a", W/"b"')),
    ("negotiation", (b"Accept: */*;q=0.1, a/b", b"Accept-Language: de, en;q=0.5", b"Accept-Charset: x")),
    ("accepted encodings", (b"Accept-Encoding: gzip, br;q=1.0, *;q=0",)),
    ("no accepted encoding", (b"Accept-Encoding:",)),
    ("user agent", (b"User-Agent: legacy/1.0 (x; y)",)),
    ("basic authorization", (b"Authorization: Basic dTpw",)),
    ("digest authorization", (b'Authorization: Digest username="u", uri="/a", nc=00000001',)),
    ("unknown bearer", (b"Authorization: Bearer opaque-token",)),
    ("conditional", (b"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", b'If-Match: "x"', b"If-Range: Y")),
    ("ranges", (b"Range: bytes=0-1,5-", b"If-Range: W/x")),
    ("caching", (b"Cache-Control: no-cache", b"Pragma: no-cache")),
    ("origin and referer", (b"Origin: null", b"Referer: https://a.test/?q#f", b"Sec-Fetch-Mode: cors")),
    ("forwards limit", (b"Max-Forwards: 3",)),
    ("trace of the client", (b"traceparent: 00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01", b"tracestate: x=1")),
    ("request id of the client", (b"X-Request-ID: mine",)),
    ("via of a proxy before", (b"Via: 1.0 before",)),
    ("hop by hop", (b"Connection: keep-alive, X-Hop", b"X-Hop: 1", b"Keep-Alive: 5", b"TE: trailers")),
    ("proxy's own", (b"Proxy-Connection: keep-alive", b"Proxy-Authorization: Basic eDp5")),
    ("upgrade wish without its connection", (b"Upgrade-Insecure-Requests: 1", b"HTTP2-Settings: AAMAAABk")),
    ("legacy", (b"X-Requested-With: XMLHttpRequest", b"DNT: 1", b"From: a@b.test")),
)

_COOKIES: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("several in one", (b"Cookie: a=1; b=2;c=3",)),
    ("several headers", (b"Cookie: a=1", b"Cookie: b=2")),
    ("no value, no name, quotes", (b'Cookie: a; =b; c="d;e"; f=g=h;;',)),
    ("JSON", (b'Cookie: prefs={"a":[1,2]}; x=%7B',)),
    ("Latin-1", (b"Cookie: n=Zo\xeb",)),
    ("long", (b"Cookie: s=" + b"a" * 6_000,)),
)

_CHUNKED = b"Transfer-Encoding: chunked"
_BINARY = bytes(range(256)) * 5
_GZIP = b"\x1f\x8b\x08\x00" + _BINARY


def _bodies() -> list[Case]:
    post = b"POST /things/1 HTTP/1.1"
    typed = b"Content-Type: application/json"

    def chunked(name: str, body: bytes, *fields: bytes) -> Case:
        return case("request bodies", name, asking(post, *fields, _CHUNKED, end=body))

    return [
        case("request bodies", "sized", asking(post, typed, body=b'{"a": 1}')),
        case("request bodies", "sized, binary", asking(post, body=_BINARY)),
        case("request bodies", "sized, 300 KB", asking(post, body=b"0123456789" * 30_000)),
        case("request bodies", "sized, no media type", asking(post, body=b"x")),
        case("request bodies", "size zero", asking(post, b"Content-Length: 0")),
        case("request bodies", "size with leading zeros", asking(post, b"Content-Length: 003", end=b"abc")),
        case("request bodies", "none at all on POST", asking(post)),
        case("request bodies", "none at all on PUT", asking(b"PUT /a HTTP/1.1")),
        case("request bodies", "on GET", asking(b"GET /things/1 HTTP/1.1", body=b"q")),
        case("request bodies", "on GET, chunked", asking(b"GET /a HTTP/1.1", _CHUNKED, end=b"1\r\nq\r\n0\r\n\r\n")),
        case("request bodies", "size zero on GET", asking(b"GET /a HTTP/1.1", b"Content-Length: 0")),
        case("request bodies", "on DELETE", asking(b"DELETE /a HTTP/1.1", body=b"{}")),
        case("request bodies", "on HEAD", asking(b"HEAD /a HTTP/1.1", body=b"{}")),
        case("request bodies", "on OPTIONS", asking(b"OPTIONS /a HTTP/1.1", body=b"{}")),
        case("request bodies", "gzip left alone", asking(post, b"Content-Encoding: gzip", body=_GZIP)),
        case("request bodies", "br left alone", asking(post, b"Content-Encoding: br", body=_BINARY)),
        case("request bodies", "gzip that is none", asking(post, b"Content-Encoding: gzip", typed, body=b"plain")),
        case(
            "request bodies",
            "multipart",
            asking(
                post,
                b'Content-Type: multipart/form-data; boundary="b \xc3\xa9"',
                body=b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n\x00\xff\r\n--b--\r\n',
            ),
        ),
        case(
            "request bodies", "form", asking(post, b"Content-Type: application/x-www-form-urlencoded", body=b"a=+%20")
        ),
        chunked("one chunk", b"3\r\nabc\r\n0\r\n\r\n", typed),
        chunked("many chunks", b"1\r\na\r\n" * 300 + b"0\r\n\r\n"),
        chunked("no bytes at all", b"0\r\n\r\n"),
        chunked("upper and lower hex, leading zeros", b"00A\r\n0123456789\r\n0b\r\n01234567890\r\n000\r\n\r\n"),
        chunked("chunk extensions", b'3;a=b;c="d;e"\r\nabc\r\n0;last\r\n\r\n'),
        chunked("bytes that look like framing", b"d\r\n0\r\n\r\nGET / \r\n\r\n0\r\n\r\n"),
        chunked("chunk of 200 KB", b"30d40\r\n" + b"x" * 200_000 + b"\r\n0\r\n\r\n"),
        chunked("gzip, left alone", b"4\r\n\x1f\x8b\x08\x00\r\n0\r\n\r\n", b"Content-Encoding: gzip"),
        case("request bodies", "coding in capitals", asking(post, b"TRANSFER-ENCODING: Chunked", end=b"0\r\n\r\n")),
    ]


def _trailers() -> list[Case]:
    post = b"POST /things/1 HTTP/1.1"

    def trailed(name: str, trailers: bytes, *fields: bytes) -> Case:
        return case(
            "request trailers", name, asking(post, *fields, _CHUNKED, end=b"1\r\na\r\n0\r\n" + trailers + b"\r\n")
        )

    return [
        trailed("one, announced", b"X-Sum: 1\r\n", b"Trailer: X-Sum", b"TE: trailers", b"Connection: TE"),
        trailed("one, not announced", b"X-Sum: 1\r\n"),
        trailed("several of one name", b"X-Sum: 1\r\nX-Other: a\r\nx-sum: 2\r\n", b"Trailer: X-Sum, X-Other"),
        case("request trailers", "after no bytes", asking(post, _CHUNKED, end=b"0\r\nX-Sum: 1\r\n\r\n")),
    ]


def _old() -> list[Case]:
    old = b"GET /things/1 HTTP/1.0"
    return [
        case("HTTP/1.0 clients", "with Host", asking(old)),
        case("HTTP/1.0 clients", "that keep the connection", asking(old, b"Connection: keep-alive")),
        case("HTTP/1.0 clients", "with a body", asking(b"POST /a HTTP/1.0", body=b"abc")),
        case("HTTP/1.0 clients", "HEAD", asking(b"HEAD /a HTTP/1.0")),
        case("HTTP/1.0 clients", "without Host", b"GET / HTTP/1.0\r\n\r\n"),
    ]


def _hosts() -> list[Case]:
    hosts = (b"app.test:8443", b"127.0.0.1", b"[::1]:80", b"UPPER.test", b"xn--bcher-kva.test", b"under_score.test")
    return [case("hosts", host.decode(), asking(host=b"Host: " + host + b"\r\n")) for host in hosts]


def cases() -> list[Case]:
    """All of them."""
    long = "/" + "a" * 3_000 + "?" + "b" * 4_000
    return [
        *(case("methods", name, asking(f"{name} /things/1 HTTP/1.1".encode())) for name in _METHODS),
        *(case("targets", name, asking(f"GET {name} HTTP/1.1".encode())) for name in _TARGETS),
        case("targets", "7 KB", asking(f"GET {long} HTTP/1.1".encode())),
        case("targets", "raw UTF-8", asking("GET /café?é HTTP/1.1".encode())),
        case("targets", "raw Latin-1", asking("GET /caf\xe9 HTTP/1.1".encode("latin-1"))),
        *(case("request headers", name, asking(b"GET /things/1 HTTP/1.1", *fields)) for name, fields in _HEADERS),
        case(
            "request headers",
            "Host last",
            asking(b"GET / HTTP/1.1", b"X-A: 1", host=b"X-B: 2\r\n")[:-2] + b"Host: app.test\r\n\r\n",
        ),
        *(case("request cookies", name, asking(b"GET /things/1 HTTP/1.1", *fields)) for name, fields in _COOKIES),
        *_hosts(),
        *_bodies(),
        *_trailers(),
        *_old(),
    ]
