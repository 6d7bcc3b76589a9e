"""Which customer is this, in which tier, with which rights?"""

from facade.kernel import CredentialKind, Forbidden, Principal, Rights, Tenant, TenantRecord, TenantState
from facade.tenancy.records import Policy


def chosen(principal: Principal, wanted: str | None) -> str:
    """The one tenant that this request is for.

    Args:
        wanted: what the request asks for; it can only choose among the tenants that the credential grants.

    Raises:
        Forbidden: it asks for another tenant, or does not say which of several.
    """
    if wanted is not None:
        if wanted not in principal.tenants:
            raise Forbidden("Your credential does not act for the tenant that this request asks for.")
        return wanted
    if len(principal.tenants) != 1:
        raise Forbidden("Your credential acts for several tenants; say in the request which one it is for.")
    return principal.tenants[0]


def tenant_of(principal: Principal, tenant_id: str, record: TenantRecord | None, policy: Policy) -> Tenant:
    """The receipt that this principal acts for this tenant now.

    Args:
        record: what is kept of `tenant_id`; it decides the tier. None for an unknown tenant.

    Raises:
        Forbidden: not granted, unknown, suspended, in no known tier, or without a role where one is needed.
    """
    if tenant_id not in principal.tenants:
        raise Forbidden("Your credential does not act for this tenant.")
    kept = record if record is not None else _provisioned(principal, tenant_id, policy)
    if kept.id != tenant_id:
        raise Forbidden("This tenant cannot be served: its record is another tenant's.")
    if kept.state is not TenantState.ACTIVE:
        raise Forbidden("This tenant is suspended; its provider can tell you why.")
    tier = policy.tiers.get(kept.tier)
    if tier is None:
        raise Forbidden("This tenant is in a tier that is not set up; its provider must mend that.")
    return Tenant(
        id=tenant_id,
        principal=principal,
        record=kept,
        tier=tier,
        rights=(tier.rights, *_role_rights(principal, policy)),
    )


def _provisioned(principal: Principal, tenant_id: str, policy: Policy) -> TenantRecord:
    if policy.provision is None:
        raise Forbidden("This tenant is not known here; its provider must add it first.")
    return TenantRecord(id=tenant_id, tier=principal.tier_claim or policy.provision)


def _role_rights(principal: Principal, policy: Policy) -> tuple[Rights, ...]:
    """The joined rights of the roles that the policy knows; without any, nothing narrows unless roles are required.

    They are never required of a principal that presents the application's own credential: it could do the same with it
    at the application itself, and existing clients must notice nothing (I6).
    """
    known = [policy.roles[role] for role in sorted(principal.roles) if role in policy.roles]
    if known:
        return (_joined(known),)
    if policy.roles_required and principal.credential_kind is not CredentialKind.SAAS:
        raise Forbidden("Your credential has no role that may do anything here.")
    return ()


def _joined(rights: list[Rights]) -> Rights:
    """Allows add up (no allow rule means everything), a deny of any role wins."""
    everything = any(not each.allow for each in rights)
    allow = () if everything else tuple(rule for each in rights for rule in each.allow)
    return Rights(allow=allow, deny=tuple(rule for each in rights for rule in each.deny))
