"""Where allowances, approvals, conversations and the ledger live."""
