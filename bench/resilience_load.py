"""Rows of `bench.resilience` that need many requests: REL-UP-05, 06 and 11 to 15."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bench.resilience_rows import CALLS, PASSAGES, Row, quantile, stage, took
from facade.kernel import SECOND, Micros
from facade.testing.faults import Exchange, Fault, dripping, hang, ignore, none, reset, saying, storm
from tests.resilience.scenes import Stage


async def dripped() -> list[Row]:
    """REL-UP-05: 100 bytes a second, and other tenants meanwhile."""

    async def some(exchange: Exchange) -> None:
        slow: Fault = dripping(size=10, pause_s=0.1)
        await (slow if b"/things/slow" in exchange.request else none)(exchange)

    async with stage(timeouts={"first_byte_s": 2, "total_s": 2.5, "connect_s": 1}) as scene:
        scene.proxy.fault = some
        alone = [(await took(scene.call(who="beta"))).ms for _ in range(200)]
        slow = [asyncio.create_task(took(scene.call(thing="slow-" + "x" * 400))) for _ in range(20)]
        beside = [(await took(scene.call(who="beta"))).ms for _ in range(200)]
        ended = await asyncio.gather(*slow)
    off = max(abs(each.ms - 2500) for each in ended)
    p99 = quantile(beside, 0.99)
    measured = f"cut at most {off:.0f} ms off; another tenant's p99 {quantile(alone, 0.99):.0f} → {p99:.0f} ms"
    good = off <= 300 and {each.said for each in ended} == {"upstream_timeout"} and p99 < 100
    return [Row("REL-UP-05", "20 drips at 100 B/s, agents' calls", "cut at 2.5 s", measured, good)]


async def stormed(for_s: float) -> list[Row]:
    """REL-UP-06: storms of 503, healed at their end."""
    return [await _storm(share, for_s) for share in (1.0, 0.5, 0.1)]


async def _storm(share: float, for_s: float) -> Row:
    async with stage(attempts=3) as scene:
        scene.proxy.fault = storm(share)
        made = Counter[str]()
        ends = time.perf_counter() + for_s
        late: list[float] = []
        while time.perf_counter() < ends:
            method = "DELETE" if made.total() % 7 == 0 else "GET"
            made[method] += 1
            begun = scene.proxy.begun
            await scene.call(method, who=("acme", "beta")[made.total() % 2], thing=f"{method}-{made.total()}")
            late += [time.perf_counter()] * (scene.proxy.begun - begun)
            await asyncio.sleep(0.02)
        sent = scene.proxy.begun
        rest = [at for at in late if at > ends - for_s / 2]
        twice = [line for line, n in Counter(scene.received).items() if n > 1 and line.startswith("DELETE")]
        scene.proxy.fault = none
        healed = time.perf_counter()
        for _ in range(1_000):
            if (await took(scene.call())).said == "200":
                break
            await asyncio.sleep(0.05)
        recovery = time.perf_counter() - healed
    ratio, pace = sent / made.total(), len(rest) / (for_s / 2)
    measured = f"{made.total()} calls, {ratio:.2f}x, {pace:.1f}/s in its second half, back after {recovery:.1f} s"
    good = ratio <= 1.1 and recovery <= 10 and not twice and (share < 1 or pace <= 1.1)
    return Row("REL-UP-06", f"{share:.0%} 503 for {for_s:.0f} s, agents' calls", "≤ 1.1x, ≤ 10 s", measured, good)


async def kept_alive() -> list[Row]:
    """REL-UP-11: the application closes connections that were idle for as long as clients happen to pause."""
    idle_s, chance, loop = 1.2, random.Random(11).random, asyncio.get_running_loop()  # noqa: S311 - repeatable
    last: dict[object, float] = {}

    async def closing(exchange: Exchange) -> None:
        last[exchange.client] = at = loop.time()
        await none(exchange)
        loop.call_later(idle_s, lambda: exchange.end() if last[exchange.client] == at else None)

    async with stage(attempts=2, breaker={"enabled": False}, timeouts={"first_byte_s": 10, "idle_s": 10}) as scene:
        scene.proxy.fault = closing

        async def client(number: int) -> Counter[str]:
            seen: Counter[str] = Counter()
            for turn in range(12):
                method, thing = ("GET", "PUT", "DELETE")[turn % 3], f"{number}-{turn}"
                asked = scene.call if number % 2 else scene.passage
                target = {"thing": thing} if number % 2 else {"path": f"/things/{thing}"}
                seen[f"{method} {(await took(asked(method, **target))).said}"] += 1
                await asyncio.sleep(chance() * 2 * idle_s)
            return seen

        seen = sum(await asyncio.gather(*(client(n) for n in range(100))), Counter())
        twice = [line for line, n in Counter(scene.received).items() if n > 1 and not line.startswith("GET")]
    failed = sum(n for what, n in seen.items() if what.startswith("GET") and not what.endswith(" 200"))
    lost = sum(n for what, n in seen.items() if not what.startswith("GET") and not what.endswith(" 200"))
    measured = (
        f"{seen.total()} requests: {failed} reads failed, {lost} writes without an answer, {len(twice)} sent twice"
    )
    return [Row("REL-UP-11", f"closed after {idle_s} s idle", "0 reads, 0 twice", measured, not failed and not twice)]


async def gone() -> list[Row]:
    """REL-UP-12: clients leave in the middle."""
    async with stage(breaker={"enabled": False}, timeouts={"first_byte_s": 10, "idle_s": 10}) as scene:

        async def slow(exchange: Exchange) -> None:
            answer = await exchange.answer()
            await asyncio.sleep(0.05)
            await exchange.send(answer)

        scene.proxy.fault = slow
        leaving = []
        for number in range(100):
            method = ("GET", "DELETE")[number % 2]
            task = asyncio.create_task(scene.passage(method, path=f"/things/{number}"))
            await asyncio.sleep(0.02)
            task.cancel()
            leaving.append(task)
        await asyncio.gather(*leaving, return_exceptions=True)
        for _ in range(100):
            if "open" not in scene.outcomes:
                break
            await asyncio.sleep(0.05)
        outcomes, sent = Counter(scene.outcomes), len(scene.received)
    ended = f"{outcomes['ok']} writes ended ok, {outcomes['broken']} reads ended"
    measured = f"100 left: {ended}, {sent} sent, {outcomes.total()} in the ledger"
    good = outcomes["open"] == 0 and outcomes["ok"] >= 50 and outcomes.total() >= sent
    return [Row("REL-UP-12", "clients leave, proxy", "ledger exact", measured, good)]


async def outlier() -> list[Row]:
    """REL-UP-13: one of two addresses is bad, then well again."""
    rows = []
    bad: dict[str, Fault] = {"answers 503": saying(503, b"{}"), "breaks": reset, "hangs": hang}
    for what, fault in bad.items():
        async with stage(addresses=2, timeouts={"idle_s": 0.5}) as scene:
            scene.proxies[0].fault = fault
            started, seen = time.perf_counter(), []
            while time.perf_counter() < started + 12:
                said = (await took(scene.passage("DELETE"))).said
                seen.append((time.perf_counter() - started, said))
                await asyncio.sleep(0.02)
            failed = [at for at, said in seen if said != "200"]
            late = [at for at in failed if at > 10]
            scene.proxies[0].fault = none
            healed, before = time.perf_counter(), scene.proxies[0].begun
            while scene.proxies[0].begun < before + 10:
                await scene.passage("DELETE")
            back = time.perf_counter() - healed
        measured = f"{len(failed)} of {len(seen)} failed, {len(late)} after 10 s; back after {back:.1f} s"
        rows.append(
            Row("REL-UP-13", f"one of two {what}", "out ≤ 10 s, returns", measured, len(late) <= 1 and back < 60)
        )
    return rows


async def waited() -> list[Row]:
    """REL-UP-14: a caller that waits 800 ms."""
    async with stage(limits={"deadline_header": "X-Wait-Ms"}, timeouts={"first_byte_s": 3}) as scene:
        scene.proxy.fault = ignore
        clock = scene.facade.ports.clock
        seen = [await took(scene.call(until=Micros(clock.now() + 800_000))) for _ in range(5)]
        scene.proxy.fault = none
        await scene.call(until=Micros(clock.now() + 800_000))
        told = int(scene.apps[0].received[-1].values("x-wait-ms")[0])
        begun = scene.proxy.begun
        await scene.call(until=Micros(clock.now() + SECOND // 50))
    off = max(abs(each.ms - 800) for each in seen)
    good = off <= 100 and 700 < told <= 800 and scene.proxy.begun == begun
    measured = f"at most {off:.0f} ms off; the application was told {told} ms; nothing sent with 20 ms left"
    return [Row("REL-UP-14", "caller waits 800 ms", "±100 ms, told", measured, good)]


async def _pressing(ask: Callable[[], Awaitable[Any]], over: asyncio.Event) -> Counter[str]:
    """A client that never lets go; refused, it waits a tenth of a second."""
    seen: Counter[str] = Counter()
    while not over.is_set():
        said = (await took(ask())).said
        seen[said] += 1
        await asyncio.sleep(0 if said == "200" else 0.1)
    return seen


async def crowded() -> list[Row]:
    """REL-UP-15: one tenant takes all that it can."""

    async def some(exchange: Exchange) -> None:
        if b"/things/slow" in exchange.request:
            await exchange.answer()
            await asyncio.sleep(0.5)
        await none(exchange)

    rows = []
    for name in (CALLS, PASSAGES):
        async with stage(timeouts={"first_byte_s": 10, "idle_s": 10, "total_s": 20}) as scene:
            scene.proxy.fault = some

            def asked(who: str, thing: str, *, calls: bool = name == CALLS, scene: Stage = scene) -> Awaitable[Any]:
                return scene.call(who=who, thing=thing) if calls else scene.passage(who=who, path=f"/things/{thing}")

            over = asyncio.Event()
            alone = [(await took(asked("beta", "1"))).ms for _ in range(300)]
            noisy = [asyncio.create_task(_pressing(partial(asked, "acme", "slow"), over)) for _ in range(100)]
            await asyncio.sleep(1)
            beside = [await took(asked("beta", "1")) for _ in range(300)]
            over.set()
            ended = sum(await asyncio.gather(*noisy), Counter())
        more = quantile([each.ms for each in beside], 0.99) - quantile(alone, 0.99)
        measured = f"the other's p99 {more:+.0f} ms, none failed; its own {dict(ended)}"
        good = more <= 50 and {each.said for each in beside} == {"200"}
        rows.append(Row("REL-UP-15", f"100 slow clients of one tenant, {name}", "p99 wait ≤ 50 ms", measured, good))
    return rows
