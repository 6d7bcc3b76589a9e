"""Each required behaviour: a stable id, one sentence, its source. Tests carry `@requirement(id)`.

One module for each area; `tests/meta/test_requirements.py` checks both directions: every entry has a test, every mark
has an entry.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.requirements import (
    bodies,
    conformance,
    enforcing,
    fidelity,
    intake,
    main_job,
    page,
    reload,
    resilience,
    serving,
)
from tests.requirements.records import Requirement

_AREAS = (bodies, conformance, enforcing, fidelity, intake, main_job, page, reload, resilience, serving)

REQUIREMENTS: dict[str, Requirement] = {id_: entry for area in _AREAS for id_, entry in area.REQUIREMENTS.items()}


def requirement(*ids: str) -> Callable[[Any], Any]:
    """Mark a test (or a class of tests) as showing these behaviours."""
    unknown = [i for i in ids if i not in REQUIREMENTS]
    if unknown:
        raise KeyError(f"not in REQUIREMENTS: {unknown}")
    return pytest.mark.requirement(*ids)
