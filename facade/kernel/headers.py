"""Names of header fields, as far as several rooms must agree on them."""

import re
from typing import Final

HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
"""A whole header name (`fullmatch`): the `token` of RFC 9110, section 5.6.2."""

FRAMING_HEADERS: Final = frozenset(
    {
        *("connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding"),
        *("upgrade", "via", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
    }
)
"""Lower-case names that belong to one connection or to framing: a value from elsewhere would break or smuggle requests.

Source: RFC 9110, sections 7.6, 7.8 and 11.7; RFC 9112, section 6.
"""
