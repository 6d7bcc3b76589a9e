"""The first two stages of every request: identity, then tenancy."""

from dataclasses import dataclass
from typing import Final

from facade import identity, tenancy
from facade.identity import Claims, Credential
from facade.kernel import Context, Tenant, TenantRecord
from facade.ports import Ports
from facade.tenancy import ContextRules, Policy

REMEMBERED: Final = 4_096
"""Credentials whose tenant is remembered by one `Visitors`, a few hundred bytes each."""


async def enter(credential: Credential, ports: Ports, *, wanted: str | None = None) -> Tenant:
    """Whose request is this? `wanted` can only choose among the tenants that the credential grants.

    Raises:
        Unauthenticated, Forbidden.
    """
    principal = identity.principal_from(await ports.tokens.claims(credential))
    tenant_id = tenancy.chosen(principal, wanted)
    return tenancy.tenant_of(principal, tenant_id, await ports.tenants.find(tenant_id), ports.policy)


async def granted(credential: Credential, ports: Ports) -> tuple[str, ...]:
    """The tenants that a credential acts for, whether or not they can be served.

    Raises:
        Unauthenticated
    """
    return identity.principal_from(await ports.tokens.claims(credential)).tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Who is in, and what the application is told of it."""

    tenant: Tenant
    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """What was worked out, and all that it was worked out from."""

    claims: Claims
    record: TenantRecord | None
    policy: Policy
    rules: ContextRules
    entered: Entered

    def still(self, record: TenantRecord | None, policy: Policy, rules: ContextRules) -> bool:
        """True when working it out again would come to the same."""
        return policy is self.policy and rules is self.rules and (record is self.record or record == self.record)


class Visitors:
    """`enter` for the clients of one application, who come again and again with the same credential.

    Every visit asks the ports anew: the credential is proved, and the tenant's record looked up, so that an expiry, a
    suspension or another tier counts at once. Remembered is only what follows from the very same claims, an equal
    record, and the same policy and rules.
    """

    def __init__(self, api: str, *, remembered: int = REMEMBERED) -> None:
        self._api = api
        self._remembered = remembered
        self._visits: dict[tuple[str, str | None], _Visit] = {}

    async def enter(self, credential: Credential, ports: Ports, *, wanted: str | None = None) -> Entered:
        """Whose request is this, and what is the application told of it?

        Raises:
            Unauthenticated, Forbidden.
        """
        claims, rules = await ports.tokens.claims(credential), ports.context_rules[self._api]
        last = self._visits.get((claims.credential_id, wanted))
        if last is not None and last.claims is claims:
            principal, tenant_id = last.entered.tenant.principal, last.entered.tenant.id
        else:
            last, principal = None, identity.principal_from(claims)
            tenant_id = tenancy.chosen(principal, wanted)
        record = await ports.tenants.find(tenant_id)
        if last is not None and last.still(record, ports.policy, rules):
            return last.entered
        tenant = tenancy.tenant_of(principal, tenant_id, record, ports.policy)
        entered = Entered(tenant=tenant, context=tenancy.context_for(tenant, rules))
        self._keep(wanted, _Visit(claims=claims, record=record, policy=ports.policy, rules=rules, entered=entered))
        return entered

    def _keep(self, wanted: str | None, visit: _Visit) -> None:
        key = (visit.claims.credential_id, wanted)
        self._visits.pop(key, None)
        self._visits[key] = visit
        if len(self._visits) > self._remembered:
            del self._visits[next(iter(self._visits))]
