"""Where allowances, approvals, conversations and the ledger live. May import what `adapters` may.

A port has one pure reference; a store agrees with it exactly and adds a module, a row in the table of schemes and a row
in `tests/stores/backends.py`, where one suite runs over all of them.

When a store is down: limits are in this process and cannot be; approvals and conversations refuse with
`LedgerUnavailable`, since a consent that cannot be kept or checked is none; the ledger is behind the journal, which
takes records until it is full and then lets admission refuse.
"""

from facade.adapters.stores.opening import Stores, open_stores

__all__ = ["Stores", "open_stores"]
