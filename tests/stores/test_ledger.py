"""The ledger, over every store, against the pure sums."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facade import meter
from facade.adapters.stores import Stores, open_stores
from facade.kernel import SECOND, Counted, InvalidRequest, Micros
from facade.meter import Decision, Entry, Intent, LedgerRecord, Settle, Slice, UsageKey, UsageRow
from facade.testing.clock import START
from facade.testing.ids import fake_id
from tests.requirements import requirement
from tests.stores.backends import BACKENDS
from tests.stores.samples import DECISION, INTENT, SETTLE, decisions, intents, settles

NOTHING = UsageRow(
    key=UsageKey(), attempts=0, ok=0, failed=0, unknown=0, refused=0, requests=0, calls=0, writes=0, turns=0
)


async def all_usage(stores: Stores, *by: str) -> tuple[UsageRow, ...]:
    return await stores.ledger.usage(by=by, since=None, until=None, tenant=None)


@requirement("invariant:ledger:complete", "ledger:delivery:idempotent")
@pytest.mark.parametrize("order", tuple(permutations([INTENT, SETTLE, DECISION])))
async def test_records_count_once_in_any_order_however_often_they_come(
    stores: Stores, order: Sequence[LedgerRecord]
) -> None:
    for record in order:
        await stores.ledger.deliver([record])
    await stores.ledger.deliver([*order, *order])
    await stores.ledger.deliver([])
    expected = replace(NOTHING, attempts=1, ok=1, refused=1, requests=1, calls=1, writes=1)
    assert await all_usage(stores) == (expected,)
    assert await stores.ledger.unsettled() == ()


@requirement("ledger:unsettled:unknown")
async def test_an_attempt_without_a_settlement_stays_unknown_and_is_shown_whole(stores: Stores) -> None:
    await stores.ledger.deliver([INTENT])
    assert await stores.ledger.unsettled() == (INTENT,)
    assert await all_usage(stores) == (replace(NOTHING, attempts=1, unknown=1, calls=1, writes=1),)


async def test_a_settlement_whose_intent_has_not_come_counts_nothing(stores: Stores) -> None:
    await stores.ledger.deliver([SETTLE])
    assert (await all_usage(stores), await stores.ledger.unsettled()) == ((), ())


async def test_the_first_settlement_stands(stores: Stores) -> None:
    await stores.ledger.deliver([INTENT, SETTLE, replace(SETTLE, outcome="broken")])
    await stores.ledger.deliver([replace(SETTLE, outcome="upstream_timeout")])
    assert [(row.ok, row.failed) for row in await all_usage(stores)] == [(1, 0)]


async def test_usage_is_told_by_tenant_operation_day_and_entrance(stores: Stores) -> None:
    await stores.ledger.deliver([INTENT, DECISION])
    assert [row.key for row in await all_usage(stores, "entrance", "tenant", "operation", "day")] == [
        UsageKey(tenant="acme", operation="updateTicket", day="2023-11-14", entrance="chat"),
        UsageKey(tenant="acme", operation="GET /tickets", day="2023-11-14", entrance="proxy"),
    ]


async def test_usage_by_something_unknown_is_refused(stores: Stores) -> None:
    with pytest.raises(InvalidRequest) as raised:
        await all_usage(stores, "tenant", "user")
    assert raised.value.place == "by"


@requirement("invariant:tenant:isolated")
async def test_usage_of_one_tenant_holds_nothing_of_another(stores: Stores) -> None:
    await stores.ledger.deliver([INTENT, replace(DECISION, tenant="bolt")])
    mine = await stores.ledger.usage(by=("tenant",), since=None, until=None, tenant="bolt")
    assert mine == (replace(NOTHING, key=UsageKey(tenant="bolt"), refused=1, requests=1),)


@requirement("limits:quota:reloaded")
async def test_what_was_charged_counts_from_its_moment_on(stores: Stores) -> None:
    later = replace(INTENT, id=fake_id(20), at=Micros(START + SECOND), units={Counted.CALLS: 4})
    retried = replace(INTENT, id=fake_id(21), attempt=2, units={})
    await stores.ledger.deliver([INTENT, later, retried, DECISION, SETTLE])
    assert await stores.ledger.charged(since=START) == {
        "acme": {Counted.CALLS: 5, Counted.WRITES: 1, Counted.REQUESTS: 1}
    }
    assert await stores.ledger.charged(since=Micros(START + 1)) == {"acme": {Counted.CALLS: 4}}
    assert await stores.ledger.charged(since=Micros(START + SECOND + 1)) == {}


records = st.lists(st.one_of(st.tuples(intents, st.none() | settles), decisions), max_size=12)
bounds = st.none() | st.integers(START, START + 3 * 86_400 * SECOND).map(Micros)


def numbered(drawn: Sequence[tuple[Intent, Settle | None] | Decision]) -> list[Entry]:
    """Entries under ids of their own."""
    entries = []
    for number, one in enumerate(drawn):
        if isinstance(one, Decision):
            entries.append(Entry(record=replace(one, id=fake_id(number))))
        else:
            intent, settle = one
            ended = replace(settle, id=fake_id(number)) if settle is not None else None
            entries.append(Entry(record=replace(intent, id=fake_id(number)), settle=ended))
    return entries


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    drawn=records,
    by=st.lists(st.sampled_from(meter.GROUPS), unique=True),
    since=bounds,
    until=bounds,
    tenant=st.sampled_from([None, "acme", "nobody"]),
)
async def test_every_store_sums_as_the_reference_does(
    backend: str,
    drawn: Sequence[tuple[Intent, Settle | None] | Decision],
    by: list[str],
    since: Micros | None,
    until: Micros | None,
    tenant: str | None,
) -> None:
    entries = numbered(drawn)
    with TemporaryDirectory() as folder:
        async with open_stores(BACKENDS[backend](Path(folder))) as stores:
            await stores.ledger.deliver([e.settle for e in entries if e.settle] + [e.record for e in entries])
            part = Slice(since=since, until=until, tenant=tenant)
            told = await stores.ledger.usage(by=by, since=since, until=until, tenant=tenant)
            assert told == meter.usage(entries, by=by, part=part)
            moment = since or START
            assert await stores.ledger.charged(since=moment) == meter.charged(entries, since=moment)
