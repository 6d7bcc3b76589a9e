"""The gate before the upstream: rights, autonomy and consent for one built call."""

from dataclasses import replace
from fnmatch import fnmatchcase

from facade.guard.consent import Consent, consent_needed, principal_key
from facade.kernel import (
    ApprovedCall,
    Autonomy,
    BuiltCall,
    ConsentInvalid,
    Forbidden,
    Micros,
    Operation,
    Rights,
    Rule,
    Tenant,
    Ticket,
    WriteClass,
)


def allowed(operation: Operation, tenant: Tenant) -> bool:
    """True when tier and role both allow the operation, and the tier's autonomy allows its write class."""
    if operation.write_class is not WriteClass.READ and tenant.tier.autonomy is Autonomy.READ_ONLY:
        return False
    return permitted(operation, tenant)


def permitted(operation: Operation, tenant: Tenant) -> bool:
    """True when tier and role both allow the operation, whoever acts."""
    return all(permits(rights, operation) for rights in tenant.rights)


def approve(built: BuiltCall, ticket: Ticket, consent: Consent | None, *, now: Micros) -> ApprovedCall:
    """Let exactly this call through.

    Raises:
        Forbidden: outside the tenant's tier, role or autonomy, or built for another tenant.
        ConsentInvalid: a write without a consent that names exactly this call.
    """
    tenant = ticket.tenant
    if built.tenant_id != tenant.id:
        raise Forbidden("This call was not made for this tenant.")
    if not allowed(built.operation, tenant):
        raise Forbidden(f"{built.operation.title} is not allowed for your tier or role.")
    if not consent_needed(built.operation, tenant):
        return ApprovedCall(built=built, ticket=ticket)
    return ApprovedCall(built=built, ticket=ticket, approval=_covered(built, tenant, consent, now))


def _covered(built: BuiltCall, tenant: Tenant, consent: Consent | None, now: Micros) -> str:
    if consent is None:
        raise ConsentInvalid(f"{built.operation.title} changes data and needs your approval first.")
    if (consent.tenant, consent.principal) != (tenant.id, principal_key(tenant.principal)) or now >= consent.expires:
        raise ConsentInvalid("This approval is not valid for you now; ask again for a new one.")
    if built.digest not in consent.digests:
        raise ConsentInvalid("This is not the call that was approved; ask again for a new approval.")
    return consent.approval


def permits(rights: Rights, operation: Operation) -> bool:
    """True when some allow rule matches, or none is listed, and no deny rule does.

    What is denied is denied in every letter case of its path, because many applications do not look at it.
    """
    if rights.deny and _denied(rights.deny, operation):
        return False
    return not rights.allow or any(_matches(rule, operation) for rule in rights.allow)


def _denied(rules: tuple[Rule, ...], operation: Operation) -> bool:
    folded = replace(operation, path=operation.path.casefold())
    return any(_matches(replace(rule, paths=tuple(map(str.casefold, rule.paths))), folded) for rule in rules)


def _matches(rule: Rule, operation: Operation) -> bool:
    key = operation.key
    return (
        _selected(rule.apis, (key.api,))
        and _selected(rule.operations, (key.operation_id,))
        and _selected(rule.methods, (operation.method,))
        and _selected(rule.paths, (operation.path,))
        and _selected(rule.tags, operation.tags)
    )


def _selected(patterns: tuple[str, ...], values: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for pattern in patterns for value in values)
