"""Where an issuer's keys come from, and the ones that the settings fix."""

from typing import Protocol

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from facade.adapters.tokens.keys import (
    HMAC,
    MIN_SECRET_BYTES,
    Key,
    KeySet,
    PublicKey,
    fit_for,
    public_key,
    read_jwks,
    secret_key,
)
from facade.identity import IssuerRules
from facade.kernel import Finding, Secret, SettingsInvalid, Unauthenticated


class KeySource(Protocol):
    """The keys of one issuer. Fails closed."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Keys that are ignored, and why."""

    @property
    def ready(self) -> bool:
        """True once there are keys."""

    async def find(self, kid: str | None, algorithm: str) -> Key:
        """The one key for this id and algorithm.

        Raises:
            Unauthenticated: there is none.
        """

    async def holds(self, key: Key) -> bool:
        """True while this very key may still be used.

        Raises:
            Unauthenticated: the keys have been out of reach for too long.
        """

    async def warm(self) -> None:
        """Get ready, if that is possible now."""

    async def aclose(self) -> None:
        """Stop what is under way."""


class StaticKeys:
    """Keys from the settings. They change with the settings only."""

    ready = True

    def __init__(self, keys: KeySet, *, findings: tuple[Finding, ...] = ()) -> None:
        self._keys = keys
        self.findings = findings

    async def find(self, kid: str | None, algorithm: str) -> Key:
        """See `KeySource`."""
        key = self._keys.find(kid, algorithm)
        if key is None:
            raise Unauthenticated("The token's key is not one of its issuer's.")
        return key

    async def holds(self, key: Key) -> bool:
        """See `KeySource`."""
        return self._keys.holds(key)

    async def warm(self) -> None:
        """Nothing to get."""

    async def aclose(self) -> None:
        """Nothing to stop."""


def keys_from_jwks(document: bytes, rules: IssuerRules, *, place: str = "keys") -> StaticKeys:
    """Keys of a JWK or JWKS document.

    Raises:
        SettingsInvalid: it holds none that may serve this issuer; `place` names it.
    """
    refuse_mixed(rules, shared=False, place=place)
    try:
        read = read_jwks(document, rules.algorithms)
    except ValueError as error:
        raise _invalid(place, f"This is no usable key document: {error}.") from None
    return StaticKeys(read.keys, findings=read.findings)


def keys_from_pem(text: bytes, rules: IssuerRules, *, kid: str | None = None, place: str = "keys") -> StaticKeys:
    """The public key of a PEM file, or of the certificate in it.

    Raises:
        SettingsInvalid: no public key, or one that fits none of the issuer's algorithms.
    """
    refuse_mixed(rules, shared=False, place=place)
    try:
        loaded = load_pem_x509_certificate(text).public_key() if b"CERTIFICATE" in text else load_pem_public_key(text)
    except (ValueError, TypeError):
        raise _invalid(place, "This is no public key or certificate in PEM; give the public half.") from None
    fitting = fit_for(loaded).intersection(rules.algorithms) if isinstance(loaded, PublicKey) else frozenset[str]()
    if not isinstance(loaded, PublicKey) or not fitting:
        raise _invalid(place, "This key fits none of the issuer's algorithms, or is too weak.")
    return StaticKeys(KeySet([public_key(loaded, kid=kid, algorithms=fitting)]))


def keys_from_secret(secret: Secret, rules: IssuerRules, *, place: str = "keys") -> StaticKeys:
    """A secret shared with the issuer, for HMAC.

    Raises:
        SettingsInvalid: too short, public key material, or an issuer that also lists public-key algorithms.
    """
    refuse_mixed(rules, shared=True, place=place)
    raw = secret.reveal().encode()
    if len(raw) < MIN_SECRET_BYTES:
        raise _invalid(place, f"The shared secret is under {MIN_SECRET_BYTES} bytes; take a longer one.")
    if raw.lstrip().startswith((b"-----BEGIN", b"{", b"ssh-", b"ecdsa-")):
        raise _invalid(place, "A key document is no shared secret: anybody may know the public half.")
    return StaticKeys(KeySet([secret_key(raw, algorithms=frozenset(rules.algorithms))]))


def refuse_mixed(rules: IssuerRules, *, shared: bool, place: str) -> None:
    """Shared secrets and public keys never serve one issuer: a public key must not become a secret.

    Raises:
        SettingsInvalid: the issuer's algorithms are not all of the one family.
    """
    if not rules.algorithms or any((algorithm in HMAC) is not shared for algorithm in rules.algorithms):
        family = "HS256, HS384 and HS512 alone" if shared else "no HS algorithm"
        raise _invalid(place, f"With this kind of key the issuer's algorithms may hold {family}.")


def _invalid(place: str, message: str) -> SettingsInvalid:
    finding = Finding(code="settings.keys", place=place, message=message)
    return SettingsInvalid(message, findings=(finding,))
