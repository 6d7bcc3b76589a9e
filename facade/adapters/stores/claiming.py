"""Who may claim an approval, and what everybody else is told. One rule for every store."""

from facade.guard import Approval, ApprovalState
from facade.kernel import ConsentInvalid, Micros


def claimable(approval: Approval, *, principal: tuple[str, str], now: Micros) -> bool:
    """True when this principal may claim it now: its own, open, not expired."""
    return approval.principal == principal and approval.state is ApprovalState.OPEN and now < approval.expires


def refused(approval: Approval | None, *, principal: tuple[str, str]) -> ConsentInvalid:
    """What is told about an approval that is not claimable; another principal's looks like one that never existed."""
    if approval is None or approval.principal != principal:
        return ConsentInvalid("There is no such approval.")
    if approval.state is not ApprovalState.OPEN:
        return ConsentInvalid(f"This approval is {approval.state.value}; ask again for a new one.")
    return ConsentInvalid("This approval has expired; ask again for a new one.")
