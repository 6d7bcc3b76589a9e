"""Who is trusted to say who calls (D1)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from facade.config.section import Label, LocalPath, SecretText, Section, Texts
from facade.identity import check_pointer
from facade.kernel import HEADER_NAME

_SHARED = ("HS256", "HS384", "HS512")

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"
]
ClaimPath = Annotated[str, Field(min_length=1, max_length=200)]


def _pointer(text: str) -> str:
    problem = check_pointer(text)
    if problem is not None:
        raise PydanticCustomError("pointer", "{problem}", {"problem": problem})
    return text


Pointer = Annotated[str, AfterValidator(_pointer)]


def _https(url: str) -> str:
    local = ("http://127.0.0.1", "http://localhost", "http://[::1]")
    if not url.startswith("https://") and not any(url == x or url.startswith((f"{x}:", f"{x}/")) for x in local):
        raise PydanticCustomError("url", "should begin with https://; plain http is for this machine only")
    return url


def _exactly_one(section: Section, names: tuple[str, ...]) -> None:
    given = [name for name in names if getattr(section, name) not in (None, ())]
    if len(given) != 1:
        facts: dict[str, Any] = {"names": ", ".join(names), "given": " and ".join(given) or "none"}
        raise PydanticCustomError("one_of", "needs exactly one of {names}; given: {given}", facts)


class KeySettings(Section):
    """Where an issuer's keys come from: exactly one of these."""

    jwks_url: Annotated[str, AfterValidator(_https)] | None = None
    """Its JWKS address; fetched, cached and refreshed as keys change."""
    jwks_file: LocalPath | None = None
    """A file with a JWK or a JWKS."""
    pem_file: LocalPath | None = None
    """A file with a public key or certificate, PEM."""
    secret: SecretText | None = None
    """A shared secret, for HS256, HS384 and HS512 alone; at least 32 bytes."""

    @model_validator(mode="after")
    def _one(self) -> "KeySettings":
        _exactly_one(self, ("jwks_url", "jwks_file", "pem_file", "secret"))
        if self.secret is not None and len(self.secret.reveal().encode()) < 32:  # noqa: PLR2004 - RFC 7518 section 3.2
            raise PydanticCustomError("secret.short", "has a secret under 32 bytes; take a longer one")
        return self


class ClaimSettings(Section):
    """Dotted paths into the claims."""

    tenant: ClaimPath = "tenant"
    """The tenant: a text, a list of texts, or a mapping whose keys are the tenants."""
    user: ClaimPath = "sub"
    """The user."""
    roles: ClaimPath = "roles"
    """The roles: a text with spaces between, or a list."""
    tier: ClaimPath | None = None
    """The tier of tenants that have no record."""


class SignInSettings(Section):
    """How people sign in at this issuer on the chat page: authorization code with PKCE."""

    client_id: str = Field(min_length=1, max_length=500)
    """What the issuer knows this facade as; its redirect address there is `https://HOST/agent/chat`."""
    client_secret: SecretText | None = None
    """The client's secret, for issuers that gave one."""
    scopes: Texts = ("openid",)
    """Scopes that are asked for; `openid` must be among them."""
    authorization_url: Annotated[str, AfterValidator(_https)] | None = None
    """Where people go; the issuer's own discovery document names it otherwise."""
    token_url: Annotated[str, AfterValidator(_https)] | None = None
    """Where the code is exchanged; given together with `authorization_url`."""
    label: str | None = Field(default=None, min_length=1, max_length=80)
    """What the button says; else the issuer's host."""
    use: Literal["access_token", "id_token"] = "access_token"
    """Which token is sent with requests; the issuer's `audiences` must fit it."""
    audience: str | None = Field(default=None, max_length=500)
    """`audience` of the authorization request, for issuers that want one for access tokens that are JWTs."""
    resource: str | None = Field(default=None, max_length=500)
    """`resource` of the authorization request (RFC 8707)."""

    @model_validator(mode="after")
    def _whole(self) -> "SignInSettings":
        if "openid" not in self.scopes:
            raise PydanticCustomError("scopes", "lacks the scope `openid`; without it a sign-in cannot be checked")
        if (self.authorization_url is None) != (self.token_url is None):
            raise PydanticCustomError("endpoints", "names one of authorization_url and token_url; name both or none")
        return self


class IssuerSettings(Section):
    """One issuer of JWTs. Every doubt about a token refuses it."""

    issuer: str = Field(min_length=1, max_length=500)
    """The exact `iss`."""
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256", "ES256"), min_length=1)
    """Accepted `alg` values; shared-secret and public-key ones are never mixed."""
    audiences: Texts = ()
    """Accepted `aud` values; none means that the issuer sends no audience."""
    allow_extra_audiences: bool = False
    """Accept tokens that also name audiences that are not ours."""
    keys: KeySettings
    """Where its keys come from."""
    required: Texts = ()
    """Claims that must be present besides `exp`, `iat` and `sub`."""
    leeway_s: int = Field(default=30, ge=0, le=60)
    """Clock skew, seconds."""
    max_age_s: int = Field(default=86_400, ge=1, le=31_536_000)
    """Longest accepted `exp` - `iat`, seconds."""
    types: Texts = ("jwt", "at+jwt", "")
    """Accepted `typ` header values, lower case; '' stands for an absent one."""
    claims: ClaimSettings = ClaimSettings()
    """Where tenant, user, roles and tier stand."""
    sign_in: SignInSettings | None = None
    """How people sign in here on the chat page; without it they cannot."""

    @model_validator(mode="after")
    def _findable(self) -> "IssuerSettings":
        if self.sign_in is not None and self.sign_in.authorization_url is None:
            _https(self.issuer)
        return self

    @model_validator(mode="after")
    def _one_family(self) -> "IssuerSettings":
        shared = [a for a in self.algorithms if a in _SHARED]
        if shared and len(shared) != len(self.algorithms):
            raise PydanticCustomError("algorithms", "mixes HS algorithms with public-key ones; keep one family")
        if bool(shared) != (self.keys.secret is not None):
            message = "needs keys.secret with HS algorithms, and HS algorithms with keys.secret"
            raise PydanticCustomError("algorithms", message)
        return self


class MappedCredential(Section):
    """One credential of the application, and whose it is."""

    credential: SecretText | None = None
    """The credential itself, without its scheme."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Or its SHA-256, so that the file holds no secret."""
    tenant: Label
    """Whose it is."""
    user: Label
    """Which user; audit and approvals name it."""
    roles: Texts = ()
    """Roles of that user."""

    @model_validator(mode="after")
    def _one(self) -> "MappedCredential":
        _exactly_one(self, ("credential", "sha256"))
        return self


class IntrospectionSettings(Section):
    """Asking the application whose credential it is, by a read such as `GET /me`."""

    api: str
    """Name under `apis`."""
    method: Literal["GET", "POST"] = "GET"
    """Method of the read."""
    path: Annotated[str, Field(pattern=r"^/[!-~]*$")]
    """Its path with the base path."""
    tenant: Pointer
    """JSON pointer to the tenant in the answer."""
    user: Pointer
    """JSON pointer to the user."""
    roles: Pointer | None = None
    """JSON pointer to the roles, if the answer has them."""
    cache_s: int = Field(default=60, ge=0, le=3600)
    """How long an answer is believed; a credential revoked meanwhile works until then."""


class SaasSettings(Section):
    """The application's own credential, recognised by a mapping or by asking the application."""

    headers: Texts = Field(default=("authorization",), min_length=1)
    """Headers it may come in."""
    scheme: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    """Word before the credential, such as Token; without it the whole value counts."""
    mapping: tuple[MappedCredential, ...] = ()
    """Credentials listed here."""
    introspection: IntrospectionSettings | None = None
    """Or a read that tells."""

    @field_validator("headers")
    @classmethod
    def _names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not HEADER_NAME.fullmatch(name):
                raise PydanticCustomError("header", "holds {name}, which is no header name", {"name": repr(name)})
        return tuple(name.lower() for name in names)

    @model_validator(mode="after")
    def _one(self) -> "SaasSettings":
        _exactly_one(self, ("mapping", "introspection"))
        return self


class DevSettings(Section):
    """An issuer for development: `facade token` signs with its key. Leave it out in production."""

    key_file: LocalPath
    """Private key, a JWK that `facade init` made."""
    issuer: str = "urn:facade:dev"
    """Its `iss`."""
    audience: str = "facade"
    """Its `aud`."""


class IdentitySettings(Section):
    """Whom we believe. At least one of these is needed; without a verified credential nothing is called."""

    issuers: tuple[IssuerSettings, ...] = ()
    """Issuers of JWTs."""
    saas: SaasSettings | None = None
    """The application's own credential."""
    dev: DevSettings | None = None
    """An issuer for development."""
