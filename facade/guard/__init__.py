"""Call + Ticket + Consent -> ApprovedCall, or a refusal (I1-I3). Pure; may import `kernel` only.

The planner, a model, the description and a client's transcript are all treated as hostile here: nothing but the
tenant, the settings and an approval's hash can let a write through.
"""

from facade.guard.consent import Approval, ApprovalState, Consent, consent_from, consent_needed, new_approval
from facade.guard.rules import allowed, approve

__all__ = [
    "Approval",
    "ApprovalState",
    "Consent",
    "allowed",
    "approve",
    "consent_from",
    "consent_needed",
    "new_approval",
]
