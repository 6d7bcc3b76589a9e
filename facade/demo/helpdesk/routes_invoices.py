"""Invoices with their lines and payments."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta

from facade.demo.helpdesk import forms
from facade.demo.helpdesk.errors import conflict, invalid
from facade.demo.helpdesk.forms import Field, Form, Json
from facade.demo.helpdesk.listing import (
    Filter,
    Order,
    cents_of,
    day_of,
    listed,
    select_page,
    span_of,
    text_of,
    with_meta,
    words_of,
)
from facade.demo.helpdesk.records import Answer, Ask, Route, reading
from facade.demo.helpdesk.resources import (
    CUSTOMER,
    INVOICE,
    LINE,
    PAYMENT,
    PRODUCT,
    Found,
    find,
    given,
    money,
    refer,
    show,
)
from facade.demo.helpdesk.store import SqlValue
from facade.demo.helpdesk.vocabulary import CURRENCY, INVOICE_STATUS, PAYMENT_METHOD

DAYS_TO_PAY = 30
LONGEST_KEY = 128
LINE_FORM = Form(
    fields={
        "description": Field(read=forms.text(200), required=True),
        "quantity": Field(read=forms.whole(1, 10_000), required=True),
        "unit_price": Field(read=forms.amount(), required=True),
        "product_sku": Field(read=forms.text(40), nullable=True),
    }
)
NEW_INVOICE = Form(
    fields={
        "customer_id": Field(read=forms.text(20), required=True),
        "lines": Field(read=forms.several(forms.nested(LINE_FORM), 100, 1), required=True),
        "due_on": Field(read=forms.day),
        "currency": Field(read=forms.choice(CURRENCY)),
        "note": Field(read=forms.text(2000), nullable=True),
    }
)
CHANGED_INVOICE = Form(
    fields={
        "due_on": Field(read=forms.day),
        "note": Field(read=forms.text(2000), nullable=True),
    },
    least=1,
)
SENDING = Form(
    fields={
        "email_to": Field(read=forms.email),
    }
)
NEW_PAYMENT = Form(
    fields={
        "amount": Field(read=forms.amount("0.01"), required=True),
        "method": Field(read=forms.choice(PAYMENT_METHOD), required=True),
        "received_on": Field(read=forms.day),
        "reference": Field(read=forms.text(80), nullable=True),
    }
)
INVOICE_FILTERS = (
    Filter(name="status", condition="status = ?", read=words_of(INVOICE_STATUS)),
    Filter(name="customer_id", condition="customer_id = ?", read=text_of),
    Filter(name="issued_from", condition="issued_on >= ?", read=day_of),
    Filter(name="issued_to", condition="issued_on <= ?", read=day_of),
    Filter(name="due_before", condition="due_on < ?", read=day_of),
    Filter(name="due_after", condition="due_on > ?", read=day_of),
    Filter(name="min_total", condition="total >= ?", read=cents_of),
    Filter(name="max_total", condition="total <= ?", read=cents_of),
    Filter(
        name="q",
        condition="instr(lower(number || ' ' || customer_name), lower(?)) > 0",
        read=text_of,
    ),
)
INVOICE_ORDER = Order(
    name="sort",
    words={
        "number": "_row",
        "issued_on": "issued_on",
        "due_on": "due_on",
        "total": "total",
        "balance_due": "balance_due",
    },
)


def _invoice(ask: Ask) -> Found:
    return find(ask, INVOICE, ask.path["invoice_number"])


def _in_full(ask: Ask, number: str) -> Json:
    """An invoice with its lines, as every single-invoice answer shows it."""
    found = find(ask, INVOICE, number)
    rows = ask.store.rows(
        "SELECT * FROM line_v WHERE _account = ? AND _invoice = ? ORDER BY _row",
        (ask.account, found.row),
    )
    return found.shown | {"lines": [show(row) for row in rows]}


def list_invoices(ask: Ask) -> Answer:
    """List invoices, without their lines."""
    return listed(ask, INVOICE, INVOICE_FILTERS, INVOICE_ORDER)


def create_invoice(ask: Ask) -> Answer:
    """Write a draft; due in thirty days unless said otherwise."""
    due = ask.today + timedelta(days=DAYS_TO_PAY)
    row = ask.store.insert(
        "invoices",
        {
            "account": ask.account,
            "customer": refer(ask, CUSTOMER, "customer_id", str(ask.fields["customer_id"])),
            "state": "draft",
            "currency": _currency(ask),
            "due_on": due.isoformat(),
            **given(ask.fields, "currency", "due_on", "note"),
            "created_at": ask.stamp,
        },
    )
    lines = ask.fields["lines"]
    for place, line in enumerate(lines if isinstance(lines, list) else ()):
        _add_line(ask, row, line, f"lines.{place}.")
    return Answer(status=201, body=_in_full(ask, f"INV-{row - 50000}"))


def _currency(ask: Ask) -> str:
    row = ask.store.row("SELECT currency FROM accounts WHERE id = ?", (ask.account,))
    return str(row["currency"]) if row else CURRENCY[0]


def _add_line(ask: Ask, invoice: int, line: Mapping[str, Json], at: str = "") -> int:
    sku = line.get("product_sku")
    if sku is not None:
        refer(ask, PRODUCT, f"{at}product_sku", str(sku))
    return ask.store.insert(
        "lines",
        {
            "account": ask.account,
            "invoice": invoice,
            "sku": None if sku is None else str(sku),
            **given(line, "description", "quantity", "unit_price"),
        },
    )


def get_invoice(ask: Ask) -> Answer:
    """Show one invoice with its lines."""
    return Answer(body=_in_full(ask, ask.path["invoice_number"]))


def update_invoice(ask: Ask) -> Answer:
    """Change the due day or the note of an invoice that is not yet closed."""
    found = _invoice(ask)
    if found.shown["status"] in {"settled", "void"}:
        raise conflict("closed", "A settled or void invoice cannot change.")
    ask.store.update("invoices", found.row, given(ask.fields, "due_on", "note"))
    return get_invoice(ask)


def delete_invoice(ask: Ask) -> Answer:
    """Remove a draft."""
    ask.store.delete("invoices", _draft(ask).row)
    return Answer(status=204)


def _draft(ask: Ask) -> Found:
    found = _invoice(ask)
    if found.shown["status"] != "draft":
        raise conflict("not_draft", "Only a draft can be deleted or get new lines.")
    return found


def send_invoice(ask: Ask) -> Answer:
    """Send an invoice: a draft becomes issued; an open one goes out again as a reminder."""
    found = _invoice(ask)
    status = found.shown["status"]
    customer = find(ask, CUSTOMER, str(found.shown["customer_id"])).shown
    sent_to = str(ask.fields.get("email_to", customer["email"]))
    changes: dict[str, SqlValue] = {"last_sent_at": ask.stamp, "last_sent_to": sent_to}
    if status == "draft":
        changes |= {"state": "issued", "issued_on": ask.today.isoformat()}
    elif status in {"issued", "late"}:
        changes["reminders"] = int(str(found.shown["reminder_count"])) + 1
    else:
        raise conflict("closed", "A settled or void invoice cannot be sent.")
    ask.store.update("invoices", found.row, changes)
    return get_invoice(ask)


def void_invoice(ask: Ask) -> Answer:
    """Make an issued invoice void; one with payments cannot be."""
    found = _invoice(ask)
    if found.shown["status"] not in {"issued", "late"} or found.shown["amount_paid"]:
        raise conflict("not_voidable", "Only an issued invoice without payments can be made void.")
    ask.store.update("invoices", found.row, {"state": "void"})
    return get_invoice(ask)


def add_line(ask: Ask) -> Answer:
    """Add a line to a draft."""
    row = _add_line(ask, _draft(ask).row, ask.fields)
    return Answer(status=201, body=find(ask, LINE, str(row)).shown)


def list_payments(ask: Ask) -> Answer:
    """List the payments of one invoice."""
    conditions = [("invoice_id = ?", _invoice(ask).row)]
    return Answer(body=with_meta(select_page(ask, PAYMENT, conditions, span_of(ask, None))))


def create_payment(ask: Ask) -> Answer:
    """Record a payment, once for each idempotency key."""
    if ask.idempotency_key is None:
        return _pay(ask)
    forms.text(LONGEST_KEY)("Idempotency-Key", ask.idempotency_key)
    digest = hashlib.sha256(json.dumps([ask.path["invoice_number"], ask.fields], sort_keys=True).encode()).hexdigest()
    known = ask.store.row("SELECT * FROM answered WHERE account = ? AND key = ?", (ask.account, ask.idempotency_key))
    if known is None:
        return _remember(ask, digest, _pay(ask))
    if known["digest"] != digest:
        raise conflict("key_reused", "This Idempotency-Key came with another request before.")
    return Answer(
        status=known["status"],
        body=json.loads(known["body"]),
        headers={"Idempotent-Replayed": "true"},
    )


def _remember(ask: Ask, digest: str, answer: Answer) -> Answer:
    ask.store.insert(
        "answered",
        {
            "account": ask.account,
            "key": ask.idempotency_key,
            "digest": digest,
            "status": answer.status,
            "body": json.dumps(answer.body),
        },
    )
    return answer


def _pay(ask: Ask) -> Answer:
    found = _invoice(ask)
    if found.shown["status"] not in {"issued", "late"}:
        raise conflict("not_open", "Only an issued invoice takes payments.")
    cents = int(str(ask.fields["amount"]))
    due = round(float(str(found.shown["balance_due"])) * 100)
    if cents > due:
        raise invalid("amount", f"More than the balance due, {money(due):.2f}.", "too_much")
    received = {"received_on": ask.today.isoformat()} | given(ask.fields, "received_on")
    row = ask.store.insert(
        "payments",
        {
            "account": ask.account,
            "invoice": found.row,
            "amount": cents,
            **given(ask.fields, "method", "reference"),
            **received,
            "created_at": ask.stamp,
        },
    )
    if cents == due:
        changes = {"state": "settled", "settled_on": received["received_on"]}
        ask.store.update("invoices", found.row, changes)
    return Answer(status=201, body=find(ask, PAYMENT, str(row)).shown)


ROUTES = (
    reading("/invoices", list_invoices),
    Route(method="POST", path="/invoices", handler=create_invoice, form=NEW_INVOICE),
    reading("/invoices/{invoice_number}", get_invoice),
    Route(
        method="PATCH",
        path="/invoices/{invoice_number}",
        handler=update_invoice,
        form=CHANGED_INVOICE,
    ),
    Route(method="DELETE", path="/invoices/{invoice_number}", handler=delete_invoice),
    Route(
        method="POST",
        path="/invoices/{invoice_number}/send",
        handler=send_invoice,
        form=SENDING,
    ),
    Route(method="POST", path="/invoices/{invoice_number}/void", handler=void_invoice),
    Route(method="POST", path="/invoices/{invoice_number}/lines", handler=add_line, form=LINE_FORM),
    reading("/invoices/{invoice_number}/payments", list_payments),
    Route(
        method="POST",
        path="/invoices/{invoice_number}/payments",
        handler=create_payment,
        form=NEW_PAYMENT,
    ),
)
