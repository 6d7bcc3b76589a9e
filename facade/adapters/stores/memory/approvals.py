"""Approvals in memory."""

from collections import OrderedDict, defaultdict
from dataclasses import replace
from typing import Final

from facade.guard import Approval, ApprovalState, claimable, unusable
from facade.kernel import Json, Micros

KEPT_PER_TENANT: Final = 10_000


class MemoryApprovals:
    """`Approvals` for one process; gone with it, which refuses and never permits.

    Each tenant has its own bound, oldest forgotten first, so that none can push out another's.
    """

    def __init__(self, *, kept_per_tenant: int = KEPT_PER_TENANT) -> None:
        self._tenants: defaultdict[str, OrderedDict[str, Approval]] = defaultdict(OrderedDict)
        self._kept = kept_per_tenant

    async def open(self, approval: Approval) -> None:
        """Keep a new proposal."""
        kept = self._tenants[approval.tenant]
        kept[approval.id] = approval
        if len(kept) > self._kept:
            kept.popitem(last=False)

    async def find(self, approval_id: str, *, tenant_id: str) -> Approval | None:
        """The approval of this tenant, in its present state."""
        return self._find(approval_id, tenant_id)

    async def claim(self, approval_id: str, *, tenant_id: str, principal: tuple[str, str], now: Micros) -> Approval:
        """Move OPEN to CLAIMED, once; nothing is awaited between the check and the change.

        Raises:
            ConsentInvalid: not open, expired, or not this principal's.
        """
        known = self._find(approval_id, tenant_id)
        if known is None or not claimable(known, principal=principal, now=now):
            raise unusable(known, principal=principal, wanted=ApprovalState.OPEN)
        return self._move(known, ApprovalState.CLAIMED)

    async def finish(self, approval_id: str, *, tenant_id: str, result: Json) -> None:
        """Move CLAIMED to DONE with what the calls answered."""
        known = self._find(approval_id, tenant_id)
        if known is not None and known.state is ApprovalState.CLAIMED:
            self._move(replace(known, result=result), ApprovalState.DONE)

    async def decline(self, approval_id: str, *, tenant_id: str, principal: tuple[str, str]) -> bool:
        """Move OPEN to DECLINED; False when it was not open for this principal."""
        known = self._find(approval_id, tenant_id)
        if known is None or known.principal != principal or known.state is not ApprovalState.OPEN:
            return False
        self._move(known, ApprovalState.DECLINED)
        return True

    def _find(self, approval_id: str, tenant_id: str) -> Approval | None:
        kept = self._tenants.get(tenant_id)
        return kept.get(approval_id) if kept is not None else None

    def _move(self, known: Approval, state: ApprovalState) -> Approval:
        moved = replace(known, state=state)
        self._tenants[known.tenant][known.id] = moved
        return moved
