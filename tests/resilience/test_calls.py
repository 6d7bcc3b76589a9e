"""Agents' calls to an application that fails in every way: statuses, the ledger, and the call after."""

from collections import Counter
from pathlib import Path

import pytest

from facade.kernel import SECOND, Micros
from facade.testing.clock import FakeClock
from facade.testing.faults import KINDS, corrupted, cut, dripping, ignore, in_turn, lying, none, saying
from facade.testing.faults import reset as reset_answer
from tests.requirements import requirement
from tests.resilience.scenes import KEYS, SOON, fine, staged

SILENT = {"hang", "ignore", "hang after the head", "hang within the body", "a length too long"}
"""Faults that end with the deadline."""

ANSWERED = {"no JSON", "a page", "endless"}
"""Faults whose status reaches us: a write is known to be done."""

UNJUDGED = {"breaker": {"enabled": False}, "timeouts": SOON}
"""One fault after the other, without the application being given a rest."""


@requirement("upstream:calls:every-fault")
async def test_a_read_ends_in_an_error_of_its_own_and_the_next_one_works(tmp_path: Path) -> None:
    ended = {}
    async with staged(tmp_path, **UNJUDGED) as stage:
        for kind, fault in KINDS.items():
            stage.proxy.fault = in_turn(none, fault, none)
            before, broken, after = [await stage.call(thing=str(n)) for n in range(3)]
            assert (before.answer.body, broken.answer, after.answer.body) == (fine(thing="0"), None, fine(thing="2"))
            ended[kind] = broken.error.code
        told = [outcome for code in ended.values() for outcome in ("ok", code, "ok")]
        assert stage.outcomes == told
    assert ended == {kind: "upstream_timeout" if kind in SILENT else "upstream_broken" for kind in KINDS}


@requirement("upstream:writes:never-again", "upstream:calls:every-fault")
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_write_whose_answer_is_lost_is_unknown_and_sent_once(method: str, tmp_path: Path) -> None:
    async with staged(tmp_path, attempts=5, **UNJUDGED) as stage:
        for kind in sorted(set(KINDS) - ANSWERED):
            stage.proxy.fault = in_turn(none, KINDS[kind], none)
            begun = stage.proxy.begun
            before, lost, after = [await stage.call(method, thing=f"{kind}-{n}") for n in range(3)]
            assert (before.ok, lost.error.code, after.ok, stage.proxy.begun - begun) == (
                True,
                "outcome_unknown",
                True,
                3,
            ), kind
        assert max(Counter(stage.received).values()) == 1
        assert stage.outcomes == ["ok", "outcome_unknown", "ok"] * len(set(KINDS) - ANSWERED)


@requirement("upstream:writes:never-again")
async def test_a_write_with_a_status_and_a_useless_body_is_known_to_be_done(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        for kind in sorted(ANSWERED):
            stage.proxy.fault = KINDS[kind]
            done = await stage.call("PUT")
            assert (done.error, done.answer.status, done.answer.body) == (None, 200, None)
        assert stage.outcomes == ["ok"] * len(ANSWERED)


@requirement("upstream:calls:every-fault")
async def test_an_answer_in_small_pieces_is_whole(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.proxy.fault = dripping(size=3)
        assert (await stage.call()).answer.body == fine()


@requirement("upstream:deadline:shared")
async def test_a_drip_is_cut_at_the_total_deadline(tmp_path: Path) -> None:
    timeouts = {"connect_s": 0.1, "first_byte_s": 5, "total_s": 1.2}
    async with staged(tmp_path, timeouts=timeouts, shares={"wait_s": 1}) as stage:
        stage.proxy.fault = dripping(size=1, pause_s=0.1)
        assert (await stage.call()).error.code == "upstream_timeout"


@requirement("upstream:calls:every-fault")
async def test_a_length_too_short_leaves_nothing_for_the_next_call(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.proxy.fault = in_turn(lying(-3), none)
        assert (await stage.call()).error.code == "upstream_broken"
        assert (await stage.call(thing="8")).answer.body == fine(thing="8")


@requirement("upstream:calls:every-fault")
async def test_bodies_are_read_as_what_they_are_or_refused(tmp_path: Path) -> None:
    bodies = {
        "a byte order mark": saying(200, b'\xef\xbb\xbf{"a":1}'),
        "UTF-16": saying(200, '{"a":1}'.encode("utf-16")),
        "HTML": saying(200, b"<html></html>", media_type="text/html"),
        "9 MB": saying(200, b"9" * 9_000_000, media_type="text/plain"),
        "one changed byte": corrupted(at=0),
    }
    seen = {}
    async with staged(tmp_path) as stage:
        for kind, fault in bodies.items():
            stage.proxy.fault = fault
            done = await stage.call()
            seen[kind] = done.error.code if done.error else done.answer.body or done.answer.text
    assert seen == {
        "a byte order mark": {"a": 1},
        "UTF-16": "upstream_broken",
        "HTML": "<html></html>",
        "9 MB": "upstream_broken",
        "one changed byte": "upstream_broken",
    }


@requirement("upstream:stale:unseen")
async def test_a_stale_connection_costs_a_read_one_more_attempt_and_a_write_none(tmp_path: Path) -> None:
    async with staged(tmp_path, attempts=2) as stage:
        stage.proxy.fault = in_turn(none, KINDS["stale"], none, KINDS["stale"], none)
        assert (await stage.call()).ok
        assert (await stage.call()).ok
        assert (await stage.call("DELETE")).error.code == "outcome_unknown"
        assert stage.outcomes == ["ok", "upstream_broken", "ok", "outcome_unknown"]
        assert stage.received == ["GET /things/7"] * 2


@requirement("upstream:writes:never-again")
async def test_a_write_that_found_no_connection_was_not_sent_and_says_so(tmp_path: Path) -> None:
    async with staged(tmp_path, attempts=3) as stage:
        await stage.proxy.refuse()
        assert (await stage.call("DELETE")).error.code == "upstream_unavailable"
        assert (stage.received, stage.outcomes) == ([], ["upstream_unavailable"])


@requirement("upstream:writes:never-again")
async def test_other_tenants_are_served_while_ones_answers_are_lost(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:

        async def fault(exchange) -> None:
            await (reset_answer if b"/things/bad" in exchange.request else none)(exchange)

        stage.proxy.fault = fault
        for _ in range(30):
            assert (await stage.call("PUT", thing="bad")).error.code == "outcome_unknown"
            assert (await stage.call("PUT", who="beta")).ok


@requirement("upstream:calls:every-fault")
async def test_a_cut_answer_is_no_answer_whichever_way_it_is_cut(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        for at in (0, 1, 10):
            for in_order in (True, False):
                stage.proxy.fault = cut(at, in_order=in_order)
                assert (await stage.call()).error.code == "upstream_broken"


DEADLINE = {"deadline_header": "X-Wait-Ms"}


@requirement("upstream:deadline:shared")
async def test_the_application_is_told_how_much_of_the_callers_time_is_left(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, clock=clock, limits=DEADLINE) as stage:
        assert (await stage.call()).ok
        assert (await stage.call(until=Micros(clock.now() + 800_000))).ok
        assert (await stage.call(until=Micros(clock.now() + 3600 * SECOND))).ok
        assert [r.values("x-wait-ms") for r in stage.apps[0].received] == [["60000"], ["800"], ["60000"]]


@requirement("upstream:deadline:shared")
async def test_nothing_is_begun_with_less_than_twenty_milliseconds_left(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, clock=clock, limits=DEADLINE) as stage:
        for method in ("GET", "DELETE"):
            late = await stage.call(method, until=Micros(clock.now() + 19_999))
            assert late.error.code == "upstream_unavailable"
        assert stage.proxy.begun == 0


@requirement("upstream:deadline:shared")
async def test_a_caller_who_waits_briefly_is_answered_at_its_deadline(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, clock=clock) as stage:
        stage.proxy.fault = ignore
        assert (await stage.call(until=Micros(clock.now() + 50_000))).error.code == "upstream_timeout"


@requirement("upstream:deadline:shared")
async def test_a_chat_client_says_how_long_it_waits_in_a_header(tmp_path: Path) -> None:
    clock = FakeClock()
    async with staged(tmp_path, clock=clock, limits=DEADLINE) as stage:
        asked = {"model": "facade", "messages": [{"role": "user", "content": "get thing 7"}]}
        statuses = {}
        for wait in ("700", "5", "soon"):
            headers = {"X-Key": KEYS["acme"], "X-Wait-Ms": wait}
            url = f"{stage.url}/agent/v1/chat/completions"
            async with stage.http.post(url, json=asked, headers=headers) as answer:
                statuses[wait] = answer.status
        assert statuses == {"700": 200, "5": 200, "soon": 400}
        assert [r.values("x-wait-ms") for r in stage.apps[0].received] == [["700"]]


@requirement("upstream:deadline:shared")
async def test_existing_clients_headers_pass_as_they_are(tmp_path: Path) -> None:
    async with staged(tmp_path, limits=DEADLINE) as stage:
        headers = {"X-Key": KEYS["acme"], "X-Wait-Ms": "1"}
        async with stage.http.get(stage.url + "/things/7", headers=headers) as answer:
            assert answer.status == 200
        assert stage.apps[0].received[0].values("x-wait-ms") == ["1"]
