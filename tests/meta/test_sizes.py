import ast
from pathlib import Path

from tests.meta.source import modules, name_of, tree

MODULE_LINES = 400
FUNCTION_LINES = 60


def written(*folders: str) -> list[Path]:
    """Modules that people write; a migration is a list of columns, frozen on the day it was made."""
    return [p for p in modules(*folders) if "migrations/versions" not in name_of(p)]


def test_no_module_is_longer_than_400_lines() -> None:
    long = {name_of(p): n for p in written("facade", "bench") if (n := len(p.read_text().splitlines())) > MODULE_LINES}
    assert long == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {}
    for path in written("facade", "bench"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{name_of(path)}:{node.name}"] = lines
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
    assert [name_of(p) for p in modules("facade") if p.stem in vague] == []
