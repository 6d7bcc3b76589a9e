"""Reports over one account, the only paths that name it."""

from datetime import date, timedelta

from facade.demo.helpdesk.errors import invalid
from facade.demo.helpdesk.listing import day_of, one
from facade.demo.helpdesk.records import Answer, Ask, reading
from facade.demo.helpdesk.resources import Shown, money
from facade.demo.helpdesk.routes_accounts import own_account
from facade.demo.helpdesk.vocabulary import TICKET_STATUS

REVENUE = """
WITH moves AS (
  SELECT substr(issued_on, 1, 7) AS month, total AS invoiced, 0 AS collected, 1 AS invoices
  FROM invoice_v
  WHERE _account = :account AND status IN ('issued', 'late', 'settled')
    AND issued_on BETWEEN :first AND :last
  UNION ALL
  SELECT substr(received_on, 1, 7), 0, amount, 0 FROM payments
  WHERE account = :account AND received_on BETWEEN :first AND :last
)
SELECT month, sum(invoiced) AS invoiced, sum(collected) AS collected, sum(invoices) AS invoices
FROM moves GROUP BY month ORDER BY month
"""
BY_STATUS = """
SELECT status, count(*) AS n FROM ticket_v
WHERE _account = ? AND substr(opened_at, 1, 10) BETWEEN ? AND ? GROUP BY status
"""
LATE = """
SELECT customer_id, customer_name, balance_due, due_on,
  CAST(julianday((SELECT today FROM desk)) - julianday(due_on) AS INTEGER) AS days
FROM invoice_v WHERE _account = ? AND status = 'late' ORDER BY due_on, _row
"""
BUCKETS = (("1-30", 30), ("31-60", 60), ("61-90", 90), ("over-90", 100_000))
MOST_DEBTORS = 10


def _period(ask: Ask, first: date) -> tuple[str, str]:
    start = str(day_of("date_from", one(ask, "date_from") or first.isoformat()))
    end = str(day_of("date_to", one(ask, "date_to") or ask.today.isoformat()))
    if end < start:
        raise invalid("date_to", "The period ends before it starts.")
    return start, end


def revenue_by_month(ask: Ask) -> Answer:
    """Add up what was invoiced and what came in, by month; the last 365 days by default."""
    own_account(ask)
    first, last = _period(ask, ask.today - timedelta(days=364))
    rows = ask.store.rows(
        REVENUE.replace(":account", "?1").replace(":first", "?2").replace(":last", "?3"),
        (ask.account, first, last),
    )
    months: list[Shown] = [
        {
            "month": row["month"],
            "invoiced": money(row["invoiced"]),
            "collected": money(row["collected"]),
            "invoice_count": row["invoices"],
        }
        for row in rows
    ]
    return Answer(
        body={
            "date_from": first,
            "date_to": last,
            "months": months,
            "total_invoiced": money(sum(row["invoiced"] for row in rows)),
            "total_collected": money(sum(row["collected"] for row in rows)),
        }
    )


def tickets_by_status(ask: Ask) -> Answer:
    """Count tickets by status, those opened in a period; all of them by default."""
    own_account(ask)
    first, last = _period(ask, date(2000, 1, 1))
    rows = ask.store.rows(BY_STATUS, (ask.account, first, last))
    counts = {row["status"]: row["n"] for row in rows}
    return Answer(
        body={
            "counts": [{"status": word, "count": counts.get(word, 0)} for word in TICKET_STATUS],
            "total": sum(counts.values()),
        }
    )


def overdue_summary(ask: Ask) -> Answer:
    """Add up what is overdue, by age and by customer."""
    own_account(ask)
    rows = ask.store.rows(LATE, (ask.account,))
    debts: dict[str, Shown] = {}
    cents: dict[str, int] = {}
    for row in rows:
        key = row["customer_id"]
        debts.setdefault(key, {"customer_id": key, "name": row["customer_name"], "oldest_due_on": row["due_on"]})
        cents[key] = cents.get(key, 0) + row["balance_due"]
    worst = sorted(debts, key=lambda key: (-cents[key], key))[:MOST_DEBTORS]
    return Answer(
        body={
            "as_of": ask.today.isoformat(),
            "invoice_count": len(rows),
            "amount_due": money(sum(row["balance_due"] for row in rows)),
            "by_age": _by_age([(row["days"], row["balance_due"]) for row in rows]),
            "top_debtors": [debts[key] | {"amount_due": money(cents[key])} for key in worst],
        }
    )


def _by_age(debts: list[tuple[int, int]]) -> list[Shown]:
    shown: list[Shown] = []
    above = 0
    for name, upto in BUCKETS:
        inside = [cents for days, cents in debts if above < days <= upto]
        shown.append({"days": name, "invoice_count": len(inside), "amount_due": money(sum(inside))})
        above = upto
    return shown


ROUTES = (
    reading("/accounts/{account_id}/reports/revenue", revenue_by_month),
    reading("/accounts/{account_id}/reports/tickets-by-status", tickets_by_status),
    reading("/accounts/{account_id}/reports/overdue", overdue_summary),
)
