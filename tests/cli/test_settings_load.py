"""The settings file: what holds together, and how everything else is told."""

from pathlib import Path
from typing import Any

import pytest

from facade.config import notes_of, read
from facade.kernel import Secret, SettingsInvalid, Severity, TenantState
from tests.cli.settings_files import bent, findings, loaded, places, small
from tests.requirements import requirement


def test_a_small_file_has_sensible_defaults(tmp_path: Path) -> None:
    settings = loaded(small(tmp_path), tmp_path)
    assert (settings.prefix, settings.mode, settings.listen.host) == ("/agent", "proxy", "127.0.0.1")
    assert settings.apis["main"].spec == str(tmp_path / "openapi.yaml")
    assert settings.ledger.database == f"sqlite:///{tmp_path}/facade.db"
    assert settings.ledger.journal == tmp_path / "facade.journal"
    assert settings.approvals.expires_s == 300


@requirement("settings:problems:all-at-once", "invariant:errors:clear")
def test_every_problem_is_told_at_once_with_place_and_mend(tmp_path: Path) -> None:
    wrong = bent(small(tmp_path), "version", 2)
    wrong = bent(wrong, "tirs", {})
    wrong = bent(wrong, "apis.main.upstream", "https://app.example/api/v1")
    wrong = bent(wrong, "tiers.free.rates", ["lots"])
    wrong = bent(wrong, "tenants.acme", {"tier": "fre"})
    wrong = bent(wrong, "listen.port", "${env:PORT}")
    told = {f.place: f.message for f in findings(wrong, tmp_path)}
    assert told == {
        "version": "should be 1, not 2",
        "tirs": "unknown key `tirs`; did you mean `tiers`?",
        "apis.main.upstream": "should end after the host; put /api/v1 into `base_path`",
        "tiers.free.rates.0": "is no rate; write it like `60 requests/minute burst 20`",
        "tenants.acme.tier": "`fre` is not under `tiers`; did you mean `free`?",
        "listen.port": "the environment variable PORT is not set; set it, or name another",
    }


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        ("apis", {}, "settings.too_short"),
        ("apis.main.timeouts.conect_s", 1, "settings.extra_forbidden"),
        ("apis.main.timeouts.connect_s", 0, "settings.greater_than"),
        ("apis.main.upstream", "ftp://app.example", "settings.url"),
        ("apis.main.upstream", "https://user:word@app.example", "settings.url"),
        ("apis.main.upstream", "https://app.example:99999", "settings.url"),
        ("apis.main.base_path", "/a/../b", "settings.path"),
        ("apis.main.mount", "shop", "settings.path"),
        ("apis.main.context.pins", {"account": "{tenant}"}, "settings.pin"),
        ("apis.main.context.headers", {"Content-Length": "{tenant}"}, "settings.header.framing"),
        ("apis.main.context.headers", {"X-A": "{tenent}"}, "settings.template.name"),
        ("apis.main.context.headers", {"X-A": "\u00e4"}, "settings.template.text"),
        ("apis.main.context.credential", "token", "settings.credential"),
        ("apis.main.context.credential", {"header": "X-Key"}, "settings.credential"),
        ("apis.main.operations.getOrder.write_class", "maybe", "settings.enum"),
        ("identity", {"dev": {"key_file": "absent.json"}}, "settings.no_file"),
        ("identity", {}, "settings.identity"),
        ("identity.saas", {"headers": "x-key"}, "settings.one_of"),
        ("prefix", "/", "settings.path"),
        ("prefix", "", "settings.path"),
        ("prefix", "agent", "settings.path"),
        ("tenants", {"a/b": {"tier": "free"}}, "settings.string_pattern_mismatch"),
        ("tenants.acme", {"tier": "free", "time_zone": "Mars/Base"}, "settings.time_zone"),
        ("provision", "gold", "settings.unknown_name"),
        ("tiers.free.rates", ["1 calls/second", "2 calls/second"], "settings.tier.limits"),
        ("tiers.free.allow", [{}], "settings.rule.empty"),
        ("ledger.database", "postgres://here", "settings.string_pattern_mismatch"),
        ("proxy.trusted_proxies", ["10.0.0.1/8"], "settings.network"),
        ("apis.main.networks", "inside", "settings.network"),
        ("proxy.anonymous", "maybe", "settings.literal_error"),
    ],
)
def test_a_wrong_value_is_one_finding_at_its_place(tmp_path: Path, place: str, value: object, code: str) -> None:
    found = places(bent(small(tmp_path), place, value), tmp_path)
    assert [c for _, c in found] == [code]
    assert found[0][0].startswith(place) or place.startswith(found[0][0])


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        ({"keys": {}}, "settings.one_of"),
        ({"keys": {"jwks_url": "https://x.example", "secret": "s" * 32}}, "settings.one_of"),
        ({"keys": {"jwks_url": "http://x.example/jwks"}}, "settings.url"),
        ({"keys": {"jwks_url": "http://localhost.evil.example/jwks"}}, "settings.url"),
        ({"keys": {"secret": "short"}, "algorithms": ["HS256"]}, "settings.secret.short"),
        ({"keys": {"secret": "s" * 32}}, "settings.algorithms"),
        ({"keys": {"secret": "s" * 32}, "algorithms": ["HS256", "RS256"]}, "settings.algorithms"),
        ({"keys": {"jwks_url": "https://x.example"}, "algorithms": ["none"]}, "settings.literal_error"),
        ({"keys": {"jwks_url": "https://x.example"}, "leeway_s": 61}, "settings.less_than_equal"),
        ({"keys": {"jwks_file": "absent.json"}}, "settings.no_file"),
    ],
)
def test_an_issuer_that_cannot_be_trusted_is_refused(tmp_path: Path, issuer: dict[str, Any], code: str) -> None:
    wrong = bent(small(tmp_path), "identity.issuers", [{"issuer": "https://x.example", **issuer}])
    assert [c for _, c in places(wrong, tmp_path)] == [code]


def test_an_issuer_is_declared_once(tmp_path: Path) -> None:
    one = {"issuer": "urn:facade:dev", "keys": {"jwks_url": "https://x.example"}}
    wrong = bent(small(tmp_path), "identity.issuers", [one])
    assert places(wrong, tmp_path) == [("identity.issuers.0.issuer", "settings.identity")]


@requirement("settings:secrets:never-shown")
def test_a_secret_comes_from_text_environment_or_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("from-file\n")
    tenants = {
        "a": {"tier": "free", "secret": "from-text"},
        "b": {"tier": "free", "secret": {"env": "KEY_B"}},
        "c": {"tier": "free", "secret": {"file": "key.txt"}},
        "d": {"tier": "free", "secret": "${env:KEY_B}-${env:KEY_B}"},
        "e": {"tier": "free", "secret": "$${env:KEY_B}"},
    }
    settings = loaded(bent(small(tmp_path), "tenants", tenants), tmp_path, KEY_B="from-env")
    assert [t.secret.reveal() for t in settings.tenants.values() if t.secret] == [
        "from-text",
        "from-env",
        "from-file",
        "from-env-from-env",
        "${env:KEY_B}",
    ]
    for shown in (repr(settings), str(settings), settings.model_dump_json(exclude={"tenants"})):
        assert "from-" not in shown


@requirement("settings:secrets:never-shown")
@pytest.mark.parametrize("secret", [["hush-hush"], {"value": "hush-hush"}, 12345678, "", {"env": "EMPTY"}])
def test_a_wrong_secret_is_refused_without_being_shown(tmp_path: Path, secret: object) -> None:
    wrong = bent(small(tmp_path), "tenants.acme", {"tier": "free", "secret": secret})
    found = findings(wrong, tmp_path, EMPTY="")
    assert [f.place for f in found] == ["tenants.acme.secret"]
    assert "hush" not in str(found)
    assert "12345678" not in str(found)


@pytest.mark.parametrize("source", [{"env": "NOT_SET"}, {"file": "not-there.txt"}])
def test_a_secret_that_is_not_there_stops_the_start(tmp_path: Path, source: dict[str, str]) -> None:
    wrong = bent(small(tmp_path), "tenants.acme", {"tier": "free", "secret": source})
    assert [p for p, _ in places(wrong, tmp_path)] == ["tenants.acme.secret"]


@requirement("settings:roles:tenant-wide")
def test_a_tenant_wide_credential_needs_roles_or_a_plain_word_that_it_does_not(tmp_path: Path) -> None:
    wide = bent(small(tmp_path), "apis.main.context.credential", {"header": "X-Key", "value": "{secret}"})
    assert places(wide, tmp_path) == [("roles", "settings.roles")]
    assert places(bent(wide, "roles", {"member": {}}), tmp_path) == []
    assert places(bent(wide, "roles_optional", True), tmp_path) == []
    notes = notes_of(loaded(bent(wide, "roles_optional", True), tmp_path))
    assert ("roles", Severity.INFO) in [(n.place, n.severity) for n in notes]


def test_a_start_says_what_a_provider_should_know(tmp_path: Path) -> None:
    mapping = bent(bent(small(tmp_path), "listen.host", "10.0.0.1"), "tiers.free.autonomy", "auto")
    assert [(n.place, n.severity) for n in notes_of(loaded(mapping, tmp_path))] == [
        ("identity.dev", Severity.WARNING),
        ("tiers.free.autonomy", Severity.WARNING),
        ("listen.host", Severity.INFO),
    ]
    issuer = {"issuer": "https://x.example", "keys": {"jwks_url": "https://x.example/jwks"}}
    assert notes_of(loaded(bent(small(tmp_path), "identity", {"issuers": [issuer]}), tmp_path)) == ()


def test_introspection_names_an_api_and_a_path_with_pointers(tmp_path: Path) -> None:
    asked = {"api": "mian", "path": "/me", "tenant": "/account/id", "user": "/id"}
    wrong = bent(small(tmp_path), "identity.saas", {"introspection": asked})
    assert places(wrong, tmp_path) == [("identity.saas.introspection.api", "settings.unknown_name")]
    wrong = bent(wrong, "identity.saas.introspection", {**asked, "api": "main", "user": "id"})
    assert places(wrong, tmp_path) == [("identity.saas.introspection.user", "settings.pointer")]


def test_headers_of_the_applications_credential_are_header_names_in_any_case(tmp_path: Path) -> None:
    def with_headers(*names: str) -> dict[str, Any]:
        entry = {"credential": "c", "tenant": "t", "user": "u"}
        return bent(bent(small(tmp_path), "provision", "free"), "identity.saas", {"headers": names, "mapping": [entry]})

    saas = loaded(with_headers("X-Account-Key", "Authorization"), tmp_path).identity.saas
    assert saas is not None
    assert saas.headers == ("x-account-key", "authorization")
    assert places(with_headers("X Key"), tmp_path) == [("identity.saas.headers", "settings.header")]


def test_each_tenant_must_have_what_the_context_needs(tmp_path: Path) -> None:
    wrong = bent(small(tmp_path), "apis.main.context.pins", {"path.account_id": "{attributes.account_id}"})
    wrong = bent(wrong, "apis.main.context.headers", {"X-Key": "{secret}"})
    wrong = bent(wrong, "roles_optional", True)
    wrong = bent(
        wrong, "tenants", {"a": {"tier": "free"}, "b": {"tier": "free", "secret": "s", "attributes": {"account_id": 7}}}
    )
    assert places(wrong, tmp_path) == [
        ("tenants.a.secret", "settings.context"),
        ("tenants.a.attributes.account_id", "settings.context"),
    ]


def test_one_header_in_two_spellings_is_refused(tmp_path: Path) -> None:
    wrong = bent(small(tmp_path), "apis.main.context.headers", {"X-Org-Id": "{tenant}", "X_Org_Id": "{user}"})
    assert [c for _, c in places(wrong, tmp_path)] == ["context.twice"]


def test_two_apis_need_two_mounts_and_none_may_take_the_prefix(tmp_path: Path) -> None:
    one = {"spec": "openapi.yaml", "upstream": "https://app.example"}
    wrong = bent(small(tmp_path), "apis.other", one)
    wrong = bent(wrong, "apis.third", {**one, "mount": "/agent/x"})
    assert places(wrong, tmp_path) == [("apis.other.mount", "settings.mount"), ("apis.third.mount", "settings.mount")]
    assert places(bent(bent(small(tmp_path), "apis.other", one), "mode", "agent_only"), tmp_path) == []


def test_mapped_credentials_name_tenants_and_roles_that_exist(tmp_path: Path) -> None:
    entry = {"sha256": "0" * 64, "tenant": "acne", "user": 7, "roles": ["reeder"]}
    wrong = bent(small(tmp_path), "identity.saas", {"headers": ["x-key"], "mapping": [entry]})
    wrong = bent(bent(wrong, "tenants", {"acme": {"tier": "free"}}), "roles", {"reader": {}})
    assert places(wrong, tmp_path) == [
        ("identity.saas.mapping.0.tenant", "settings.unknown_name"),
        ("identity.saas.mapping.0.roles", "settings.unknown_name"),
    ]


def test_what_a_wrong_part_would_have_caused_elsewhere_is_not_told(tmp_path: Path) -> None:
    wrong = bent(small(tmp_path), "tiers.free.autonomy", "sometimes")
    wrong = bent(wrong, "tenants.acme", {"tier": "free", "state": "asleep"})
    assert places(wrong, tmp_path) == [
        ("tiers.free.autonomy", "settings.enum"),
        ("tenants.acme.state", "settings.enum"),
    ]


def test_a_file_is_read_relative_to_itself_and_as_json_scalars(tmp_path: Path) -> None:
    small(tmp_path)
    path = tmp_path / "facade.yaml"
    path.write_text(
        "version: 1\n"
        "apis: {main: {spec: openapi.yaml, upstream: 'https://app.example', observe: {mode: off}}}\n"
        "identity: {dev: {key_file: dev-key.json}}\n"
        "tiers: {free: {}}\n"
        "tenants: {0123: {tier: free, state: suspended, attributes: "
        "{account: 0042, country: no, day: 2024-01-01, n: 7}}}\n"
    )
    tenant = read(path, environ={}).tenants["0123"]
    assert tenant.state is TenantState.SUSPENDED
    assert tenant.attributes == {"account": "0042", "country": "no", "day": "2024-01-01", "n": "7"}
    assert tenant.secret is None


@requirement("invariant:errors:clear")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "does not exist"),
        ("", "should be a mapping"),
        ("- 1", "should be a mapping"),
        ("a: [", "line 1"),
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: `a` stands twice"),
        ("a: !!python/object:os.system {}", "line 1"),
        ("\x00", "not well-formed"),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "facade.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsInvalid) as caught:
        read(path, environ={})
    assert [f.place for f in caught.value.findings] == [str(path)]
    assert said in caught.value.findings[0].message
    assert "\n" not in caught.value.findings[0].message


def test_latin_text_is_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "facade.yaml"
    path.write_bytes("tenants: {m\u00fcller: {}}".encode("latin-1"))
    with pytest.raises(SettingsInvalid, match="UTF-8"):
        read(path, environ={})


def test_secrets_are_equal_by_value_alone() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
