"""Settings -> the records of the rooms."""

from pathlib import Path

from facade.config import (
    approval_lives_of,
    context_rules_of,
    contract_settings_of,
    issuer_rules_of,
    policy_of,
    tenants_of,
    upstream_settings_of,
)
from facade.contract import ContractSettings, Override
from facade.identity import IssuerRules
from facade.kernel import (
    SECOND,
    Autonomy,
    Counted,
    Location,
    Micros,
    Period,
    Quota,
    RateLimit,
    Rights,
    Rule,
    Secret,
    TenantRecord,
    Tier,
    WriteClass,
)
from facade.tenancy import ContextRules, HeaderRule, PinRule, Policy
from tests.cli.settings_files import bent, loaded, small


def test_tiers_and_roles_become_a_policy(tmp_path: Path) -> None:
    mapping = bent(
        small(tmp_path),
        "tiers.free",
        {
            "autonomy": "read_only",
            "rates": ["60 requests/minute burst 20", "5 writes/hour"],
            "quotas": ["1000 calls/day"],
            "concurrency": 3,
            "max_writes": 2,
            "price_list": "2026-01",
            "deny": ["DELETE *", "admin.*", {"tags": "billing", "methods": ["post"]}],
        },
    )
    mapping = bent(bent(mapping, "provision", "free"), "roles", {"viewer": {"allow": [{"methods": "get"}]}})
    assert policy_of(loaded(mapping, tmp_path)) == Policy(
        tiers={
            "free": Tier(
                name="free",
                autonomy=Autonomy.READ_ONLY,
                rates=(
                    RateLimit(
                        name="requests-per-60s", counts=Counted.REQUESTS, rate=60, per=Micros(60 * SECOND), burst=20
                    ),
                    RateLimit(
                        name="writes-per-3600s", counts=Counted.WRITES, rate=5, per=Micros(3600 * SECOND), burst=5
                    ),
                ),
                quotas=(Quota(name="calls-per-day", counts=Counted.CALLS, amount=1000, period=Period.DAY),),
                concurrency=3,
                rights=Rights(
                    deny=(
                        Rule(methods=("DELETE",), paths=("*",)),
                        Rule(operations=("admin.*",)),
                        Rule(tags=("billing",), methods=("POST",)),
                    )
                ),
                max_writes=2,
                price_list="2026-01",
            )
        },
        roles={"viewer": Rights(allow=(Rule(methods=("GET",)),))},
        roles_required=False,
        provision="free",
    )


def test_the_context_becomes_rules_and_makes_roles_required(tmp_path: Path) -> None:
    mapping = bent(
        small(tmp_path),
        "apis.main.context",
        {
            "headers": {"X-Org": "{attributes.org}"},
            "pins": {"path.account_id": "{tenant}", "body.owner.id": "{user}"},
            "credential": {"header": "Authorization", "value": "Bearer {secret}"},
        },
    )
    mapping = bent(mapping, "tenants.acme", {"tier": "free", "attributes": {"org": 7}, "secret": "s"})
    settings = loaded(bent(mapping, "roles", {"member": {}}), tmp_path)
    assert context_rules_of(settings) == {
        "main": ContextRules(
            headers=(
                HeaderRule(name="X-Org", value="{attributes.org}"),
                HeaderRule(name="Authorization", value="Bearer {secret}"),
            ),
            pins=(
                PinRule(location=Location.PATH, name="account_id", value="{tenant}"),
                PinRule(location=Location.BODY, name="owner.id", value="{user}"),
            ),
        )
    }
    assert policy_of(settings).roles_required
    assert tenants_of(settings) == {
        "acme": TenantRecord(id="acme", tier="free", attributes={"org": "7"}, secret=Secret("s"))
    }


def test_a_passed_credential_is_not_tenant_wide(tmp_path: Path) -> None:
    settings = loaded(bent(small(tmp_path), "apis.main.context.credential", "passthrough"), tmp_path)
    assert context_rules_of(settings) == {"main": ContextRules(pass_credential=True)}
    assert not policy_of(settings).roles_required


def test_corrections_and_pins_shape_the_contract(tmp_path: Path) -> None:
    mapping = bent(
        small(tmp_path), "apis.main.operations", {"POST /search": {"write_class": "read", "title": "Search"}}
    )
    mapping = bent(bent(mapping, "apis.main.base_path", "/api/"), "apis.main.context.pins", {"query.org": "{tenant}"})
    assert contract_settings_of(loaded(mapping, tmp_path)) == {
        "main": ContractSettings(
            overrides={"POST /search": Override(write_class=WriteClass.READ, title="Search")},
            base_path="/api",
            pins=((Location.QUERY, "org"),),
        )
    }


def test_the_upstream_is_an_origin_with_its_deadlines(tmp_path: Path) -> None:
    mapping = bent(small(tmp_path), "apis.main.timeouts", {"connect_s": 1, "total_s": 9, "first_byte_s": 4})
    mapping = bent(bent(mapping, "apis.main.base_path", "/api"), "apis.main.host_header", "client")
    found = upstream_settings_of(loaded(mapping, tmp_path))["main"]
    assert (found.base, found.client_host, found.connect_s, found.first_byte_s, found.total_s) == (
        "https://app.example",
        True,
        1,
        4,
        9,
    )


def test_issuers_keep_their_rules(tmp_path: Path) -> None:
    issuer = {
        "issuer": "https://login.example",
        "audiences": "facade",
        "algorithms": ["EdDSA"],
        "keys": {"jwks_url": "https://login.example/jwks"},
        "types": ["AT+JWT"],
        "claims": {"tenant": "org.id", "tier": "plan"},
    }
    settings = loaded(bent(small(tmp_path), "identity.issuers", [issuer]), tmp_path)
    assert issuer_rules_of(settings) == (
        IssuerRules(
            issuer="https://login.example",
            algorithms=("EdDSA",),
            audiences=("facade",),
            types=("at+jwt",),
            tenant_claim="org.id",
            tier_claim="plan",
        ),
    )
    assert approval_lives_of(settings) == Micros(300 * SECOND)
