"""The first two stages of every request: identity, then tenancy."""

from facade import identity, tenancy
from facade.identity import Credential
from facade.kernel import Tenant
from facade.ports import Ports


async def enter(credential: Credential, ports: Ports, *, wanted: str | None = None) -> Tenant:
    """Whose request is this? `wanted` can only choose among the tenants that the credential grants.

    Raises:
        Unauthenticated, Forbidden.
    """
    claims = await ports.tokens.claims(credential)
    principal = identity.principal_from(claims)
    tenant_id = tenancy.chosen(principal, wanted)
    record = await ports.tenants.find(tenant_id)
    return tenancy.tenant_of(principal, tenant_id, record, ports.policy)
