"""Settings for tests: a small file that holds together, and how to bend it."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from facade.adapters.tokens import generate_key
from facade.config import Settings, load
from facade.kernel import Finding, SettingsInvalid

SPEC = """\
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /orders:
    get: {operationId: listOrders, summary: List orders, responses: {"200": {description: ok}}}
    post: {operationId: createOrder, summary: Create an order, responses: {"201": {description: made}}}
  /orders/{order_id}:
    get:
      operationId: getOrder
      summary: Get one order
      parameters: [{name: order_id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok}}
"""


_KEY = generate_key().reveal()


def small(folder: Path) -> dict[str, Any]:
    """The least that holds together; its files are made in `folder`."""
    (folder / "openapi.yaml").write_text(SPEC)
    (folder / "dev-key.json").write_text(_KEY)
    return {
        "version": 1,
        "apis": {"main": {"spec": "openapi.yaml", "upstream": "https://app.example"}},
        "identity": {"dev": {"key_file": "dev-key.json"}},
        "tiers": {"free": {}},
    }


def bent(settings: dict[str, Any], place: str, value: object) -> dict[str, Any]:
    """A copy with one value, at a dotted place, made where it is missing."""
    copy = deepcopy(settings)
    *path, last = place.split(".")
    inner = copy
    for part in path:
        inner = inner.setdefault(part, {})
    inner[last] = value
    return copy


def loaded(mapping: dict[str, Any], folder: Path, **environ: str) -> Settings:
    """The settings, with this environment alone."""
    return load(mapping, environ=environ, base_dir=folder)


def findings(mapping: dict[str, Any], folder: Path, **environ: str) -> tuple[Finding, ...]:
    """What is wrong with a mapping; nothing when it holds together."""
    try:
        loaded(mapping, folder, **environ)
    except SettingsInvalid as error:
        return error.findings
    return ()


def places(mapping: dict[str, Any], folder: Path, **environ: str) -> list[tuple[str, str]]:
    """Where and what, without the words."""
    return [(f.place, f.code) for f in findings(mapping, folder, **environ)]
