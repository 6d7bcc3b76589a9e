"""Credentials, claims and the rules of an issuer."""

from dataclasses import dataclass

from facade.kernel import CredentialKind, JsonObject, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a client presented: `header` is the lower-case header it came in, `value` without its scheme."""

    kind: CredentialKind
    header: str
    value: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerRules:
    """How one issuer's tokens are read (settings).

    Attributes:
        algorithms: accepted `alg` values; HMAC and public-key families are never mixed.
        audiences: accepted `aud` values; empty means that the issuer sends none.
        allow_extra_audiences: a token may also name audiences that are not ours.
        types: accepted `typ` header values, lower case; '' stands for an absent one.
        required: claims that must be present besides exp, iat and sub.
        leeway_s: clock skew, seconds, at most 60.
        max_age_s: longest accepted exp - iat, seconds.
        tenant_claim, user_claim, roles_claim, tier_claim: dotted paths into the claims. A tenant claim may be a
            string, a list of strings or an object whose keys are the tenants.
    """

    issuer: str
    algorithms: tuple[str, ...]
    audiences: tuple[str, ...] = ()
    allow_extra_audiences: bool = False
    types: tuple[str, ...] = ("jwt", "at+jwt", "")
    required: tuple[str, ...] = ()
    leeway_s: int = 30
    max_age_s: int = 86_400
    tenant_claim: str = "tenant"
    user_claim: str = "sub"
    roles_claim: str = "roles"
    tier_claim: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Claims whose origin has been verified. Made by adapters of the `Tokens` port alone.

    Attributes:
        credential_id: SHA-256 hex of the whole credential.
        presented: header and whole value in which the application itself may be shown this credential (D2).
    """

    rules: IssuerRules
    values: JsonObject
    kind: CredentialKind
    credential_id: str
    presented: tuple[str, Secret] | None = None
