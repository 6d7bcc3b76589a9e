"""Descriptions to compile, and a stand-in for the worker."""

import sys
from pathlib import Path

import orjson

from facade.adapters.compiling import Source
from facade.contract import ContractSettings
from facade.kernel import JsonObject

SHOP: JsonObject = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/orders": {
            "get": {
                "operationId": "listOrders",
                "summary": "List orders",
                "parameters": [{"name": "state", "in": "query", "schema": {"type": "string", "pattern": "^[a-z]+$"}}],
                "responses": {"200": {"description": "ok"}},
            }
        },
        "/orders/{order_id}": {
            "delete": {
                "operationId": "deleteOrder",
                "parameters": [{"name": "order_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"204": {"description": "gone"}},
            }
        },
    },
}


def source(
    document: JsonObject | bytes = SHOP, *, api: str = "main", settings: ContractSettings | None = None
) -> Source:
    """A description with its usual settings."""
    raw = document if isinstance(document, bytes) else orjson.dumps(document)
    return Source(raw=raw, place=f"{api}.json", api=api, settings=settings or ContractSettings())


def worker(code: str, folder: Path) -> tuple[str, ...]:
    """A command that runs this in place of the worker."""
    path = folder / "stand_in.py"
    path.write_text(code)
    return (sys.executable, str(path))
