"""Finished and refused spends -> ledger records -> usage (D8). Pure; may import `kernel` only.

The sums over records are written once, here; a store that sums in its own language must agree with them exactly.

Choices: records carry units and the version of a price list, never money, so that a price can be mended afterwards and
what happened stays as it was. Usage is told by UTC days, as quotas are; a provider who bills by another calendar would
reopen the day, which each record's moment allows.
"""

from facade.meter.records import Decision, Intent, LedgerRecord, Settle, UsageKey, UsageRow
from facade.meter.rules import TURN, decision, intent, settle
from facade.meter.usage import (
    CONSENTS,
    GROUPS,
    OK,
    UNKNOWN,
    Entry,
    Slice,
    charged,
    check_groups,
    day_number,
    day_text,
    row_of,
    usage,
)

__all__ = [
    "CONSENTS",
    "GROUPS",
    "OK",
    "TURN",
    "UNKNOWN",
    "Decision",
    "Entry",
    "Intent",
    "LedgerRecord",
    "Settle",
    "Slice",
    "UsageKey",
    "UsageRow",
    "charged",
    "check_groups",
    "day_number",
    "day_text",
    "decision",
    "intent",
    "row_of",
    "settle",
    "usage",
]
