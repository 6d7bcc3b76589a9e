"""Values that try to leave their path segment (SEC-PATH-01): what each must never do is reach another template."""

from itertools import product

_DOTS = (
    ".",
    "..",
    "%2e",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "%252e%252e",
    "%25252e%25252e",
    "..;",
    "..;x=1",
    ".%00",
    "..%00",
    " .. ",
    "\uff0e\uff0e",
    "\u2025",
    "\uff0e",
)
_SEPARATORS = ("/", "\\", "%2f", "%2F", "%5c", "%252f", "%255c", "\uff0f", "\uff3c", "\u2215", "%c0%af", "//")
_TARGETS = ("admin", "users/1/profile", "x")
# fmt: off
_ODD = (
    "", " ", "\t", "\n", "\r\n", "\x00", "\x1f", "\x7f", "\x85", "\x9f", "\u2028", "\u2029", "\ud800", "\udfff",
    "a\r\nX-Tenant: b", "a\r\n\r\nGET /admin HTTP/1.1", "a HTTP/1.1\r\nHost: evil", "%0d%0aX: 1", "%250d%250a",
    "a%00b", "%00", "?a=1", "#f", "a?b=c", "a#b", "a;b", "a;jsessionid=1", "%3fa=1", "%23", "%3b", "%", "%zz", "100%",
    "%u002e", "%ff", "%c3%28", "//evil.test/x", "http://evil.test/", "evil.test@x", "\\\\evil\\share",
    "file:///etc/passwd", "///", "/", "\\", "a//b", "me", "search", "..%c0%af", "..%ef%bc%8f", "....//", "..../",
    "/..", "/../", "/./", "./", "../", "..\\", "./..", "a/.", "a/..", "{id}", "{ticket_id}", "*", "**", "~", "~root",
    "$HOME", "`id`", "$(id)", "|ls", "'; DROP TABLE x;--", "<script>", "a&tenant=B", "a=b", "A" * 4096, "../" * 300,
    "%2e%2e%2f" * 100, "\xe9" * 2000, "a" * 9000, "\u202e", "\u200b", "\ufeff", "\u0130", "\xdf", "\ufb00",
    "\u2460\u2461\u2466", "\U0001f600",
)
# fmt: on
HOSTILE = tuple(
    dict.fromkeys(
        (
            *_ODD,
            *_DOTS,
            *(d + s + t for d, s, t in product(_DOTS[:12], _SEPARATORS, _TARGETS[:1])),
            *(s + t for s, t in product(_SEPARATORS, _TARGETS)),
        )
    )
)
