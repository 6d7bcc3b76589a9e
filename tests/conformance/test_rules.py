"""The rules over names and values that find out how an API hangs together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.conformance.client import broken, origin_of
from facade.conformance.described import Link, describe, local_only
from facade.conformance.envelopes import items_of, next_cursor, total_of
from facade.conformance.masking import curl_of
from facade.conformance.paging import Paging, paging_of
from facade.conformance.pool import Pool, diverse
from facade.conformance.records import Due, Level, Request, Who, response_of
from facade.conformance.resources import (
    identifier,
    naming_field,
    noun,
    parent_shapes,
    path_values,
    resource_named,
    steps_of,
)
from facade.conformance.samples import sample
from facade.conformance.shapes import shown, undeclared_fields, value_at
from facade.conformance.states import differences, stable, unmet
from facade.conformance.statuses import EXPECTATIONS
from facade.kernel import InvalidRequest, Location, Operation, OperationKey, Parameter, WriteClass


def operation(path: str, *parameters: Parameter) -> Operation:
    key = OperationKey("main", path)
    return Operation(key=key, method="GET", path=path, write_class=WriteClass.READ, title="", parameters=parameters)


def query(name: str, **schema: Any) -> Parameter:
    return Parameter(name=name, location=Location.QUERY, schema={"type": "integer", **schema})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("customerId", ("customer", "id")),
        ("HTTPServers", ("http", "server")),
        ("companies", ("company",)),
        ("boxes", ("box",)),
        ("status", ("status",)),
        ("address", ("address",)),
        ("", ()),
    ],
)
def test_names_are_words_in_the_singular(name: str, expected: tuple[str, ...]) -> None:
    assert noun(name) == expected


@pytest.mark.parametrize(
    ("item", "parameter", "segment", "expected"),
    [
        ({"id": 1, "customer_id": 2}, "customer_id", "customers", "customer_id"),
        ({"id": 1, "number": "INV-1"}, "invoice_number", "invoices", "number"),
        ({"uuid": "x", "id": 1}, "orderId", "orders", "id"),
        ({"sku": "A"}, "sku", "products", "sku"),
        ({"flag": True, "items": []}, "flag", "flags", None),
    ],
)
def test_the_field_that_a_path_takes_is_found_by_its_name(
    item: dict[str, Any], parameter: str, segment: str, expected: str | None
) -> None:
    assert identifier(item, parameter, segment) == expected


def test_paths_are_taken_apart() -> None:
    steps = steps_of("/a/{a_id}/bs/{b}.json")
    assert [(s.name, s.collection, s.segment) for s in steps] == [("a_id", "/a", "a"), ("b", "/a/{}/bs", "bs")]
    assert parent_shapes("/a/{x}/b/{y}") == ("/a/{}/b", "/a/{}", "/a")
    assert resource_named("customerIds", ["/customers", "/v1/customers"]) == "/customers"
    assert (naming_field({"title": "x", "code": "c"}, "things"), naming_field({"on": True}, "things")) == ("code", None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"a": 1}], [{"a": 1}]),
        ({"data": {"items": [{"a": 1}]}}, [{"a": 1}]),
        ({"rows": [], "other": [{"b": 1}], "orders": [{"a": 1}]}, [{"a": 1}]),
        ({"lines": [{"a": 1}]}, None),
        (["a"], None),
        ("a", None),
    ],
)
def test_lists_are_found_in_their_envelopes(value: Any, expected: Any) -> None:
    assert items_of(value, "orders") == expected


def test_a_path_gives_back_its_values() -> None:
    assert path_values("/a/{id}/bs/{b_id}", "/base/a/1%202/bs/3") == {"id": "1 2", "b_id": "3"}


def test_totals_and_cursors_are_found_in_their_envelopes() -> None:
    assert (total_of({"meta": {"total_count": 3}}), total_of({"total": True}), total_of([])) == (3, None, None)
    assert (next_cursor({"page": {"next_cursor": "x"}}), next_cursor({"next": ""}), next_cursor(3)) == ("x", None, None)


def test_paging_is_known_by_its_names() -> None:
    cursor = Parameter(name="page_token", location=Location.QUERY, schema={"type": "string"})
    assert paging_of(operation("/a", query("perPage", maximum=30), query("page", minimum=0))) == Paging(
        size="perPage", page="page", largest=30, first=0
    )
    found = paging_of(operation("/a", query("limit"), query("skip"), cursor))
    assert found == Paging(size="limit", offset="skip", cursor="page_token")
    assert found.names == {"limit", "skip", "page_token"}
    assert not paging_of(operation("/a", query("year"))).turns


def test_values_go_from_lists_to_paths() -> None:
    pool = Pool()
    pool.learn(operation("/a"), {}, [{"id": 1, "kind": "x", "tags": ["t", {"name": "u"}]}, {"id": 2, "kind": "y"}])
    pool.learn(operation("/a/{a_id}/bs"), {"a_id": 2}, {"items": [{"id": 9, "owner": 1}]})
    pool.learn(operation("/me"), {}, {"account_id": "acme", "deep": [[{"x": 1.5}]]})
    assert pool.path_arguments(operation("/a/{id}"), 5) == [{"id": 1}, {"id": 2}]
    assert pool.path_arguments(operation("/a/{a_id}/bs/{b_id}"), 5) == [{"a_id": 2, "b_id": 9}]
    assert pool.path_arguments(operation("/a/{a_id}/tags/{tag_name}"), 1) == [{"a_id": 1, "tag_name": "t"}]
    assert pool.path_arguments(operation("/x/{account_id}"), 5) == [{"account_id": "acme"}]
    assert pool.path_arguments(operation("/x/{id}"), 5) == []
    assert pool.references("a_id") == ("/a", [1, 2])
    assert pool.references("owner") == ("/a", [1, 2])
    assert pool.references("colour") == ("", [])
    pool.gone("/a", 1)
    assert pool.path_arguments(operation("/a/{id}"), 5) == [{"id": 2}]


def test_deep_values_are_left_alone() -> None:
    pool, value = Pool(), {"id": 1}
    for _ in range(40):
        value = {"inner": value}
    pool.learn(operation("/a"), {}, value)
    assert (pool.lists, pool.seen) == ({}, {})


def test_items_of_every_kind_come_first() -> None:
    items = [{"k": "a"}, {"k": "a"}, {"k": "b"}, {"k": None}]
    assert diverse(items) == [{"k": "a"}, {"k": "b"}, {"k": None}, {"k": "a"}]


@pytest.mark.parametrize(
    ("schema", "first", "second"),
    [
        ({"enum": ["a", "b"]}, "a", "b"),
        ({"type": "integer", "minimum": 3, "maximum": 3}, 3, 3),
        ({"type": "number", "exclusiveMinimum": 2, "multipleOf": 2}, 4, 6),
        ({"type": ["null", "boolean"]}, False, True),
        ({"type": "string", "format": "date"}, "2026-03-14", "2026-04-15"),
        ({"type": "string", "minLength": 15}, "contract testxx", "contract test, changed"),
        ({"type": "string", "maxLength": 2}, "DE", "FR"),
        ({"type": "string", "maxLength": 3}, "aaa", "bbb"),
        ({"items": {"const": 1}, "minItems": 2}, [1, 1], [1, 1]),
        ({"default": "x"}, "x", "contract test, changed"),
        (
            {"allOf": [{"required": ["a"], "properties": {"a": {"enum": [1]}}}], "properties": {"b": {}}},
            {"a": 1},
            {"a": 1},
        ),
        ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, 1, 2),
    ],
)
def test_samples_are_plausible(schema: Any, first: Any, second: Any) -> None:
    assert (sample(schema), sample(schema, turn=1)) == (first, second)


def test_samples_of_endless_schemas_end() -> None:
    schema: dict[str, Any] = {"type": "object", "required": ["next"], "properties": {}}
    schema["properties"]["next"] = schema
    assert "next" in sample(schema)


def test_fields_that_no_schema_names_are_found() -> None:
    schema = {"properties": {"a": {"items": {"properties": {"b": {}}}}}}
    assert undeclared_fields({"a": [{"b": 1, "c": 1}], "d": 1}, schema) == ["body.a[].c", "body.d"]
    assert undeclared_fields({"d": 1}, {**schema, "additionalProperties": True}) == []
    either = {"oneOf": [{"properties": {"a": {}}}, {"type": "null"}]}
    assert (undeclared_fields({"b": 1}, either), undeclared_fields({"b": 1}, {"oneOf": [{}]})) == (["body.b"], [])


def test_values_are_shown_short() -> None:
    body = {"a": [{"b": None}], "long": "x" * 90}
    assert [value_at(body, place) for place in ("body.a.0.b", "body.a", "body", "body.z", "body.a.7")] == [
        "null",
        "an array of 1",
        "an object with a, long",
        "nothing there",
        "nothing there",
    ]
    assert len(shown(body["long"])) == 60


def test_moments_are_compared_without_what_moves_by_itself() -> None:
    before = {"id": 1, "updated_at": 1, "etag": "a", "at": "2026-01-01T00:00:00Z", "list": [{"version": 1}]}
    after = {"id": 1, "updated_at": 2, "etag": "b", "at": "2026-01-02T00:00:00Z", "list": [{"version": 2}]}
    assert differences(stable(before), stable(after)) == []
    assert differences(stable(before), stable({**after, "id": 2})) == ["id: 1 became 2"]
    assert differences([1], [2]) == ["an array of 1 became an array of 1"]
    assert unmet({"name": "A ", "n": 1}, {"data": {"name": "a", "n": 2}}) == ["n: sent 1, read 2"]
    assert (unmet([1], {}), unmet({"x": 1}, {"y": 2})) == ([], [])


def test_a_body_that_nests_without_end_is_not_looked_at() -> None:
    response = response_of(200, (), b"[" * 500 + b"]" * 500)
    assert (response.value, response.cut) == (None, "a body nested deeper than 100 levels, which is not looked at")


@given(st.sampled_from(list(EXPECTATIONS)), st.integers(100, 499))
def test_every_status_has_a_verdict(due: Due, status: int) -> None:
    assert EXPECTATIONS[due].judge(status) in (None, Level.WARNING, Level.FAILURE)


@pytest.mark.parametrize(
    ("due", "fine", "warned", "failed"),
    [
        (Due.ACCEPTED, {200, 304}, {409}, {404, 401, 422}),
        (Due.ANSWERED, {200, 404, 422}, set(), {401, 405}),
        (Due.ABSENT, {404, 410, 403}, {302, 409}, {200, 401}),
        (Due.REFUSED, {400, 422, 200}, set(), {401}),
        (Due.DENIED, {401, 403}, {404, 302, 422}, {200, 204}),
        (Due.GONE, {404, 410}, {403}, {200}),
    ],
)
def test_what_is_due_decides(due: Due, fine: set[int], warned: set[int], failed: set[int]) -> None:
    judge = EXPECTATIONS[due].judge
    verdicts = [(None, fine), (Level.WARNING, warned), (Level.FAILURE, failed)]
    assert all(judge(status) is level for level, statuses in verdicts for status in statuses)


def test_descriptions_are_read_and_lead_nowhere_else() -> None:
    document: dict[str, Any] = {
        "security": [{"key": []}],
        "paths": {
            "/a/{id}": {
                "get": {
                    "responses": {
                        "2XX": {
                            "headers": {"X": {"$ref": "#/components/headers/X"}, "Content-Type": {}},
                            "links": {"b": {"operationRef": "#/paths/~1b~1{id}/get", "parameters": {"id": 1}}},
                        },
                        "404": {"$ref": "#/components/responses/none"},
                    }
                },
                "put": {
                    "security": [{}],
                    "requestBody": {"content": {"application/json": {"examples": {"e": {"value": 1}}, "example": 2}}},
                    "responses": {"default": {"links": {"c": {"operationRef": "elsewhere", "operationId": "c"}}}},
                },
                "delete": {"security": [], "responses": {}},
            }
        },
        "components": {"headers": {"X": {"required": True, "schema": {"type": "integer"}}}},
    }
    found = describe(document).operations
    get, put, delete = (found[method, "/a/{id}"] for method in ("GET", "PUT", "DELETE"))
    assert (get.secured, put.secured, delete.secured) == (True, False, False)
    assert [(h.name, h.required, h.schema) for h in get.header_shapes(204)] == [("X", True, {"type": "integer"})]
    assert get.links_of(200) == (Link(name="b", route=("GET", "/b/{id}"), parameters={"id": 1}),)
    assert (put.bodies, put.links_of(500)[0].operation_id, delete.header_shapes(200)) == ((2, 1), "c", ())
    assert describe({"paths": {"/a": {"get": {}}}}).operations["GET", "/a"].secured is None
    outside = {"a": {"$ref": "http://x/y"}, "b": [{"$ref": "#/z"}], "e": {"externalValue": "http://x", "k": 1}}
    assert local_only(outside) == {"a": {}, "b": [{"$ref": "#/z"}], "e": {"k": 1}}


def test_curl_repeats_a_request_without_its_secrets() -> None:
    request = Request(
        method="POST",
        target="/a?token=topsecret",
        headers=(("X-Key", "x"), ("Accept", "a"), ("Content-Type", "application/json")),
        body=b"x" * 3_000,
        who=Who.BROKEN,
    )
    nobody = Request(method="GET", target="/", who=Who.NOBODY)
    told = curl_of(request, "http://app", {Who.FIRST: ["X-Key"]}, ["topsecret"])
    assert told.startswith("curl -X POST -H 'X-Key: broken' -H 'Content-Type: application/json' --data-binary 'xxx")
    assert told.endswith("'http://app/a?token=***'")
    assert "X-Key" not in curl_of(nobody, "http://app", {Who.FIRST: ["X-Key"]}, [])


def test_addresses_are_taken_apart_and_credentials_broken() -> None:
    assert origin_of("https://app.example:8/api/") == ("https://app.example:8", "/api")
    for wrong in ("app.example", "ftp://x", "http://x/?q=1"):
        with pytest.raises(InvalidRequest):
            origin_of(wrong)
    (header,) = broken((("Authorization", "Bearer abc0def1"),))
    assert header[0] == "Authorization"
    assert header[1].startswith("Bearer ")
    assert header[1] != "Bearer abc0def1"
