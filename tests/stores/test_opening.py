"""From an address to its stores."""

from pathlib import Path

import pytest

from facade.adapters.stores import open_stores
from facade.adapters.stores.database import DatabaseLedger
from facade.adapters.stores.memory import MemoryLedger
from facade.kernel import SettingsInvalid
from tests.requirements import requirement


async def test_an_address_chooses_its_stores_by_scheme(tmp_path: Path) -> None:
    async with open_stores("memory:") as kept, open_stores(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}") as filed:
        assert (type(kept.ledger), type(filed.ledger)) == (MemoryLedger, DatabaseLedger)


@requirement("invariant:errors:clear")
@pytest.mark.parametrize("url", ["", "facade.db", "mysql://somewhere/db", "SQLITE:///x.db"])
def test_an_unknown_scheme_is_refused_at_once_with_the_known_ones(url: str) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        open_stores(url)
    (finding,) = raised.value.findings
    assert (finding.code, finding.place) == ("store.unknown", "ledger.database")
    assert "memory:, sqlite:, sqlite+aiosqlite:" in finding.message
