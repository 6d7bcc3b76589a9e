"""Tokens for development: `facade token` signs them with a key that `facade init` made."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt import PyJWS
from jwt.algorithms import OKPAlgorithm
from jwt.exceptions import PyJWTError

from facade.adapters.tokens.sources import StaticKeys, keys_from_jwks
from facade.identity import IssuerRules, strict_json
from facade.kernel import SECOND, Finding, Json, JsonObject, Micros, Secret, SettingsInvalid

_ALGORITHM: Final = "EdDSA"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """An Ed25519 key that signs, its public half, and its id: the RFC 7638 thumbprint."""

    kid: str
    public_jwk: JsonObject
    material: Ed25519PrivateKey = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whom a development token stands for. One tenant is written as a text, several as a list."""

    subject: str
    tenants: tuple[str, ...]
    roles: tuple[str, ...] = ()
    tier: str | None = None
    lifetime_s: int = 3600


def generate_key() -> Secret:
    """A new private Ed25519 key as a JWK, from the operating system's randomness."""
    private = Ed25519PrivateKey.generate()
    kid, _ = _public_jwk(private)
    jwk = {**OKPAlgorithm.to_jwk(private, as_dict=True), "kid": kid, "alg": _ALGORITHM, "use": "sig"}
    jwk.pop("key_ops", None)
    return Secret(json.dumps(jwk))


def signing_key_from(text: str, *, place: str = "identity.dev.key_file") -> SigningKey:
    """Read a private key: an Ed25519 JWK or PEM.

    Raises:
        SettingsInvalid: it is none; `place` names the setting.
    """
    try:
        private = load_pem_private_key(text.encode(), None) if "-----BEGIN" in text else _from_jwk(text)
    except (ValueError, TypeError, PyJWTError):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        message = "This file holds no private Ed25519 key (JWK or PEM); `facade init` makes one."
        raise SettingsInvalid(message, findings=(Finding(code="settings.keys", place=place, message=message),))
    kid, public = _public_jwk(private)
    return SigningKey(kid=kid, public_jwk=public, material=private)


def verifying_keys(key: SigningKey, rules: IssuerRules) -> StaticKeys:
    """The keys by which tokens of a signing key are verified.

    Raises:
        SettingsInvalid: the rules do not list its algorithm, or mix families.
    """
    return keys_from_jwks(json.dumps(key.public_jwk).encode(), rules)


def mint(key: SigningKey, rules: IssuerRules, grant: Grant, *, now: Micros) -> str:
    """A token that the issuer of these rules accepts for `grant.lifetime_s` seconds."""
    issued = now // SECOND
    values: dict[str, Json] = {"iss": rules.issuer, "sub": grant.subject, "iat": issued}
    values["exp"] = issued + grant.lifetime_s
    if rules.audiences:
        values["aud"] = rules.audiences[0]
    values.update(_claims(rules, grant))
    kind = next((each for each in ("at+jwt", "jwt") if each in rules.types), rules.types[0])
    headers = {"typ": kind, "kid": key.kid}
    return PyJWS().encode(json.dumps(values).encode(), key.material, algorithm=_ALGORITHM, headers=headers)


def _claims(rules: IssuerRules, grant: Grant) -> Mapping[str, Json]:
    """Each at its whole dotted path as one name, which is where a path is looked up first."""
    claims: dict[str, Json] = {rules.user_claim: grant.subject}
    claims[rules.tenant_claim] = grant.tenants[0] if len(grant.tenants) == 1 else list(grant.tenants)
    if grant.roles:
        claims[rules.roles_claim] = list(grant.roles)
    if grant.tier is not None and rules.tier_claim is not None:
        claims[rules.tier_claim] = grant.tier
    return claims


def _from_jwk(text: str) -> object:
    jwk = strict_json(text.encode())
    if not isinstance(jwk, dict):
        raise TypeError("it is not a JSON object")
    return OKPAlgorithm.from_jwk(jwk)


def _public_jwk(private: Ed25519PrivateKey) -> tuple[str, JsonObject]:
    jwk = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
    members = {"crv": jwk["crv"], "kty": jwk["kty"], "x": jwk["x"]}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    kid = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
    return kid, {**members, "kid": kid, "alg": _ALGORITHM, "use": "sig"}
