import ast

from tests.meta.source import modules, name_of, tree
from tests.requirements import REQUIREMENTS


def marked() -> dict[str, list[str]]:
    """Requirement id -> the tests that show it."""
    found: dict[str, list[str]] = {}
    for path in modules("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for id_ in ids_of(node):
                    found.setdefault(id_, []).append(f"{name_of(path)}:{node.name}")
    return found


def ids_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[str]:
    return [
        argument.value
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name)
        if decorator.func.id == "requirement"
        for argument in decorator.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


def test_every_requirement_has_a_test() -> None:
    assert sorted(set(REQUIREMENTS) - set(marked())) == []


def test_every_mark_names_a_requirement() -> None:
    assert {id_: tests for id_, tests in marked().items() if id_ not in REQUIREMENTS} == {}


def test_marked_things_are_tests() -> None:
    strays = [t for tests in marked().values() for t in tests if not t.rpartition(":")[2].startswith(("test", "Test"))]
    assert strays == []
