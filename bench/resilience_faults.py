"""Rows of `bench.resilience` about single faults: REL-UP-01 to 04 and 07 to 09."""

import socket
import ssl
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.resilience_rows import CALLS, PASSAGES, Row, stage, took
from facade.adapters.upstream import UpstreamSettings, open_relay
from facade.kernel import UpstreamUnavailable
from facade.ports import Passage
from facade.testing.faults import KINDS, cut, in_turn, none, saying
from facade.testing.wire import OK, always, wire
from tests.resilience.certificates import Authority, authority
from tests.resilience.test_tls import server_context, settings_for


@contextmanager
def deaf() -> Iterator[int]:
    """A port whose connections are neither made nor refused, as behind a firewall that drops: its queue is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


async def unreachable() -> list[Row]:
    """REL-UP-01: connections refused, or dropped."""
    rows = []
    async with stage() as scene:
        await scene.proxy.refuse()
        for name, asked in ((CALLS, scene.call), (PASSAGES, scene.passage)):
            seen = [await took(asked()) for _ in range(50)]
            slow = max(each.ms for each in seen)
            resting = [each.said for each in seen] == ["upstream_unavailable"] * 5 + ["resting"] * 45
            measured = f"slowest of 50 {slow:.0f} ms, {'at rest' if resting else 'no rest'} from the 6th on"
            rows.append(Row("REL-UP-01", f"refused, {name}", "≤ 2 s, 5", measured, resting and slow < 2000))
    with deaf() as port:
        rows.append(await dropped(port))
    return rows


async def dropped(port: int) -> Row:
    """REL-UP-01 where a firewall says nothing."""
    async with open_relay(UpstreamSettings(base=f"http://127.0.0.1:{port}", connect_s=2.0)) as relay:
        started, said = time.perf_counter(), "answered"
        try:
            async with relay.exchange(Passage(api="main", method="GET", target="/", headers=())):
                pass
        except UpstreamUnavailable as error:
            said = error.code
        ms = (time.perf_counter() - started) * 1000
    passed = said == "upstream_unavailable" and 1900 <= ms <= 2200
    return Row("REL-UP-01", "dropped, proxy", "2 s", f"{said} after {ms:.0f} ms", passed)


async def silent() -> list[Row]:
    """REL-UP-02: the application falls silent."""
    rows = []
    kinds = ("hang", "hang after the head", "hang within the body")
    async with stage(breaker={"enabled": False}) as scene:
        for name, asked in ((CALLS, scene.call), (PASSAGES, scene.passage)):
            seen = []
            for kind in kinds:
                scene.proxy.fault = KINDS[kind]
                seen += [await took(asked()) for _ in range(3)]
            off = max(abs(each.ms - 1000) for each in seen)
            scene.proxy.fault = none
            right = (await took(asked())).said == "200"
            measured = f"{len(seen)} of {len(seen)} given up, at most {off:.0f} ms off, next one right"
            good = right and off <= 100 and all(s.said in {"upstream_timeout", "broken off"} for s in seen)
            rows.append(Row("REL-UP-02", f"silence, {name}", "1 s ±100 ms", measured, good))
    return rows


async def broken() -> list[Row]:
    """REL-UP-03, 04, 08: answers that are cut, framed wrongly, or not what they say."""
    kinds = sorted(set(KINDS) - {"hang", "ignore", "hang after the head", "hang within the body", "endless"})
    async with stage(breaker={"enabled": False}) as scene:
        whole, wrong = [], 0
        for kind in kinds:
            for method in ("GET", "DELETE"):
                scene.proxy.fault = in_turn(none, KINDS[kind], none)
                await scene.call(method, thing="before")
                seen = await took(scene.call(method, thing=kind))
                if seen.said == "200" and method == "GET":
                    whole.append(kind)
                wrong += (await took(scene.call(method, thing="after"))).said != "200"
        twice = [
            line
            for line, n in Counter(scene.received).items()
            if n > 1 and "/before" not in line and "/after" not in line
        ]
    measured = f"{len(kinds)} kinds: {len(whole)} taken for whole, {wrong} wrong after, {len(twice)} sent twice"
    good = not whole and not wrong and not twice
    return [Row("REL-UP-03, 04, 08", "broken answers, agents' calls", "0, 0, 0", measured, good)]


async def cuts() -> list[Row]:
    """REL-UP-03 for existing clients: a cut answer never ends as a whole one."""
    async with stage(breaker={"enabled": False}) as scene:
        seen = Counter()
        for number in range(200):
            scene.proxy.fault = cut(number % 30, in_order=bool(number % 2))
            seen[(await took(scene.passage("DELETE", path=f"/things/{number}"))).said] += 1
    good = set(seen) <= {"upstream_broken", "broken off"}
    return [Row("REL-UP-03", "200 cut answers, proxy", "0 whole", f"{seen['200']} whole", good)]


async def wishes() -> list[Row]:
    """REL-UP-07: Retry-After as it is to clients; our own repetitions wait, a minute at most."""
    values = ("0", "1000000000", "Wed, 21 Oct 2099 07:28:00 GMT", "soon")
    async with stage(attempts=2, breaker={"enabled": False}) as scene:
        kept, repeated = 0, {}
        for value in values:
            scene.proxy.fault = saying(503, b"{}", f"Retry-After: {value}")
            kept += (await scene.passage()).headers.get("Retry-After") == value
            begun = scene.proxy.begun
            await scene.call()
            repeated[value] = scene.proxy.begun - begun - 1
    good = kept == len(values) and list(repeated.values()) == [1, 0, 0, 1]
    measured = f"{kept} of 4 unchanged; repeated once for 0 and junk, not before a minute is over"
    return [Row("REL-UP-07", "Retry-After 0, 1e9, date, junk", "as it is", measured, good)]


async def distrusted() -> list[Row]:
    """REL-UP-09: certificates in doubt."""
    from tests.resilience.test_tls import asked  # noqa: PLC0415 - for this row alone

    signed = {
        "expired": authority().sign("localhost", days=(-9, -1)),
        "another host's": authority().sign("other.test"),
        "self-signed": Authority.make("localhost"),
    }
    refused, sent = 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in signed.values():
            context: ssl.SSLContext = server_context(each, folder)
            async with wire(always(OK), ssl=context) as app:
                for path in ("calls", "passages"):
                    try:
                        await asked(settings_for(app.port, folder), path)
                    except Exception:  # noqa: BLE001 - counted
                        refused += 1
                sent += len(app.received)
    measured = f"{refused} of 6 ended, {sent} requests sent"
    return [Row("REL-UP-09", "3 bad certificates, both paths", "fail closed", measured, (refused, sent) == (6, 0))]
