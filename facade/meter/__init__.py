"""Finished and refused spends -> ledger records (D8). Pure; may import `kernel` only."""

from facade.meter.records import Decision, Intent, LedgerRecord, Settle, UsageKey, UsageRow
from facade.meter.rules import decision, intent, settle

__all__ = ["Decision", "Intent", "LedgerRecord", "Settle", "UsageKey", "UsageRow", "decision", "intent", "settle"]
