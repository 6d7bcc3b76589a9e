"""What the settings say about several addresses, TLS, shares and rests, and what comes of it."""

from pathlib import Path
from typing import Any

import pytest

from facade.adapters.descriptions import description
from facade.adapters.upstream.addresses import HealthRules
from facade.adapters.upstream.breaker import BreakerRules
from facade.adapters.upstream.health import OutlierRules
from facade.adapters.upstream.shares import ShareRules
from facade.adapters.upstream.tls import TlsSettings
from facade.config import (
    Settings,
    description_tls_of,
    health_rules_of,
    load,
    notes_of,
    share_rules_of,
    upstream_settings_of,
)
from facade.kernel import SECOND, DescriptionInvalid, Micros, SettingsInvalid
from facade.testing.wire import always, wire
from tests.requirements import requirement
from tests.resilience.certificates import Authority, authority
from tests.resilience.scenes import mapping_for
from tests.resilience.test_tls import server_context


def settings_for(folder: Path, upstream: Any = "http://a.test", **api: Any) -> Settings:
    return load(mapping_for(folder, upstream, **api), environ={}, base_dir=folder)


def problems(folder: Path, upstream: Any = "http://a.test", **api: Any) -> list[str]:
    with pytest.raises(SettingsInvalid) as refused:
        settings_for(folder, upstream, **api)
    return [finding.place for finding in refused.value.findings]


def test_left_alone_they_are_those_of_the_rules(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert health_rules_of(settings)["main"] == HealthRules()
    assert share_rules_of(settings)["main"] == ShareRules(places=128, per_tenant=32, unvouched=96)
    reached = upstream_settings_of(settings)["main"]
    assert (reached.base, reached.others, reached.tls, reached.deadline_header) == ("http://a.test", (), None, "")


@requirement("breaker:off")
def test_each_of_them_reaches_its_rule(tmp_path: Path) -> None:
    breaker = {"enabled": False, "share": 0.9, "least": 3, "window_s": 4, "unreached": 6, "probe_every_s": 2}
    outliers = {"enabled": False, "in_a_row": 7, "share": 0.8, "least": 9, "window_s": 3, "first_s": 1, "longest_s": 2}
    shares = {"per_tenant": 1, "anonymous": 2, "wait_s": 3, "waiting": 4}
    settings = settings_for(
        tmp_path,
        ["http://a.test", "http://b.test/"],
        breaker={**breaker, "gateway_errors": "none"},
        outliers=outliers,
        shares=shares,
        connections=5,
    )
    assert health_rules_of(settings)["main"] == HealthRules(
        gateway_counts=frozenset(),
        breaker=BreakerRules(
            enabled=False,
            share=0.9,
            least=3,
            window=Micros(4 * SECOND),
            unreached=6,
            probe_every=Micros(2 * SECOND),
        ),
        outliers=OutlierRules(
            enabled=False,
            in_a_row=7,
            share=0.8,
            least=9,
            window=Micros(3 * SECOND),
            first=Micros(SECOND),
            longest=Micros(2 * SECOND),
        ),
    )
    assert share_rules_of(settings)["main"] == ShareRules(places=5, per_tenant=1, unvouched=2, wait_s=3, waiting=4)
    reached = upstream_settings_of(settings)["main"]
    assert (reached.base, reached.others, reached.queue_s) == ("http://a.test", ("http://b.test",), 3)


@requirement("tls-out:settings")
def test_what_does_not_hold_together_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    wrong = {
        "apis.main.upstream": [["http://a.test", "http://a.test"], ["http://a.test", "https://b.test"], [], "a.test"],
        "apis.main.tls": [{"client_key_file": "ca.pem"}, {"verify": False, "ca_file": "ca.pem"}],
    }
    assert [problems(tmp_path, each) for each in wrong["apis.main.upstream"]] == [["apis.main.upstream"]] * 4
    assert [problems(tmp_path, tls=each) for each in wrong["apis.main.tls"]] == [["apis.main.tls"]] * 2
    assert problems(tmp_path, tls={"ca_file": "missing.pem"}) == ["apis.main.tls.ca_file"]


@requirement("tls-out:settings")
def test_a_start_says_aloud_that_certificates_are_not_verified(tmp_path: Path) -> None:
    noted = notes_of(settings_for(tmp_path, tls={"verify": False}))
    assert ("note.unverified", "apis.main.tls.verify") in [(note.code, note.place) for note in noted]


@requirement("tls-out:private")
async def test_a_description_on_the_applications_host_is_fetched_with_its_tls(tmp_path: Path) -> None:
    authority().write(tmp_path / "ca.pem")
    tls = {"ca_file": "ca.pem"}
    here = settings_for(tmp_path, "https://localhost:9", spec="https://localhost/openapi.json", tls=tls)
    elsewhere = settings_for(tmp_path, "https://localhost:9", spec="https://docs.test/openapi.json", tls=tls)
    assert description_tls_of(here)["main"] == TlsSettings(ca_file=tmp_path / "ca.pem")
    assert description_tls_of(elsewhere)["main"] is None
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    async with wire(always(answer), ssl=server_context(authority().sign("localhost"), tmp_path)) as app:
        locator = f"https://localhost:{app.port}/openapi.json"
        found = await description(locator, tls=description_tls_of(here)["main"])
        assert found.raw == b"{}"
        with pytest.raises(DescriptionInvalid) as refused:
            await description(locator, tls=TlsSettings(ca_file=Authority.make().write(tmp_path / "other.pem")))
        assert "not signed by an authority" in str(refused.value)
