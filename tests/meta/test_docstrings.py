import ast

from tests.meta.source import modules, name_of, tree


def test_every_package_says_what_it_is_for() -> None:
    silent = [name_of(p) for p in modules("facade") if p.name == "__init__.py" and not ast.get_docstring(tree(p))]
    assert silent == []


def test_every_room_says_what_it_may_import() -> None:
    rooms = [
        p for p in modules("facade") if p.name == "__init__.py" and len(p.parent.relative_to(p.parents[2]).parts) == 1
    ]
    silent = [name_of(p) for p in rooms if "mport" not in (ast.get_docstring(tree(p)) or "")]
    assert silent == []
