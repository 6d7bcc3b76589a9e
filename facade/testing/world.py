"""A whole facade over fakes: real rooms, a real contract, a scripted outside world."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from facade import identity, tenancy
from facade.adapters.stores.memory import MemoryApprovals, MemoryConversations, MemoryLimiter
from facade.contract import Catalogue, Contract
from facade.identity import Claims, Credential, IssuerRules
from facade.kernel import (
    SECOND,
    Autonomy,
    CredentialKind,
    Json,
    Micros,
    Tenant,
    TenantRecord,
    Ticket,
    Tier,
    Unauthenticated,
)
from facade.ports import Planner, Ports
from facade.tenancy import ContextRules, Policy
from facade.testing.clock import FakeClock
from facade.testing.ids import FakeIds
from facade.testing.journal import FakeJournal
from facade.testing.planners import ScriptedPlanner
from facade.testing.sign_in import FakeSignIn
from facade.testing.upstream import FakeUpstream, NoRetries

ISSUER = IssuerRules(issuer="https://issuer.test", algorithms=("EdDSA",))
"""Rules of the one issuer that a fake world believes."""


@dataclass
class FakeTokens:
    """Knows credentials by their value."""

    known: dict[str, Claims] = field(default_factory=dict)

    async def claims(self, credential: Credential) -> Claims:
        """See `ports.Tokens`."""
        try:
            return self.known[credential.value.reveal()]
        except KeyError:
            raise Unauthenticated("Nobody knows this credential.") from None


@dataclass
class FakeTenants:
    """Records in a dictionary."""

    records: dict[str, TenantRecord] = field(default_factory=dict)

    async def find(self, tenant_id: str) -> TenantRecord | None:
        """See `ports.Tenants`."""
        return self.records.get(tenant_id)


@dataclass
class FakeProbe:
    """Keeps what it was told."""

    spends: list[tuple[str, str]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def spent(self, ticket: Ticket, *, outcome: str, status: int | None, micros: int) -> None:
        """See `ports.Probe`."""
        self.spends.append((ticket.what, outcome))

    def violated(self, *, api: str, operation: str, direction: str, code: str) -> None:
        """See `ports.Probe`."""
        self.violations.append(f"{api}.{operation}:{direction}:{code}")


@dataclass
class World:
    """Everything that a test may script or look at."""

    contracts: Mapping[str, Contract]
    rules: Mapping[str, ContextRules]
    tiers: Mapping[str, Tier] = field(default_factory=lambda: {"gold": Tier(name="gold")})
    planner: Planner = field(default_factory=lambda: ScriptedPlanner(()))
    clock: FakeClock = field(default_factory=FakeClock)
    ids: FakeIds = field(default_factory=FakeIds)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    sign_in: FakeSignIn = field(default_factory=FakeSignIn)
    tenants: FakeTenants = field(default_factory=FakeTenants)
    limiter: MemoryLimiter = field(default_factory=MemoryLimiter)
    journal: FakeJournal = field(default_factory=FakeJournal)
    approvals: MemoryApprovals = field(default_factory=MemoryApprovals)
    conversations: MemoryConversations = field(default_factory=MemoryConversations)
    upstream: FakeUpstream = field(default_factory=FakeUpstream)
    retries: NoRetries = field(default_factory=NoRetries)
    probe: FakeProbe = field(default_factory=FakeProbe)
    policy: Policy | None = None

    @property
    def ports(self) -> Ports:
        """The ports, as a flow gets them."""
        return Ports(
            clock=self.clock,
            ids=self.ids,
            tokens=self.tokens,
            sign_in=self.sign_in,
            tenants=self.tenants,
            limiter=self.limiter,
            journal=self.journal,
            approvals=self.approvals,
            conversations=self.conversations,
            upstream=self.upstream,
            retries=self.retries,
            planner=self.planner,
            probe=self.probe,
            catalogue=Catalogue(contracts=self.contracts),
            policy=self.policy or Policy(tiers=self.tiers),
            context_rules=self.rules,
            approval_lives=Micros(300 * SECOND),
        )

    def tenant(self, name: str, *, user: str = "ann", roles: tuple[str, ...] = ()) -> Tenant:
        """That user of that tenant, as the rooms make it; a tenant without a record has the tier gold."""
        record = self.tenants.records.get(name) or TenantRecord(id=name, tier="gold")
        principal = identity.principal_from(claims(name, user=user, roles=roles))
        return tenancy.tenant_of(principal, name, record, self.ports.policy)

    def knows(self, token: str, tenant: str, *, user: str = "ann", roles: tuple[str, ...] = ()) -> str:
        """Make a bearer token valid; returns it."""
        self.tokens.known[token] = claims(tenant, user=user, roles=roles)
        return token


def claims(tenant: str | list[str], *, user: str = "ann", roles: tuple[str, ...] = ()) -> Claims:
    """Verified claims of a user."""
    values: dict[str, Json] = {"sub": user, "tenant": tenant, "roles": list(roles)}
    credential_id = hashlib.sha256(f"{tenant}/{user}".encode()).hexdigest()
    return Claims(rules=ISSUER, values=values, kind=CredentialKind.JWT, credential_id=credential_id)


def tier(name: str = "gold", *, autonomy: Autonomy = Autonomy.CONFIRM) -> Tier:
    """A tier without limits."""
    return Tier(name=name, autonomy=autonomy)
