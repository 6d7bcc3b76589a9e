"""Answers of agents' calls are held against the contract, large ones too, up to a bound."""

import pytest

from facade.flow.perform import perform
from facade.kernel import Answer, Call
from tests.flow.scenes import ORIGIN, key, opened
from tests.requirements import requirement


@requirement("bodies:checking:bounded")
@pytest.mark.parametrize(
    ("size", "code"), [(10, "response.required"), (100_000, "response.required"), (2_000_000, "body.unchecked")]
)
async def test_an_answer_is_checked_whatever_its_size_up_to_the_bound(size: int, code: str) -> None:
    world = opened()
    world.upstream.script = [Answer(status=200, media_type="application/json", body={}, size=size)]

    done = await perform(Call(operation=key("listOrders")), world.tenant("acme"), None, world.ports, origin=ORIGIN)

    assert [finding.code for finding in done.answer.findings] == [code]
