"""Keys that may verify a signature, and why the others may not."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

from facade.identity import strict_json
from facade.kernel import Finding, Json, JsonObject, Severity

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

HMAC: Final = frozenset({"HS256", "HS384", "HS512"})
MIN_SECRET_BYTES: Final = 32
"""RFC 7518 section 3.2: at least as long as the shortest hash."""

_RSA_BITS = range(2048, 8193)
_RSA: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_READERS: Final[Mapping[str, type[RSAAlgorithm | ECAlgorithm | OKPAlgorithm]]] = {
    "RSA": RSAAlgorithm,
    "EC": ECAlgorithm,
    "OKP": OKPAlgorithm,
}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MAX_KEYS = 256
_MAX_KID = 256
_MAX_OBJECTS = 1024
"""Counted before parsing, which would take a thread a fifth of a second for a document full of empty objects."""


class Unfit(ValueError):
    """Why a key, or a whole document of keys, cannot serve. The text quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key and the algorithms it serves; two keys are the same when their fingerprints are."""

    kid: str | None
    algorithms: frozenset[str]
    fingerprint: str
    material: PublicKey | bytes = field(repr=False, compare=False)


class KeySet:
    """The keys of one issuer. A key id does nothing but look up one of these."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)
        self._fingerprints = frozenset(key.fingerprint for key in self._keys)
        self._named = {key.kid: key for key in self._keys if key.kid is not None}
        self._nameless = tuple(key for key in self._keys if key.kid is None)

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The one key for a token: of that id; without an id any; keys without an id serve every unknown id.

        None when there is none, or more than one.
        """
        candidates: Iterable[Key] = self._keys if kid is None else self._nameless
        if kid is not None and kid in self._named:
            candidates = (self._named[kid],)
        fitting = [key for key in candidates if algorithm in key.algorithms]
        return fitting[0] if len(fitting) == 1 else None

    def knows(self, kid: str | None) -> bool:
        """True when fetching the keys again could not bring this id."""
        return kid is not None and kid in self._named

    def holds(self, key: Key) -> bool:
        """True while this very key is among them."""
        return key.fingerprint in self._fingerprints


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadKeys:
    """What a key document holds: the keys that may serve, and a finding for each that may not."""

    keys: KeySet
    findings: tuple[Finding, ...]


def read_jwks(document: bytes, algorithms: Sequence[str]) -> ReadKeys:
    """Read a JWKS, or one JWK.

    Args:
        algorithms: what the issuer's settings accept; others are never bound to a key.

    Raises:
        ValueError: no JWKS, too many keys, or none that may serve.

    Source: RFC 7517; RFC 8725 sections 3.1, 3.2 and 3.5.
    """
    if document.count(b"{") > _MAX_OBJECTS:
        raise Unfit("it holds too many objects")
    kept: list[tuple[str, Key]] = []
    findings: list[Finding] = []
    for place, jwk in _entries(strict_json(document)):
        try:
            kept.append((place, _key_from_jwk(jwk, algorithms)))
        except ValueError as error:
            findings.append(_ignored(place, str(error)))
    keys, doubled = _unambiguous(kept)
    if not keys:
        raise Unfit("it holds no key that may verify a signature")
    return ReadKeys(keys=KeySet(keys), findings=(*findings, *doubled))


def _entries(document: Json) -> list[tuple[str, Json]]:
    if not isinstance(document, dict):
        raise Unfit("it is not a JSON object")
    if "kty" in document:
        return [("", document)]
    keys = document.get("keys")
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS:
        raise Unfit(f"it has no 'keys' list of at most {_MAX_KEYS} keys")
    return [(f"/keys/{index}", jwk) for index, jwk in enumerate(keys)]


def _ignored(place: str, reason: str) -> Finding:
    return Finding(code="jwks.ignored", place=place, message=f"Key ignored: {reason}.", severity=Severity.WARNING)


def _unambiguous(kept: Sequence[tuple[str, Key]]) -> tuple[list[Key], list[Finding]]:
    """Without the keys whose id two different ones share: which was meant would be a guess."""
    by_kid: defaultdict[str | None, set[str]] = defaultdict(set)
    for _, key in kept:
        by_kid[key.kid].add(key.fingerprint)
    keys: dict[tuple[str | None, str], Key] = {}
    findings: list[Finding] = []
    for place, key in kept:
        if key.kid is not None and len(by_kid[key.kid]) > 1:
            findings.append(_ignored(place, "another key has the same 'kid'"))
        else:
            keys[key.kid, key.fingerprint] = key
    return list(keys.values()), findings


def _key_from_jwk(jwk: Json, algorithms: Sequence[str]) -> Key:
    if not isinstance(jwk, dict):
        raise Unfit("it is not a JSON object")
    _check_purpose(jwk)
    kid, alg = jwk.get("kid"), jwk.get("alg")
    if "kid" in jwk and not (isinstance(kid, str) and 0 < len(kid) <= _MAX_KID):
        raise Unfit("its 'kid' is not a short text")
    if "alg" in jwk and alg not in algorithms:
        raise Unfit("its 'alg' is not one that the issuer's settings accept")
    public = _public(jwk)
    fitting = fit_for(public).intersection(algorithms)
    serves = fitting.intersection([alg]) if isinstance(alg, str) else fitting
    if len(serves) != 1:
        raise Unfit("it names no 'alg' that fits its type, and the issuer's settings leave not exactly one")
    return public_key(public, kid=kid if isinstance(kid, str) else None, algorithms=serves)


def _check_purpose(jwk: JsonObject) -> None:
    """RFC 7517 sections 4.2 and 4.3."""
    if not _PRIVATE.isdisjoint(jwk):
        raise Unfit("it holds a private key or a secret, which its owner should replace")
    if jwk.get("use", "sig") != "sig":
        raise Unfit("its 'use' is not 'sig'")
    ops = jwk.get("key_ops", ["verify"])
    if not isinstance(ops, list) or "verify" not in ops:
        raise Unfit("its 'key_ops' do not include 'verify'")


def _public(jwk: JsonObject) -> PublicKey:
    kty = jwk.get("kty")
    reader = _READERS.get(kty) if isinstance(kty, str) else None
    if reader is None:
        raise Unfit("its 'kty' is not RSA, EC or OKP")
    try:
        key = reader.from_jwk(dict(jwk))
    except (PyJWTError, ValueError, TypeError, OverflowError):
        raise Unfit("its numbers or its curve are not a key's") from None
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
        raise Unfit("its curve is not supported")
    return key


def fit_for(key: PublicKey) -> frozenset[str]:
    """The algorithms a key of this type and size may serve; none for one that is too weak or too big."""
    if isinstance(key, RSAPublicKey):
        return _RSA if key.key_size in _RSA_BITS else frozenset()
    if isinstance(key, Ed25519PublicKey):
        return frozenset({"EdDSA"})
    return frozenset({_CURVES[key.curve.name]} if key.curve.name in _CURVES else ())


def public_key(public: PublicKey, *, kid: str | None, algorithms: frozenset[str]) -> Key:
    """A public key bound to its algorithms."""
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Key(kid=kid, algorithms=algorithms, fingerprint=_fingerprint(spki, algorithms), material=public)


def secret_key(secret: bytes, *, algorithms: frozenset[str]) -> Key:
    """A shared secret, for HMAC alone."""
    return Key(kid=None, algorithms=algorithms, fingerprint=_fingerprint(secret, algorithms), material=secret)


def _fingerprint(material: bytes, algorithms: frozenset[str]) -> str:
    return hashlib.sha256(" ".join(sorted(algorithms)).encode() + b"\0" + material).hexdigest()
