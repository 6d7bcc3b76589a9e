"""Principal -> Tenant with its tier, rights and context (D1, D2). Pure; may import `kernel` only.

Choices: a tenant that a request names can only choose among those its credential grants, and every refusal reads the
same whether the other tenant exists or not. Where a principal has several roles their allow rules are joined, and a
deny rule of any of them wins: an exact union would need rules over rules, and the stricter reading never surprises a
provider. Context values are text; a header value is printable ASCII, because two receivers may decode anything else
differently.
"""

from facade.tenancy.context import (
    canonical_name,
    compile_rules,
    context_for,
    is_spoof,
    owned_headers,
    secret_headers,
)
from facade.tenancy.records import ContextRules, HeaderRule, PinRule, Policy
from facade.tenancy.rules import chosen, tenant_of
from facade.tenancy.template import PLACEHOLDERS, parse

__all__ = [
    "PLACEHOLDERS",
    "ContextRules",
    "HeaderRule",
    "PinRule",
    "Policy",
    "canonical_name",
    "chosen",
    "compile_rules",
    "context_for",
    "is_spoof",
    "owned_headers",
    "parse",
    "secret_headers",
    "tenant_of",
]
