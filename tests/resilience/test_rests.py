"""A whole facade before an application that rests, and before several addresses of one."""

import asyncio
import io
import json
from collections import Counter
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, generate_latest

from facade.adapters.probe import json_log
from facade.adapters.upstream.settings import Address
from facade.adapters.upstream.watch import HealthGauges, HealthWatch
from facade.edge.problem import openai_error, problem_response
from facade.kernel import SECOND, Micros, UpstreamUnavailable
from facade.testing.clock import FakeClock
from facade.testing.faults import Exchange, in_turn, none, reset, saying, storm
from tests.requirements import requirement
from tests.resilience.scenes import KEYS, Stage, seconds, staged


async def gauge(stage: Stage, name: str) -> dict[str, float]:
    """A gauge's values by its labels but the API's."""
    async with stage.http.get(stage.url + "/agent/metrics") as answer:
        lines = (await answer.text()).splitlines()
    found = [line.rpartition(" ") for line in lines if line.startswith(name + "{")]
    return {labels[len(name) :].split('"')[-2 if "path" in labels else 1]: float(value) for labels, _, value in found}


@requirement("breaker:opens", "breaker:refusal")
async def test_an_application_that_is_gone_is_asked_five_times_and_clients_are_told_when_to_come_again(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    async with staged(tmp_path, clock=clock) as stage:
        await stage.proxy.refuse()
        seen = [await stage.passage() for _ in range(8)]
        assert [each.status for each in seen] == [502] * 5 + [503] * 3
        assert {each.code for each in seen} == {"upstream_unavailable"}
        assert [each.headers.get("Retry-After") for each in seen] == [None] * 5 + ["1"] * 3
        assert await gauge(stage, "facade_breaker_state") == {"calls": 0, "passages": 1, "questions": 0}
        assert stage.outcomes == ["upstream_unavailable"] * 8


@requirement("breaker:probes", "breaker:opens")
async def test_an_application_that_is_back_is_found_by_one_request_a_second(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, clock=clock) as stage:
        await stage.proxy.refuse()
        for _ in range(5):
            await stage.passage()
        for _ in range(3):
            seconds(clock, 1)
            assert Counter([(await stage.passage()).status for _ in range(4)]) == {502: 1, 503: 3}
        await stage.proxy.listen()
        assert (await stage.passage()).status == 503
        seconds(clock, 1)
        assert [(await stage.passage()).status for _ in range(10)] == [200] * 10
        assert len(stage.received) == 10


@requirement("breaker:refusal")
async def test_agents_are_told_at_once_while_existing_clients_go_on(tmp_path: Path) -> None:
    async with staged(tmp_path, clock=FakeClock()) as stage:
        stage.proxy.fault = saying(503, b"{}")
        done = [await stage.call(who=("acme", "beta")[n % 2]) for n in range(25)]
        begun = stage.proxy.begun
        assert [d.answer.status for d in done if d.answer] == [503] * 20
        assert {d.error.code for d in done if d.error} == {"upstream_unavailable"}
        assert {d.error.retry_after for d in done if d.error} == {SECOND}
        stage.proxy.fault = none
        assert (await stage.passage()).status == 200
        assert stage.proxy.begun == begun + 1


@requirement("breaker:own-answers")
async def test_existing_clients_see_each_of_the_applications_own_errors(tmp_path: Path) -> None:
    async with staged(tmp_path, clock=FakeClock()) as stage:
        for status in (500, 502, 503, 504):
            stage.proxy.fault = saying(status, b'{"own":true}')
            seen = [await stage.passage() for _ in range(30)]
            assert {(each.status, each.body) for each in seen} == {(status, b'{"own":true}')}


@requirement("breaker:tenant")
async def test_a_tenant_whose_requests_break_the_application_rests_nobody_but_itself(tmp_path: Path) -> None:
    async def fault(exchange: Exchange) -> None:
        await (reset if b"/things/bad" in exchange.request else none)(exchange)

    async with staged(tmp_path, clock=FakeClock()) as stage:
        stage.proxy.fault = fault
        for _ in range(40):
            await stage.passage("DELETE", path="/things/bad")
            assert (await stage.passage(who="beta")).status == 200


@requirement("upstream:storm:bounded", "upstream:writes:never-again")
async def test_a_storm_of_errors_is_asked_again_a_tenth_of_the_time_and_no_write_twice(tmp_path: Path) -> None:
    async with staged(tmp_path, clock=FakeClock(), attempts=2, breaker={"enabled": False}) as stage:
        stage.proxy.fault = storm(0.1)
        for number in range(100):
            await stage.call("DELETE" if number % 4 == 0 else "GET", who=("acme", "beta")[number % 2])
        assert stage.proxy.begun <= 100 * 1.1 + 3
        assert len(stage.outcomes) == stage.proxy.begun


@requirement("upstream:storm:bounded", "breaker:probes")
async def test_a_total_storm_leaves_one_request_a_second_and_ends_with_its_cause(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, clock=clock, attempts=2) as stage:
        stage.proxy.fault = storm(1.0)

        async def second() -> int:
            begun = stage.proxy.begun
            for number in range(5):
                await stage.call(who=("acme", "beta")[number % 2])
            seconds(clock, 1)
            return stage.proxy.begun - begun

        sent = [await second() for _ in range(14)]
        assert sum(sent) <= 70 * 1.1
        assert set(sent[8:]) == {1}
        stage.proxy.fault = none
        assert [await second() for _ in range(2)] == [5, 5]


@requirement("upstream:retry-after:honoured")
async def test_a_call_is_not_repeated_before_the_application_wants_it(tmp_path: Path) -> None:
    async with staged(tmp_path, clock=FakeClock(), attempts=3) as stage:
        stage.proxy.fault = in_turn(saying(503, b"{}", "Retry-After: 1000000000"), none)
        assert (await stage.call()).answer.status == 503
        assert stage.proxy.begun == 1


@requirement("breaker:off")
async def test_without_a_breaker_every_request_is_sent(tmp_path: Path) -> None:
    async with staged(tmp_path, clock=FakeClock(), breaker={"enabled": False}) as stage:
        await stage.proxy.refuse()
        assert [(await stage.passage()).status for _ in range(12)] == [502] * 12


# --- several addresses


@requirement("upstream:addresses:elsewhere", "upstream:outlier:ejected")
async def test_an_address_that_is_gone_costs_no_client_anything(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, addresses=2, clock=clock) as stage:
        await stage.proxies[1].refuse()
        for number in range(60):
            seconds(clock, 0.15)
            method = ("GET", "DELETE", "PUT")[number % 3]
            assert (await stage.passage(method, data=b"{}" if method == "PUT" else None)).status == 200
            assert (await stage.call(method)).ok
        assert set(stage.outcomes) == {"ok"}
        assert (len(stage.outcomes), len(stage.received), len(stage.apps[1].received)) == (120, 120, 0)
        gone = f"http://127.0.0.1:{stage.proxies[1].port}"
        assert (await gauge(stage, "facade_upstream_ejected"))[gone] == 1
        await stage.proxies[1].listen()
        seconds(clock, 60)
        for _ in range(40):
            seconds(clock, 0.15)
            assert (await stage.passage()).status == 200
        assert (await gauge(stage, "facade_upstream_ejected"))[gone] == 0
        assert len(stage.apps[1].received) > 5


@requirement("upstream:outlier:ejected")
async def test_an_address_that_answers_with_errors_is_left_out_within_ten_seconds(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, addresses=2, clock=clock) as stage:
        stage.proxies[0].fault = saying(503, b"{}")
        statuses = []
        for _ in range(200):
            seconds(clock, 0.1)
            statuses.append((await stage.passage()).status)
        assert statuses[100:].count(503) <= 1
        assert statuses.count(503) <= 8


@requirement("upstream:outlier:half", "breaker:opens")
async def test_when_all_addresses_are_gone_the_application_as_a_whole_rests(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, addresses=2, clock=clock) as stage:
        for proxy in stage.proxies:
            await proxy.refuse()
        statuses = [(await stage.passage()).status for _ in range(10)]
        assert (statuses[0], statuses[-1], Counter(statuses)[502] <= 5) == (502, 503, True)
        for proxy in stage.proxies:
            await proxy.listen()
        for _ in range(10):
            seconds(clock, 1)
            statuses.append((await stage.passage()).status)
        assert statuses[-8:] == [200] * 8


@requirement("upstream:addresses:elsewhere")
async def test_a_body_that_was_begun_is_not_sent_to_a_second_address(tmp_path: Path) -> None:
    async with staged(tmp_path, addresses=2, clock=FakeClock()) as stage:
        for proxy in stage.proxies:
            proxy.fault = reset
        assert (await stage.passage("PUT", data=b"{}")).code == "upstream_broken"
        assert (len(stage.received), stage.outcomes) == (1, ["upstream_broken"])


# --- what clients and operators see


@requirement("breaker:refusal")
def test_a_rest_is_a_503_that_says_until_when_and_a_refused_connection_a_502() -> None:
    rest = UpstreamUnavailable("Later.", retry_after=Micros(1_200_000))
    told = problem_response(rest, request_id="r1")
    assert (told.status, told.headers["Retry-After"]) == (503, "2")
    assert json.loads(told.body)["retry_after"] == 2
    chat = openai_error(rest, request_id="r1")
    assert (chat.status, chat.headers["retry-after-ms"], chat.headers.get("x-should-retry")) == (503, "1200", None)
    refused = problem_response(UpstreamUnavailable("Gone."), request_id="r1")
    assert (refused.status, "Retry-After" in refused.headers) == (502, False)


def test_changes_are_gauges_and_lines_and_trouble_with_tls_is_told_once_in_a_while() -> None:
    lines, registry, clock = io.StringIO(), CollectorRegistry(), FakeClock()
    there = Address(scheme="https", host="::1", port=8443)
    log: structlog.typing.FilteringBoundLogger = json_log(lines)
    watch = HealthWatch("main", (there,), HealthGauges(registry), log, clock.monotonic)
    watch.ejected(there, for_s=5.0)
    watch.opened("calls")
    for _ in range(3):
        watch.distrusted(there, reason="its certificate has expired or is not valid yet")
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(each["event"], each["api"], each.get("address", each.get("path"))) for each in told] == [
        ("upstream ejected", "main", "https://[::1]:8443"),
        ("breaker opened", "main", "calls"),
        ("upstream refused", "main", "https://[::1]:8443"),
    ]
    text = generate_latest(registry).decode()
    assert 'facade_upstream_ejected{address="https://[::1]:8443",api="main"} 1.0' in text
    assert 'facade_breaker_state{api="main",path="calls"} 1.0' in text
    watch.returned(there)
    watch.closed("calls")
    assert " 1.0" not in generate_latest(registry).decode()


# --- shares


@requirement("upstream:shares:tenant")
async def test_a_tenant_that_holds_all_it_may_have_delays_nobody_else(tmp_path: Path) -> None:
    full = asyncio.Event()

    async def some(exchange: Exchange) -> None:
        if b"/things/slow" not in exchange.request:
            await none(exchange)
            return
        exchange.proxy.begun += 1000
        if exchange.proxy.begun // 1000 == 2:
            full.set()
        await exchange.proxy.released.wait()

    shares = {"per_tenant": 2, "wait_s": 0.05}
    async with staged(tmp_path, connections=8, shares=shares) as stage:
        stage.proxy.fault = some
        slow = [asyncio.create_task(stage.passage(path="/things/slow")) for _ in range(2)]
        await full.wait()
        refused = await stage.passage()
        assert (refused.status, refused.code, refused.headers["Retry-After"]) == (429, "limit_exceeded", "1")
        assert (await stage.call()).error.code == "limit_exceeded"
        assert [(await stage.passage(who=who)).status for who in ("beta", "gamma", None)] == [200, 200, 200]
        assert (await stage.call(who="beta")).ok
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert (await stage.passage()).status == 200


@requirement("upstream:shares:waiting")
async def test_more_requests_than_places_are_served_one_after_the_other(tmp_path: Path) -> None:
    async with staged(tmp_path, connections=4, shares={"wait_s": 30}) as stage:
        seen = await asyncio.gather(*(stage.passage(who=("acme", "beta", None)[n % 3]) for n in range(60)))
        assert Counter(each.status for each in seen) == {200: 60}
        assert stage.proxy.connections <= 4


@requirement("upstream:shares:tenant")
async def test_streams_that_stay_open_leave_their_places_to_others(tmp_path: Path) -> None:
    async def streaming(exchange: Exchange) -> None:
        if b"/things/events" not in exchange.request:
            await none(exchange)
            return
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        await exchange.send(head + b"6\r\n: hi\n\n\r\n")
        await exchange.proxy.released.wait()

    async with staged(tmp_path, shares={"per_tenant": 2, "wait_s": 0.05}) as stage:
        stage.proxy.fault = streaming
        streams = []
        for _ in range(5):
            answer = await stage.http.get(stage.url + "/things/events", headers={"X-Key": KEYS["acme"]})
            assert await answer.content.readexactly(6) == b": hi\n\n"
            streams.append(answer)
        assert [(await stage.passage()).status for _ in range(5)] == [200] * 5
        for answer in streams:
            answer.close()
