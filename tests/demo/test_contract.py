"""The help desk and its OpenAPI document agree, in both directions."""

import json
import re

import pytest
from openapi_core.testing import MockRequest
from openapi_spec_validator import validate

from facade.demo.helpdesk.app import ROUTES
from tests.demo.desk import BRIGHT, CONTRACT, DOCUMENT, HARBOR, KEYS, METHODS, OPERATIONS, Desk
from tests.demo.requests import Good
from tests.requirements import requirement

Goods = dict[str, Good]
ERROR_KEYS = ["code", "message", "field"]
WITH_BODY = [
    id_
    for id_, operation in OPERATIONS.items()
    if "requestBody" in DOCUMENT["paths"][operation.path][operation.method.lower()]
]
WITH_IDS = [id_ for id_, operation in OPERATIONS.items() if "{" in operation.path]


def test_the_document_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"] == "3.0.3"
    validate(DOCUMENT)


def test_every_reference_is_local() -> None:
    references = re.findall(r'"\$ref": "([^"]*)"', json.dumps(DOCUMENT))
    assert references
    assert [each for each in references if not each.startswith("#/components/")] == []


def test_the_document_names_every_route_and_no_other() -> None:
    assert {(route.method, route.path) for route in ROUTES} == {
        (operation.method, operation.path) for operation in OPERATIONS.values()
    }
    assert len(OPERATIONS) == sum(method in item for item in DOCUMENT["paths"].values() for method in METHODS)


async def test_there_is_a_good_request_for_every_operation(goods: Goods) -> None:
    assert set(goods) == set(OPERATIONS)


@pytest.mark.parametrize("operation_id", OPERATIONS)
@requirement("demo:contract:agrees")
async def test_a_good_request_is_answered_as_the_document_says(bright: Desk, goods: Goods, operation_id: str) -> None:
    good = goods[operation_id]
    operation = OPERATIONS[operation_id]
    sent = MockRequest(
        DOCUMENT["servers"][0]["url"],
        operation.method.lower(),
        operation.path.format(**good.path),
        args=good.query,
        headers={"X-Account-Key": KEYS[BRIGHT]},
        data=None if good.body is None else json.dumps(good.body).encode(),
    )
    CONTRACT.validate_request(sent)
    told = await bright.ask(operation_id, good.path, good.query, good.body)
    assert told.status == good.status, told


@pytest.mark.parametrize("operation_id", OPERATIONS)
@pytest.mark.parametrize("key", ["", "hd_live_000000000000000000000000"])
async def test_a_missing_or_unknown_key_is_answered_401(
    bright: Desk, goods: Goods, operation_id: str, key: str
) -> None:
    good = goods[operation_id]
    stranger = Desk(client=bright.client, account=key)
    told = await stranger.ask(operation_id, good.path, good.query, good.body)
    assert (told.status, told.body["error"]["code"]) == (401, "bad_key")


@pytest.mark.parametrize("operation_id", WITH_IDS)
@requirement("demo:tenancy:own")
async def test_another_accounts_ids_are_refused_and_change_nothing(
    bright: Desk, harbor: Desk, goods: Goods, operation_id: str
) -> None:
    good = goods[operation_id]
    before = await everything(bright)
    told = await harbor.ask(operation_id, good.path, good.query, good.body)
    expected = (403, "wrong_account") if "account_id" in good.path else (404, "not_found")
    assert (told.status, told.body["error"]["code"]) == expected
    assert await everything(bright) == before


@requirement("demo:tenancy:own")
@pytest.mark.parametrize("operation_id", ["createTicket", "createInvoice", "createSubscription", "searchTickets"])
async def test_a_body_cannot_point_to_another_account(
    bright: Desk, harbor: Desk, goods: Goods, operation_id: str
) -> None:
    good = goods[operation_id]
    before = await everything(bright)
    body = good.body | ({"client_ref": "C-1042"} if operation_id == "searchTickets" else {})
    told = await harbor.ask(operation_id, good.path, good.query, body)
    if operation_id == "searchTickets":
        names = {each["client_ref"] for each in told.body["data"]}
        assert names <= {each["id"] for each in await harbor.items("listCustomers")}
    else:
        assert (told.status, told.body["error"]["code"]) == (422, "unknown_reference")
    assert await everything(bright) == before


@requirement("demo:tenancy:own")
async def test_the_accounts_have_no_id_in_common(bright: Desk, harbor: Desk) -> None:
    for operation_id, name in (
        ("listCustomers", "id"),
        ("listTickets", "id"),
        ("listInvoices", "number"),
        ("listSubscriptions", "id"),
        ("listAgents", "id"),
        ("listProducts", "sku"),
    ):
        ours = {each[name] for each in await bright.items(operation_id)}
        theirs = {each[name] for each in await harbor.items(operation_id)}
        assert ours
        assert theirs
        assert ours & theirs == set()


async def test_the_accounts_have_customers_of_the_same_name(bright: Desk, harbor: Desk) -> None:
    ours = {each["name"]: each["email"] for each in await bright.items("listCustomers")}
    theirs = {each["name"] for each in await harbor.items("listCustomers")}
    assert set(ours) & theirs == {"Oakridge Dental", "Lumen Fields", "Kestrel Logistics", "Nordlys Bakery"}


async def test_whoami_tells_the_keys_account(bright: Desk, harbor: Desk) -> None:
    assert (await bright.ask("whoAmI")).body["account_id"] == BRIGHT
    assert (await harbor.ask("whoAmI")).body["account_id"] == HARBOR


@pytest.mark.parametrize("operation_id", WITH_BODY)
async def test_an_unknown_field_is_refused_by_name(bright: Desk, goods: Goods, operation_id: str) -> None:
    good = goods[operation_id]
    told = await bright.ask(operation_id, good.path, good.query, {**good.body, "surprise": 1})
    error = told.body["error"]
    assert (told.status, error["code"], error["field"]) == (422, "unknown_field", "surprise")
    assert list(error) == ERROR_KEYS


@pytest.mark.parametrize("operation_id", WITH_BODY)
async def test_every_required_field_is_asked_for_by_name(bright: Desk, goods: Goods, operation_id: str) -> None:
    good = goods[operation_id]
    operation = OPERATIONS[operation_id]
    raw = DOCUMENT["paths"][operation.path][operation.method.lower()]["requestBody"]
    schema = raw["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    for field in DOCUMENT["components"]["schemas"][schema].get("required", ()):
        body = {name: value for name, value in good.body.items() if name != field}
        told = await bright.ask(operation_id, good.path, good.query, body)
        assert (told.status, told.body["error"]["code"], told.body["error"]["field"]) == (422, "required", field)


async def everything(desk: Desk) -> dict[str, object]:
    """All that an account can list."""
    lists = ("listCustomers", "listTickets", "listInvoices", "listProducts", "listSubscriptions", "listTags")
    return {operation_id: await desk.items(operation_id) for operation_id in lists}
