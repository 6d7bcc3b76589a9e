"""The body of a code exchange, and whether the page itself sent it."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import orjson

from facade.kernel import Forbidden, InvalidRequest, Json, Secret
from facade.ports import Code

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""Source: RFC 7636, section 4.1."""
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_LONGEST: Final[Mapping[str, int]] = {
    "issuer": 500,
    "code": 4_096,
    "verifier": 128,
    "nonce": 128,
    "redirect_uri": 2_048,
}


def code_of(body: bytes) -> Code:
    """Read the five texts of an exchange.

    Raises:
        InvalidRequest
    """
    try:
        document: Json = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidRequest("The body is not JSON in UTF-8.", place="body") from None
    if not isinstance(document, dict) or set(document) != set(_LONGEST):
        raise InvalidRequest(f"The body should be an object of {', '.join(_LONGEST)}.", place="body")
    texts = {name: _text(document[name], name) for name in _LONGEST}
    for name, pattern in (("verifier", _VERIFIER), ("nonce", _NONCE)):
        if not pattern.fullmatch(texts[name]):
            raise InvalidRequest("This is not what the page makes; sign in again.", place=name)
    return Code(
        issuer=texts["issuer"],
        code=Secret(texts["code"]),
        verifier=Secret(texts["verifier"]),
        nonce=texts["nonce"],
        redirect_uri=texts["redirect_uri"],
    )


def _text(value: Json, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST[name]:
        raise InvalidRequest(f"This should be a text of at most {_LONGEST[name]} characters.", place=name)
    return value


def same_origin(headers: Mapping[str, str], redirect_uri: str, path: str) -> None:
    """The page asks for itself alone: its own origin, coming back to its own path.

    A browser sends `Origin` with every POST, and no script can set it.

    Raises:
        Forbidden: another page asks, or the address is not the page's. InvalidRequest: it is none.
    """
    try:
        parts = urlsplit(redirect_uri)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        raise InvalidRequest("This is no address.", place="redirect_uri") from None
    if redirect_uri != origin + path or parts.scheme not in {"http", "https"}:
        raise Forbidden(f"A sign-in comes back to {path} of this origin and nowhere else.")
    if headers.get("Origin") != origin or headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Forbidden("Only the chat page itself may finish a sign-in.")
