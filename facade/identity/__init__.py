"""Verified claims -> Principal (D1). Pure; may import `kernel` only.

What a signature or an introspection proved arrives as `Claims`; here the issuer's rules read it. Nothing here trusts a
value that a rule does not name, and every doubt is `Unauthenticated`.
"""

from facade.identity.records import Claims, Credential, IssuerRules

__all__ = ["Claims", "Credential", "IssuerRules"]
