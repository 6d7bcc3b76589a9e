"""Settings and doors for tests of running."""

from pathlib import Path
from typing import Any

from facade.config import Settings, load

_DESCRIPTION = """
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things: {get: {operationId: listThings, responses: {"200": {description: Things}}}}
"""


def mapping_with(folder: Path, **sections: Any) -> dict[str, Any]:
    """The mapping of a small settings file in a folder, some sections given; one customer whose key is `k`."""
    (folder / "things.yaml").write_text(_DESCRIPTION)
    return {
        "version": 1,
        "listen": {"port": 0},
        "apis": {"things": {"spec": "things.yaml", "upstream": "http://127.0.0.1:9"}},
        "identity": {"saas": {"headers": "X-Key", "mapping": [{"credential": "k", "tenant": "acme", "user": "ada"}]}},
        "tiers": {"gold": {}},
        "tenants": {"acme": {"tier": "gold"}},
        "ledger": {"database": "memory:", "journal": "journal"},
        **sections,
    }


def settings_with(folder: Path, **sections: Any) -> Settings:
    """The same, read."""
    return load(mapping_with(folder, **sections), environ={}, base_dir=folder)
