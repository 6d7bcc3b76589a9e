"""A real facade in the test's own loop, as the composition root opens it: settings in, a port out."""

import logging
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import structlog

from facade.app import open_facade
from facade.config import load
from facade.edge.server import serving

KEY_HEADER = b"X-Api-Key: key-of-acme\r\n"
"""The application's own credential of the tenant `acme`."""

_SPEC = """\
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things/{thing_id}:
    parameters: [{name: thing_id, in: path, required: true, schema: {type: string}}]
    get: {operationId: getThing, responses: {"200": {description: ok}}}
    post: {operationId: changeThing, responses: {"200": {description: ok}}}
"""


def settings_of(port: int, folder: Path, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A facade that does its whole job: a recognised tenant, rates, context, journal, observation.

    Args:
        changes: of the one API's section.
    """
    description = folder / "openapi.yaml"
    if not description.exists():
        description.write_text(_SPEC)
    api = {
        "spec": "openapi.yaml",
        "upstream": f"http://127.0.0.1:{port}",
        "host_header": "client",
        "context": {"headers": {"X-Tenant-ID": "{tenant}"}, "credential": "passthrough"},
        "observe": {"mode": "observe"},
    }
    return {
        "version": 1,
        "listen": {"port": 0},
        "apis": {"main": {**api, **(changes or {})}},
        "identity": {
            "saas": {
                "headers": ["X-Api-Key"],
                "mapping": [{"credential": "key-of-acme", "tenant": "acme", "user": "ada"}],
            }
        },
        "tiers": {"gold": {"rates": ["1000000 requests/minute"]}},
        "tenants": {"acme": {"tier": "gold"}},
        "roles_optional": True,
        "ledger": {"database": "memory:", "journal": mkdtemp(prefix="journal-", dir=folder)},
        "limits": {"drain_s": 1},
        "log": {"level": "error"},
    }


@asynccontextmanager
async def facade_before(
    port: int, folder: Path, changes: Mapping[str, Any] | None = None, **sections: Any
) -> AsyncGenerator[int]:
    """A facade in front of what listens on `port`; where it listens itself.

    Args:
        changes: of the one API's section. sections: whole sections of the settings.
    """
    settings = load({**settings_of(port, folder, changes), **sections}, environ={}, base_dir=folder)
    with logging_kept():
        async with open_facade(settings) as facade, serving(facade.http, facade.server, facade.gate) as server:
            yield server.port


@contextmanager
def logging_kept() -> Iterator[None]:
    """The composition root routes the process's logging; a test gives it back."""
    root, library = logging.getLogger(), logging.getLogger("facade.edge.library")
    before = (root.handlers, root.level, library.level, structlog.get_config())
    try:
        yield
    finally:
        root.handlers = before[0]
        root.setLevel(before[1])
        library.setLevel(before[2])
        structlog.configure(**before[3])
