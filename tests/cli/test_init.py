"""`facade init` and `facade token`: from a description to a facade that starts."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest
import yaml

from facade.cli.suggest import Account, Credential, suggestions_for
from facade.config import dev_rules_of, read
from facade.contract import ContractSettings, compile_contract, match
from facade.kernel import Location
from tests.cli.settings_files import SPEC
from tests.cli.terminals import Facade, facade_in
from tests.requirements import requirement


@pytest.fixture
def facade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Facade:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    return facade_in(tmp_path, monkeypatch, capsys)


def described(**parts: Any) -> dict[str, Any]:
    return {**yaml.safe_load(SPEC), **parts}


def secured(scheme: dict[str, str]) -> dict[str, Any]:
    return described(components={"securitySchemes": {"other": {"type": "mutualTLS"}, "key": scheme}})


def test_what_init_writes_starts_right_away(facade: Facade, tmp_path: Path) -> None:
    ran = facade("init", "--spec", "openapi.yaml", "--upstream", "https://app.example")
    assert ran.code == 0
    assert "Wrote facade.yaml: 3 operations of Shop." in ran.out
    checked = facade("check", "--json")
    assert (checked.code, checked.data["starts"]) == (0, True)
    settings = read(tmp_path / "facade.yaml", environ={})
    assert list(settings.tiers) == ["free", "pro"]
    assert settings.apis["main"].context.credential.kind == "none"
    assert (tmp_path / "facade.dev-key.json").stat().st_mode & 0o077 == 0


@requirement("intake:risks:told")
def test_what_is_kept_from_agents_is_told_with_the_line_that_allows_it(facade: Facade, tmp_path: Path) -> None:
    paths = {f"/shelf{n}/books": {"delete": {"operationId": f"empty{n}", "responses": {}}} for n in range(7)}
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(described(paths=paths)))

    ran = facade("init", "--spec", "openapi.yaml", "--upstream", "https://app.example")

    assert "7 more kept from agents by rule" in ran.out
    text = (tmp_path / "facade.yaml").read_text()
    assert "Kept from agents by rule: 7" in text
    assert text.count("{allow: true}   # risk.collection") == 5
    allowed = text.replace(
        "    # operations:\n    #   empty0: {allow: true}", "    operations:\n      empty0: {allow: true}"
    )
    (tmp_path / "facade.yaml").write_text(allowed)
    assert [o["operation"] for o in facade("operations", "--json").data] == ["empty0"]
    kept = facade("operations", "--kept", "--json").data
    assert [(o["operation"], o["method"], o["path"], o["rule"]) for o in kept][:1] == [
        ("empty1", "DELETE", "/shelf1/books", "risk.collection")
    ]
    assert len(facade("operations", "--kept").out.splitlines()) == 7
    assert "6 more kept from agents by rule" in facade("operations").err
    (reach,) = [f for f in facade("check", "--json").data["findings"] if f["code"] == "description.reach"]
    assert "6 more kept from them by rule" in reach["message"]


@requirement("intake:servers:ignored")
@pytest.mark.parametrize(
    ("parts", "suggested"),
    [
        ({"servers": [{"url": "https://elsewhere.example/api/v2"}]}, "/api/v2"),
        ({"servers": [{"url": "/v1"}]}, "/v1"),
        ({"servers": [{"url": "http://{host}:{port}/api/"}]}, "/api"),
        ({"servers": [{"url": "{scheme}://app.example/{base}"}]}, ""),
        ({"servers": [{"url": ""}]}, ""),
        ({"servers": [{"url": "http://[/v1"}]}, ""),
        ({"servers": []}, ""),
        ({"servers": None}, ""),
        ({"host": "elsewhere.example", "basePath": "/v3"}, "/v3"),
        ({"basePath": "/"}, ""),
    ],
)
def test_servers_and_base_paths_are_suggestions(parts: dict[str, Any], suggested: str) -> None:
    contract = compile_contract(described(**parts), api="main", settings=ContractSettings())

    assert suggestions_for(described(**parts), contract.operations.values()).base_path == suggested
    assert {match(contract, "GET", path) is not None for path in ("/orders", f"{suggested}/orders")} == {
        True,
        suggested == "",
    }


def test_a_declared_credential_becomes_one_for_each_tenant(facade: Facade, tmp_path: Path) -> None:
    scheme = {"type": "apiKey", "in": "header", "name": "X-Shop-Key"}
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(secured(scheme)))
    ran = facade("init", "--spec", "openapi.yaml", "--upstream", "https://app.example/v2", "--secret-env", "SHOP_KEY")
    assert ran.code == 0
    settings = read(tmp_path / "facade.yaml", environ={"SHOP_KEY": "s3"})
    credential = settings.apis["main"].context.credential
    assert (credential.header, credential.value) == ("X-Shop-Key", "{secret}")
    assert settings.apis["main"].base_path == "/v2"
    secret = settings.tenants["demo"].secret
    assert secret is not None
    assert secret.reveal() == "s3"
    assert "SHOP_KEY" in facade("check", SHOP_KEY="").out


@pytest.mark.parametrize(
    ("scheme", "credential"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, ("X-Key", "{secret}")),
        ({"type": "http", "scheme": "Bearer"}, ("Authorization", "Bearer {secret}")),
        ({"type": "http", "scheme": "basic"}, ("Authorization", "Basic {secret}")),
        ({"type": "oauth2"}, ("Authorization", "Bearer {secret}")),
        ({"type": "openIdConnect"}, ("Authorization", "Bearer {secret}")),
        ({"type": "apiKey", "in": "query", "name": "key"}, None),
        ({"type": "apiKey", "in": "header", "name": "X Key: evil"}, None),
        ({"type": "nonsense"}, None),
    ],
)
def test_the_credential_header_is_read_from_the_declared_scheme(
    scheme: dict[str, str], credential: tuple[str, str] | None
) -> None:
    found = suggestions_for(secured(scheme), ()).credential
    assert (found and (found.header, found.value)) == credential


def test_a_required_scheme_comes_before_one_that_is_only_declared() -> None:
    schemes = {"a": {"type": "http", "scheme": "bearer"}, "b": {"type": "apiKey", "in": "header", "name": "X-B"}}
    document = described(components={"securitySchemes": schemes}, security=[{"b": []}, "nonsense", {"absent": []}])
    assert suggestions_for(document, ()).credential == Credential(
        header="X-B", value="{secret}", why="the description declares `b`"
    )


@pytest.mark.parametrize(
    ("servers", "upstream_path", "base_path"),
    [
        ([{"url": "https://other.example/api/v1/"}], "", "/api/v1"),
        ([{"url": "/rest"}], "", "/rest"),
        ([{"url": "/rest"}], "/own/", "/own"),
        ([{"url": "https://{region}.example/{version}"}], "", ""),
        ([{"url": "http://[broken"}], "", ""),
        ([], "", ""),
        ("nonsense", "", ""),
    ],
)
def test_the_base_path_comes_from_the_address_else_from_the_servers(
    servers: object, upstream_path: str, base_path: str
) -> None:
    assert suggestions_for(described(servers=servers), (), upstream_path=upstream_path).base_path == base_path


def test_parameters_that_seem_to_name_the_customer_are_suggested_as_pins(facade: Facade, tmp_path: Path) -> None:
    item = {"get": {"responses": {"200": {"description": "ok"}}}}
    who = [{"name": "accountId", "in": "path", "required": True, "schema": {"type": "string"}}]
    org = [{"name": "X-Org", "in": "header", "schema": {"type": "string"}}]
    paths = {
        "/accounts/{accountId}/a": {**item, "parameters": who},
        "/accounts/{accountId}/b": {**item, "parameters": [*who, *org]},
        "/c": item,
        "/users/me": item,
    }
    document = described(paths=paths, info={"title": "Bad\n  # name: x", "version": "1"})
    contract = compile_contract(document, api="main", settings=ContractSettings())
    found = suggestions_for(document, contract.operations.values())
    assert found.accounts == (Account(location=Location.PATH, name="accountId", operations=2),)
    assert found.who_am_i == "/users/me"
    (tmp_path / "openapi.yaml").write_text(json.dumps(document))
    ran = facade("init", "--spec", "openapi.yaml", "--upstream", "https://app.example")
    assert "path.accountId seems to name the customer" in ran.out
    text = (tmp_path / "facade.yaml").read_text()
    assert '#   path.accountId: "{attributes.accountId}"   # in 2 operations' in text
    assert "# Settings of a facade in front of Bad # name: x." in text


def test_init_replaces_nothing_unless_told_to(facade: Facade, tmp_path: Path) -> None:
    args = ("init", "--spec", "openapi.yaml", "--upstream", "https://app.example")
    facade(*args)
    key = (tmp_path / "facade.dev-key.json").read_text()
    (tmp_path / "facade.yaml").unlink()
    refused = facade(*args)
    assert (refused.code, refused.out) == (1, "")
    assert not (tmp_path / "facade.yaml").exists()
    assert facade(*args, "--force").code == 0
    assert (tmp_path / "facade.dev-key.json").read_text() != key


@pytest.mark.parametrize("text", ["nonsense", "openapi: 3.0.3\ninfo: {}", "swagger: '1.2'\npaths: {}"])
def test_a_description_that_cannot_be_used_leaves_nothing_behind(facade: Facade, tmp_path: Path, text: str) -> None:
    (tmp_path / "openapi.yaml").write_text(text)
    ran = facade("init", "--spec", "openapi.yaml", "--upstream", "https://app.example")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["openapi.yaml"]


@pytest.fixture
def guarded() -> Iterator[str]:
    """A description that wants a credential."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == "Token abc"
            self.send_response(200 if known else 403)
            body = SPEC.encode() if known else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}/openapi"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_guarded_description_is_fetched_with_its_header_and_kept(
    facade: Facade, tmp_path: Path, guarded: str
) -> None:
    args = ("init", "--spec", guarded, "--upstream", "https://app.example")
    refused = facade(*args)
    assert (refused.code, "403" in refused.err, "credential" in refused.err) == (1, True, True)
    assert facade(*args, "--header", "nonsense").code == 1
    assert facade(*args, "--header", "Authorization: Token abc").code == 0
    assert (tmp_path / "facade.openapi.yaml").read_text() == SPEC
    assert "abc" not in (tmp_path / "facade.yaml").read_text()
    assert facade("check").code == 0


def test_a_description_that_everybody_may_read_stays_where_it_is(facade: Facade, tmp_path: Path) -> None:
    facade("init", "--spec", "openapi.yaml", "--upstream", "https://app.example")
    assert read(tmp_path / "facade.yaml", environ={}).apis["main"].spec == f"{tmp_path}/openapi.yaml"


def test_a_place_that_cannot_be_written_is_told_in_one_line(facade: Facade) -> None:
    ran = facade("init", "--spec", "openapi.yaml", "--upstream", "https://a.example", "--out", "absent/facade.yaml")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)


def test_the_description_is_named_relative_to_the_settings(facade: Facade, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    assert facade("init", "--spec", "openapi.yaml", "--upstream", "https://a.example", "-o", "etc/shop.yaml").code == 0
    assert read(tmp_path / "etc/shop.yaml", environ={}).apis["main"].spec == f"{tmp_path}/etc/../openapi.yaml"


def test_a_token_is_signed_by_the_development_issuer(facade: Facade, tmp_path: Path) -> None:
    facade("init", "--spec", "openapi.yaml", "--upstream", "https://app.example")
    ran = facade("token", "--tenant", "demo", "--user", "ann", "--role", "member", "--minutes", "5")
    assert (ran.code, ran.err) == (0, "")
    key = jwt.PyJWK(json.loads((tmp_path / "facade.dev-key.json").read_text()))
    claims = jwt.decode(ran.out.strip(), key.key.public_key(), algorithms=["EdDSA"], audience="facade")
    rules = dev_rules_of(read(tmp_path / "facade.yaml", environ={}))
    assert rules is not None
    assert (claims["iss"], claims["sub"], claims["tenant"], claims["roles"]) == (
        rules.issuer,
        "ann",
        "demo",
        ["member"],
    )
    assert claims["exp"] - claims["iat"] == 300


def test_a_token_that_the_settings_would_refuse_is_minted_with_a_warning(facade: Facade) -> None:
    facade("init", "--spec", "openapi.yaml", "--upstream", "https://app.example")
    ran = facade("token", "--tenant", "nobody")
    assert ran.code == 0
    assert ran.out.count(".") == 2
    assert ran.err.splitlines() == [
        "facade: 'nobody' is not under `tenants`; the facade will refuse this token",
        "facade: it has none of the roles viewer, member; the facade will refuse this token",
    ]
