"""A facade over a description that changes, in this process, before an application that tells what it was asked."""

import json
import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from facade.app import Facade, open_facade
from facade.config import Settings, load
from facade.edge.server import serving

KEY = {"X-Key": "k"}


def description(things: str, **operation: Any) -> dict[str, Any]:
    """One operation that lists what the name says, at a path of that name."""
    listed = {"operationId": "listThings", "summary": "List the things", "responses": {"200": {"description": "ok"}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": things},
        "paths": {f"/{things}": {"get": {**listed, **operation}}},
    }


def mapping_for(upstream: str, **sections: Any) -> dict[str, Any]:
    """Settings of a facade before `upstream`; nothing is looked at by itself."""
    mapped = {"credential": "k", "tenant": "acme", "user": "ada"}
    return {
        "version": 1,
        "listen": {"port": 0},
        "apis": {"main": {"spec": "things.json", "upstream": upstream}},
        "identity": {"saas": {"headers": "X-Key", "mapping": [mapped]}},
        "tiers": {"gold": {}},
        "tenants": {"acme": {"tier": "gold"}},
        "ledger": {"database": "memory:", "journal": "journal"},
        "reload": {"watch": False},
        **sections,
    }


@dataclass
class Stage:
    """A facade that is open, its files, and the settings that a reload would read.

    Attributes:
        asked: targets that the application got, in order.
        before: called with each target before the application answers it.
    """

    folder: Path
    mapping: dict[str, Any]
    asked: list[str]
    facade: Facade | None = None
    url: str = ""
    http: aiohttp.ClientSession | None = None
    before: Callable[[str], Any] | None = None

    @property
    def opened(self) -> Facade:
        assert self.facade is not None
        return self.facade

    def describe(self, document: Mapping[str, Any] | str) -> None:
        """Write the description."""
        text = document if isinstance(document, str) else json.dumps(document)
        (self.folder / "things.json").write_text(text)

    def settings(self) -> Settings:
        """What the settings file says now."""
        return load(self.mapping, environ={}, base_dir=self.folder)

    async def get(self, path: str) -> tuple[int, str]:
        """Status and text of one of our own pages, or of the application's."""
        assert self.http is not None
        async with self.http.get(f"{self.url}{path}", headers=KEY) as answer:
            return answer.status, await answer.text()

    async def say(self, words: str) -> tuple[int, list[str]]:
        """One message: status, and what was called for it."""
        assert self.http is not None
        body = {"model": "facade", "messages": [{"role": "user", "content": words}]}
        async with self.http.post(f"{self.url}/agent/v1/chat/completions", json=body, headers=KEY) as answer:
            told = await answer.json()
            return answer.status, [call["target"] for call in told.get("facade", {}).get("calls", ())]

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path == "/things.json":
            return web.Response(body=(self.folder / "things.json").read_bytes())
        self.asked.append(request.path_qs)
        if self.before is not None:
            await self.before(request.path_qs)
        return web.json_response([{"path": request.path}])


@asynccontextmanager
async def staged(folder: Path, **sections: Any) -> AsyncGenerator[Stage]:
    """A facade over `description("apples")`, and a client of it."""
    stage = Stage(folder=folder, mapping={}, asked=[])
    stage.describe(description("apples"))
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", stage._answer)
    with _logging_kept():
        async with TestServer(application) as upstream:
            kept = {"cache": str(folder.parent / "compiled"), **sections.pop("compiling", {})}  # shared by the tests
            stage.mapping = mapping_for(str(upstream.make_url("")).rstrip("/"), compiling=kept, **sections)
            async with (
                open_facade(stage.settings(), again=stage.settings) as facade,
                serving(facade.http, facade.server, facade.gate) as server,
                aiohttp.ClientSession() as http,
            ):
                stage.facade, stage.http, stage.url = facade, http, f"http://127.0.0.1:{server.port}"
                yield stage


@contextmanager
def _logging_kept() -> Iterator[None]:
    """The composition root routes the process's logging; a test gives it back."""
    root = logging.getLogger()
    before = (root.handlers, root.level, structlog.get_config())
    try:
        yield
    finally:
        root.handlers = before[0]
        root.setLevel(before[1])
        structlog.configure(**before[2])


def events(err: str) -> list[dict[str, Any]]:
    """The log's lines, without those of single spends."""
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] != "spend"]
