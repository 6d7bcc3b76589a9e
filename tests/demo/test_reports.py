"""Reports agree with the lists that they sum up."""

from collections import Counter

import pytest

from tests.demo.desk import Desk


@pytest.fixture
def account(bright: Desk) -> dict[str, str]:
    return {"account_id": bright.account}


async def test_counts_by_status_are_counts_of_the_list(bright: Desk, account: dict[str, str]) -> None:
    told = await bright.ask("reportTicketsByStatus", account, {"date_from": "2026-09-01", "date_to": "2026-10-31"})
    rows = await bright.items("listTickets", opened_from="2026-09-01", opened_to="2026-10-31")
    counts = Counter(row["status"] for row in rows)
    assert {each["status"]: each["count"] for each in told.body["counts"]} == counts
    assert told.body["total"] == len(rows)


async def test_overdue_sums_are_sums_of_late_invoices(bright: Desk, account: dict[str, str]) -> None:
    report = (await bright.ask("reportOverdue", account)).body
    late = await bright.items("listInvoices", status="late")
    due = round(sum(row["balance_due"] for row in late), 2)
    assert (report["invoice_count"], report["amount_due"], report["as_of"]) == (len(late), due, "2026-11-22")
    assert sum(each["invoice_count"] for each in report["by_age"]) == len(late)
    assert round(sum(each["amount_due"] for each in report["by_age"]), 2) == due
    debts: Counter[str] = Counter()
    for row in late:
        debts[row["customer_id"]] += round(row["balance_due"] * 100)
    worst = sorted(debts.items(), key=lambda debt: (-debt[1], debt[0]))[:10]
    assert [(each["customer_id"], round(each["amount_due"] * 100)) for each in report["top_debtors"]] == worst


async def test_revenue_is_what_was_invoiced_and_collected(bright: Desk, account: dict[str, str]) -> None:
    report = (
        await bright.ask("reportRevenueByMonth", account, {"date_from": "2026-03-01", "date_to": "2026-05-31"})
    ).body
    issued = await bright.items("listInvoices", issued_from="2026-03-01", issued_to="2026-05-31")
    counted = [row for row in issued if row["status"] != "void"]
    assert report["total_invoiced"] == round(sum(row["total"] for row in counted), 2)
    assert sum(each["invoice_count"] for each in report["months"]) == len(counted)
    assert [each["month"] for each in report["months"]] == ["2026-03", "2026-04", "2026-05"]
    assert report["total_collected"] == round(sum(each["collected"] for each in report["months"]), 2) > 0


async def test_a_period_that_ends_before_it_starts_is_refused(bright: Desk, account: dict[str, str]) -> None:
    told = await bright.ask("reportRevenueByMonth", account, {"date_from": "2026-05-02", "date_to": "2026-05-01"})
    assert (told.status, told.body["error"]["field"]) == (422, "date_to")
