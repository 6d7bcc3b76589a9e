"""The facade's own API and the demo help desk, held against their descriptions by `facade test`'s own engine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from facade.conformance.engine import Options, run
from facade.conformance.records import Level
from facade.contract import parse
from facade.demo.helpdesk import Store, build_app, plant
from facade.kernel import JsonObject
from tests.conformance.scenes import found
from tests.demo.desk import BRIGHT, HARBOR, KEYS, NOW, SEED
from tests.e2e.desk import desk
from tests.requirements import requirement

SPECS = Path(__file__).parents[2] / "specs"


def described(name: str) -> JsonObject:
    return parse((SPECS / name).read_bytes(), place=name)


@requirement("conformance:own:true")
async def test_our_own_api_keeps_its_description(tmp_path: Path) -> None:
    async with desk(tmp_path) as started:
        for who in (0, 1):
            assert (await started.talk(who).say("List our products")).status == 200
        first, second = ((("Authorization", f"Bearer {c.token}"),) for c in started.customers[:2])
        report = await run(
            Options(
                document=described("agent.yaml"),
                url=f"{started.facade.url}/agent",
                credential=first,
                other=second,
                writes=True,
                examples=3,
            )
        )
    assert report.failures == ()
    assert {"listModels", "getModel", "getConversation", "listConversations", "isReady"} <= set(report.operations)
    made = {(o.operation, o.check) for o in report.outcomes}
    assert {("getConversation", "tenants.read"), ("createChatCompletion", "auth.required")} <= made


@asynccontextmanager
async def helpdesk() -> AsyncGenerator[str]:
    """The demo help desk in this process; yields its address."""
    store = Store(":memory:")
    plant(store, seed=SEED)
    runner = web.AppRunner(build_app(store, clock=lambda: NOW), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        store.close()


@requirement("conformance:demo:sound")
async def test_the_demo_help_desk_has_no_failure_and_every_operation_is_reached() -> None:
    key = {account: (("X-Account-Key", KEYS[account]),) for account in (BRIGHT, HARBOR)}
    async with helpdesk() as url:
        report = await run(
            Options(
                document=described("helpdesk.yaml"),
                url=url,
                credential=key[BRIGHT],
                other=key[HARBOR],
                writes=True,
                examples=0,
            )
        )
    assert (report.failures, report.skipped, report.disagreements) == ((), {}, ())
    assert {check for _, check in found(report, Level.WARNING)} <= {"input.refused"}
    unreached = [p.operation for p in report.warnings if p.expected.startswith("2xx for some input")]
    assert unreached == []
