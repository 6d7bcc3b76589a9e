"""Which credential does a proxied request carry, and is it one of ours? Reads headers; proves nothing."""

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from facade.edge.credentials import CredentialRules, Headers, credential_of
from facade.identity import Credential
from facade.kernel import CredentialKind, Unauthenticated

_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class _NoBearer:
    """The same headers, without `Authorization`."""

    headers: Headers

    def getall(self, key: str, default: Sequence[str]) -> Sequence[str]:
        """Every value of one name."""
        return default if key.lower() == "authorization" else self.headers.getall(key, default)


def credential_in(headers: Headers, rules: CredentialRules, issuers: Collection[str]) -> Credential | None:
    """The credential by which we may know the caller, or None: then only the application can.

    A JWT of an issuer that is not ours is the application's own; it identifies nobody here unless the application's
    credentials are looked up, and another one beside it comes first.
    """
    found = _found(headers, rules)
    if found is None or found.kind is not CredentialKind.JWT or issuer_of(found.value.reveal()) in issuers:
        return found
    beside = _found(_NoBearer(headers), rules)
    if beside is not None or not rules.saas_headers:
        return beside
    return Credential(kind=CredentialKind.SAAS, header=found.header, value=found.value)


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


def _found(headers: Headers, rules: CredentialRules) -> Credential | None:
    try:
        return credential_of(headers, rules)
    except Unauthenticated:
        return None
