"""Principal -> Tenant with its tier, rights and context (D1, D2). Pure; may import `kernel` only."""

from facade.tenancy.records import ContextRules, HeaderRule, PinRule, Policy

__all__ = ["ContextRules", "HeaderRule", "PinRule", "Policy"]
