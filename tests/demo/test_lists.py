"""Lists: every filter narrows, every order orders, pages cut without overlap."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.demo.desk import OPERATIONS, Desk

Holds = Callable[[dict[str, Any]], bool]
OPEN = {"new", "working", "on_hold"}
# Operation, query, and what is then true of exactly the entries of the unfiltered list that come back.
FILTERS: tuple[tuple[str, dict[str, str], Holds], ...] = (
    ("listCustomers", {"q": "OAKRIDGE"}, lambda row: "Oakridge" in row["name"]),
    ("listCustomers", {"status": "trial"}, lambda row: row["status"] == "trial"),
    ("listCustomers", {"country": "DE"}, lambda row: row["country"] == "DE"),
    ("listCustomers", {"industry": "legal"}, lambda row: row["industry"] == "Legal"),
    ("listCustomers", {"created_from": "2025-01-01"}, lambda row: row["created_at"] >= "2025-01-01"),
    ("listCustomers", {"created_to": "2024-12-31"}, lambda row: row["created_at"] < "2025-01-01"),
    ("listTickets", {"status": "new,working"}, lambda row: row["status"] in {"new", "working"}),
    ("listTickets", {"priority": "urgent"}, lambda row: row["priority"] == "urgent"),
    ("listTickets", {"assignee": "11"}, lambda row: row["assignee_id"] == 11),
    ("listTickets", {"unassigned": "true"}, lambda row: row["assignee_id"] is None),
    ("listTickets", {"unassigned": "false"}, lambda row: row["assignee_id"] is not None),
    ("listTickets", {"channel": "phone"}, lambda row: row["channel"] == "phone"),
    ("listTickets", {"tag": "billing"}, lambda row: "billing" in row["tags"]),
    ("listTickets", {"q": "webhook"}, lambda row: "webhook" in row["subject_line"].lower()),
    ("listTickets", {"opened_from": "2026-10-01"}, lambda row: row["opened_at"] >= "2026-10-01"),
    ("listTickets", {"opened_to": "2026-09-30"}, lambda row: row["opened_at"] < "2026-10-01"),
    ("listTickets", {"due_before": "2026-09-01"}, lambda row: (row["due_on"] or "9") < "2026-09-01"),
    ("listTickets", {"customer": "C-1002"}, lambda row: row["client_ref"] == "C-1002"),
    ("listTags", {"q": "FOLLOW"}, lambda row: row["name"] == "follow-up"),
    ("listAgents", {"q": "maya"}, lambda row: row["name"] == "Maya Lindgren"),
    ("listAgents", {"team": "billing"}, lambda row: row["team"] == "billing"),
    ("listAgents", {"available": "true"}, lambda row: row["available"]),
    ("listInvoices", {"status": "late"}, lambda row: row["status"] == "late"),
    ("listInvoices", {"customer_id": "C-1002"}, lambda row: row["customer_id"] == "C-1002"),
    ("listInvoices", {"q": "academy"}, lambda row: "Academy" in row["customer_name"]),
    ("listInvoices", {"issued_from": "2026-06-01"}, lambda row: (row["issued_on"] or "0") >= "2026-06-01"),
    ("listInvoices", {"issued_to": "2026-05-31"}, lambda row: (row["issued_on"] or "9") < "2026-06-01"),
    ("listInvoices", {"due_before": "2026-06-01"}, lambda row: row["due_on"] < "2026-06-01"),
    ("listInvoices", {"due_after": "2026-06-01"}, lambda row: row["due_on"] > "2026-06-01"),
    ("listInvoices", {"min_total": "5000"}, lambda row: row["total"] >= 5000),
    ("listInvoices", {"max_total": "4999.99"}, lambda row: row["total"] < 5000),
    ("listProducts", {"q": "plan"}, lambda row: "plan" in row["name"].lower()),
    ("listProducts", {"category": "add_on"}, lambda row: row["category"] == "add_on"),
    ("listProducts", {"active": "false"}, lambda row: not row["active"]),
    ("listProducts", {"min_price": "89"}, lambda row: row["unit_price"] >= 89),
    ("listProducts", {"max_price": "89.00"}, lambda row: row["unit_price"] <= 89),
    ("listSubscriptions", {"customer": "C-1012"}, lambda row: row["customer"] == "C-1012"),
    ("listSubscriptions", {"product_sku": "BW-TEAM"}, lambda row: row["product_sku"] == "BW-TEAM"),
    ("listSubscriptions", {"status": "cancelled"}, lambda row: row["status"] == "cancelled"),
    ("listSubscriptions", {"renews_before": "2026-12-01"}, lambda row: (row["renews_on"] or "9") < "2026-12-01"),
)
ORDERS: tuple[tuple[str, dict[str, str], str, bool], ...] = (
    ("listCustomers", {"sort": "-balance_due"}, "balance_due", True),
    ("listCustomers", {"sort": "created_at"}, "created_at", False),
    ("listCustomers", {"sort": "-open_tickets"}, "open_tickets", True),
    ("listTickets", {}, "opened_at", True),
    ("listTickets", {"order_by": "updated_at", "direction": "asc"}, "updated_at", False),
    ("listInvoices", {"sort": "-total"}, "total", True),
    ("listInvoices", {"sort": "due_on"}, "due_on", False),
    ("listProducts", {"sort": "unit_price"}, "unit_price", False),
    ("listSubscriptions", {"sort": "-price_per_cycle"}, "price_per_cycle", True),
    ("listTags", {"sort": "-ticket_count"}, "ticket_count", True),
)
NOT_FILTERS = {"page", "per_page", "sort", "order_by", "direction", "date_from", "date_to"}
RANKS = {"low": 0, "normal": 1, "high": 2, "urgent": 3}
WRONG = (
    ("listTickets", {"status": "new,closed"}, "status"),
    ("listTickets", {"assignee": "0"}, "assignee"),
    ("listTickets", {"assignee": "me"}, "assignee"),
    ("listTickets", {"unassigned": "yes"}, "unassigned"),
    ("listTickets", {"opened_from": "2026-02-30"}, "opened_from"),
    ("listTickets", {"order_by": "id"}, "order_by"),
    ("listTickets", {"direction": "up"}, "direction"),
    ("listTickets", {"q": ""}, "q"),
    ("listInvoices", {"min_total": "lots"}, "min_total"),
    ("listInvoices", {"min_total": "-1"}, "min_total"),
    ("listInvoices", {"sort": "--total"}, "sort"),
    ("listInvoices", {"page": "0"}, "page"),
    ("listInvoices", {"per_page": "101"}, "per_page"),
    ("listInvoices", {"status": ["late", "issued"]}, "status"),
)


@pytest.mark.parametrize(("operation_id", "query", "holds"), FILTERS)
async def test_a_filter_gives_exactly_what_it_says(
    bright: Desk, operation_id: str, query: dict[str, str], holds: Holds
) -> None:
    every = await bright.items(operation_id)
    found = await bright.items(operation_id, **query)
    assert found == [row for row in every if holds(row)]
    assert 0 < len(found) < len(every)


def test_every_filter_of_the_document_is_tried() -> None:
    tried = {(operation_id, name) for operation_id, query, _ in FILTERS for name in query}
    described = {
        (operation.id, parameter["name"])
        for operation in OPERATIONS.values()
        for parameter in operation.parameters
        if parameter["in"] == "query" and parameter["name"] not in NOT_FILTERS
    }
    assert tried == described


async def test_filters_narrow_together(bright: Desk) -> None:
    query = {"status": "new,working,on_hold", "tag": "billing", "priority": ["high", "urgent"]}
    told = await bright.ask("listTickets", query=query)
    every = await bright.items("listTickets")
    expected = [
        row
        for row in every
        if row["status"] in OPEN and "billing" in row["tags"] and row["priority"] in {"high", "urgent"}
    ]
    assert told.body["items"] == expected
    assert expected


@pytest.mark.parametrize(("operation_id", "query", "name", "downwards"), ORDERS)
async def test_an_order_orders(
    bright: Desk, operation_id: str, query: dict[str, str], name: str, downwards: bool
) -> None:
    found = [row[name] for row in await bright.items(operation_id, **query)]
    assert found == sorted(found, reverse=downwards)
    assert len(set(found)) > 1


async def test_priorities_are_ordered_by_weight(bright: Desk) -> None:
    found = [RANKS[row["priority"]] for row in await bright.items("listTickets", order_by="priority")]
    assert found == sorted(found, reverse=True)


async def test_pages_are_the_whole_list_cut_in_parts(bright: Desk) -> None:
    every = await bright.items("listInvoices", sort="-total")
    parts = []
    for page in range(1, 8):
        told = await bright.ask("listInvoices", query={"sort": "-total", "page": str(page), "per_page": "30"})
        assert (told.body["total"], told.body["page"], told.body["per_page"]) == (len(every), page, 30)
        parts += told.body["items"]
    assert parts == every


async def test_the_other_envelope_counts_pages(bright: Desk) -> None:
    told = await bright.ask("searchTickets", body={"per_page": 7, "page": 2})
    assert told.body["meta"] == {"page": 2, "per_page": 7, "total_count": 260, "total_pages": 38}
    assert len(told.body["data"]) == 7


async def test_a_search_and_a_list_find_the_same(bright: Desk) -> None:
    body = {
        "statuses": ["new", "working"],
        "priorities": ["high"],
        "any_tag": ["billing", "login"],
        "opened_from": "2026-06-01",
        "opened_to": "2026-11-20",
        "order_by": "due_on",
        "direction": "asc",
        "per_page": 100,
    }
    found = (await bright.ask("searchTickets", body=body)).body["data"]
    query = {
        "status": "new,working",
        "priority": "high",
        "opened_from": "2026-06-01",
        "opened_to": "2026-11-20",
        "order_by": "due_on",
        "direction": "asc",
    }
    listed = await bright.items("listTickets", **query)
    assert found == [row for row in listed if {"billing", "login"} & set(row["tags"])]
    assert found


@pytest.mark.parametrize(("operation_id", "query", "field"), WRONG)
async def test_a_wrong_parameter_is_refused_by_name(
    bright: Desk, operation_id: str, query: dict[str, str], field: str
) -> None:
    told = await bright.ask(operation_id, query=query)
    assert (told.status, told.body["error"]["code"], told.body["error"]["field"]) == (422, "invalid", field)
