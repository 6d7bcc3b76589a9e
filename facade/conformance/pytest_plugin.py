"""The pytest plugin: contract tests of a provider in five lines.

    def test_contract(facade_operation):
        facade_operation.conforms()

    pytest --facade-spec openapi.yaml --facade-url https://app.example --facade-header 'Authorization: Bearer ...'

pytest loads this module in every run of every project that has the facade installed, so it imports nothing of ours:
the tests' own library is loaded when the first fixture is asked for.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from facade.conformance.pytest_api import Api, ContractTests, OperationTests


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is tested, and as whom."""
    group = parser.getgroup("facade", "contract tests against an OpenAPI description")
    add = group.addoption
    add("--facade-spec", metavar="FILE", help="the OpenAPI description: a file or an address")
    add("--facade-url", metavar="URL", help="where the application is, base path included")
    add("--facade-header", action="append", default=[], metavar="'NAME: VALUE'", help="the first tenant's credential")
    add("--facade-other-header", action="append", default=[], metavar="'NAME: VALUE'", help="a second tenant's")
    add("--facade-writes", action="store_true", help="test writes too, and remove what was made")
    add("--facade-only", action="append", default=[], metavar="GLOB", help="operations to test; all when left out")
    add("--facade-examples", type=int, default=25, metavar="N", help="generated inputs of each kind for an operation")
    add("--facade-seed", type=int, default=1, metavar="N", help="the same seed makes the same requests")
    add("--facade-strict", action="store_true", help="warnings fail too")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each operation that may be called."""
    if "facade_operation" in metafunc.fixturenames:
        from facade.conformance.pytest_api import operations_of  # noqa: PLC0415 - nobody else shall pay for it

        names = operations_of(metafunc.config)
        metafunc.parametrize("facade_operation", names, ids=names, indirect=True)


@pytest.fixture(scope="session")
def facade_contract(pytestconfig: pytest.Config) -> "Iterator[ContractTests]":
    """The application under test; asks it only when something is asked of this."""
    from facade.conformance.pytest_api import contract_tests  # noqa: PLC0415 - nobody else shall pay for it

    with contract_tests(pytestconfig) as tests:
        yield tests


@pytest.fixture
def facade_operation(request: pytest.FixtureRequest, facade_contract: "ContractTests") -> "OperationTests":
    """One operation of the description; tests that ask for it run once for each."""
    return facade_contract.operation(request.param)


@pytest.fixture
def facade_api(facade_contract: "ContractTests") -> "Api":
    """Calls by operation id: `facade_api.get("listTickets", status="open").conforms()`."""
    return facade_contract.api
