"""Spends to ledger records, ledger records to usage."""

from dataclasses import replace

import pytest

from facade import meter
from facade.kernel import (
    DAY,
    Counted,
    Entrance,
    InvalidRequest,
    Micros,
    Ticket,
    Tier,
)
from facade.meter import Decision, Entry, Settle, Slice, UsageKey, UsageRow
from facade.testing.clock import START
from tests.adapters import approved
from tests.requirements import requirement
from tests.stores.samples import INTENT

TENANT = replace(
    approved.TENANT,
    principal=replace(approved.TENANT.principal, user="ada"),
    tier=Tier(name="gold", price_list="2026-11"),
)
TICKET = Ticket(
    id=INTENT.spend,
    tenant=TENANT,
    entrance=Entrance.CHAT,
    api="helpdesk",
    what="updateTicket",
    method="PATCH",
    units={Counted.CALLS: 1, Counted.WRITES: 1},
    request_id="r1",
    at=START,
    plan="p1",
)
DECISION = Decision(
    id="decision",
    tenant="acme",
    user="ada",
    entrance=Entrance.CHAT,
    api="helpdesk",
    what="updateTicket",
    outcome="forbidden",
    units={Counted.CALLS: 1, Counted.WRITES: 1},
    request_id="r1",
    at=START,
)
ALL = Slice()


def row(**counts: int) -> UsageRow:
    names = ("attempts", "ok", "failed", "unknown", "refused", "requests", "calls", "writes", "turns")
    return meter.row_of(UsageKey(), [counts.get(name, 0) for name in names])


def settled(outcome: str) -> Entry:
    return Entry(record=INTENT, settle=Settle(id=INTENT.id, outcome=outcome, status=None, at=START))


def test_an_intent_tells_everything_that_its_ticket_knows() -> None:
    assert meter.intent(TICKET, id=INTENT.id, attempt=1, now=START, approval=INTENT.approval) == INTENT


def test_a_further_attempt_of_a_spend_charges_nothing() -> None:
    assert meter.intent(TICKET, id="second", attempt=2, now=START).units == {}


@pytest.mark.parametrize("what", [meter.TURN, "approval"])
def test_a_spend_without_a_method_sends_nothing_itself(what: str) -> None:
    assert not meter.intent(replace(TICKET, what=what, method=""), id="t", attempt=1, now=START).wire


def test_a_settlement_and_a_decision_repeat_what_they_end() -> None:
    assert meter.settle(INTENT, outcome="ok", status=200, now=START) == Settle(
        id=INTENT.id, outcome="ok", status=200, at=START
    )
    assert meter.decision(TICKET, id="decision", outcome="forbidden", now=START) == DECISION


@requirement("ledger:unsettled:unknown")
@pytest.mark.parametrize(
    ("entry", "counted"),
    [
        (settled("ok"), row(attempts=1, ok=1, calls=1, writes=1)),
        (settled("upstream_timeout"), row(attempts=1, failed=1, calls=1, writes=1)),
        (settled("outcome_unknown"), row(attempts=1, unknown=1, calls=1, writes=1)),
        (Entry(record=INTENT), row(attempts=1, unknown=1, calls=1, writes=1)),
        (Entry(record=replace(INTENT, wire=False, units={Counted.TURNS: 1})), row(turns=1)),
        (Entry(record=DECISION), row(refused=1, calls=1, writes=1)),
        (Entry(record=replace(DECISION, outcome="approved", units={})), row()),
    ],
)
def test_an_entry_counts_as_what_became_of_it(entry: Entry, counted: UsageRow) -> None:
    assert meter.usage([entry], by=(), part=ALL) == (counted,)


def test_usage_groups_and_orders_by_the_key() -> None:
    later = Entry(record=replace(INTENT, tenant="bolt", at=Micros(START + DAY)))
    rows = meter.usage([later, Entry(record=DECISION), settled("ok")], by=("day", "tenant"), part=ALL)
    assert [(r.key, r.attempts, r.refused) for r in rows] == [
        (UsageKey(tenant="acme", day="2023-11-14"), 1, 1),
        (UsageKey(tenant="bolt", day="2023-11-15"), 1, 0),
    ]


def test_usage_counts_from_since_to_before_until_of_one_tenant() -> None:
    entries = [
        Entry(record=replace(INTENT, at=Micros(START + n), tenant=t)) for n in range(4) for t in ("acme", "bolt")
    ]
    part = Slice(since=Micros(START + 1), until=Micros(START + 3), tenant="acme")
    assert [r.attempts for r in meter.usage(entries, by=(), part=part)] == [2]


def test_no_entries_make_no_rows() -> None:
    assert meter.usage([], by=("tenant",), part=ALL) == ()


@requirement("invariant:errors:clear")
def test_an_unknown_group_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest) as raised:
        meter.usage([], by=("tenant", "colour"), part=ALL)
    assert raised.value.place == "by"


@requirement("limits:quota:reloaded")
def test_charged_units_are_summed_per_tenant_since_a_moment() -> None:
    old = Entry(record=replace(DECISION, at=Micros(START - 1)))
    free = Entry(record=replace(INTENT, tenant="bolt", units={}))
    assert meter.charged([old, free, Entry(record=INTENT), Entry(record=DECISION)], since=START) == {
        "acme": {Counted.CALLS: 2, Counted.WRITES: 2}
    }


@pytest.mark.parametrize(("number", "text"), [(0, "1970-01-01"), (19_675, "2023-11-14"), (19_782, "2024-02-29")])
def test_days_are_told_as_dates(number: int, text: str) -> None:
    assert meter.day_text(number) == text
    assert meter.day_number(Micros(number * DAY)) == number
    assert meter.day_number(Micros((number + 1) * DAY - 1)) == number
