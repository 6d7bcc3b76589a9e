"""Verified claims -> Principal (D1). Pure; may import `kernel` only.

What a signature or an introspection proved arrives as `Claims`; here the issuer's rules read it. Nothing here trusts a
value that a rule does not name, and every doubt is `Unauthenticated`. The checks of a token that a JOSE library leaves
to its caller stand here too, as plain functions over text: `read_token`, `check_header`, `check_claims`.

Choices: tenant ids are compared byte for byte and never folded, trimmed or normalised; a customer whose identity
provider spells one organisation in two ways has two tenants until the provider maps them. A claim that is absent is no
claim, but a claim of the wrong shape refuses the whole token. Times are whole seconds, as issuers in the field send
them; a fractional `exp` is refused. Reopen either when a real identity provider cannot be configured around it.
"""

from facade.identity.paths import check_pointer, claim_at, pointed
from facade.identity.principal import TENANT_ID, principal_from
from facade.identity.records import Claims, Credential, IssuerRules
from facade.identity.strict_json import strict_json
from facade.identity.token_claims import check_claims
from facade.identity.token_shape import MAX_TOKEN_BYTES, UnverifiedToken, check_header, read_token

__all__ = [
    "MAX_TOKEN_BYTES",
    "TENANT_ID",
    "Claims",
    "Credential",
    "IssuerRules",
    "UnverifiedToken",
    "check_claims",
    "check_header",
    "check_pointer",
    "claim_at",
    "pointed",
    "principal_from",
    "read_token",
    "strict_json",
]
