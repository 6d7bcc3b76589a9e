"""Reloads under load (SEC-SPEC-07), and starts over the largest description, cold and warm.

A real `facade serve` serves clients of the proxy and of the chat while its description changes again and again, each
time taken up by SIGHUP. Counted: answers that are not 200, answers that mix two versions, the longest silence of a
health probe, and memory.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from facade.cli.processes import Running, running
from facade.testing.synthetic import synthetic_document

_KEY = {"X-Key": "k"}
_NAMES = ("apples", "pears")
_CLIENTS = 4
_MAPPED = {"credential": "k", "tenant": "acme", "user": "ada"}


@dataclass
class Met:
    """What clients met."""

    proxied: Counter[int] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    silences: list[float] = field(default_factory=list)


def main() -> None:
    """Run both measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reloads", type=int, default=1000)
    parser.add_argument("--operations", type=int, default=1675, help="of the large description")
    parser.add_argument("--wide", type=int, default=48, help="fields of each of its answers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_reloads(Path(folder), options.reloads))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_starts(Path(folder), options.operations, options.wide))


# --- reloads


async def _reloads(folder: Path, count: int) -> None:
    application = web.Application()
    application.router.add_get("/{tail:.*}", _answered)
    async with TestServer(application) as upstream:
        _prepare(folder, str(upstream.make_url("")).rstrip("/"))
        _describe(folder, _NAMES[0])
        async with _serving(folder) as facade, aiohttp.ClientSession(headers=_KEY) as http:
            met, over = Met(), asyncio.Event()
            clients = [
                asyncio.create_task(_repeat(each, over))
                for each in (*[_proxied(facade, http, met)] * _CLIENTS, *[_chat(facade, http, met)] * 2)
            ]
            clients.append(asyncio.create_task(_repeat(_probed(facade, http, met), over)))
            began, memory = time.monotonic(), []
            for turn in range(count):
                _describe(folder, _NAMES[(turn + 1) % 2])
                await _reloaded(facade, http, turn + 1)
                if turn * 10 % count < 10:
                    memory.append(_rss_mb(facade))
            took = time.monotonic() - began
            over.set()
            await asyncio.gather(*clients)
            memory.append(_rss_mb(facade))
    _tell(count, took, met, memory)


async def _answered(request: web.Request) -> web.Response:
    return web.json_response([{"path": request.path}])


def _prepare(folder: Path, upstream: str) -> None:
    settings = {
        "version": 1,
        "listen": {"port": 0},
        "apis": {"main": {"spec": "things.json", "upstream": upstream}},
        "identity": {"saas": {"headers": "X-Key", "mapping": [_MAPPED]}},
        "tiers": {"gold": {}},
        "tenants": {"acme": {"tier": "gold"}},
        "reload": {"watch": False},
        "log": {"level": "error"},
    }
    (folder / "facade.yaml").write_text(yaml.safe_dump(settings))


def _describe(folder: Path, things: str) -> None:
    """A description of which everything that matters to a request differs from the other one: id, path, words."""
    document = json.loads(json.dumps(synthetic_document(50)))
    document["paths"][f"/{things}"] = {
        "get": {
            "operationId": f"list{things.title()}",
            "summary": "List the things",
            "responses": {"200": {"description": "ok"}},
        }
    }
    part = folder / "things.part"
    part.write_text(json.dumps(document))
    part.replace(folder / "things.json")


def _serving(folder: Path) -> AbstractAsyncContextManager[Running]:
    return running("facade", "serve", "-c", str(folder / "facade.yaml"))


async def _repeat(work: Callable[[], Awaitable[None]], over: asyncio.Event) -> None:
    while not over.is_set():
        await work()


def _proxied(facade: Running, http: aiohttp.ClientSession, met: Met) -> Callable[[], Awaitable[None]]:
    async def once() -> None:
        async with http.get(f"{facade.url}/apples") as answer:
            await answer.read()
            met.proxied[answer.status] += 1

    return once


def _chat(facade: Running, http: aiohttp.ClientSession, met: Met) -> Callable[[], Awaitable[None]]:
    body = {"model": "facade", "messages": [{"role": "user", "content": "list the things"}]}

    async def once() -> None:
        async with http.post(f"{facade.url}/agent/v1/chat/completions", json=body) as answer:
            told = await answer.json()
        calls = told.get("facade", {}).get("calls", ())
        met.asked[" ".join([str(answer.status), *(f"{c['target']} {c['status']}" for c in calls)])] += 1

    return once


def _probed(facade: Running, http: aiohttp.ClientSession, met: Met) -> Callable[[], Awaitable[None]]:
    async def once() -> None:
        began, waited = time.monotonic(), _waited_s(facade)
        async with http.get(f"{facade.url}/agent/healthz") as answer:
            await answer.read()
        met.silences.append(max(0.0, time.monotonic() - began - (_waited_s(facade) - waited)))
        await asyncio.sleep(0.005)

    return once


async def _reloaded(facade: Running, http: aiohttp.ClientSession, count: int) -> None:
    facade.process.send_signal(signal.SIGHUP)
    while True:
        async with http.get(f"{facade.url}/agent/metrics") as answer:
            results = dict(re.findall(r'facade_reload_total\{result="(\w+)"\} (\d+)', await answer.text()))
        if "refused" in results:
            raise SystemExit("a reload was refused")
        if int(results.get("reloaded", 0)) >= count:
            return
        await asyncio.sleep(0.005)


def _waited_s(facade: Running) -> float:
    """How long the loops on both sides were ready and had no processor: that is the machine's silence, not ours."""
    paths = (f"/proc/{pid}/task/{pid}/schedstat" for pid in (facade.process.pid, os.getpid()))
    return sum(int(Path(path).read_text().split()[1]) for path in paths) / 1e9


def _cpu_s(facade: Running) -> float:
    """Processor time so far, that of its worker processes included."""
    ticks = Path(f"/proc/{facade.process.pid}/stat").read_text().rpartition(") ")[2].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _rss_mb(facade: Running) -> float:
    status = Path(f"/proc/{facade.process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def _tell(count: int, took: float, met: Met, memory: list[float]) -> None:
    failed = sum(n for status, n in met.proxied.items() if status != 200)
    whole = {f"200 /{name} 200" for name in _NAMES}
    mixed = {what: n for what, n in met.asked.items() if what not in whole}
    slowest = sorted(met.silences)
    _say(f"{count} reloads in {took:.1f} s under load")
    _say(f"  proxied: {met.proxied.total()} answers, {failed} failed")
    _say(f"  chat: {met.asked.total()} answers, {sum(mixed.values())} failed or mixed {mixed or ''}")
    middle, longest = slowest[len(slowest) // 2] * 1000, slowest[-1] * 1000
    _say(f"  health probe, less waiting for a processor: p50 {middle:.1f} ms, longest {longest:.1f} ms")
    _say(f"  memory at each tenth: {', '.join(f'{mb:.0f}' for mb in memory)} MiB")


# --- starts


async def _starts(folder: Path, operations: int, wide: int) -> None:
    _prepare(folder, "http://127.0.0.1:9")
    raw = json.dumps(synthetic_document(operations, wide=wide))
    (folder / "things.json").write_text(raw)
    _say(f"starts over {operations} operations, {len(raw) / 1e6:.1f} MB")
    for name in ("cold", "warm", "warm"):
        began = time.monotonic()
        async with _serving(folder) as facade:
            took = time.monotonic() - began
            _say(f"  {name}: ready after {took:.2f} s, {_cpu_s(facade):.2f} s of processor, {_rss_mb(facade):.0f} MiB")
    async with _serving(folder) as facade, aiohttp.ClientSession(headers=_KEY) as http:
        met, over = Met(), asyncio.Event()
        probing = asyncio.create_task(_repeat(_probed(facade, http, met), over))
        for turn in range(3):
            (folder / "things.json").write_text(raw + " " * (turn + 1))
            began, worked = time.monotonic(), _cpu_s(facade)
            await _reloaded(facade, http, turn + 1)
            took, worked = time.monotonic() - began, _cpu_s(facade) - worked
            _say(f"  reload: {took:.2f} s, {worked:.2f} s of processor, {_rss_mb(facade):.0f} MiB")
        over.set()
        await probing
        _say(f"  health probe meanwhile, less waiting for a processor: longest {max(met.silences) * 1000:.1f} ms")
    size = sum(path.stat().st_size for path in (folder / "facade.cache").iterdir())
    _say(f"  cache: {size / 1e6:.1f} MB")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
