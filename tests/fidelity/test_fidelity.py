"""I6, case by case: what both ends have through the facade is what they have without it."""

import re
from collections import Counter
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fidelity.case import answering, asking
from tests.fidelity.cases import CASES, Case
from tests.fidelity.client import Client, asked, connected
from tests.fidelity.known import DIFFERENT
from tests.fidelity.stage import Stage, Who, staged
from tests.requirements import requirement

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"


def client_has(client: Client, end: bytes) -> bool:
    return client.tape.endswith(end)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(folder: Path) -> AsyncGenerator[Stage]:
    async with staged(folder) as opened:
        yield opened


@requirement("fidelity:cases", "invariant:proxy:unchanged")
@pytest.mark.parametrize("who", ["nobody", "tenant"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.name}")
async def test_both_ends_have_what_they_have_without_the_facade(stage: Stage, case: Case, who: Who) -> None:
    assert (await stage.verdict(case, who)).found == list(case.found)


@requirement("fidelity:cases")
async def test_every_case_stands_once_and_every_difference_belongs_to_one() -> None:
    names = Counter((case.kind, case.name) for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []
    assert set(DIFFERENT) - set(names) == set()


@requirement("fidelity:page")
async def test_the_page_lists_every_kind_with_its_cases_and_every_difference() -> None:
    page = PAGE.read_text()
    rows = re.findall(r"^\| ([^*|]+) \| (\d+) \| \d+ \| \d+ \| (\d+) \|$", page, flags=re.MULTILINE)
    assert {kind: int(count) for kind, count, _ in rows} == Counter(case.kind for case in CASES)
    assert {kind: int(count) for kind, _, count in rows if count != "0"} == Counter(kind for kind, _ in DIFFERENT)
    assert [name for name in DIFFERENT if f"`{': '.join(name)}`" not in page] == []


@requirement("fidelity:connections")
async def test_one_clients_connection_and_one_to_the_application_serve_request_after_request(stage: Stage) -> None:
    stage.recorder.forget()
    stage.recorder.always = lambda message: answering(body=message.words[1])
    async with connected(stage.facade, stage.bell) as client:
        for number in range(10):
            client.send(asking(b"POST /%d HTTP/1.1" % number, body=b"x"))
            assert await stage.bell.until(partial(client_has, client, b"/%d" % number))
    await asked(stage.facade, asking(b"GET /another HTTP/1.1", b"Connection: close"))
    stage.recorder.always = None
    assert [request.words[1] for request in stage.recorder.requests] == [*(b"/%d" % n for n in range(10)), b"/another"]
    assert len({exchange.number for exchange in stage.recorder.exchanges}) == 1
