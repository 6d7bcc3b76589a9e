"""OpenAPI 3.2 -> OpenAPI 3.1: placeholder."""

from facade.contract.dialects.moves import Plain
from facade.kernel import JsonObject


def from_openapi32(root: JsonObject) -> Plain:
    """The description as 3.1."""
    return Plain(root={**root, "openapi": "3.1.0"})
