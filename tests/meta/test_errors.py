import ast
from collections.abc import Iterator

from facade.edge.problem import PROBLEMS
from facade.kernel import FacadeError, errors
from tests.meta.source import modules, name_of, tree


def leaves(kind: type[FacadeError] = FacadeError) -> Iterator[type[FacadeError]]:
    below = kind.__subclasses__()
    if not below:
        yield kind
    for each in below:
        yield from leaves(each)


def test_every_leaf_has_one_row_and_every_row_is_a_leaf() -> None:
    assert set(leaves()) == set(PROBLEMS)


def test_every_code_is_unique_and_every_leaf_documented() -> None:
    codes = [leaf.code for leaf in leaves()]
    assert sorted(set(codes)) == sorted(codes)
    assert FacadeError.code not in codes
    assert [leaf.__name__ for leaf in leaves() if not leaf.__doc__] == []


def test_the_tree_grows_in_the_kernel_alone() -> None:
    names = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, FacadeError)}
    elsewhere = [
        (name_of(path), node.name)
        for path in modules("facade")
        if name_of(path) != "facade/kernel/errors.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and names & {b.id for b in node.bases if isinstance(b, ast.Name)}
    ]
    assert elsewhere == []
