"""I5 with real processes: killed thirty times under load, nothing is lost and nothing happens twice."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.desk import Desk, Talk, desk, facade, ledger
from tests.requirements import requirement

KILLS = 30
CLIENTS = 6


@pytest.mark.slow
@requirement("invariant:ledger:complete", "REL-KILL-01")
async def test_thirty_kills_under_load_lose_no_attempt_and_repeat_no_approved_write(tmp_path: Path) -> None:
    port = free_port()
    tiers = {name: {"rates": [], "quotas": [], "concurrency": 0} for name in ("free", "gold")}
    async with desk(tmp_path, changes={"listen": {"port": port}, "tiers": tiers}) as running:
        for round_number in range(KILLS):
            await killed_under_load(running, round_number)
        async with facade(tmp_path):
            rows = await ledger(tmp_path)
        logged = [e for e in running.access_log() if e["request_id"] is not None]
        sent, known = Counter(e["request_id"] for e in logged), Counter(r["request_id"] for r in rows)
        done = Counter(r["request_id"] for r in rows if r["outcome"] is not None and r["status"] is not None)
        assert {rid: n for rid, n in sent.items() if n > known[rid]} == {}, "sent, and not in the ledger"
        assert {rid: n for rid, n in done.items() if n > sent[rid]} == {}, "settled, and never sent"
        unknown = [r for r in rows if r["outcome"] is None]
        assert len(unknown) <= KILLS * (CLIENTS + 1)
        assert len(logged) > KILLS
        created = await created_subjects(running)
        assert {subject: n for subject, n in created.items() if n > 1} == {}, "approved once, done twice"
        assert (len(created) > KILLS // 2, bool(unknown)) == (True, True), "the kills met no work"


async def killed_under_load(running: Desk, round_number: int) -> None:
    """One life of the facade: it serves while clients read, write and approve, and is killed in the middle."""
    async with lived(running, first=round_number == 0) as (url, kill), aiohttp.ClientSession() as http:
        load = [asyncio.create_task(reading(http, url, running.key(n % 2))) for n in range(CLIENTS)]
        load.append(asyncio.create_task(approving(http, url, running.customers[0].token, round_number)))
        await busy(running, reads=5 + 3 * (round_number % 5), writes=round_number % 3)
        kill()
        await asyncio.gather(*load, return_exceptions=True)


@asynccontextmanager
async def lived(running: Desk, *, first: bool) -> AsyncGenerator[tuple[str, Callable[[], None]]]:
    if first:
        yield running.facade.url, running.facade.process.kill
        await running.facade.process.wait()
        return
    async with facade(running.folder) as alive:
        yield alive.url, alive.process.kill
        await alive.process.wait()


async def reading(http: aiohttp.ClientSession, url: str, key: str) -> None:
    """An existing client that asks until nobody answers."""
    for number in range(10_000):
        async with http.get(f"{url}/tickets?per_page=1&page={number + 1}", headers={"X-Account-Key": key}) as answer:
            await answer.read()


async def approving(http: aiohttp.ClientSession, url: str, token: str, round_number: int) -> None:
    """Somebody who opens tickets in words and approves each; every subject is asked for once."""
    for number in range(10_000):
        talk = Talk(url=url, token=token, http=http)
        await talk.say(f"Open a ticket for C-1019 with subject 'Kill {round_number}-{number}'")
        await talk.say("yes")


async def busy(running: Desk, *, reads: int, writes: int) -> None:
    """Wait until the application was asked that much more; only its log tells."""
    wanted = Counter(asked(running)) + Counter(GET=reads, POST=writes)
    for _ in range(2000):
        if not wanted - Counter(asked(running)):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("no load arrived")


def asked(running: Desk) -> list[str]:
    return [entry["method"] for entry in running.access_log()]


async def created_subjects(running: Desk) -> Counter[str]:
    """How many tickets have each subject of the load, as the application itself tells."""
    subjects: Counter[str] = Counter()
    headers = {"X-Account-Key": running.key(0)}
    async with aiohttp.ClientSession() as http:
        for page in range(1, 200):
            params = {"q": "Kill", "per_page": "100", "page": str(page)}
            async with http.get(f"{running.helpdesk.url}/tickets", params=params, headers=headers) as answer:
                items = (await answer.json())["items"]
            subjects.update(i["subject_line"] for i in items if i["subject_line"].startswith("Kill "))
            if not items:
                break
    return subjects


def free_port() -> int:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
