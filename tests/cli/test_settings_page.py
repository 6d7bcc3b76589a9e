"""Settings of the chat page, of signing in, and of pages of other origins."""

from pathlib import Path
from typing import Any

import pytest

from facade.adapters.tokens import SignInRules
from facade.config import sign_ins_of
from facade.kernel import Secret
from tests.cli.settings_files import bent, loaded, places, small
from tests.requirements import requirement

ISSUER: dict[str, Any] = {
    "issuer": "https://id.example/realm",
    "audiences": ["facade"],
    "keys": {"jwks_url": "https://id.example/jwks"},
}


def signing_in(folder: Path, sign_in: dict[str, Any], **issuer: Any) -> dict[str, Any]:
    changed = {**ISSUER, **issuer, "sign_in": sign_in}
    return bent(small(folder), "identity", {"issuers": [changed]})


def test_a_sign_in_needs_little_and_finds_the_rest(tmp_path: Path) -> None:
    settings = loaded(signing_in(tmp_path, {"client_id": "page"}), tmp_path)
    assert sign_ins_of(settings) == (
        SignInRules(issuer="https://id.example/realm", label="id.example", client_id="page"),
    )
    assert (settings.chat.page, settings.cors.origins) == (True, ())


def test_a_sign_in_takes_everything_that_an_issuer_may_want(tmp_path: Path) -> None:
    sign_in = {
        "client_id": "page",
        "client_secret": {"env": "CLIENT_SECRET"},
        "scopes": ["openid", "api"],
        "authorization_url": "https://id.example/a",
        "token_url": "https://id.example/t",
        "label": "Example ID",
        "use": "id_token",
        "audience": "https://api.example",
        "resource": "urn:api",
    }
    settings = loaded(signing_in(tmp_path, sign_in), tmp_path, CLIENT_SECRET="s")
    assert sign_ins_of(settings) == (
        SignInRules(
            issuer="https://id.example/realm",
            label="Example ID",
            client_id="page",
            client_secret=Secret("s"),
            scopes=("openid", "api"),
            use="id_token",
            parameters={"audience": "https://api.example", "resource": "urn:api"},
            authorization_url="https://id.example/a",
            token_url="https://id.example/t",
        ),
    )


@requirement("sign-in:settings:whole", "invariant:errors:clear")
@pytest.mark.parametrize(
    ("sign_in", "issuer", "place"),
    [
        ({"client_id": ""}, {}, "identity.issuers.0.sign_in.client_id"),
        ({"client_id": "p", "scopes": ["api"]}, {}, "identity.issuers.0.sign_in"),
        ({"client_id": "p", "token_url": "https://id.example/t"}, {}, "identity.issuers.0.sign_in"),
        ({"client_id": "p", "token_url": "http://id.example/t"}, {}, "identity.issuers.0.sign_in.token_url"),
        ({"client_id": "p"}, {"issuer": "urn:somebody"}, "identity.issuers.0"),
    ],
)
def test_a_sign_in_that_cannot_work_stops_the_start(
    tmp_path: Path, sign_in: dict[str, Any], issuer: dict[str, Any], place: str
) -> None:
    assert [where for where, _ in places(signing_in(tmp_path, sign_in, **issuer), tmp_path)] == [place]


@requirement("page:cors:exact", "invariant:errors:clear")
@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example",
        "https://a.example/",
        "https://a.example/x",
        "https://A.example",
        "https://u@a.example",
        "a.example",
    ],
)
def test_an_origin_is_exact_or_refused(tmp_path: Path, origin: str) -> None:
    wrong = bent(small(tmp_path), "cors", {"origins": [origin]})
    assert places(wrong, tmp_path) == [("cors.origins.0", "settings.origin")]


def test_exact_origins_are_taken(tmp_path: Path) -> None:
    origins = ["https://a.example", "http://127.0.0.1:3000"]
    settings = loaded(bent(small(tmp_path), "cors", {"origins": origins}), tmp_path)
    assert settings.cors.origins == tuple(origins)
