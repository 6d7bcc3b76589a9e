"""SIGHUP to real processes: one, and several under a supervisor."""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import yaml

from facade.cli.processes import running
from tests.reloading.scenes import description, mapping_for
from tests.requirements import requirement


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await holds():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.05)


@requirement("reload:signal", "reload:bad", "reload:settings")
@pytest.mark.parametrize("workers", [1, 2])
async def test_sighup_takes_new_settings_up_in_every_process_and_leaves_bad_ones(workers: int, tmp_path: Path) -> None:
    mapping = mapping_for("http://127.0.0.1:9", listen={"port": 0, "workers": workers})
    mapping["ledger"] = {"database": "sqlite:///facade.db", "journal": "journal"}
    mapping["identity"]["saas"]["mapping"].append({"credential": "k2", "tenant": "globex", "user": "bob"})
    mapping["tenants"]["globex"] = {"tier": "gold", "state": "suspended"}
    settings = tmp_path / "facade.yaml"
    settings.write_text(yaml.safe_dump(mapping))
    (tmp_path / "things.json").write_text(json.dumps(description("apples")))
    with (tmp_path / "log").open("wb") as log:
        async with (
            running("facade", "serve", "-c", str(settings), stderr=log) as facade,
            aiohttp.ClientSession(headers={"X-Key": "k2"}) as http,
        ):

            async def status() -> int:
                async with http.get(f"{facade.url}/agent/v1/models", headers={"Connection": "close"}) as answer:
                    return answer.status

            async def counted(result: str) -> bool:
                async with http.get(f"{facade.url}/agent/metrics") as answer:
                    return f'facade_reload_total{{result="{result}"}} {workers}.0' in await answer.text()

            assert await status() == 403
            mapping["tenants"]["globex"]["state"] = "active"
            settings.write_text(yaml.safe_dump(mapping))
            (tmp_path / "things.json").write_text(json.dumps(description("pears")))
            facade.process.send_signal(signal.SIGHUP)
            await until(lambda: counted("reloaded"))
            assert {await status() for _ in range(8)} == {200}
            settings.write_text("tirs: {}")
            facade.process.send_signal(signal.SIGHUP)
            await until(lambda: counted("refused"))
            assert {await status() for _ in range(8)} == {200}
    told = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines() if line.startswith("{")]
    assert [e["api"] for e in told if e["event"] == "contract.changed"] == ["main"] * workers
    assert facade.process.returncode == 0
