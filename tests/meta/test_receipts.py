"""Types are receipts: each has one maker, and a second one is a hole in the wall."""

import ast

import pytest

from tests.meta.source import modules, name_of, tree
from tests.requirements import requirement

MAKERS = {
    "Tenant": ("facade/tenancy/", "tenant_of"),
    "Principal": ("facade/identity/", "principal_from"),
    "ApprovedCall": ("facade/guard/rules.py", "approve"),
    "Consent": ("facade/guard/consent.py", "consent_from"),
    "BuiltCall": ("facade/contract/", "build"),
    "Ticket": ("facade/flow/spend.py", "*"),
    "Claims": ("facade/adapters/tokens/", "*"),
}
FAKES = {"Claims": "facade/testing/"}
"""The fake of the `Tokens` port makes what the port makes."""


def makers(receipt: str) -> list[tuple[str, str]]:
    found = {
        (name_of(path), function)
        for path in modules("facade")
        if not name_of(path).startswith(FAKES.get(receipt, "-"))
        for function, node in functions(tree(path))
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and called(call) == receipt
    }
    return sorted(found)


def functions(module: ast.Module) -> list[tuple[str, ast.AST]]:
    """Top-level statements by the name of the function or class that they make."""
    return [(getattr(node, "name", "<module>"), node) for node in module.body]


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


@requirement("receipts:one-maker:each")
@pytest.mark.parametrize("receipt", MAKERS)
def test_a_receipt_is_made_in_one_place_alone(receipt: str) -> None:
    room, maker = MAKERS[receipt]
    found = makers(receipt)
    assert found
    assert [place for place in found if not place[0].startswith(room)] == []
    assert maker == "*" or [function for _, function in found] == [maker]


@requirement("receipts:one-maker:each")
def test_no_receipt_is_copied_with_changes() -> None:
    """`replace(ticket, ...)` would be a second maker; receipts are never the first argument of it."""
    forged = []
    names = {name.lower() for name in MAKERS} | {"approved", "built"}
    for path in modules("facade"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and called(node) == "replace" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Name) and first.id in names:
                    forged.append((name_of(path), node.lineno))
    assert forged == []
