"""A signed token as text: what must be right about it before anyone looks for a key.

The parsed parts come from exactly the bytes that the signature covers, so they may be used once it holds.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from facade.identity.records import IssuerRules
from facade.identity.strict_json import strict_json
from facade.kernel import JsonObject, Unauthenticated

MAX_TOKEN_BYTES: Final = 8190
"""The longest token that is looked at; equals the longest header line that is read."""

_MAX_KID = 256
_FORBIDDEN = frozenset({"crit", "b64", "enc", "zip"})
"""`crit` and `b64` change what is signed (RFC 7797), `enc` and `zip` belong to encryption. None is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedToken:
    """A well-formed token of which nothing is proved yet."""

    header: JsonObject
    values: JsonObject


def read_token(token: str) -> UnverifiedToken:
    """Split and parse a compact JWS.

    Raises:
        Unauthenticated: too long, not three canonical base64url parts, or parts that are not strict JSON objects.

    Source: RFC 7515 section 5.2; RFC 8725 sections 2.4 and 3.
    """
    if len(token) > MAX_TOKEN_BYTES or not token.isascii():
        raise Unauthenticated("The token is too long or holds characters that no token has.")
    try:
        header, payload, signature = (_decoded(part) for part in token.split(".", maxsplit=3))
    except ValueError:
        raise Unauthenticated("The token does not have three parts.") from None
    if not signature:
        raise Unauthenticated("The token is not signed.")
    return UnverifiedToken(header=_object(header, "header"), values=_object(payload, "claims"))


def check_header(header: JsonObject, rules: IssuerRules) -> tuple[str, str | None]:
    """The algorithm and key id to verify with; embedded keys and key addresses are not looked at.

    Raises:
        Unauthenticated: an algorithm or type that the issuer's rules do not list, a header member that changes
            the meaning of the signature, or a key id that is no short text.
    """
    if not _FORBIDDEN.isdisjoint(header):
        raise Unauthenticated("The token's header asks for something that is not supported.")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in rules.algorithms:
        raise Unauthenticated("The token is not signed with an algorithm that its issuer uses.")
    _check_type(header, rules)
    kid = header.get("kid")
    if "kid" in header and not (isinstance(kid, str) and 0 < len(kid) <= _MAX_KID):
        raise Unauthenticated("The token's key id is not a short text.")
    return algorithm, kid if isinstance(kid, str) else None


def _check_type(header: JsonObject, rules: IssuerRules) -> None:
    """`typ` may leave out the leading `application/` (RFC 7515 section 4.1.9); '' stands for an absent one."""
    kind = header.get("typ", "")
    if not isinstance(kind, str) or ("typ" in header and not kind):
        raise Unauthenticated("The token's type is not text.")
    if kind.lower().removeprefix("application/") not in rules.types:
        raise Unauthenticated("The token is of a type that is not accepted here.")


def _decoded(part: str) -> bytes:
    """Base64url, without padding, in the one canonical spelling (RFC 7515 section 2)."""
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise Unauthenticated("The token is not base64url.") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise Unauthenticated("The token is not base64url in its canonical form.")
    return raw


def _object(raw: bytes, what: str) -> JsonObject:
    try:
        value = strict_json(raw)
    except ValueError as error:
        raise Unauthenticated(f"The token's {what} cannot be read: {error}.") from None
    if not isinstance(value, dict):
        raise Unauthenticated(f"The token's {what} is not a JSON object.")
    return value
