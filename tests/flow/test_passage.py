"""A passage in its flow: what may be sent once more, and what stands in the ledger for it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from facade.flow.passage import Passing, through, unvouched
from facade.guard import PassageParts
from facade.kernel import Context, FacadeError, UpstreamBroken, UpstreamTimeout
from facade.meter import Intent, Settle
from facade.ports import Passage, Relayed
from facade.testing.upstream import FakeRelay
from facade.testing.world import World
from tests.flow.scenes import opened
from tests.requirements import requirement

BROKEN = UpstreamBroken("The connection was gone.")


async def nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def answered() -> Relayed:
    return Relayed(status=200, reason=b"OK", headers=(), chunks=nothing(), body_bytes=0, whole=True)


def asked(**more: object) -> Passage:
    return Passage(**{"api": "main", "method": "GET", "target": "/x", "headers": (), **more})


async def passed(world: World, relay: FakeRelay, request: Passage) -> int:
    passing = Passing(
        tenant=world.tenant("acme"),
        context=Context(),
        request=request,
        operation=None,
        path=request.target,
        parts=PassageParts(),
        request_id="r",
    )
    async with through(passing, relay, world.ports) as (_, relayed):
        return relayed.status


def ledger(world: World) -> list[str]:
    return [
        f"intent {record.attempt}" if isinstance(record, Intent) else record.outcome
        for record in world.journal.records
        if isinstance(record, Intent | Settle)
    ]


@requirement("wire:reuse", "proxy:ledger:settled")
async def test_a_read_that_broke_before_its_answer_is_sent_once_more_with_an_intent_of_its_own() -> None:
    world, relay = opened(), FakeRelay([BROKEN, answered()])
    assert await passed(world, relay, asked()) == 200
    assert ledger(world) == ["intent 1", "upstream_broken", "intent 2", "ok"]
    assert [request.target for request, _ in relay.sent] == ["/x", "/x"]


ONCE = {
    "a write": asked(method="POST"),
    "a read with a body": asked(body=nothing()),
    "a switch of protocols": asked(upgrade=b"websocket"),
}


@requirement("wire:reuse", "upstream:attempts:one-on-the-wire")
@pytest.mark.parametrize("name", ONCE)
async def test_what_may_have_done_something_is_sent_once(name: str) -> None:
    world, relay = opened(), FakeRelay([BROKEN, answered(), BROKEN])
    with pytest.raises(UpstreamBroken):
        await passed(world, relay, ONCE[name])
    assert (ledger(world), len(relay.sent)) == (["intent 1", "upstream_broken"], 1)
    relay.script = [BROKEN, answered()]
    with pytest.raises(UpstreamBroken):
        async with unvouched(replace(ONCE[name], body=None if ONCE[name].body is None else nothing()), relay):
            pass
    assert len(relay.sent) == 2


@requirement("wire:reuse")
@pytest.mark.parametrize(("script", "sent"), [([BROKEN, BROKEN], 2), ([UpstreamTimeout("late")], 1)])
async def test_a_second_failure_and_another_kind_of_failure_are_told(script: list[FacadeError], sent: int) -> None:
    tenants, nobodys = FakeRelay([*script]), FakeRelay([*script])
    with pytest.raises(type(script[0])):
        await passed(opened(), tenants, asked())
    with pytest.raises(type(script[0])):
        await unvouched(asked(), nobodys).__aenter__()
    assert (len(tenants.sent), len(nobodys.sent)) == (sent, sent)


@requirement("wire:reuse")
async def test_an_answer_that_breaks_off_is_not_asked_for_again() -> None:
    relay = FakeRelay([answered(), answered()])
    with pytest.raises(UpstreamBroken):
        async with unvouched(asked(), relay):
            raise BROKEN
    assert len(relay.sent) == 1
