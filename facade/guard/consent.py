"""Approvals: single-use consent to exact calls (D4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from facade.kernel import (
    Autonomy,
    BuiltCall,
    Call,
    ConsentInvalid,
    Json,
    Micros,
    Operation,
    Principal,
    Tenant,
    WriteClass,
)


class ApprovalState(StrEnum):
    """OPEN until claimed, once; CLAIMED without a result means that the outcome is unknown."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A proposal of writes, and what became of it.

    Attributes:
        principal: issuer and subject; nobody else, of the same tenant or not, can use it.
        calls, digests: the exact calls in order, and the hash each must still have when it is built again.
        result: what the calls answered, once DONE; a repeat returns it.
    """

    id: str
    tenant: str
    principal: tuple[str, str]
    conversation: str
    calls: tuple[Call, ...]
    digests: tuple[str, ...]
    created: Micros
    expires: Micros
    state: ApprovalState = ApprovalState.OPEN
    result: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A receipt: an approval was claimed by its principal in this request. Made by `consent_from` alone."""

    approval: str
    tenant: str
    principal: tuple[str, str]
    digests: frozenset[str]
    expires: Micros


def principal_key(principal: Principal) -> tuple[str, str]:
    """What an approval binds: who issued the identity, and whose it is."""
    return (principal.issuer, principal.subject)


def consent_needed(operation: Operation, tenant: Tenant) -> bool:
    """Writes need consent unless the tier's autonomy is `auto`."""
    return operation.write_class is not WriteClass.READ and tenant.tier.autonomy is not Autonomy.AUTO


def new_approval(
    builts: Sequence[BuiltCall], tenant: Tenant, *, id: str, conversation: str, now: Micros, lives: Micros
) -> Approval:
    """A proposal of exactly these calls.

    Raises:
        ConsentInvalid: the set is larger than the tier allows (D3), or holds a call twice: nobody means that, and an
            idempotency key, which is derived from the approval and the call, would make one of two.
    """
    if len({built.digest for built in builts}) < len(builts):
        raise ConsentInvalid("The same change stands there twice; ask for it once, or in two requests.")
    if len(builts) > tenant.tier.max_writes:
        raise ConsentInvalid(
            f"{len(builts)} writes are more than one approval may cover ({tenant.tier.max_writes}); ask for fewer."
        )
    return Approval(
        id=id,
        tenant=tenant.id,
        principal=principal_key(tenant.principal),
        conversation=conversation,
        calls=tuple(b.call for b in builts),
        digests=tuple(b.digest for b in builts),
        created=now,
        expires=Micros(now + lives),
    )


def claimable(approval: Approval, *, principal: tuple[str, str], now: Micros) -> bool:
    """True when this principal may claim it now: its own, open, not expired."""
    return approval.principal == principal and approval.state is ApprovalState.OPEN and now < approval.expires


def unusable(approval: Approval | None, *, principal: tuple[str, str], wanted: ApprovalState) -> ConsentInvalid:
    """What is told about an approval that cannot be used; another principal's looks like one that never existed.

    Args:
        wanted: the state it would have to be in; where it is, its time is over.
    """
    if approval is None or approval.principal != principal:
        return ConsentInvalid("There is no such approval.")
    if approval.state is not wanted:
        return ConsentInvalid(f"This approval is {approval.state.value}; ask again for a new one.")
    return ConsentInvalid("This approval has expired; ask again for a new one.")


def consent_from(claimed: Approval, tenant: Tenant, *, now: Micros) -> Consent:
    """The receipt of an approval that its store has just moved from OPEN to CLAIMED.

    Raises:
        ConsentInvalid: another principal's, expired, or not freshly claimed.
    """
    mine = principal_key(tenant.principal)
    if (claimed.tenant, claimed.principal) != (tenant.id, mine):
        raise unusable(None, principal=mine, wanted=ApprovalState.CLAIMED)
    if claimed.state is not ApprovalState.CLAIMED or now >= claimed.expires:
        raise unusable(claimed, principal=mine, wanted=ApprovalState.CLAIMED)
    return Consent(
        approval=claimed.id,
        tenant=claimed.tenant,
        principal=claimed.principal,
        digests=frozenset(claimed.digests),
        expires=claimed.expires,
    )
