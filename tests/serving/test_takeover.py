"""A new facade takes over from an old one on the same port. Ten times under load: `python -m bench.takeover`."""

from pathlib import Path

import pytest

from tests.requirements import requirement
from tests.serving.takeover import taken_over


@pytest.mark.slow
@requirement("serving:takeover:lossless")
async def test_a_facade_that_takes_over_on_the_same_port_costs_no_request(tmp_path: Path) -> None:
    met = await taken_over(tmp_path, rounds=1)
    assert list(met) == ["200"]
