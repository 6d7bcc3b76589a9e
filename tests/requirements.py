"""Each required behaviour: a stable id, one sentence, its source. Tests carry `@requirement(id)`.

`tests/meta/test_requirements.py` checks both directions: every entry has a test, every mark has an entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Requirement:
    """`source` is a design section, a catalogue id such as SEC-JWT-01, or a specification."""

    sentence: str
    source: str


def requirement(*ids: str) -> Callable[[Any], Any]:
    """Mark a test (or a class of tests) as showing these behaviours."""
    unknown = [i for i in ids if i not in REQUIREMENTS]
    if unknown:
        raise KeyError(f"not in REQUIREMENTS: {unknown}")
    return pytest.mark.requirement(*ids)


REQUIREMENTS: dict[str, Requirement] = {
    # Invariants (design, "Invariants"): the named tests for each.
    "invariant:tenant:isolated": Requirement("No request reads or changes another tenant's data or allowance.", "I1"),
    "invariant:consent:exact": Requirement("No write leaves without its user's approval of exactly that call.", "I2"),
    "invariant:contract:enforced": Requirement("No agent call leaves that the contract does not allow.", "I3"),
    "invariant:limits:exact": Requirement("Never more is admitted than rate x time + burst.", "I4"),
    "invariant:ledger:complete": Requirement("After kill -9 the ledger equals the wire; nothing runs twice.", "I5"),
    "invariant:proxy:unchanged": Requirement("A proxied client sends and gets what it would have without us.", "I6"),
    "invariant:errors:clear": Requirement("Bad input gets one clear message with the place and the mend.", "I7"),
    # --- contract
    # --- identity and tenancy
    # --- admission and stores
    # --- plan
    # --- proxy and upstream
    # --- chat and replies
    "errors:table:complete": Requirement("Each leaf of the error tree has exactly one status, title and type.", "I7"),
    "errors:limit:told": Requirement("A refused limit says which, how long to wait and where all limits stand.", "I4"),
    "chat:retry:discouraged": Requirement("A client is told not to retry where a write may have run.", "D9"),
    # --- command line and settings
    # --- demo
}
