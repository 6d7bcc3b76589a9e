"""Descriptions of other dialects -> plain OpenAPI 3.0 or 3.1: mapping in, mapping out, in front of `compile_contract`.

A converter moves things, so it keeps a map of what came from where: findings point into the document that the provider
has, never into ours. What a dialect says and the plain form cannot is a finding. Nothing outside the document is read.

Sources: Swagger 2.0 (OpenAPI Specification 2.0), OpenAPI Specification 3.2.0.
"""

from collections.abc import Callable, Mapping
from typing import Final

from facade.contract.dialects.moves import Moves, Plain
from facade.contract.dialects.openapi32 import from_openapi32
from facade.contract.dialects.swagger2 import from_swagger2
from facade.kernel import Json, JsonObject

__all__ = ["Moves", "Plain", "plain"]

_CONVERTERS: Final[Mapping[str, Callable[[JsonObject], Plain]]] = {
    "swagger 2": from_swagger2,
    "swagger 2.0": from_swagger2,
    "openapi 3.2": from_openapi32,
}


def plain(document: JsonObject) -> Plain:
    """The description in a dialect that is compiled; one that needs no conversion, or that nobody knows, as it is."""
    convert = _CONVERTERS.get(_dialect(document))
    if convert is None or not isinstance(document.get("paths"), Mapping):
        return Plain(root=document)
    return convert(document)


def _dialect(document: JsonObject) -> str:
    """`openapi` decides where both are there: that is how descriptions half converted by hand look."""
    name = "openapi" if "openapi" in document else "swagger"
    return f"{name} {_release(document.get(name))}"


def _release(version: Json) -> str:
    """`3.2.1`, `3.2` and YAML's number 3.2 -> `3.2`."""
    return ".".join(str(version).split(".")[:2])
