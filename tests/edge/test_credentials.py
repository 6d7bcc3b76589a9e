"""Which credential did the client present?"""

import pytest
from multidict import CIMultiDict

from facade.edge.credentials import CredentialRules, credential_of
from facade.identity import Credential
from facade.kernel import CredentialKind, Secret, Unauthenticated

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"
OWN = CredentialRules(saas_headers=("X-Account-Key",))


def jwt(value: str = JWT) -> Credential:
    return Credential(kind=CredentialKind.JWT, header="authorization", value=Secret(value))


def saas(header: str, value: str) -> Credential:
    return Credential(kind=CredentialKind.SAAS, header=header, value=Secret(value))


@pytest.mark.parametrize(
    ("headers", "rules", "credential"),
    [
        ([("Authorization", f"Bearer {JWT}")], CredentialRules(), jwt()),
        ([("authorization", f"bEARER   {JWT}")], OWN, jwt()),
        ([("Authorization", "Bearer eyJ9.e30.")], CredentialRules(), jwt("eyJ9.e30.")),
        ([("X-ACCOUNT-KEY", " k-1 ")], OWN, saas("x-account-key", "k-1")),
        ([("X-Account-Key", "k-1"), ("Authorization", f"Bearer {JWT}")], OWN, jwt()),
        ([("X-Account-Key", "k-1"), ("Authorization", "Bearer k-2")], OWN, saas("x-account-key", "k-1")),
        ([("Authorization", "Bearer k-2")], OWN, saas("authorization", "k-2")),
        ([("Authorization", "Bearer a.b.c.d.e")], OWN, saas("authorization", "a.b.c.d.e")),
        (
            [("Authorization", "Basic YTpi")],
            CredentialRules(saas_headers=("Authorization",)),
            saas("authorization", "Basic YTpi"),
        ),
        (
            [("Authorization", "Bearer opaque")],
            CredentialRules(saas_headers=("authorization",)),
            saas("authorization", "opaque"),
        ),
    ],
)
def test_the_credential_is_read_from_where_the_rules_say(headers, rules, credential):
    assert credential_of(CIMultiDict(headers), rules) == credential


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", "Basic YTpi")],
        [("Authorization", f"Bearer {JWT}"), ("Authorization", f"Bearer {JWT}")],
        [("Authorization", "Bearer k\x7f")],
        [("X-Account-Key", "k\udcff")],
        [("X-Account-Key", "a"), ("x-account-key", "b")],
        [("X_Account_Key", "a")],
    ],
)
def test_an_absent_unreadable_or_doubled_credential_is_refused(headers):
    with pytest.raises(Unauthenticated):
        credential_of(CIMultiDict(headers), OWN)


def test_without_headers_of_the_application_an_opaque_bearer_is_refused():
    with pytest.raises(Unauthenticated):
        credential_of(CIMultiDict({"Authorization": "Bearer opaque"}), CredentialRules())
