"""Which changes of the settings file take effect while we serve."""

from pathlib import Path

import pytest

from facade.config import replaced
from tests.cli.settings_files import bent, loaded, small
from tests.requirements import requirement


@requirement("reload:settings")
@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("tiers.gold", {"autonomy": "auto"}),
        ("tenants.acme", {"tier": "free"}),
        ("roles.member", {"allow": [{"methods": ["GET"]}]}),
        ("roles_optional", True),
        ("provision", "free"),
        ("approvals.expires_s", 60),
        ("apis.main.base_path", "/v2"),
        ("apis.main.operations", {"listOrders": {"title": "All orders"}}),
        ("apis.main.context.headers", {"X-Account": "{tenant}"}),
    ],
)
def test_rules_and_what_shapes_contracts_take_effect(place: str, value: object, tmp_path: Path) -> None:
    settings = small(tmp_path)
    wanted = loaded(bent(settings, place, value), tmp_path)
    assert replaced(loaded(settings, tmp_path), wanted) == (wanted, ())


@requirement("reload:settings")
@pytest.mark.parametrize(
    ("place", "value", "waits"),
    [
        ("listen.port", 1, "listen.port"),
        ("prefix", "/ours", "prefix"),
        ("ledger.database", "memory:", "ledger.database"),
        ("apis.main.upstream", "https://other.example", "apis.main.upstream"),
        ("apis.main.timeouts.total_s", 50, "apis.main.timeouts"),
        ("identity.dev.audience", "others", "identity.dev"),
        ("compiling.time_s", 5, "compiling.time_s"),
    ],
)
def test_what_stands_open_waits_for_a_restart(place: str, value: object, waits: str, tmp_path: Path) -> None:
    serving = loaded(small(tmp_path), tmp_path)
    assert replaced(serving, loaded(bent(small(tmp_path), place, value), tmp_path)) == (serving, (waits,))


@requirement("reload:settings")
def test_an_api_that_comes_or_goes_waits_and_the_others_change(tmp_path: Path) -> None:
    settings = bent(bent(small(tmp_path), "apis.main.mount", "/main"), "tiers.gold", {})
    other = {**settings["apis"]["main"], "mount": "/other"}
    serving = loaded(bent(settings, "apis.old", other), tmp_path)
    wanted = loaded(bent(bent(settings, "apis.new", other), "apis.main.base_path", "/v2"), tmp_path)
    now, waiting = replaced(serving, wanted)
    assert waiting == ("apis.new", "apis.old")
    assert {name: api.base_path for name, api in now.apis.items()} == {"main": "/v2", "old": ""}
