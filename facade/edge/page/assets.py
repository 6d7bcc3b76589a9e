"""The page's files, read once, and the headers they go out with.

Source: Content Security Policy Level 3; Trusted Types; RFC 9110 section 8.8.3 (ETag), RFC 8246 (immutable).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

INDEX: Final = "index.html"
FOLDER: Final = Path(__file__).with_name("static")
_ASSETS: Final = "{{assets}}"
_NAME: Final = "{{name}}"

MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

SAFE: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Frame-Options": "DENY",
}
"""On every answer of the page."""

FOREVER: Final = "public, max-age=31536000, immutable"
ASK_FIRST: Final = "no-cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as it is served. `etag` with its quotes."""

    body: bytes
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """All files of one version.

    Attributes:
        version: hash of all of them; a part of every address but the page's own.
    """

    version: str
    files: Mapping[str, Asset]
    index: Asset


def read_assets(prefix: str, name: str = "Facade", folder: Path = FOLDER) -> Assets:
    """Read everything, for a facade under a prefix such as `/agent`, whose page has this name. Blocks: for the start
    alone."""
    bodies = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in MEDIA_TYPES}
    whole = hashlib.sha256(b"".join(file.encode() + b"\0" + body for file, body in bodies.items()))
    version = whole.hexdigest()[:16]
    page = bodies.pop(INDEX).decode().replace(_ASSETS, f"{prefix}/chat/assets/{version}").replace(_NAME, escape(name))
    return Assets(
        version=version,
        files={file: _asset(file, body) for file, body in bodies.items()},
        index=_asset(INDEX, page.encode()),
    )


def _asset(name: str, body: bytes) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:32]
    return Asset(body=body, media_type=MEDIA_TYPES[Path(name).suffix], etag=f'"{digest}"')
