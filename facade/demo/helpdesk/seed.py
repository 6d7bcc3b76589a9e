"""Plant both accounts: believable rows, the same for the same seed and day.

Rows of both accounts are stored in the order of their dates, so the accounts' ids lie
between each other as they would after years of use, and no id belongs to both.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import TypeAlias

from facade.demo.helpdesk.seed_rows import planted_rows
from facade.demo.helpdesk.seeds import Ref, Seedling
from facade.demo.helpdesk.store import SqlValue, Store
from facade.demo.helpdesk.words import PROFILES, Profile

ANCHOR = date(2026, 11, 22)
KEY_CHARACTERS = 24
# Parents before children, as the references need it.
TABLES = (
    "agents", "customers", "contacts", "products", "tickets", "ticket_tags", "comments", "subscriptions",
    "invoices", "lines", "payments",
)  # fmt: skip

Rows: TypeAlias = dict[Ref, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A seedling and the account it belongs to."""

    account: str
    seedling: Seedling


def account_key(seed: int, account: str) -> str:
    """The key that an account has under a seed; for demonstrations, so no secret."""
    return "hd_live_" + hashlib.sha256(f"{seed}/{account}".encode()).hexdigest()[:KEY_CHARACTERS]


def plant(store: Store, *, seed: int, today: date = ANCHOR) -> None:
    """Create and fill an empty store; one that was filled before keeps its rows and takes the day."""
    with store.writing():
        if store.prepare():
            store.run("INSERT INTO desk (today) VALUES (?)", (today.isoformat(),))
            for profile in PROFILES:
                store.insert("accounts", _account(profile, seed))
            _store_all(store, seed, today)
    store.turn_to(today)


def _account(profile: Profile, seed: int) -> Mapping[str, SqlValue]:
    return {
        "id": profile.id,
        "name": profile.name,
        "key": account_key(seed, profile.id),
        "plan": profile.plan,
        "currency": profile.currency,
        "support_email": f"help@{profile.domain}",
        "created_on": "2023-02-01",
    }


def _store_all(store: Store, seed: int, today: date) -> None:
    grown = [
        Grown(account=profile.id, seedling=seedling)
        for profile in PROFILES
        for seedling in planted_rows(profile, Random(f"{seed}/{profile.id}"), today)  # noqa: S311 - no secret
    ]
    rows: dict[str, Rows] = {profile.id: {} for profile in PROFILES}
    for table in TABLES:
        _store_table(store, table, [one for one in grown if one.seedling.ref.table == table], rows)


def _store_table(store: Store, table: str, grown: Iterable[Grown], rows: Mapping[str, Rows]) -> None:
    for one in sorted(grown, key=lambda one: (one.seedling.order, one.account, one.seedling.ref.place)):
        known = rows[one.account]
        values = {
            name: known[value] if isinstance(value, Ref) else value for name, value in one.seedling.values.items()
        }
        owner = {} if table == "ticket_tags" else {"account": one.account}
        known[one.seedling.ref] = store.insert(table, {**owner, **values})
