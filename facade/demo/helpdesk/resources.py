"""Kinds of rows: where each is read, by which key, and how its columns are shown."""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from facade.demo.helpdesk.errors import invalid, missing
from facade.demo.helpdesk.forms import Json
from facade.demo.helpdesk.records import Ask
from facade.demo.helpdesk.store import SqlValue

Shown: TypeAlias = dict[str, Json]

NUMBER = re.compile(r"[1-9][0-9]{0,9}")
MONEY = frozenset({
    "amount", "amount_paid", "balance_due", "credit_limit", "line_total", "price_per_cycle",
    "total", "unit_price",
})  # fmt: skip
FLAGS = frozenset({"active", "available", "internal", "is_primary"})
LISTS = frozenset({"tags"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of row: its noun for messages, its view, and the column its ids are in."""

    noun: str
    view: str
    key: str = "id"
    numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A row of this account: its number inside, and its shown form."""

    row: int
    shown: Shown


ACCOUNT_WORDS = ("id", "name", "plan", "currency", "support_email", "created_on")
CUSTOMER = Resource(noun="customer", view="customer_v")
CONTACT = Resource(noun="contact", view="contact_v", numbered=True)
AGENT = Resource(noun="agent", view="agent_v", numbered=True)
TICKET = Resource(noun="ticket", view="ticket_v", numbered=True)
COMMENT = Resource(noun="comment", view="comment_v", numbered=True)
TAG = Resource(noun="tag", view="tag_v", key="name")
PRODUCT = Resource(noun="product", view="product_v", key="sku")
SUBSCRIPTION = Resource(noun="subscription", view="subscription_v", numbered=True)
INVOICE = Resource(noun="invoice", view="invoice_v", key="number")
LINE = Resource(noun="line", view="line_v", numbered=True)
PAYMENT = Resource(noun="payment", view="payment_v", numbered=True)


def money(cents: int) -> float:
    """Show whole cents as an amount."""
    return round(cents / 100, 2)


def show(row: sqlite3.Row) -> Shown:
    """Show a view's row to a client: no inner columns, amounts and lists as JSON has them."""
    return {name: _shown(name, row[name]) for name in row.keys() if name[0] != "_"}  # noqa: SIM118 - a Row iterates over values


def _shown(name: str, value: SqlValue) -> Json:
    if isinstance(value, int):
        if name in MONEY:
            return money(value)
        return bool(value) if name in FLAGS else value
    if isinstance(value, str) and name in LISTS:
        decoded: Json = json.loads(value)
        return decoded
    return value


def find(ask: Ask, resource: Resource, key: str) -> Found:
    """Read one row of the asking account.

    Raises:
        Refusal: 404, the same for an id of another account as for none at all.
    """
    found = _look(ask, resource, key)
    if found is None:
        raise missing(resource.noun, key)
    return found


def refer(ask: Ask, resource: Resource, field: str, key: str) -> int:
    """Read the row that a body's field points to.

    Raises:
        Refusal: 422 at that field when this account has no such row.
    """
    found = _look(ask, resource, key)
    if found is None:
        raise invalid(field, f"No {resource.noun} {key!r} in this account.", "unknown_reference")
    return found.row


def _look(ask: Ask, resource: Resource, key: str) -> Found | None:
    if resource.numbered and not NUMBER.fullmatch(key):
        return None
    value = int(key) if resource.numbered else key
    sql = f"SELECT * FROM {resource.view} WHERE _account = ? AND {resource.key} = ?"  # noqa: S608 - our own names
    row = ask.store.row(sql, (ask.account, value))
    return None if row is None else Found(row=row["_row"], shown=show(row))


def given(fields: Mapping[str, Json], *names: str) -> dict[str, SqlValue]:
    """Pick the scalar fields that were given, ready to be stored."""
    return {
        name: value
        for name in names
        if name in fields
        for value in (fields[name],)
        if value is None or isinstance(value, int | float | str)
    }
