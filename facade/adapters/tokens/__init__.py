"""Who signed this? The `Tokens` port: JWTs of configured issuers, and the application's own credentials (D1).

May import `ports` and everything below it, PyJWT, cryptography and aiohttp. Everything fails closed: whatever goes
wrong in here, a collaborator's bug included, is `Unauthenticated`.

Choices: PyJWT proves signatures and nothing else; `identity` checks everything besides them over the very bytes that
were signed, because the library lets doubled claims, endless lives and other audiences pass. Its JWKS client blocks
the loop, so the key cache is our own. A key that names no `alg` serves only where the issuer's settings leave exactly
one algorithm for its family: common key servers leave `alg` out, and a key must never serve two algorithms. While a
key server is broken, unknown key ids are refused at once and fetched for in the background; a rotation during an
outage costs its first user one refusal. An opaque bearer token may be the application's own credential.
"""

from facade.adapters.tokens.fetch import Fetch, Fetched, FetchFailed, OutgoingFetch, SessionFetch, open_key_session
from facade.adapters.tokens.jwks import JwksKeys
from facade.adapters.tokens.keys import Key, KeySet
from facade.adapters.tokens.mint import (
    Grant,
    SigningKey,
    generate_key,
    mint,
    signing_key_from,
    verifying_keys,
)
from facade.adapters.tokens.saas import Introspection, MappedCredentials, Question, Recogniser, SaasRules
from facade.adapters.tokens.sign_in import IssuerSignIn, Registered, SignInRules
from facade.adapters.tokens.sources import (
    KeySource,
    StaticKeys,
    keys_from_jwks,
    keys_from_pem,
    keys_from_secret,
)
from facade.adapters.tokens.verifier import Issuer, Verifier

__all__ = [
    "Fetch",
    "FetchFailed",
    "Fetched",
    "Grant",
    "Introspection",
    "Issuer",
    "IssuerSignIn",
    "JwksKeys",
    "Key",
    "KeySet",
    "KeySource",
    "MappedCredentials",
    "OutgoingFetch",
    "Question",
    "Recogniser",
    "Registered",
    "SaasRules",
    "SessionFetch",
    "SignInRules",
    "SigningKey",
    "StaticKeys",
    "Verifier",
    "generate_key",
    "keys_from_jwks",
    "keys_from_pem",
    "keys_from_secret",
    "mint",
    "open_key_session",
    "signing_key_from",
    "verifying_keys",
]
