"""What is kept from agents by rule, what is not, and how the provider allows it."""

import pytest

from facade.contract import Contract, ContractSettings, Override, compile_contract, match
from facade.contract.risks import acts_as_another, is_credential
from facade.kernel import Json, JsonObject, Location, Severity, WriteClass
from tests.requirements import requirement
from tests.rooms.contract.documents import API, OK, contract_of, describe, get, one, parameter, remarks

INFO, WARNING = Severity.INFO, Severity.WARNING


def kept(contract: Contract) -> dict[str, list[str]]:
    """Codes by method and path."""
    return {
        f"{contract.compiled[name].operation.method} {contract.compiled[name].operation.path}": [f.code for f in found]
        for name, found in contract.kept.items()
    }


def sending(schema: Json, **fields: Json) -> JsonObject:
    return {**OK, **fields, "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def answering(schema: Json) -> JsonObject:
    return {"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}}


def record(**fields: Json) -> JsonObject:
    return {"type": "object", "properties": fields}


TEXT: JsonObject = {"type": "string"}
ROWS: JsonObject = {"type": "array", "items": record(id=TEXT)}
REQUESTS: JsonObject = {"type": "array", "items": record(method=TEXT, path=TEXT)}


@requirement("intake:risks:operations")
@pytest.mark.parametrize(
    ("rule", "paths"),
    [
        # signing in and out
        ("risk.authentication", {"/login": {"post": OK}}),
        ("risk.authentication", {"/api/v1/signIn": {"post": OK}}),
        ("risk.authentication", {"/users/{id}/reset-password": {"put": OK}}),
        ("risk.authentication", {"/oauth2/token": {"post": OK}}),
        ("risk.authentication", {"/token/refresh/": {"post": OK}}),
        ("risk.authentication", {"/users/{id}/access-tokens": {"post": OK}}),
        ("risk.authentication", {"/session": {"delete": OK}}),
        ("risk.authentication", {"/me/2fa/disable": {"post": OK}}),
        ("risk.authentication", {"/enter": {"post": {**OK, "tags": ["Authentication"]}}}),
        ("risk.authentication", {"/logout": {"get": OK}}),
        ("risk.authentication", {"/oauth/authorize": {"get": OK}}),
        # passwords
        ("risk.password", {"/users": {"post": sending(record(name=TEXT, newPassword=TEXT))}}),
        ("risk.password", {"/users/{id}": {"patch": sending(record(password={}))}}),
        ("risk.password", {"/users/{id}": {"put": sending(record(data=record(password=TEXT)))}}),
        # credentials
        ("risk.credentials", {"/me/api-key": {"get": OK}}),
        ("risk.credentials", {"/me/token": {"get": OK}}),
        ("risk.credentials", {"/robots": {"post": answering(record(clientSecret=TEXT))}}),
        ("risk.credentials", {"/robots": {"post": answering(record(data=record(api_key=TEXT)))}}),
        ("risk.credentials", {"/robots": {"post": answering({"allOf": [record(access_token=TEXT)]})}}),
        # requests in a request
        ("risk.batch", {"/run": {"post": sending(record(requests=REQUESTS))}}),
        ("risk.batch", {"/batch": {"post": sending(record(calls=REQUESTS))}}),
        ("risk.batch", {"/graphql": {"post": OK}}),
        # many at once
        ("risk.bulk", {"/tickets/bulk": {"post": OK}}),
        ("risk.bulk", {"/tickets/bulkUpdate": {"post": OK}}),
        ("risk.bulk", {"/batch": {"post": OK}}),
        ("risk.bulk", {"/tickets/mass-delete": {"post": OK}}),
        ("risk.bulk", {"/notifications/mark-all-as-read": {"post": OK}}),
        ("risk.bulk", {"/projects/{id}/delete-tasks": {"post": OK}}),
        ("risk.bulk", {"/tickets": {"post": {**OK, "operationId": "bulk_create_tickets"}}}),
        ("risk.bulk", {"/tickets": {"post": sending(ROWS)}}),
        ("risk.bulk", {"/tickets": {"post": sending({"type": "array", "items": TEXT})}}),
        ("risk.bulk", {"/boards/{id}/tickets": {"post": sending({"type": ["array", "null"], "items": record()})}}),
        # whole collections
        ("risk.collection", {"/tickets": {"delete": OK}}),
        ("risk.collection", {"/history": {"delete": OK}, "/history/{day}": {"get": OK}}),
        ("risk.collection", {"/tickets/": {"patch": OK}, "/tickets/{id}/": {"get": OK}}),
        ("risk.collection", {"/staff": {"put": OK, "get": answering(ROWS)}}),
        ("risk.collection", {"/staff": {"put": OK, "get": answering(record(results=ROWS))}}),
        (
            "risk.collection",
            {"/items/{kind}": {"delete": OK, "get": answering(ROWS)}, "/items/{kind}/{id}": {"delete": OK}},
        ),
    ],
)
def test_what_a_rule_finds_is_kept_from_agents_and_known_to_the_proxy(rule: str, paths: JsonObject) -> None:
    contract = contract_of(paths)
    first, item = next(iter(paths.items()))
    (method, *_) = item  # type: ignore[misc] # a JSON tree
    path = first.replace("{id}", "7").replace("{kind}", "a")

    assert kept(contract) == {f"{str(method).upper()} {first}": [rule]}
    assert not contract.kept.keys() & contract.operations.keys()
    matched = match(contract, str(method).upper(), path)
    assert matched is not None
    assert not matched.reachable


@requirement("intake:risks:harmless")
@pytest.mark.parametrize(
    "paths",
    [
        {"/search": {"post": sending(ROWS)}},
        {"/tickets/search": {"post": {**OK, "operationId": "bulkSearch"}}},
        {"/tickets/filter": {"post": sending({"type": "array", "items": TEXT})}},
        {"/tickets/{id}": {"put": OK, "patch": OK, "delete": OK}, "/tickets/{id}/{part}": {"delete": OK}},
        {"/tickets/{id}/tags": {"post": sending({"type": "array", "items": TEXT})}},
        {"/tickets/{id}": {"put": sending(ROWS)}},
        {"/tickets/{id}/assignee": {"put": OK, "delete": OK}},
        {"/me": {"patch": OK}, "/users/{id}": {"get": OK}},
        {"/settings": {"put": OK, "delete": OK}},
        {"/status": {"delete": OK}},
        {"/wallet": {"patch": OK}, "/wallet/{id}": {"get": OK}},
        {"/authors": {"post": OK}, "/catalogue": {"post": OK}, "/allergies": {"post": OK}},
        {"/auth/me": {"get": OK}},
        {"/sessions": {"post": OK}},
        {"/login-history": {"post": OK}},
        {"/csrf-token": {"get": OK}},
        {"/tokens/{id}": {"get": OK}},
        {"/users": {"post": sending(record(password_protected={"type": "boolean"}, smtp_password=TEXT))}},
        {"/users": {"post": sending(record(password={"type": "boolean"}))}},
        {"/links": {"post": answering(record(secret=TEXT)), "get": answering(record(secret=TEXT))}},
        {"/links": {"post": {**sending(record(secret=TEXT)), **answering(record(secret=TEXT))}}},
        {"/batches/{id}": {"delete": OK}},
        {"/reports/{id}.json": {"delete": OK}},
        {"/run": {"post": sending(record(steps={"type": "array", "items": record(method=TEXT)}))}},
        {"/": {"put": OK}},
    ],
)
def test_what_no_rule_finds_stays_within_reach(paths: JsonObject) -> None:
    assert contract_of(paths).kept == {}


@requirement("intake:risks:operations")
def test_a_read_that_shows_a_credential_is_told_and_kept_from_nobody() -> None:
    contract = contract_of({"/robots": {"get": {**answering(record(items=ROWS, secret=TEXT)), "operationId": "op"}}})

    assert (set(contract.operations), contract.kept) == ({"op"}, {})
    assert remarks(contract) == [("risk.shown", "/paths/~1robots/get", INFO)]


@requirement("intake:risks:operations", "intake:risks:allowed")
def test_what_is_kept_says_why_and_how_to_allow_it() -> None:
    contract = contract_of({"/tickets": {"delete": {**OK, "operationId": "drop"}}})

    (found,) = contract.kept["drop"]
    assert remarks(contract) == [("risk.collection", "/paths/~1tickets/delete", WARNING)]
    assert "'tickets'" in found.message
    assert "drop: {allow: true}" in found.message


@requirement("intake:risks:allowed")
@pytest.mark.parametrize("name", ["drop", "DELETE /tickets"])
def test_what_the_settings_allow_is_within_reach_and_still_told(name: str) -> None:
    paths: JsonObject = {"/tickets": {"delete": {**OK, "operationId": "drop"}}}
    settings = ContractSettings(overrides={name: Override(allow=True)})
    contract = compile_contract(describe(paths), api=API, settings=settings)

    assert (set(contract.operations), contract.kept) == ({"drop"}, {})
    assert remarks(contract) == [("risk.collection", "/paths/~1tickets/delete", INFO)]


@requirement("intake:risks:allowed")
def test_what_the_settings_call_a_read_or_hide_is_not_kept_back_as_well() -> None:
    paths: JsonObject = {"/tickets/bulk": {"post": {**OK, "operationId": "op"}}}
    reading = ContractSettings(overrides={"op": Override(write_class=WriteClass.READ)})
    hiding = ContractSettings(overrides={"op": Override(hide=True, allow=True)})

    read = compile_contract(describe(paths), api=API, settings=reading)
    hidden = compile_contract(describe(paths), api=API, settings=hiding)

    assert (set(read.operations), read.kept) == ({"op"}, {})
    assert (hidden.operations, hidden.kept) == ({}, {})


# --- parameters


@requirement("intake:risks:parameters")
@pytest.mark.parametrize(
    ("name", "location", "code"),
    [
        ("X-Sudo", "header", "risk.acting_as"),
        ("X-Impersonate-User", "header", "risk.acting_as"),
        ("on_behalf_of", "query", "risk.acting_as"),
        ("runAs", "query", "risk.acting_as"),
        ("actAs", "cookie", "risk.acting_as"),
        ("api_key", "query", "risk.key"),
        ("apikey", "query", "risk.key"),
        ("accessToken", "query", "risk.key"),
        ("token", "query", "risk.key"),
        ("password", "query", "risk.key"),
        ("X-Api-Key", "header", "risk.key"),
    ],
)
def test_a_parameter_that_makes_the_caller_somebody_else_is_not_for_agents(name: str, location: str, code: str) -> None:
    contract = one(get(parameter(name, location, {}), parameter("q", "query", {})))

    assert [p.name for p in contract.operations["op"].parameters] == ["q"]
    assert remarks(contract) == [(code, "/paths/~1x/get/parameters/0", INFO)]


@requirement("intake:risks:parameters")
@pytest.mark.parametrize("required", [True, "true"])
@pytest.mark.parametrize(
    ("name", "location", "code"), [("X-Sudo", "header", "risk.acting_as"), ("api_key", "query", "risk.key")]
)
def test_an_operation_that_needs_such_a_parameter_is_kept_from_agents(
    name: str, location: str, code: str, required: Json
) -> None:
    contract = one(get(parameter(name, location, {}, required=required)))

    assert (contract.operations, kept(contract)) == ({}, {"GET /x": [code]})
    assert remarks(contract) == [(code, "/paths/~1x/get/parameters/0", WARNING)]


@requirement("intake:risks:parameters")
def test_a_key_that_travels_in_a_header_is_sent_by_the_context_even_where_it_is_required() -> None:
    contract = one(get(parameter("X-Api-Key", "header", {}, required=True)))

    assert (contract.operations["op"].parameters, contract.kept) == ((), {})


@requirement("intake:risks:allowed")
def test_a_parameter_that_is_needed_is_for_agents_where_the_settings_allow_the_operation() -> None:
    operation = get(parameter("sudo", "query", {}, required=True), parameter("run_as", "query", {}))
    settings = ContractSettings(overrides={"op": Override(allow=True)})
    contract = compile_contract(describe({"/x": {"get": operation}}), api=API, settings=settings)

    assert [p.name for p in contract.operations["op"].parameters] == ["sudo"]
    assert [(code, severity) for code, _, severity in remarks(contract)] == [
        ("risk.acting_as", INFO),
        ("risk.acting_as", INFO),
    ]


@requirement("intake:risks:parameters")
def test_a_parameter_that_the_context_pins_is_the_contexts() -> None:
    settings = ContractSettings(pins=((Location.HEADER, "x-sudo"),))
    operation = get(parameter("X-Sudo", "header", {}, required=True))
    contract = compile_contract(describe({"/x": {"get": operation}}), api=API, settings=settings)

    assert [(p.name, p.pinned) for p in contract.operations["op"].parameters] == [("X-Sudo", True)]
    assert contract.kept == {}


@requirement("intake:risks:harmless")
@pytest.mark.parametrize(
    "name", ["page_token", "nextToken", "_token", "key", "keyword", "keys", "public_key", "runAsap", "action", "author"]
)
def test_names_that_only_look_alike_are_left_alone(name: str) -> None:
    assert not is_credential(name)
    assert not acts_as_another(name)


@requirement("intake:risks:harmless")
def test_a_path_parameter_is_no_key_by_its_name() -> None:
    assert one(get(parameter("token", "path", {})), path="/shares/{token}").kept == {}


@requirement("intake:risks:operations")
def test_taking_named_members_out_of_one_item_is_no_bulk_change() -> None:
    by_id = {"parameters": [parameter("id", "path", TEXT)], "post": sending(record(ids=TEXT))}
    paths: JsonObject = {
        "/teams/{id}/removeMembers": by_id,
        "/removeMembers": {"post": sending(record(ids=TEXT))},
        "/teams/{id}/deleteMembers": by_id,
    }
    assert kept(contract_of(paths)) == {
        "POST /removeMembers": ["risk.bulk"],
        "POST /teams/{id}/deleteMembers": ["risk.bulk"],
    }
