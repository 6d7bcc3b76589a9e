"""Who acts, for which customer, within which limits."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, final

from facade.kernel.operation import Location
from facade.kernel.values import Json, Micros


class CredentialKind(StrEnum):
    """How the principal proved itself."""

    JWT = "jwt"
    SAAS = "saas"


@final
class Secret:
    """A value that never shows itself in a representation, a log line or a traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value: Final = value

    def reveal(self) -> str:
        """The value, for the one place that puts it on the wire."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A verified subject (D1). Made by `identity.principal_from` alone.

    Attributes:
        tenants: the tenants that the credential grants; a request can only choose among them.
        credential_id: SHA-256 hex of the credential, for caches and logs.
        presented: header and value in which the application may be shown this principal's own credential, for the
            APIs whose settings pass it on (D2); None where there is none to show.
    """

    issuer: str
    subject: str
    user: str
    roles: frozenset[str]
    tenants: tuple[str, ...]
    tier_claim: str | None
    credential_kind: CredentialKind
    credential_id: str
    expires_at: Micros | None
    presented: tuple[str, Secret] | None = None

    @property
    def person(self) -> str:
        """Under whose name a conversation is kept: the user's, with a digest of issuer and subject behind it, so that
        nobody of the same name elsewhere is taken for this one."""
        identity = f"{len(self.issuer)}:{self.issuer}{self.subject}"
        return f"{self.user}#{hashlib.sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


class Autonomy(StrEnum):
    """What an agent may do without asking: nothing that writes, writes after consent, or writes at once."""

    READ_ONLY = "read_only"
    CONFIRM = "confirm"
    AUTO = "auto"


class Counted(StrEnum):
    """What a limit counts. Words as in the design: a request is one exchange a client sees."""

    REQUESTS = "requests"
    CALLS = "calls"
    WRITES = "writes"
    TURNS = "turns"


class Period(StrEnum):
    """Calendar window of a quota."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `rate` units per `per` in the long run, `burst` at once (GCRA)."""

    name: str
    counts: Counted
    rate: int
    per: Micros
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most `amount` units in each calendar day or month (UTC)."""

    name: str
    counts: Counted
    amount: int
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one limit of a tenant stands after a decision, as `RateLimit` tells it.

    Attributes:
        amount: the burst of a rate, the amount of a quota.
        window: seconds of the rate's burst or of the quota's period.
        remaining: whole units left at once.
        reset: seconds until more is left, 0 when nothing is used.
    """

    name: str
    amount: int
    window: int
    remaining: int
    reset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Selects operations; every given selector must match. Values are exact names or `*` globs.

    Attributes:
        methods: upper case. Empty selectors match everything.
    """

    tags: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Operations that may be called: some allow rule matches (none listed means all) and no deny rule does."""

    allow: tuple[Rule, ...] = ()
    deny: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A named set of limits and rights.

    Attributes:
        concurrency: requests in flight at once per tenant; 0 means unbounded.
        max_writes: the largest set of writes that one approval may cover (D3).
        price_list: version of the prices that usage records refer to.
    """

    name: str
    autonomy: Autonomy = Autonomy.CONFIRM
    rates: tuple[RateLimit, ...] = ()
    quotas: tuple[Quota, ...] = ()
    concurrency: int = 0
    rights: Rights = Rights()
    max_writes: int = 20
    price_list: str = "none"


class TenantState(StrEnum):
    """Life cycle of a tenant."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRecord:
    """What we keep of a customer: the record, not the token, decides the tier (D1).

    Attributes:
        attributes: names that context templates may use, such as `account_id`.
        secret: the tenant-wide upstream credential (D2), if one is configured.
    """

    id: str
    tier: str
    state: TenantState = TenantState.ACTIVE
    attributes: Mapping[str, str] = field(default_factory=dict)
    secret: Secret | None = None
    locale: str = "en"
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A receipt: this principal acts for this customer now. Made by `tenancy.tenant_of` alone.

    Attributes:
        rights: tier ∩ role, as rules that must all allow.
    """

    id: str
    principal: Principal
    record: TenantRecord
    tier: Tier
    rights: tuple[Rights, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A parameter that the tenant context fixes. `location` BODY names a top-level body field."""

    location: Location
    name: str
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the tenant context adds to each request of one API, ready to be put on the wire.

    Attributes:
        headers: context and credential headers; the client's own copies are dropped in every spelling.
        owned: lower-case names of all headers that only the context may set, set or not.
        pins: parameters fixed for this tenant.
        passes_credential: the caller's own credential travels upstream (D2).
        credential: that credential as agents' calls send it; a passage keeps the header that its client sent.
    """

    headers: tuple[tuple[str, Secret], ...] = ()
    owned: frozenset[str] = frozenset()
    pins: tuple[Pin, ...] = ()
    passes_credential: bool = False
    credential: tuple[tuple[str, Secret], ...] = ()
