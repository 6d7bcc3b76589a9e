"""`Location` by setting: the application's own address becomes the one that the client used.

Source: RFC 9110, sections 8.7 and 10.2.2.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """From where to where.

    Attributes:
        origins: addresses that are the application's, as `scheme://host[:port]`.
        to: the address that the client used, in the same form.
        mount: what stands before the application's paths there; '' for nothing.
    """

    origins: tuple[str, ...]
    to: str
    mount: str

    def rewritten(self, value: bytes) -> bytes:
        """The value as the client may follow it: unchanged when it leads elsewhere, or cannot be read."""
        text = value.decode("latin-1")
        if text.startswith("/") and not text.startswith("//"):
            return (self.mount + text).encode("latin-1")
        scheme, mark, rest = text.partition("//")
        end = min((i for i in map(rest.find, "/?#\\") if i >= 0), default=len(rest))
        if not mark or scheme.lower() not in {"http:", "https:", ""}:
            return value
        whose = {_origin(origin) for origin in self.origins}
        found = {_origin(f"{one}//{rest[:end]}") for one in ((scheme,) if scheme else ("http:", "https:"))}
        if found.isdisjoint(whose - {None}):
            return value
        return f"{self.to}{self.mount}{rest[end:]}".encode("latin-1")


@lru_cache(maxsize=1024)
def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what has a user in it or is no origin."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.username is not None or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]
