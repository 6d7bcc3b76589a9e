"""Look at a proposal without touching it."""

from dataclasses import dataclass

from facade.flow.decide import own, settling
from facade.flow.perform import build
from facade.flow.spend import attempt, spend
from facade.flow.turns import Origin
from facade.guard import Approval
from facade.kernel import BuiltCall, Call, FacadeError, Tenant
from facade.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """An approval as it is now, with its calls as they would be sent now.

    Attributes:
        builts: empty when a call would be sent differently now, so that nothing but what was proposed is ever shown.
        expired: its time is over and nobody used it.
    """

    approval: Approval
    builts: tuple[BuiltCall, ...]
    expired: bool


async def look(approval_id: str, *, tenant: Tenant, ports: Ports, origin: Origin) -> Looked:
    """This principal's own approval: one request, no turn.

    Raises:
        NotFound: none of that id for this principal. LimitExceeded, LedgerUnavailable: admission.
    """
    async with spend(tenant, settling(origin), ports) as ticket:
        with attempt(ticket, 1, ports):
            approval = await own(approval_id, tenant, ports)
    return seen_now(approval, tenant, ports)


def seen_now(approval: Approval, tenant: Tenant, ports: Ports) -> Looked:
    """An approval of this principal as it is now."""
    builts = tuple(b for b in (_built(call, tenant, ports) for call in approval.calls) if b is not None)
    unchanged = tuple(b.digest for b in builts) == approval.digests
    return Looked(
        approval=approval,
        builts=builts if unchanged else (),
        expired=approval.state == "open" and ports.clock.now() >= approval.expires,
    )


def _built(call: Call, tenant: Tenant, ports: Ports) -> BuiltCall | None:
    try:
        return build(call, tenant, ports)
    except FacadeError:
        return None
