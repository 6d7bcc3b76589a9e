"""Which credential does a proxied request carry, and is it one of ours? Reads headers; proves nothing."""

import base64
import binascii
import json
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from facade.edge.credentials import CredentialRules, Headers, credentials_of
from facade.identity import Credential
from facade.kernel import CredentialKind

_PARTS: Final = 3


def credentials_in(headers: Headers, rules: CredentialRules, issuers: Collection[str]) -> tuple[Credential, ...]:
    """The credentials by which we may know the caller, to be tried in order; none: then only the application can.

    All of them are tried, because the application may read another one than we would: a tenant must not get past its
    limits by a worthless key beside its good one. A JWT of an issuer that is not ours is the application's own; it
    comes last, and identifies nobody here unless the application's credentials are looked up.

    Raises:
        Unauthenticated: a credential that cannot be read, or one header twice.
    """
    presented = credentials_of(headers, rules)
    if not presented or presented[0].kind is not CredentialKind.JWT:
        return presented
    token, *beside = presented
    if issuer_of(token.value.reveal()) in issuers:
        return (token,)
    if not rules.saas_headers:
        return ()
    return (*beside, Credential(kind=CredentialKind.SAAS, header=token.header, value=token.value))


def issuer_of(token: str) -> str | None:
    """The `iss` that a token claims, unverified: only good for telling whose business it is."""
    parts = token.split(".")
    return _issuer_in(parts[1]) if len(parts) == _PARTS else None


@lru_cache(maxsize=1024)
def _issuer_in(payload: str) -> str | None:
    """Remembered by the payload alone, which proves nothing and opens nothing."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None
