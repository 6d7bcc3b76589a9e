"""Contracts and rules replaced while the facade serves."""

import asyncio
import gc
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from facade.app.reloading import REFUSED, RELOADED, UNCHANGED
from facade.contract.compiled import Compiled
from facade.kernel import OperationKey
from tests.reloading.scenes import Stage, description, events, staged
from tests.requirements import requirement

LIST = OperationKey("main", "listThings")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)


def held() -> int:
    """Operations that anything still holds compiled."""
    gc.collect()
    return sum(isinstance(each, Compiled) for each in gc.get_objects())


def path(stage: Stage) -> str:
    return stage.opened.ports.catalogue.operation(LIST).path


@requirement("reload:whole", "reload:told")
async def test_a_changed_description_takes_the_place_of_the_old_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with staged(tmp_path) as stage:
        old = stage.opened.ports
        assert await stage.say("list the things") == (200, ["/apples"])
        stage.describe(description("pears"))
        assert await stage.opened.reloader.reload() == RELOADED
        assert await stage.say("list the things") == (200, ["/pears"])
        assert (old.catalogue.operation(LIST).path, path(stage)) == ("/apples", "/pears")
        assert (await stage.get("/agent/metrics"))[1].count('facade_reload_total{result="reloaded"} 1.0') == 1
    told = [{k: v for k, v in e.items() if k not in {"timestamp", "level"}} for e in events(capsys.readouterr().err)]
    assert {
        "event": "contract.changed",
        "api": "main",
        "clients": 1,
        "plans": 1,
        "others": 1,
        "breaking": ["listThings is gone (GET /apples)"],
    } in told
    assert {"event": "reloaded", "operations": 1} in told


@requirement("reload:bad")
@pytest.mark.parametrize("bad", ["{", "", "openapi: 3.0.3", json.dumps({**description("pears"), "paths": 1})])
async def test_a_bad_description_changes_nothing(bad: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with staged(tmp_path) as stage:
        before = stage.opened.ports
        stage.describe(bad)
        assert await stage.opened.reloader.reload() == REFUSED
        assert stage.opened.ports is before
        assert (await stage.get("/agent/readyz"))[0] == 200
        assert await stage.say("list the things") == (200, ["/apples"])
        assert 'facade_reload_total{result="refused"} 1.0' in (await stage.get("/agent/metrics"))[1]
    refused = [e for e in events(capsys.readouterr().err) if e["event"] == "reload.refused"]
    assert [(e["level"], "things.json" in e["reason"]) for e in refused] == [("error", True)]


@requirement("reload:bad")
async def test_a_description_that_is_gone_or_takes_too_long_changes_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path, compiling={"time_s": 1}) as stage:
        before = stage.opened.ports
        (tmp_path / "things.json").unlink()
        assert await stage.opened.reloader.reload() == REFUSED
        slow = {
            f"/{n}": {"get": {"parameters": [{"name": str(p), "in": "query"} for p in range(50)]}} for n in range(4000)
        }
        stage.describe({**description("pears"), "paths": slow})
        assert await stage.opened.reloader.reload() == REFUSED
        assert stage.opened.ports is before
        stage.describe(description("pears"))
        assert await stage.opened.reloader.reload() == RELOADED


@requirement("reload:bad", "reload:settings")
async def test_bad_settings_change_nothing_and_say_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with staged(tmp_path) as stage:
        before = stage.opened.ports
        stage.describe(description("pears"))
        stage.mapping["tenants"] = {"acme": {"tier": "nowhere"}}
        assert await stage.opened.reloader.reload(settings_too=True) == REFUSED
        assert stage.opened.ports is before
    refused = [e["reason"] for e in events(capsys.readouterr().err) if e["event"] == "reload.refused"]
    assert ["tenants.acme.tier" in reason for reason in refused] == [True]


@requirement("reload:bad")
async def test_a_fault_of_ours_in_a_reload_is_told_and_the_facade_serves_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with staged(tmp_path) as stage:
        stage.mapping = None  # type: ignore[assignment]  # nobody's settings look like this
        assert await stage.opened.reloader.reload(settings_too=True) == REFUSED
        assert await stage.say("list the things") == (200, ["/apples"])
    assert "TypeError at loading.py" in capsys.readouterr().err


@requirement("reload:settings")
async def test_what_settings_may_replace_is_replaced_and_the_rest_waits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with staged(tmp_path) as stage:
        assert await stage.opened.reloader.reload(settings_too=True) == UNCHANGED
        stage.mapping["tiers"] = {"gold": {"autonomy": "auto"}, "free": {}}
        stage.mapping["tenants"] = {"acme": {"tier": "gold"}, "globex": {"tier": "free"}}
        stage.mapping["apis"]["main"] |= {"operations": {"listThings": {"title": "All things"}}, "connections": 7}
        stage.mapping["listen"] = {"port": 1}
        assert await stage.opened.reloader.reload(settings_too=True) == RELOADED
        ports = stage.opened.ports
        assert ports.catalogue.operation(LIST).title == "All things"
        assert set(ports.policy.tiers) == {"gold", "free"}
        assert await ports.tenants.find("globex") is not None
        assert await stage.opened.reloader.reload(settings_too=True) == UNCHANGED
    waiting = [e["settings"] for e in events(capsys.readouterr().err) if e["event"] == "reload.restart"]
    assert waiting == [["listen.port", "apis.main.connections"]] * 2


@requirement("reload:watch")
async def test_a_file_is_taken_up_once_it_has_stayed_still_for_one_look(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        look = stage.opened.reloader.look
        assert [await look(), await look()] == [None, None]
        stage.describe(json.dumps(description("pears"))[:40])
        assert await look() is None
        stage.describe(description("pears"))  # it was still being written
        assert await look() is None
        assert await look() == RELOADED
        assert path(stage) == "/pears"
        stage.describe("{")
        assert [await look(), await look(), await look()] == [None, REFUSED, None]
        (tmp_path / "things.json").touch()
        assert [await look(), await look(), path(stage)] == [None, REFUSED, "/pears"]


@requirement("reload:watch", "reload:signal")
async def test_watching_reloads_by_itself_and_when_it_is_asked(tmp_path: Path) -> None:
    async with staged(tmp_path, reload={"interval_s": 0.1}) as stage:
        stage.describe(description("pears"))
        await until(lambda: path(stage) == "/pears")
        stage.mapping["reload"] = {"watch": False}  # such a change waits for a restart; the rest is read at once
        stage.mapping["apis"]["main"]["operations"] = {"listThings": {"title": "All things"}}
        stage.opened.reloader.ask()
        await until(lambda: stage.opened.ports.catalogue.operation(LIST).title == "All things")


@requirement("reload:address")
async def test_a_description_at_an_address_is_asked_for_now_and_then(tmp_path: Path) -> None:
    async with staged(tmp_path, reload={"fetch_s": 0.1, "interval_s": 600}) as stage:
        main = stage.mapping["apis"]["main"]
        main["spec"] = f"{main['upstream']}/things.json"
        assert await stage.opened.reloader.reload(settings_too=True) == RELOADED
        stage.opened.reloader.ask()  # its watch learns of the address at its next turn
        stage.describe(description("pears"))
        await until(lambda: path(stage) == "/pears")
        stage.describe(description("apples"))
        await until(lambda: path(stage) == "/apples")


@requirement("reload:whole")
async def test_a_request_ends_with_what_it_began_with(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        reached, go_on = asyncio.Event(), asyncio.Event()

        async def wait(target: str) -> None:
            reached.set()
            await go_on.wait()

        stage.before = wait
        asking = asyncio.create_task(stage.say("list the things"))
        await reached.wait()
        stage.describe(description("pears"))
        assert await stage.opened.reloader.reload() == RELOADED
        stage.before = None
        assert await stage.say("list the things") == (200, ["/pears"])
        go_on.set()
        assert await asking == (200, ["/apples"])


@requirement("reload:whole", "reload:freed")
async def test_reloads_under_load_fail_no_request_mix_no_contracts_and_leave_none_behind(tmp_path: Path) -> None:
    names = ("apples", "pears")
    async with staged(tmp_path) as stage:
        before, over, answers = held(), asyncio.Event(), []

        async def client() -> None:
            while not over.is_set():
                answers.append(await stage.say("list the things"))
                answers.append(((await stage.get("/plums"))[0], ["/apples"]))

        clients = [asyncio.create_task(client()) for _ in range(3)]
        for turn in range(12):
            stage.describe(description(names[(turn + 1) % 2]))
            assert await stage.opened.reloader.reload() == RELOADED
        over.set()
        await asyncio.gather(*clients)
        assert {(status, *targets) for status, targets in answers} == {(200, f"/{name}") for name in names}
        await until(lambda: held() == before)
