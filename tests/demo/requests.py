"""One good request for every operation, over the planted rows."""

from dataclasses import dataclass, field
from typing import Any

from tests.demo.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """What to send to one operation and which status it has then."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200


LINE = {"description": "Consulting", "quantity": 2, "unit_price": 725.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Path parameters of rows that suit the requests."""

    account: dict[str, Any]
    newcomer: dict[str, Any]
    customer: dict[str, Any]
    contact: dict[str, Any]
    ticket: dict[str, Any]
    draft: dict[str, Any]
    late: dict[str, Any]
    settled: dict[str, Any]
    subscription: dict[str, Any]
    agent: int
    sku: str
    tag: str


async def planted(desk: Desk) -> Planted:
    """Find rows that the requests can be sent to."""
    customers = await desk.items("listCustomers", sort="-created_at")
    customer = {"customer_id": customers[-1]["id"]}
    tickets = await desk.items("listTickets")
    ticket = next(each for each in tickets if each["assignee_id"] and each["comment_count"])
    late = next(each for each in await desk.items("listInvoices", status="late") if not each["amount_paid"])
    return Planted(
        account={"account_id": desk.account},
        newcomer={"customer_id": customers[0]["id"]},
        customer=customer,
        contact={"contact_id": (await desk.items("listCustomerContacts", customer))[0]["id"]},
        ticket={"ticket_id": ticket["id"]},
        draft={"invoice_number": (await desk.first("listInvoices", status="draft"))["number"]},
        late={"invoice_number": late["number"]},
        settled={"invoice_number": (await desk.first("listInvoices", status="settled"))["number"]},
        subscription={"subscription_id": (await desk.first("listSubscriptions", status="active"))["id"]},
        agent=(await desk.first("listAgents", available="true"))["id"],
        sku=(await desk.first("listProducts", active="true", category="service"))["sku"],
        tag=ticket["tags"][0],
    )


async def good_requests(desk: Desk) -> dict[str, Good]:
    """Good requests by operation id; each is good as long as none of the others was sent."""
    at = await planted(desk)
    return {
        **_account(at),
        **_customers(at),
        **_tickets(at),
        **_agents(at),
        **_invoices(at),
        **_products(at),
    }


def _account(at: Planted) -> dict[str, Good]:
    return {
        "whoAmI": Good(),
        "getAccount": Good(path=at.account),
        "reportRevenueByMonth": Good(path=at.account, query={"date_from": "2026-01-01", "date_to": "2026-06-30"}),
        "reportTicketsByStatus": Good(path=at.account, query={"date_from": "2026-10-01"}),
        "reportOverdue": Good(path=at.account),
    }


def _customers(at: Planted) -> dict[str, Good]:
    return {
        "listCustomers": Good(query={"q": "a", "sort": "-balance_due"}),
        "createCustomer": Good(
            body={"name": "Weir & Sons", "email": "office@weir.example", "country": "IE", "credit_limit": 1500.25},
            status=201,
        ),
        "getCustomer": Good(path=at.customer),
        "updateCustomer": Good(path=at.customer, body={"status": "dormant", "notes": None}),
        "deleteCustomer": Good(path=at.newcomer, status=204),
        "listCustomerContacts": Good(path=at.customer),
        "createContact": Good(
            path=at.customer,
            body={"full_name": "Ada Byrne", "email": "ada@weir.example", "is_primary": True},
            status=201,
        ),
        "getContact": Good(path=at.contact),
        "updateContact": Good(path=at.contact, body={"phone": "+353 21 555 0101"}),
        "deleteContact": Good(path=at.contact, status=204),
    }


def _tickets(at: Planted) -> dict[str, Good]:
    return {
        "listTickets": Good(query={"status": "new,working", "order_by": "priority"}),
        "createTicket": Good(
            body={
                "subject_line": "Printer on fire",
                "client_ref": at.customer["customer_id"],
                "priority": "urgent",
                "assignee_id": at.agent,
                "tags": ["hardware", "vip"],
            },
            status=201,
        ),
        "searchTickets": Good(body={"statuses": ["new", "working"], "text": "a", "per_page": 5}),
        "getTicket": Good(path=at.ticket),
        "tkt_upd": Good(path=at.ticket, body={"status": "on_hold", "due_on": "2026-12-01"}),
        "deleteTicket": Good(path=at.ticket, status=204),
        "listTicketComments": Good(path=at.ticket),
        "addTicketComment": Good(path=at.ticket, body={"body": "On my way.", "author_id": at.agent}, status=201),
        "setTicketAssignee": Good(path=at.ticket, body={"agent_id": at.agent}),
        "clearTicketAssignee": Good(path=at.ticket, status=204),
        "addTicketTag": Good(path=at.ticket, body={"name": "waiting for parts"}),
        "removeTicketTag": Good(path={**at.ticket, "tag_name": at.tag}, status=204),
    }


def _agents(at: Planted) -> dict[str, Good]:
    return {
        "listTags": Good(query={"sort": "-ticket_count"}),
        "listAgents": Good(query={"team": "technical"}),
        "getAgent": Good(path={"agent_id": at.agent}),
    }


def _invoices(at: Planted) -> dict[str, Good]:
    return {
        "listInvoices": Good(query={"status": "late", "sort": "-balance_due"}),
        "createInvoice": Good(
            body={
                "customer_id": at.customer["customer_id"],
                "lines": [LINE, {**LINE, "product_sku": at.sku}],
                "note": "Thanks",
            },
            status=201,
        ),
        "getInvoice": Good(path=at.late),
        "inv_upd": Good(path=at.late, body={"due_on": "2026-12-24"}),
        "deleteInvoice": Good(path=at.draft, status=204),
        "sendInvoice": Good(path=at.draft, body={"email_to": "till@weir.example"}),
        "voidInvoice": Good(path=at.late),
        "addInvoiceLine": Good(path=at.draft, body=LINE, status=201),
        "listInvoicePayments": Good(path=at.settled),
        "createPayment": Good(path=at.late, body={"amount": 1.5, "method": "card", "reference": "RF1"}, status=201),
    }


def _products(at: Planted) -> dict[str, Good]:
    return {
        "listProducts": Good(query={"category": "service"}),
        "getProduct": Good(path={"sku": at.sku}),
        "replaceProduct": Good(
            path={"sku": at.sku},
            body={
                "name": "Workshop",
                "category": "service",
                "unit_price": 990,
                "billing_cycle": "one_off",
                "active": False,
            },
        ),
        "listSubscriptions": Good(query={"status": "active"}),
        "createSubscription": Good(
            body={"customer": at.customer["customer_id"], "product_sku": at.sku, "quantity": 3}, status=201
        ),
        "getSubscription": Good(path=at.subscription),
        "cancelSubscription": Good(path=at.subscription, body={"reason": "Budget cut"}),
    }
