"""Call + Ticket + Consent -> ApprovedCall, or a refusal (I1-I3). Pure; may import `kernel` only.

The planner, a model, the description and a client's transcript are all treated as hostile here: nothing but the
tenant, the settings and an approval's hash can let a write through.

Choices: an approval binds the exact request and the contract's version by hash, so a changed description or context
asks again; approvals that outlive a release were given up, and a provider who releases many times a day would reopen
it. Rights are allow and deny rules over names and globs and no policy language: whoever runs the application can read
them aloud, and what depends on a record's own fields is the application's to decide.
"""

from facade.guard.consent import (
    Approval,
    ApprovalState,
    Consent,
    claimable,
    consent_from,
    consent_needed,
    new_approval,
    principal_key,
    unusable,
)
from facade.guard.fields import plain_charset, reading_of
from facade.guard.passing import SAFE_METHODS, PassageParts, passable, undescribed, unpinned
from facade.guard.rules import allowed, approve, permits, permitted

__all__ = [
    "SAFE_METHODS",
    "Approval",
    "ApprovalState",
    "Consent",
    "PassageParts",
    "allowed",
    "approve",
    "claimable",
    "consent_from",
    "consent_needed",
    "new_approval",
    "passable",
    "permits",
    "permitted",
    "plain_charset",
    "principal_key",
    "reading_of",
    "undescribed",
    "unpinned",
    "unusable",
]
