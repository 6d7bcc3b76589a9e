"""Which credential did the client present? Reads headers; proves nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from facade.identity import Credential
from facade.kernel import CredentialKind, Secret, Unauthenticated


class Headers(Protocol):
    """The part of a header multi-dictionary that is read here; names are case-insensitive."""

    def getall(self, key: str, default: Sequence[str]) -> Sequence[str]:
        """Every value of one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRules:
    """Where credentials are looked for (settings).

    Attributes:
        saas_headers: headers in which the application's own credential comes, such as `x-account-key`, in order of
            preference. With any of them, a bearer token that is no JWT is also read as the application's own: most
            chat frontends can send nothing but a bearer. None: JWTs only.
    """

    saas_headers: tuple[str, ...] = ()


_JWT = re.compile(r"e[\w-]*\.[\w-]+\.[\w-]*", re.ASCII)
"""Three base64url parts, the first of a JSON object: `{` always encodes to a leading `e`."""

_BEARERS: Final = "authorization"
_BEARER = re.compile(r"bearer +([!-~]+)", re.IGNORECASE | re.ASCII)


TENANT_HEADER = "x-facade-tenant"
"""A client whose credential grants several tenants chooses one of them here (D1)."""


def wanted_tenant(headers: Headers) -> str | None:
    """The tenant that the client chooses, None when it leaves that to its credential.

    Raises:
        Unauthenticated: chosen twice.
    """
    return _single(headers, TENANT_HEADER) or None


def credential_of(headers: Headers, rules: CredentialRules) -> Credential:
    """The one credential of a request. A JWT comes first; the application's own headers are then only context
    that the client must not set, and the proxy drops them.

    Raises:
        Unauthenticated: none, an unreadable one, or one header twice.
    """
    presented = credentials_of(headers, rules)
    if not presented:
        raise Unauthenticated(_how(rules))
    return presented[0]


def credentials_of(headers: Headers, rules: CredentialRules) -> tuple[Credential, ...]:
    """Everything in a request that may be a credential, in order of preference.

    Raises:
        Unauthenticated: an unreadable one, or one header twice.
    """
    bearer, signed = _bearer(_single(headers, "authorization"))
    presented = {name.lower(): _single(headers, name) for name in rules.saas_headers}
    found = [_own(name, value) for name, value in presented.items() if value and not (bearer and name == _BEARERS)]
    if signed:
        return (Credential(kind=CredentialKind.JWT, header=_BEARERS, value=Secret(bearer)), *found)
    return (*found, _own(_BEARERS, bearer)) if bearer and presented else tuple(found)


def _own(header: str, value: str) -> Credential:
    return Credential(kind=CredentialKind.SAAS, header=header, value=Secret(value))


@lru_cache(maxsize=1024)
def _bearer(authorization: str) -> tuple[str, bool]:
    """The bearer token, '' without one, and whether it is a JWT by its form; read once for each that comes again."""
    match = _BEARER.fullmatch(authorization)
    token = match[1] if match else ""
    return token, _JWT.fullmatch(token) is not None


def _single(headers: Headers, name: str) -> str:
    """The header's value, '' when absent. Two are refused: who reads which would be anyone's guess."""
    values = headers.getall(name, ())
    if len(values) > 1:
        raise Unauthenticated(f"The header {name} is sent {len(values)} times; send it once.")
    value = values[0].strip() if values else ""
    if not (value.isascii() and value.isprintable()):
        raise Unauthenticated(f"The header {name} holds characters that no credential has.")
    return value


def _how(rules: CredentialRules) -> str:
    own = "".join(f" or {name}" for name in rules.saas_headers if name.lower() != "authorization")
    return f"No credential that we can read: send `Authorization: Bearer <token>`{own}."
