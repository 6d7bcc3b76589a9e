"""Several processes on one port, as an operator runs them."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest
import yaml

from facade.kernel import SettingsInvalid
from tests.e2e.desk import Desk, desk, settled
from tests.requirements import requirement
from tests.serving.scenes import mapping_with, settings_with

TIGHT = {
    "listen": {"workers": 2},
    "tiers": {"free": {"rates": ["1 requests/hour burst 25"], "quotas": [], "concurrency": 0}},
}


async def _asked(opened: Desk, who: int) -> int:
    """One request on a connection of its own, so that any worker may take it."""
    customer = opened.customers[who]
    headers = {"Authorization": f"Bearer {customer.token}"}
    target = f"{opened.facade.url}/accounts/{customer.id}"
    async with aiohttp.ClientSession() as http, http.get(target, headers=headers) as answer:
        await answer.read()
        return answer.status


def _workers_of(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children]


async def _without(parent: int, gone: int) -> None:
    """Until there are two workers again and the killed one is not among them."""
    while len([child for child in _workers_of(parent) if child != gone]) < 2:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.05)


def _ended(folder: Path) -> list[int]:
    """How workers ended that did not end as they were told to."""
    said = [line for line in (folder / "facade.log").read_text().splitlines() if line.startswith("{")]
    return [entry["code"] for entry in map(json.loads, said) if entry["event"] == "worker.ended"]


async def _spends(opened: Desk) -> float:
    """What the workers together counted of the free tenant's refusals and answers."""
    async with opened.http.get(f"{opened.facade.url}/agent/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("facade_spends_total{"))


@pytest.mark.slow
@requirement("serving:workers:limits", "serving:workers:restarted", "serving:workers:metrics")
async def test_workers_share_limits_and_metrics_and_one_that_dies_is_started_again(tmp_path: Path) -> None:
    async with desk(tmp_path, changes=TIGHT) as opened:
        parent = opened.facade.process.pid
        statuses = Counter(await asyncio.gather(*(_asked(opened, 1) for _ in range(60))))
        counted = await _spends(opened)
        killed = _workers_of(parent)[0]
        os.kill(killed, signal.SIGKILL)
        await _without(parent, killed)
        after = [await _asked(opened, 0) for _ in range(4)]
        still = await _asked(opened, 1)
        rows = await settled(tmp_path, 29)
    assert (dict(statuses), counted) == ({200: 25, 429: 35}, 25)
    assert (after, still) == ([200] * 4, 429)
    assert len(rows) == 29
    assert opened.facade.process.returncode == 0
    assert _ended(tmp_path) == [-signal.SIGKILL]


@requirement("serving:workers:checked")
def test_workers_need_a_store_that_they_can_share(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        settings_with(tmp_path, listen={"workers": 2}, ledger={"database": "memory:"})
    assert [(f.code, f.place) for f in refused.value.findings] == [("settings.workers", "ledger.database")]


@requirement("serving:workers:restarted")
async def test_a_reload_that_is_asked_for_while_workers_start_ends_none_of_them(tmp_path: Path) -> None:
    mapping = mapping_with(
        tmp_path, listen={"port": 0, "workers": 2}, ledger={"database": "sqlite:///ledger.db", "journal": "journal"}
    )
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump(mapping))
    command = (sys.executable, "-m", "facade", "serve", "-c", str(tmp_path / "facade.yaml"))
    log = (tmp_path / "log").open("wb")
    with log:
        parent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=log)
    assert parent.stdout is not None
    ready = asyncio.create_task(parent.stdout.readline())
    while not ready.done():
        if len(first := _workers_of(parent.pid)) == 2:
            parent.send_signal(signal.SIGHUP)
        await asyncio.wait({ready}, timeout=0.02)
    last = _workers_of(parent.pid)
    parent.terminate()
    assert (await parent.wait(), json.loads(ready.result())["prefix"], last) == (0, "/agent", first)
