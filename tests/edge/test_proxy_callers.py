"""Which credential of a proxied request may tell us who calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from facade.edge.callers import credentials_in, issuer_of
from facade.edge.credentials import CredentialRules
from facade.identity import Credential
from facade.kernel import CredentialKind, Secret, Unauthenticated
from tests.edge.proxying import jwt
from tests.requirements import requirement

OURS = jwt({"iss": "https://ours"})
THEIRS = jwt({"iss": "https://theirs"})
KEYS = CredentialRules(saas_headers=("x-key",))
NONE = CredentialRules()


def found(rules: CredentialRules, *headers: tuple[str, str]) -> tuple[Credential, ...]:
    return credentials_in(CIMultiDict(headers), rules, {"https://ours"})


def credential(kind: CredentialKind, header: str, value: str) -> Credential:
    return Credential(kind=kind, header=header, value=Secret(value))


def own(header: str, value: str) -> Credential:
    return credential(CredentialKind.SAAS, header, value)


@pytest.mark.parametrize(
    ("rules", "headers", "expected"),
    [
        (NONE, (), ()),
        (NONE, (("Authorization", f"Bearer {OURS}"),), (credential(CredentialKind.JWT, "authorization", OURS),)),
        (NONE, (("Authorization", f"Bearer {THEIRS}"),), ()),
        (NONE, (("Authorization", "Bearer opaque"),), ()),
        (NONE, (("X-Key", "k"),), ()),
        (KEYS, (("X-Key", "k"),), (own("x-key", "k"),)),
        (KEYS, (("Authorization", f"Bearer {THEIRS}"),), (own("authorization", THEIRS),)),
        (
            KEYS,
            (("Authorization", f"Bearer {THEIRS}"), ("X-Key", "k")),
            (own("x-key", "k"), own("authorization", THEIRS)),
        ),
        (
            KEYS,
            (("Authorization", f"Bearer {OURS}"), ("X-Key", "k")),
            (credential(CredentialKind.JWT, "authorization", OURS),),
        ),
        (
            KEYS,
            (("Authorization", "Bearer l"), ("X-Key", "k")),
            (own("x-key", "k"), own("authorization", "l")),
        ),
    ],
)
def test_only_a_token_of_ours_or_a_known_kind_of_key_names_a_caller(
    rules: CredentialRules, headers: tuple[tuple[str, str], ...], expected: tuple[Credential, ...]
) -> None:
    assert found(rules, *headers) == expected


@requirement("limits:odd-headers:no-way-out")
@pytest.mark.parametrize("values", [("k", "l"), ("k", "k"), ("k\xa0l",), ("k\tl",)])
def test_a_doubled_or_unreadable_key_is_refused_and_not_overlooked(values: tuple[str, ...]) -> None:
    with pytest.raises(Unauthenticated):
        found(KEYS, *(("X-Key", value) for value in values))


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.!!!.c", jwt({}), jwt({"iss": 1}), "e.W10.c", "e." + "W1" * 50_000 + ".c"]
)
def test_a_token_without_a_readable_issuer_is_nobodys(token: str) -> None:
    assert issuer_of(token) is None


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert issuer_of(f"e.{text}.c") is None
