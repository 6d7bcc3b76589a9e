import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from facade.contract import (
    Bounds,
    Contract,
    ContractSettings,
    compile_contract,
    match,
    observe_request,
    observe_response,
    parse,
)
from facade.contract.validators import Validator
from facade.kernel import Finding, Json, JsonObject, Location
from tests.requirements import requirement
from tests.rooms.contract.documents import API, called, contract_of, describe, get, parameter, refusals

_HELPDESK = Path(__file__).parents[3] / "specs" / "helpdesk.yaml"


def _again(contract: Contract) -> Contract:
    """The same contract, as another process receives it."""
    other: Contract = pickle.loads(pickle.dumps(contract))  # noqa: S301 - our own bytes
    return other


def _validators(contract: Contract) -> Iterator[Validator]:
    for compiled in contract.compiled.values():
        yield from (p.validator for p in compiled.parameters)
        yield from (v for by_type in compiled.responses.values() for v in by_type.values() if v is not None)
        if compiled.body is not None:
            yield from (content.validator for content in compiled.body.contents.values())


@pytest.fixture(scope="module")
def helpdesk() -> Contract:
    document = parse(_HELPDESK.read_bytes(), place="helpdesk.yaml")
    return compile_contract(document, api=API, settings=ContractSettings(pins=((Location.QUERY, "locale"),)))


def _verdicts(contract: Contract) -> list[tuple[Finding, ...]]:
    """What the contract says to a poor request and a poor answer of every operation."""
    said = []
    for compiled in contract.compiled.values():
        path = compiled.operation.path.replace("{", "%7B").replace("}", "%7D")
        found = match(contract, compiled.operation.method, path)
        assert found is not None
        query = "&".join(f"{p.parameter.name}=%00" for p in compiled.parameters)
        headers = [("Content-Type", "application/json")]
        said.append(observe_request(found, query, headers, b'{"id": {}}', contract))
        said += [
            observe_response(
                found, 200 if status == "default" else int(status[0] + "01"), media, b'[{"id": []}]', contract
            )
            for status, by_type in compiled.responses.items()
            for media in by_type
        ]
    return said


@requirement("schemas:contract:pickles")
def test_a_contract_made_in_another_process_finds_and_checks_the_same(helpdesk: Contract) -> None:
    other = _again(helpdesk)

    said = _verdicts(helpdesk)

    assert other == helpdesk
    assert _verdicts(other) == said
    assert len(list(filter(None, said))) > 60
    assert len({id(v) for v in _validators(other)}) == len({id(v) for v in _validators(helpdesk)})


_CALLS: tuple[tuple[str, dict[str, Json]], ...] = (
    ("getTicket", {"path": {"ticket_id": "T-1"}}),
    ("createCustomer", {"body": {"name": "n", "email": "a@b.example"}}),
    ("createCustomer", {"body": {"name": 1, "colour": "x"}}),
    ("listTickets", {"query": {"status": ["open"], "limit": 5}}),
    ("listTickets", {"query": {"limit": -5, "nope": 1}}),
)


@requirement("schemas:contract:pickles")
@pytest.mark.parametrize(("operation", "arguments"), _CALLS)
def test_it_builds_and_refuses_the_same_calls(helpdesk: Contract, operation: str, arguments: dict[str, Json]) -> None:
    other = _again(helpdesk)

    refused = refusals(helpdesk, operation=operation, **arguments)

    assert refusals(other, operation=operation, **arguments) == refused
    if not refused:
        assert called(other, operation=operation, **arguments) == called(helpdesk, operation=operation, **arguments)


@requirement("schemas:contract:pickles")
def test_what_equal_schemas_share_they_share_after_the_journey() -> None:
    schema: JsonObject = {"type": "integer", "maximum": 9}
    paths: JsonObject = {f"/{n}": {"get": get(parameter("a", "query", schema), operationId=n)} for n in "xyz"}

    other = _again(contract_of(paths))

    assert len({id(v) for v in _validators(other)}) == 1
    assert refusals(other, operation="z", query={"a": 10}) == [("argument.maximum", "query.a")]


@requirement("schemas:contract:pickles")
def test_schemas_too_large_to_hold_stay_in_their_bounded_pool() -> None:
    settings = ContractSettings(bounds=Bounds(eager_references=0, large_validators=1))
    refs: JsonObject = {n: {"$ref": f"#/components/schemas/{n}"} for n in "ab"}
    schemas: JsonObject = {"a": {"type": "integer"}, "b": {"pattern": "^(?!x)"}}
    operation = get(*(parameter(n, "query", refs[n]) for n in "ab"))
    document = describe({"/x": {"get": operation}}, schemas=schemas)

    other = _again(compile_contract(document, api=API, settings=settings))

    for _ in range(2):
        assert refusals(other, query={"a": "1", "b": "xx"}) == [
            ("argument.type", "query.a"),
            ("argument.pattern", "query.b"),
        ]
    assert len({id(v.pool) for v in _validators(other)}) == 1
