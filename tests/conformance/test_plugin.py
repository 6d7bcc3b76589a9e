"""The pytest plugin in a pytest of its own, against the library on a real port."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance.library import SPEC
from tests.requirements import requirement

Outcome = Callable[..., str]

FIVE_LINES = """
import asyncio
import pytest
def test_contract(facade_operation):
    facade_operation.conforms()

def test_the_whole(facade_contract):
    facade_contract.conforms()
    facade_contract.serves("consumer.yaml")

def test_one_call(facade_api):
    answer = facade_api.get("listBooks", genre="poetry").conforms()
    assert {book["genre"] for book in answer.json["items"]} == {"poetry"}
    assert facade_api.get("listBooks", who="nobody").status == 401
    assert facade_api.call("createBook", body={**BOOK, "shelf_id": answer.json["items"][0]["shelf_id"]}).status == 201

def test_inside_a_loop(facade_api):
    async def ask():
        return facade_api.get("about").response.ok
    assert asyncio.run(ask())

def test_wrong_use(facade_api):
    for call in (
        lambda: facade_api.get("nothing"),
        lambda: facade_api.get("createBook"),
        lambda: facade_api.get("listBooks", colour="red"),
        lambda: facade_api.get("listBooks", genre="prose"),
    ):
        with pytest.raises(ValueError):
            call()

BOOK = {"title": "Odes", "genre": "poetry", "price": 1}
"""
CONSUMER = "consumer: chat\noperations: {listBooks: {parameters: [genre], fields: [items.id]}}"


@pytest.fixture(scope="module")
def library() -> Iterator[str]:
    """The address of a library that runs."""
    command = [sys.executable, "-m", "tests.conformance.serving"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a pytest run in a folder of its own says, with no plugin but ours."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))

    def said(test: str, *options: str) -> str:
        (tmp_path / "test_provider.py").write_text(test)
        (tmp_path / "consumer.yaml").write_text(CONSUMER)
        plugins = ("-p", "facade.conformance.pytest_plugin", "-p", "no:cacheprovider", "--rootdir", str(tmp_path))
        command = [sys.executable, "-m", "pytest", "-q", *plugins, *options, "test_provider.py"]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
        return ran.stdout + ran.stderr

    return said


def against(url: str, *more: str) -> tuple[str, ...]:
    return ("--facade-spec", str(SPEC), "--facade-url", url, "--facade-header", "X-Key: key-of-north", *more)


@requirement("conformance:plugin:lines")
def test_five_lines_test_every_operation(tmp_path: Path, library: str, outcome: Outcome) -> None:
    other = ("--facade-other-header", "X-Key: key-of-south", "--facade-examples", "3")
    said = outcome(FIVE_LINES, *against(library, *other))
    assert "9 passed" in said, said  # five reads, and four tests


@requirement("conformance:plugin:lines")
def test_a_fault_fails_the_test_of_its_operation_with_a_curl(tmp_path: Path, library: str, outcome: Outcome) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(SPEC.read_text().replace("required: [name]", "required: [name, city]"))
    options = against(library, "--facade-examples", "0", "--facade-spec", str(broken), "--facade-only", "about")
    said = outcome("def test_contract(facade_operation):\n    facade_operation.conforms()\n", *options)
    assert "1 failed" in said, said
    assert "about: body.schema: expected body.city is required; seen nothing there" in said
    assert f"curl -H 'X-Key: ***' {library}/about" in said


@requirement("conformance:plugin:lines")
def test_missing_options_are_told(outcome: Outcome) -> None:
    missing = outcome("def test_it(facade_operation): pass\n")
    assert "contract tests need --facade-spec and --facade-url" in missing


@requirement("conformance:plugin:light")
def test_the_plugin_imports_nothing_of_ours_until_a_fixture_is_asked_for() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import facade.conformance.pytest_plugin; "
        "print(sorted(m for m in set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.strip() == "['facade', 'facade.conformance', 'facade.conformance.pytest_plugin']"
