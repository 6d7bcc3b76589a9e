"""The demo help desk and a facade in front of it, as real processes, with a chat client of each customer."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from facade.cli.demo_settings import Customer, customers, write_settings
from facade.cli.processes import Running, running


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Both processes, their files, and who may talk."""

    folder: Path
    helpdesk: Running
    facade: Running
    customers: list[Customer]
    http: aiohttp.ClientSession

    def access_log(self) -> list[dict[str, Any]]:
        """What the help desk was asked, introspection left out; a line that is being written is not there yet."""
        lines = (self.folder / "access.log").read_text().rpartition("\n")[0].splitlines()
        return [entry for entry in map(json.loads, lines) if not entry["target"].startswith("/whoami")]

    def talk(self, who: int, *, token: str | None = None) -> "Talk":
        """A fresh conversation of one customer."""
        return Talk(url=self.facade.url, token=token or self.customers[who].token, http=self.http)

    def key(self, who: int) -> str:
        """The application's own key of one customer."""
        return str(self.helpdesk.said["accounts"][who]["key"])


@dataclass
class Talk:
    """A chat client that sends its whole history, as OpenAI clients do."""

    url: str
    token: str
    http: aiohttp.ClientSession
    messages: list[dict[str, str]] = field(default_factory=list)

    async def say(self, words: str) -> "Said":
        """Send one message and keep the answer in the history."""
        self.messages.append({"role": "user", "content": words})
        body = {"model": "facade", "messages": self.messages}
        async with self.http.post(
            f"{self.url}/agent/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {self.token}"}
        ) as answer:
            document = await answer.json()
            said = Said(status=answer.status, body=document, headers=dict(answer.headers))
        if answer.status == 200:
            self.messages.append({"role": "assistant", "content": said.text})
        return said


@dataclass(frozen=True)
class Said:
    """One answer of the facade."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        return str(self.body["choices"][0]["message"]["content"])

    @property
    def extra(self) -> Mapping[str, Any]:
        return dict(self.body.get("facade", {}))

    @property
    def targets(self) -> list[str]:
        return [f"{call['method']} {call['target']} {call['status']}" for call in self.extra.get("calls", ())]


@asynccontextmanager
async def desk(folder: Path, *, changes: Mapping[str, Any] | None = None) -> AsyncGenerator[Desk]:
    """Start both; `changes` are merged into the facade's settings."""
    log = str(folder / "access.log")
    async with running("facade.demo.helpdesk", "--port", "0", "--access-log", log) as helpdesk:
        accounts = helpdesk.said["accounts"]
        path = write_settings(folder, upstream=helpdesk.url, accounts=accounts, port=0)
        settings = merged(yaml.safe_load(path.read_text()), changes or {})
        path.write_text(yaml.safe_dump(settings))
        people = customers(folder, accounts, settings)
        async with facade(folder) as started, aiohttp.ClientSession() as http:
            yield Desk(folder=folder, helpdesk=helpdesk, facade=started, customers=people, http=http)


@asynccontextmanager
async def facade(folder: Path) -> AsyncGenerator[Running]:
    """`facade serve` over the folder's settings; its log goes to a file beside them."""
    with (folder / "facade.log").open("ab") as log:
        async with running("facade", "serve", "-c", str(folder / "facade.yaml"), stderr=log) as started:
            yield started


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Nested mappings joined, everything else replaced."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


async def settled(folder: Path, expected: int) -> list[dict[str, Any]]:
    """The ledger's attempts, once it holds that many; the drain delivers within its period."""
    for _ in range(200):
        rows = await ledger(folder)
        if len(rows) >= expected:
            return rows
        await asyncio.sleep(0.05)
    return await ledger(folder)


async def ledger(folder: Path) -> list[dict[str, Any]]:
    """Every attempt on the wire that the ledger knows."""
    with sqlite3.connect(f"file:{folder / 'facade.db'}?mode=ro", uri=True) as store:
        store.row_factory = sqlite3.Row
        return [dict(row) for row in store.execute("SELECT * FROM attempts WHERE wire = 1")]
