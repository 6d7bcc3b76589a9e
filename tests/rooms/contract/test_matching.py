import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.contract import Contract, ContractSettings, compile_contract, match
from facade.contract.trie import Segment
from facade.kernel import Severity
from tests.requirements import requirement
from tests.rooms.contract.documents import API, OK, contract_of, describe, remarks


def _paths(*routes: str) -> Contract:
    paths: dict[str, dict[str, object]] = {}
    for route in routes:
        method, path = route.split(" ", 1)
        paths.setdefault(path, {})[method.lower()] = {**OK, "operationId": route}
    return contract_of(paths)  # type: ignore[arg-type] # built from literals above


def _found(contract: Contract, request: str) -> tuple[str, dict[str, str]] | None:
    method, path = request.split(" ", 1)
    found = match(contract, method, path)
    return None if found is None else (f"{found.operation.method} {found.operation.path}", dict(found.path))


_ROUTES = _paths(
    "GET /users/{id}",
    "GET /users/me",
    "POST /users/me",
    "DELETE /users/{id}",
    "GET /users/{id}/posts",
    "GET /users/me/{thing}",
    "GET /users/",
    "GET /files/{name}.{ext}",
    "GET /files/{name}",
    "GET /files/v{major}-{minor}",
    "GET /",
    "GET /a b/{x}",
)


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /users/7", ("GET /users/{id}", {"id": "7"})),
        ("GET /users/me", ("GET /users/me", {})),
        ("DELETE /users/me", ("DELETE /users/{id}", {"id": "me"})),
        ("GET /users/me/posts", ("GET /users/me/{thing}", {"thing": "posts"})),
        ("GET /users/7/posts", ("GET /users/{id}/posts", {"id": "7"})),
        ("GET /users/", ("GET /users/", {})),
        ("GET /users", None),
        ("GET /users/7/", None),
        ("GET /users//posts", None),
        ("GET /files/a.b.json", ("GET /files/{name}.{ext}", {"name": "a.b", "ext": "json"})),
        ("GET /files/plain", ("GET /files/{name}", {"name": "plain"})),
        ("GET /files/.json", ("GET /files/{name}", {"name": ".json"})),
        ("GET /files/v1-2", ("GET /files/v{major}-{minor}", {"major": "1", "minor": "2"})),
        ("GET /files/v1", ("GET /files/{name}", {"name": "v1"})),
        ("GET /", ("GET /", {})),
        ("GET /a%20b/c%20d", ("GET /a b/{x}", {"x": "c d"})),
        ("GET /users/%6de", ("GET /users/me", {})),
        ("GET users/7", None),
        ("GET *", None),
        ("PUT /users/7", None),
        ("GET /" + "a/" * 200, None),
        ("GET /" + "a" * 9_000, None),
    ],
)
def test_a_path_finds_its_most_literal_operation(request_line: str, expected: object) -> None:
    assert _found(_ROUTES, request_line) == expected


@pytest.mark.parametrize(
    ("raw", "suspicious"),
    [
        ("7", False),
        ("a%20b", False),
        ("%C3%A9", False),
        ("..", True),
        ("%2e%2e", True),
        (".", True),
        ("a%2fb", True),
        ("a%5Cb", True),
        ("a\\b", True),
        ("%00", True),
        ("a%0d%0ab", True),
        ("%C2%85", True),
        ("%ff", True),
        ("%zz", True),
        ("%", True),
        ("%252e%252e", False),
    ],
)
def test_a_segment_that_decodes_to_something_else_matches_and_is_pointed_out(raw: str, suspicious: bool) -> None:
    found = match(_ROUTES, "GET", f"/users/{raw}")

    assert found is not None
    assert (found.raw, found.suspicious) == ({"id": raw}, suspicious)


@requirement("contract:collisions:deterministic")
def test_of_two_templates_that_no_request_can_tell_apart_the_first_by_path_stays() -> None:
    contract = _paths("GET /a/{y}", "GET /a/{x}", "POST /a/{y}")

    assert set(contract.operations) == {"GET_a_x", "POST_a_y"}
    assert ("path.same", "/paths/~1a~1{y}/get", Severity.ERROR) in remarks(contract)
    assert _found(contract, "POST /a/1") == ("POST /a/{y}", {"y": "1"})


def test_the_base_path_stands_before_every_path() -> None:
    settings = ContractSettings(base_path="/api/v 1/")
    contract = compile_contract(describe({"/x/{id}": {"get": OK}}), api=API, settings=settings)

    assert match(contract, "GET", "/x/1") is None
    assert _found(contract, "GET /api/v%201/x/1") == ("GET /x/{id}", {"id": "1"})


def test_broken_and_hidden_operations_are_known_to_the_proxy_alone() -> None:
    broken = {**OK, "operationId": "broken", "requestBody": {"required": True, "content": {"multipart/mixed": {}}}}
    contract = contract_of({"/x": {"post": broken, "get": {**OK, "operationId": "fine"}}})
    found = match(contract, "POST", "/x")

    assert found is not None
    assert (found.operation.key.operation_id, found.operation.parameters, found.reachable) == ("broken", (), False)
    assert set(contract.operations) == {"fine"}
    assert [code for code, _, _ in remarks(contract)] == ["body.media_type"]


_NAME = st.text("ab.-", min_size=1, max_size=6)


@given(st.lists(_NAME, min_size=1, max_size=3), st.sampled_from([".", "-", "--"]))
def test_a_segment_that_was_put_together_is_taken_apart_if_it_can_be(values: list[str], separator: str) -> None:
    names = tuple(f"n{i}" for i in range(len(values)))
    segment = Segment(literals=("", *[separator] * (len(values) - 1), ""), names=names)
    raw = separator.join(values)

    captured = segment.capture(raw)

    assert captured is not None
    assert separator.join(captured) == raw
    assert all(captured)
    if not any(separator in value or value[0] == "-" or value[-1] == "-" for value in values):
        assert captured == tuple(values)
