"""Seeding: the same rows for the same seed and day, and rows that hold together."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from facade.demo.helpdesk import Store, plant
from facade.demo.helpdesk.seed import ANCHOR, TABLES
from facade.demo.helpdesk.seed_rows import mail_name
from tests.requirements import requirement

Rows = dict[str, list[tuple[object, ...]]]


def rows_of(seed: int, today: date = ANCHOR) -> Rows:
    with closing(Store(":memory:")) as store:
        plant(store, seed=seed, today=today)
        return all_rows(store)


def all_rows(store: Store) -> Rows:
    return {
        table: [tuple(row) for row in store.rows(f"SELECT * FROM {table}")]  # noqa: S608 - the schema's own names
        for table in ("accounts", *TABLES)
    }


@pytest.fixture(scope="module")
def planted_store() -> Iterator[Store]:
    with closing(Store(":memory:")) as store:
        plant(store, seed=1)
        yield store


@requirement("demo:seed:same")
def test_the_same_seed_and_day_give_the_same_rows() -> None:
    assert rows_of(1) == rows_of(1)


@requirement("demo:seed:same")
def test_another_seed_gives_other_rows_and_keys() -> None:
    ours, theirs = rows_of(1), rows_of(2)
    for table in ("accounts", "customers", "tickets", "invoices"):
        assert set(ours[table]).isdisjoint(theirs[table])


def test_a_planted_file_keeps_its_rows_and_takes_the_day(tmp_path: Path) -> None:
    path = str(tmp_path / "desk.sqlite")
    with closing(Store(path)) as store:
        plant(store, seed=1)
        store.run("DELETE FROM payments")
        before = all_rows(store)
    with closing(Store(path)) as store:
        plant(store, seed=2, today=date(2027, 1, 1))
        assert all_rows(store) == before
        assert [tuple(row) for row in store.rows("SELECT today FROM desk")] == [("2027-01-01",)]


def test_a_failed_planting_leaves_the_file_empty(tmp_path: Path) -> None:
    path = str(tmp_path / "desk.sqlite")
    with closing(Store(path)) as store, pytest.raises(OverflowError):
        plant(store, seed=1, today=date(1, 1, 2))
    with closing(Store(path)) as store:
        assert store.prepare()


# What no row may be, one query each.
@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT 1 FROM tickets t JOIN customers c ON c.row = t.customer WHERE c.account <> t.account",
        "SELECT 1 FROM tickets t JOIN agents a ON a.row = t.assignee WHERE a.account <> t.account",
        "SELECT 1 FROM invoices i JOIN customers c ON c.row = i.customer WHERE c.account <> i.account",
        "SELECT 1 FROM lines l JOIN invoices i ON i.row = l.invoice WHERE i.account <> l.account",
        "SELECT 1 FROM payments p JOIN invoices i ON i.row = p.invoice WHERE i.account <> p.account",
        "SELECT 1 FROM subscriptions s JOIN products p ON p.row = s.product WHERE p.account <> s.account",
        "SELECT 1 FROM tickets t JOIN customers c ON c.row = t.customer WHERE t.opened_at < c.created_at",
        "SELECT 1 FROM tickets WHERE updated_at < opened_at OR updated_at > '2026-11-22T09:00:00Z'",
        "SELECT 1 FROM tickets WHERE (status = 'done') <> (closed_at IS NOT NULL)",
        "SELECT 1 FROM comments c JOIN tickets t ON t.row = c.ticket WHERE c.created_at < t.opened_at",
        "SELECT 1 FROM invoice_v WHERE amount_paid > total OR total = 0",
        "SELECT 1 FROM invoice_v WHERE (status = 'settled') <> (amount_paid = total)",
        "SELECT 1 FROM invoice_v WHERE (status = 'draft') <> (issued_on IS NULL)",
        "SELECT 1 FROM payments WHERE received_on > '2026-11-22'",
        "SELECT 1 FROM subscriptions WHERE (status = 'cancelled') <> (renews_on IS NULL)",
    ],
)
def test_planted_rows_hold_together(planted_store: Store, wrong: str) -> None:
    assert planted_store.rows(wrong) == []


def test_every_status_occurs_in_both_accounts(planted_store: Store) -> None:
    counts = {
        view: [tuple(row) for row in planted_store.rows(f"SELECT DISTINCT _account, status FROM {view}")]  # noqa: S608 - the schema's own names
        for view in ("customer_v", "ticket_v", "invoice_v", "subscription_v")
    }
    assert {view: len(found) for view, found in counts.items()} == {
        "customer_v": 8,
        "ticket_v": 8,
        "invoice_v": 10,
        "subscription_v": 6,
    }


def test_names_become_plain_addresses() -> None:
    assert mail_name("Zoë O'Núñez") == "zoe.o.nunez"
