import ast

from tests.meta.source import modules, name_of, tree
from tests.requirements import REQUIREMENTS


def marked() -> dict[str, list[str]]:
    """Requirement id -> the modules whose tests show it, as decorator, `pytestmark` or mark of a parameter."""
    found: dict[str, list[str]] = {}
    for path in modules("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "requirement":
                for id_ in (a.value for a in node.args if isinstance(a, ast.Constant)):
                    found.setdefault(str(id_), []).append(name_of(path))
    return found


def test_every_requirement_has_a_test() -> None:
    assert sorted(set(REQUIREMENTS) - set(marked())) == []


def test_every_mark_names_a_requirement() -> None:
    assert {id_: tests for id_, tests in marked().items() if id_ not in REQUIREMENTS} == {}


def test_marks_stand_in_modules_of_tests() -> None:
    strays = {name for names in marked().values() for name in names if not name.rpartition("/")[2].startswith("test_")}
    assert strays == set()


def test_no_id_stands_in_two_areas() -> None:
    areas = [module for path in modules("tests/requirements") for module in [tree(path)]]
    keys = [
        key.value
        for area in areas
        for node in ast.walk(area)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]
    assert sorted(keys) == sorted(set(keys))
