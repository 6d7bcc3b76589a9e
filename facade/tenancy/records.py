"""The rules by which principals become tenants, and tenants become context."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from facade.kernel import Location, Rights, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Tiers, roles and provisioning (settings).

    Attributes:
        roles: role name -> rights; a principal has the union of its roles' rights. Empty: roles do not narrow.
        roles_required: a principal without any known role may do nothing, unless it presents the application's own
            credential (D2: tenant-wide credentials).
        provision: tier of tenants without a record; None refuses them.
    """

    tiers: Mapping[str, Tier]
    roles: Mapping[str, Rights] = field(default_factory=dict)
    roles_required: bool = False
    provision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderRule:
    """A header the context sets. `value` is a template over tenant.id, tenant.tier, user, subject, secret and
    attributes: `{tenant}`, `{tier}`, `{user}`, `{subject}`, `{secret}`, `{attributes.NAME}`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PinRule:
    """A parameter or top-level body field, in every operation that has it, filled from a template."""

    location: Location
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRules:
    """What one API is told about the tenant (settings)."""

    headers: tuple[HeaderRule, ...] = ()
    pins: tuple[PinRule, ...] = ()
    pass_credential: bool = False
