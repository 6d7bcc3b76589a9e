"""Changes: what an operation does to the account's rows, and what it refuses."""

from typing import Any

import pytest

from tests.demo.desk import NOW, Desk

STAMP = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
TODAY = NOW.date().isoformat()


async def new_invoice(desk: Desk, *, price: float = 100.1, quantity: int = 3) -> dict[str, str]:
    customer = (await desk.first("listCustomers"))["id"]
    line = {"description": "Repair", "quantity": quantity, "unit_price": price}
    told = await desk.ask("createInvoice", body={"customer_id": customer, "lines": [line]})
    assert told.status == 201
    return {"invoice_number": told.body["number"]}


async def issued_invoice(desk: Desk) -> dict[str, str]:
    path = await new_invoice(desk)
    assert (await desk.ask("sendInvoice", path)).status == 200
    return path


async def test_a_created_customer_is_shown_as_it_was_given(bright: Desk) -> None:
    body = {"name": "Café Zoë", "email": "hi@zoe.example", "country": "FR", "credit_limit": 19.99, "city": None}
    created = (await bright.ask("createCustomer", body=body)).body
    shown = (await bright.ask("getCustomer", {"customer_id": created["id"]})).body
    assert shown == created
    assert shown == {
        "id": "C-1117",
        "status": "active",
        "phone": None,
        "industry": None,
        "notes": None,
        "created_at": STAMP,
        "updated_at": STAMP,
        "open_tickets": 0,
        "balance_due": 0,
        **body,
    }


async def test_a_customer_in_use_is_not_deleted(bright: Desk) -> None:
    path = {"customer_id": (await bright.first("listCustomers", sort="-open_tickets"))["id"]}
    told = await bright.ask("deleteCustomer", path)
    assert (told.status, told.body["error"]["code"]) == (409, "in_use")
    assert (await bright.ask("getCustomer", path)).status == 200


async def test_what_is_deleted_is_gone(bright: Desk) -> None:
    path = {"ticket_id": (await bright.first("listTickets"))["id"]}
    assert (await bright.ask("deleteTicket", path)).status == 204
    assert (await bright.ask("getTicket", path)).status == 404
    assert (await bright.ask("deleteTicket", path)).status == 404


async def test_the_number_of_a_deleted_ticket_is_not_given_again(bright: Desk) -> None:
    body = {"subject_line": "One", "client_ref": (await bright.first("listCustomers"))["id"]}
    first = (await bright.ask("createTicket", body=body)).body["id"]
    await bright.ask("deleteTicket", {"ticket_id": first})
    assert (await bright.ask("createTicket", body=body)).body["id"] == first + 1


async def test_a_change_touches_only_what_is_given(bright: Desk) -> None:
    before = await bright.first("listTickets", status="working")
    path = {"ticket_id": before["id"]}
    after = (await bright.ask("tkt_upd", path, body={"priority": "low", "due_on": None})).body
    assert after == {**before, "priority": "low", "due_on": None, "updated_at": STAMP}


async def test_done_closes_a_ticket_and_another_status_opens_it(bright: Desk) -> None:
    path = {"ticket_id": (await bright.first("listTickets", status="working"))["id"]}
    done = (await bright.ask("tkt_upd", path, body={"status": "done"})).body
    assert (done["status"], done["closed_at"]) == ("done", STAMP)
    again = (await bright.ask("tkt_upd", path, body={"status": "working"})).body
    assert (again["status"], again["closed_at"]) == ("working", None)


async def test_assigning_twice_is_assigning_once(bright: Desk) -> None:
    path = {"ticket_id": (await bright.first("listTickets", unassigned="true"))["id"]}
    first = (await bright.ask("setTicketAssignee", path, body={"agent_id": 11})).body
    second = (await bright.ask("setTicketAssignee", path, body={"agent_id": 11})).body
    assert second == first
    assert (first["assignee_id"], first["assignee_name"]) == (11, "Maya Lindgren")
    assert (await bright.ask("clearTicketAssignee", path)).status == 204
    assert (await bright.ask("getTicket", path)).body["assignee_name"] is None


async def test_a_tag_is_put_on_and_taken_off(bright: Desk) -> None:
    path = {"ticket_id": (await bright.first("listTickets"))["id"]}
    before = (await bright.ask("getTicket", path)).body["tags"]
    for _ in range(2):
        tagged = (await bright.ask("addTicketTag", path, body={"name": "zz top/50 %"})).body
        assert tagged["tags"] == [*before, "zz top/50 %"]
    assert (await bright.ask("removeTicketTag", {**path, "tag_name": "zz%20top%2F50%20%25"})).status == 204
    assert (await bright.ask("removeTicketTag", {**path, "tag_name": "zz"})).status == 404
    assert (await bright.ask("getTicket", path)).body["tags"] == before


async def test_comments_are_written_by_an_agent_or_in_the_accounts_name(bright: Desk) -> None:
    path = {"ticket_id": (await bright.first("listTickets"))["id"]}
    named = (await bright.ask("addTicketComment", path, body={"body": "A", "author_id": 11, "internal": True})).body
    plain = (await bright.ask("addTicketComment", path, body={"body": "B"})).body
    assert (named["author"], named["internal"]) == ("Maya Lindgren", True)
    assert (plain["author"], plain["internal"]) == ("Brightwater Software", False)
    assert (await bright.ask("listTicketComments", path)).body["items"][-2:] == [named, plain]


async def test_sending_issues_a_draft_and_then_reminds(bright: Desk) -> None:
    path = await new_invoice(bright)
    issued = (await bright.ask("sendInvoice", path)).body
    assert (issued["status"], issued["issued_on"], issued["reminder_count"]) == ("issued", TODAY, 0)
    customer = (await bright.ask("getCustomer", {"customer_id": issued["customer_id"]})).body
    assert issued["last_sent_to"] == customer["email"]
    reminded = (await bright.ask("sendInvoice", path, body={"email_to": "cfo@weir.example"})).body
    assert reminded == {**issued, "reminder_count": 1, "last_sent_to": "cfo@weir.example"}


async def test_an_invoice_is_late_the_day_after_it_was_due(bright: Desk) -> None:
    path = await issued_invoice(bright)
    due_today = (await bright.ask("inv_upd", path, body={"due_on": TODAY})).body
    assert due_today["status"] == "issued"
    due_yesterday = (await bright.ask("inv_upd", path, body={"due_on": "2026-11-21"})).body
    assert due_yesterday["status"] == "late"


async def test_payments_settle_an_invoice_to_the_cent(bright: Desk) -> None:
    path = await issued_invoice(bright)
    assert (await bright.ask("createPayment", path, body={"amount": 300.29, "method": "card"})).status == 201
    open_ = (await bright.ask("getInvoice", path)).body
    assert (open_["total"], open_["amount_paid"], open_["balance_due"]) == (300.3, 300.29, 0.01)
    told = await bright.ask("createPayment", path, body={"amount": 0.02, "method": "card"})
    assert (told.status, told.body["error"]["code"], told.body["error"]["field"]) == (422, "too_much", "amount")
    await bright.ask("createPayment", path, body={"amount": 0.01, "method": "card", "received_on": "2026-11-20"})
    settled = (await bright.ask("getInvoice", path)).body
    assert (settled["status"], settled["balance_due"], settled["settled_on"]) == ("settled", 0, "2026-11-20")
    assert len(await bright.items("listInvoicePayments", path)) == 2


async def test_a_repeated_key_repeats_the_answer_and_pays_once(bright: Desk, harbor: Desk) -> None:
    path = await issued_invoice(bright)
    key = {"Idempotency-Key": "k-1"}
    body = {"amount": 10, "method": "cheque"}
    first = await bright.ask("createPayment", path, body=body, headers=key)
    second = await bright.ask("createPayment", path, body=body, headers=key)
    assert (second.status, second.body) == (first.status, first.body)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(await bright.items("listInvoicePayments", path)) == 1
    other = await bright.ask("createPayment", path, body={**body, "amount": 11}, headers=key)
    assert (other.status, other.body["error"]["code"]) == (409, "key_reused")
    theirs = await harbor.ask("createPayment", await issued_invoice(harbor), body=body, headers=key)
    assert "Idempotent-Replayed" not in theirs.headers


async def test_a_refused_payment_may_be_tried_again_under_its_key(bright: Desk) -> None:
    path = await new_invoice(bright)
    key = {"Idempotency-Key": "k-2"}
    body = {"amount": 10, "method": "cheque"}
    assert (await bright.ask("createPayment", path, body=body, headers=key)).status == 409
    await bright.ask("sendInvoice", path)
    assert (await bright.ask("createPayment", path, body=body, headers=key)).status == 201


REFUSED: tuple[tuple[str, str, Any], ...] = (
    ("settled", "sendInvoice", None),
    ("settled", "voidInvoice", None),
    ("settled", "inv_upd", {"note": "x"}),
    ("settled", "createPayment", {"amount": 1, "method": "card"}),
    ("void", "sendInvoice", None),
    ("issued", "deleteInvoice", None),
    ("issued", "addInvoiceLine", {"description": "x", "quantity": 1, "unit_price": 1}),
    ("draft", "voidInvoice", None),
    ("draft", "createPayment", {"amount": 1, "method": "card"}),
)


@pytest.mark.parametrize(("status", "operation_id", "body"), REFUSED)
async def test_an_invoice_refuses_what_its_status_does_not_allow(
    bright: Desk, status: str, operation_id: str, body: Any
) -> None:
    before = await bright.first("listInvoices", status=status)
    path = {"invoice_number": before["number"]}
    assert (await bright.ask(operation_id, path, body=body)).status == 409
    assert await bright.first("listInvoices", status=status) == before


async def test_a_failed_write_leaves_nothing_behind(bright: Desk) -> None:
    before = await bright.items("listInvoices")
    line = {"description": "x", "quantity": 1, "unit_price": 1}
    body = {"customer_id": "C-1002", "lines": [line, {**line, "product_sku": "HP-CRATE"}]}
    told = await bright.ask("createInvoice", body=body)
    assert (told.status, told.body["error"]["field"]) == (422, "lines.1.product_sku")
    assert await bright.items("listInvoices") == before


async def test_a_replaced_product_loses_what_is_left_out(bright: Desk) -> None:
    whole = {"name": "Team", "category": "plan", "unit_price": 91, "billing_cycle": "monthly", "active": True}
    told = await bright.ask("replaceProduct", {"sku": "BW-TEAM"}, body=whole)
    assert told.body == {"sku": "BW-TEAM", "description": None, **whole}


@pytest.mark.parametrize(
    ("started", "renews"),
    [
        ("2026-11-22", "2026-12-22"),
        ("2026-10-31", "2026-11-30"),
        ("2026-01-22", "2026-12-22"),
        ("2027-01-31", "2027-02-28"),
    ],
)
async def test_a_monthly_subscription_renews_on_its_day_of_the_month(bright: Desk, started: str, renews: str) -> None:
    body = {"customer": "C-1002", "product_sku": "BW-TEAM", "started_on": started}
    told = await bright.ask("createSubscription", body=body)
    assert (told.status, told.body["renews_on"], told.body["quantity"]) == (201, renews, 1)


async def test_a_subscription_ends_once(bright: Desk) -> None:
    path = {"subscription_id": (await bright.first("listSubscriptions", status="active"))["id"]}
    ended = (await bright.ask("cancelSubscription", path)).body
    assert (ended["status"], ended["cancelled_on"], ended["renews_on"]) == ("cancelled", TODAY, None)
    assert (await bright.ask("cancelSubscription", path)).status == 409


async def test_what_is_no_longer_sold_cannot_be_subscribed_to(bright: Desk) -> None:
    told = await bright.ask("createSubscription", body={"customer": "C-1002", "product_sku": "BW-LEGACY"})
    assert (told.status, told.body["error"]["code"]) == (409, "not_sold")
