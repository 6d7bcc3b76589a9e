"""Which credential of a proxied request may tell us who calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from facade.edge.callers import credential_in, issuer_of
from facade.edge.credentials import CredentialRules
from facade.identity import Credential
from facade.kernel import CredentialKind, Secret
from tests.edge.proxying import jwt

OURS = jwt({"iss": "https://ours"})
THEIRS = jwt({"iss": "https://theirs"})
KEYS = CredentialRules(saas_headers=("x-key",))
NONE = CredentialRules()


def found(rules: CredentialRules, *headers: tuple[str, str]) -> Credential | None:
    return credential_in(CIMultiDict(headers), rules, {"https://ours"})


def credential(kind: CredentialKind, header: str, value: str) -> Credential:
    return Credential(kind=kind, header=header, value=Secret(value))


@pytest.mark.parametrize(
    ("rules", "headers", "expected"),
    [
        (NONE, (), None),
        (NONE, (("Authorization", f"Bearer {OURS}"),), credential(CredentialKind.JWT, "authorization", OURS)),
        (NONE, (("Authorization", f"Bearer {THEIRS}"),), None),
        (NONE, (("Authorization", "Bearer opaque"),), None),
        (NONE, (("X-Key", "k"),), None),
        (KEYS, (("X-Key", "k"),), credential(CredentialKind.SAAS, "x-key", "k")),
        (KEYS, (("Authorization", f"Bearer {THEIRS}"),), credential(CredentialKind.SAAS, "authorization", THEIRS)),
        (
            KEYS,
            (("Authorization", f"Bearer {THEIRS}"), ("X-Key", "k")),
            credential(CredentialKind.SAAS, "x-key", "k"),
        ),
        (KEYS, (("X-Key", "k"), ("X-Key", "l")), None),
    ],
)
def test_only_a_token_of_ours_or_a_known_kind_of_key_names_a_caller(
    rules: CredentialRules, headers: tuple[tuple[str, str], ...], expected: Credential | None
) -> None:
    assert found(rules, *headers) == expected


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.!!!.c", jwt({}), jwt({"iss": 1}), "e.W10.c", "e." + "W1" * 50_000 + ".c"]
)
def test_a_token_without_a_readable_issuer_is_nobodys(token: str) -> None:
    assert issuer_of(token) is None


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert issuer_of(f"e.{text}.c") is None
