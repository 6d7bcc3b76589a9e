"""The embedded planner behind its port."""

import asyncio
import threading

from facade.adapters.planner import EmbeddedPlanner
from facade.contract import Catalogue, Contract
from facade.plan import Request, index_of
from tests.rooms.plan.samples import NOW, OPERATIONS, asked, called

CATALOGUE = Catalogue(
    contracts={
        "vet": Contract(
            api="vet", version="1", title="Practice", operations={o.key.operation_id: o for o in OPERATIONS}
        )
    }
)


async def test_it_understands_as_the_pure_planner_does() -> None:
    planner = EmbeddedPlanner(index_of(CATALOGUE))
    assert await planner.understand(Request(words="get patient 317", now=NOW)) == asked("get patient 317")


async def test_many_requests_are_read_at_once_without_mixing() -> None:
    planner = EmbeddedPlanner(index_of(CATALOGUE))
    requests = [Request(words=f"get patient {n}", now=NOW) for n in range(30)]
    answers = await asyncio.gather(*(planner.understand(r) for r in requests))
    assert [called(a) for a in answers] == ["getPatient"] * 30
    assert answers == [asked(r.words) for r in requests]


async def test_the_loop_goes_on_while_a_request_is_read() -> None:
    planner = EmbeddedPlanner(index_of(CATALOGUE))
    reading = asyncio.create_task(planner.understand(Request(words="get patient 5 " * 500, now=NOW)))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 1
    assert threading.current_thread() is threading.main_thread()
