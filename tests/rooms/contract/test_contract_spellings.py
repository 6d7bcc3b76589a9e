"""What a path could mean to an application that folds spellings."""

import pytest

from facade.contract import Contract, ContractSettings, compile_contract, match_of, meant
from tests.requirements import requirement


def contract() -> Contract:
    made = {"responses": {"200": {"description": "ok"}}}

    def at(*names: str, **methods: str) -> dict[str, object]:
        parameters = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]
        return {"parameters": parameters, **{m: {"operationId": o, **made} for m, o in methods.items()}}

    paths = {
        "/Accounts/{account_id}": at("account_id", get="getAccount", patch="changeAccount"),
        "/Accounts/current": at(get="current"),
        "/Accounts/{id}/things/{n}": at("id", "n", get="getThing"),
        "/reports/": at(get="reports"),
        "/files/{name}:copy": at("name", post="copyFile"),
        "/": at(get="home"),
    }
    document = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths}
    return compile_contract(document, api="main", settings=ContractSettings())


def told(path: str) -> dict[str, tuple[dict[str, str], bool]]:
    return {each.operation.key.operation_id: (dict(each.path), each.whole) for each in meant(contract(), path)}


ACCOUNT = {
    "getAccount": ({"account_id": "b"}, True),
    "changeAccount": ({"account_id": "b"}, True),
    "getThing": ({"id": "b"}, False),
}


@requirement("proxy:spellings:one-meaning")
@pytest.mark.parametrize(
    "path",
    [
        *("/accounts/b", "/ACCOUNTS/b/", "/Accounts//b", "//accounts/b", "/Accounts%2Fb", "/accounts\\b"),
        *("/accounts;v=1/b;w", "/%41ccounts/%62/", "/accounts.json/b"),
    ],
)
def test_an_account_is_found_in_every_spelling(path: str) -> None:
    assert told(path) == ACCOUNT


@requirement("proxy:spellings:one-meaning")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/Accounts/b", {key: ACCOUNT[key] for key in ("getAccount", "changeAccount")}),
        ("/Accounts/current", {"current": ({}, True)}),
        (
            "/accounts/Current",
            {
                "current": ({}, True),
                "getAccount": ({"account_id": "Current"}, True),
                "changeAccount": ({"account_id": "Current"}, True),
                "getThing": ({"id": "Current"}, False),
            },
        ),
        (
            "/Accounts/b/secrets",
            {
                "getAccount": ({"account_id": "b"}, False),
                "changeAccount": ({"account_id": "b"}, False),
                "getThing": ({"id": "b"}, False),
            },
        ),
        ("/reports", {"reports": ({}, True)}),
        ("/Reports/", {"reports": ({}, True)}),
        ("/files/a%20b:copy/", {"copyFile": ({"name": "a b"}, True)}),
        ("/files/a", {}),
        ("//", {"home": ({}, True)}),
        ("/", {"home": ({}, True)}),
        ("/nowhere", {}),
        ("nowhere", {}),
        ("/a" * 200, {}),
        ("/a" + "%2Fa" * 200, {}),
    ],
)
def test_what_else_is_meant_is_told_with_how_far_it_goes(path: str, expected: dict[str, object]) -> None:
    assert told(path) == expected


def test_a_longer_template_keeps_every_value_it_reaches() -> None:
    assert told("/accounts/b/THINGS/7/")["getThing"] == ({"id": "b", "n": "7"}, True)


@requirement("proxy:spellings:one-meaning")
def test_what_a_path_means_is_matched_as_if_it_were_spelled_as_the_contract_has_it() -> None:
    found = [match_of(each) for each in meant(contract(), "/accounts/a%20b/") if each.whole]
    told = {each.operation.key.operation_id: (dict(each.path), dict(each.raw)) for each in found}
    assert told["getAccount"] == ({"account_id": "a b"}, {"account_id": "a%20b"})
