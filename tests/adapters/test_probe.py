"""What operators see of a spend, and what they must never see."""

import io
import json
import logging

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from structlog.contextvars import bound_contextvars

from facade.adapters import probe as probe_module
from facade.adapters.probe import OperatorProbe, StandardToJson, json_log, route_structlog
from facade.flow import converse
from facade.kernel import Answer, Arguments, OperationKey
from facade.plan import PlannedCall
from facade.testing.planners import ScriptedPlanner
from tests.flow.scenes import deleting, listing, opened, planned, said
from tests.requirements import requirement


class Watched:
    """A probe whose lines and metrics can be read."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.registry = CollectorRegistry()
        self.probe = OperatorProbe(json_log(self.stream), self.registry)

    @property
    def lines(self):
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def metrics(self):
        return generate_latest(self.registry).decode()


async def converse_with(watched, plan, words, *answers):
    world = opened()
    world.probe = watched.probe
    world.planner = ScriptedPlanner([plan])
    world.upstream.script = list(answers)
    return await converse(said(words), world.tenant("acme"), world.ports)


async def test_a_spend_is_one_line_with_who_what_and_how():
    watched = Watched()
    with bound_contextvars(trace_id="0af7651916cd43dd8448eb211c80319c"):
        await converse_with(
            watched, planned(listing()), "orders", Answer(status=200, media_type="application/json", body={"items": []})
        )
    line = watched.lines[0]
    assert line | {"timestamp": "", "spend": ""} == {
        "event": "spend",
        "level": "info",
        "timestamp": "",
        "spend": "",
        "request_id": "request-1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "tenant": "acme",
        "entrance": "chat",
        "api": "shop",
        "operation": "listOrders",
        "method": "GET",
        "outcome": "ok",
        "status": 200,
        "micros": 0,
    }
    assert [x["operation"] for x in watched.lines] == ["listOrders", "turn"]


@requirement("probe:private:silent")
async def test_no_token_body_or_argument_is_ever_told():
    watched = Watched()
    canary = "canary-5151"
    made_up = PlannedCall(operation=OperationKey("shop", canary), arguments=Arguments(path={canary: canary}))
    body = {"items": [{"id": 1, "note": canary}]}
    await converse_with(
        watched, planned(listing(status="open")), canary, Answer(status=200, media_type="application/json", body=body)
    )
    await converse_with(watched, planned(listing(status=canary)), canary)
    await converse_with(watched, planned(made_up), canary)
    await converse_with(watched, planned(deleting(51515151)), canary)
    told = watched.stream.getvalue() + watched.metrics
    assert [x["operation"] for x in watched.lines if x["operation"] != "turn"] == [
        "listOrders",
        "listOrders",
        "unknown",
    ]
    assert not {s for s in (canary, "51515151", "key-acme", "shop-acme") if s in told}


async def test_counters_know_operations_and_outcomes_but_no_tenant():
    watched = Watched()
    await converse_with(
        watched, planned(listing()), "orders", Answer(status=200, media_type="application/json", body={"items": []})
    )
    watched.probe.violated(api="shop", operation="listOrders", direction="response", code="type")
    counts = [
        line
        for line in watched.metrics.splitlines()
        if line.startswith(("facade_spends_total", "facade_contract_violations_total"))
    ]
    assert counts == [
        'facade_spends_total{api="shop",entrance="chat",operation="listOrders",outcome="ok"} 1.0',
        'facade_spends_total{api="",entrance="chat",operation="turn",outcome="ok"} 1.0',
        'facade_contract_violations_total{api="shop",code="type",direction="response",operation="listOrders"} 1.0',
    ]
    assert 'facade_spend_seconds_count{entrance="chat",outcome="ok"} 2.0' in watched.metrics
    assert "acme" not in watched.metrics


def test_a_registry_never_holds_more_operations_than_it_may():
    watched = Watched()
    for number in range(probe_module.MAX_OPERATIONS + 5):
        watched.probe.violated(api="shop", operation=f"op{number}", direction="request", code="x")
    told = [line for line in watched.metrics.splitlines() if line.startswith("facade_contract_violations_total")]
    assert len(told) == probe_module.MAX_OPERATIONS + 1
    assert 'operation="other"} 5.0' in watched.metrics


@requirement("probe:private:silent")
def test_standard_logging_becomes_the_same_json_and_exceptions_lose_their_text():
    stream = io.StringIO()
    logger = logging.getLogger("facade.test-of-standard-logging")
    logger.addHandler(StandardToJson(json_log(stream, "warning")))
    logger.info("not told")
    logger.warning("told %s", "so", extra={"request_id": "r-1"})
    try:
        int("canary")
    except ValueError:
        logger.exception("failed")
    warned, failed = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (warned["event"], warned["level"], warned["logger"], warned["request_id"]) == (
        "told so",
        "warning",
        "facade.test-of-standard-logging",
        "r-1",
    )
    assert (failed["error"], "canary" in stream.getvalue()) == ("ValueError", False)
    assert failed["at"][-1].endswith("test_standard_logging_becomes_the_same_json_and_exceptions_lose_their_text")


def test_loggers_that_modules_keep_write_the_same_json():
    stream, before = io.StringIO(), structlog.get_config()
    kept = structlog.get_logger("facade.journal")
    try:
        route_structlog(stream, "warning")
        kept.info("journal.opened")
        kept.warning("journal.torn", segment="a")
    finally:
        structlog.configure(**before)
    (line,) = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert {**line, "timestamp": ""} == {"event": "journal.torn", "segment": "a", "level": "warning", "timestamp": ""}
