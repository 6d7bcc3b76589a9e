"""Commands that look: check, operations, plan, settings, usage, probe."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from facade.adapters.stores import open_stores
from facade.cli.catalogue import contract_at
from facade.cli.moments import moment_of
from facade.cli.plan import as_json_of, lines_of
from facade.config.reference import settings_page, settings_schema
from facade.contract import Catalogue
from facade.kernel import Arguments, Counted, Location, OperationKey
from facade.meter import LedgerRecord
from facade.plan import Choice, PlannedCall, Question, Understanding
from facade.testing.ids import fake_id
from tests.cli.settings_files import bent, small
from tests.cli.terminals import Facade
from tests.stores.samples import DECISION, INTENT, SETTLE


def test_check_passes_settings_that_hold_together(facade: Facade) -> None:
    ran = facade("check", "--json")
    assert ran.code == 0
    assert ran.data["starts"] is True
    assert [(f["severity"], f["code"]) for f in ran.data["findings"]] == [
        ("info", "description.reach"),
        ("warning", "note.dev"),
    ]
    assert facade("check").err == "The facade would start.\n"


def test_check_tells_settings_problems_and_exits_1(facade: Facade, tmp_path: Path) -> None:
    wrong = bent(bent(small(tmp_path), "tirs", {}), "listen.port", 70_000)
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump(wrong))
    ran = facade("check", "--json")
    assert ran.code == 1
    assert {f["place"] for f in ran.data["findings"]} == {"tirs", "listen.port"}
    lines = facade("check").out.splitlines()
    assert lines[0] == "severity\tplace\tmessage"
    assert "error\ttirs\tunknown key `tirs`; did you mean `tiers`?" in lines


def test_check_reads_every_key_as_a_start_would(facade: Facade, tmp_path: Path) -> None:
    def issuer(**keys: str) -> dict[str, object]:
        return {"issuer": "-".join(keys), "keys": keys, "algorithms": ["HS256"] if "secret" in keys else ["ES256"]}

    (tmp_path / "broken").write_text("{}")
    issuers = [issuer(jwks_file="broken"), issuer(pem_file="broken"), issuer(jwks_url="https://x.example/jwks")]
    issuers.append(issuer(secret="-----BEGIN PUBLIC KEY----- looks like a key"))
    wrong = bent(bent(small(tmp_path), "identity.issuers", issuers), "identity.dev.key_file", "broken")
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump(wrong))
    ran = facade("check", "--json")
    assert (ran.code, ran.data["starts"]) == (1, False)
    assert [f["place"] for f in ran.data["findings"] if f["severity"] == "error"] == [
        "identity.dev.key_file",
        "identity.issuers.0.keys.jwks_file",
        "identity.issuers.1.keys.pem_file",
        "identity.issuers.3.keys.secret",
    ]
    token = facade("token", "--tenant", "a")
    assert (token.code, token.out, token.err.count("\n")) == (1, "", 1)
    assert "identity.dev.key_file" in token.err


def test_check_opens_every_certificate_as_a_start_would(facade: Facade, tmp_path: Path) -> None:
    (tmp_path / "broken.pem").write_text("{}")
    wrong = bent(small(tmp_path), "listen.tls", {"cert_file": "broken.pem", "key_file": "broken.pem"})
    wrong = bent(wrong, "apis.main.tls", {"ca_file": "broken.pem"})
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump(wrong))
    ran = facade("check", "--json")
    assert (ran.code, ran.data["starts"]) == (1, False)
    assert [f["place"] for f in ran.data["findings"] if f["severity"] == "error"] == [
        "listen.tls.cert_file",
        "apis.main.tls.ca_file",
    ]


def test_check_tells_what_is_wrong_with_a_description_at_its_pointer(facade: Facade, tmp_path: Path) -> None:
    spec = yaml.safe_load((tmp_path / "openapi.yaml").read_text())
    spec["paths"]["/orders"]["get"]["parameters"] = [{"$ref": "http://evil.example/p.json"}]
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(spec))
    ran = facade("check", "--json")
    assert ran.code == 0
    errors = [f for f in ran.data["findings"] if f["severity"] == "error"]
    assert [f["place"] for f in errors] == ["apis.main.spec#/paths/~1orders/get/parameters/0"]
    (tmp_path / "openapi.yaml").write_text("nonsense")
    broken = facade("check", "--json")
    assert (broken.code, broken.data["starts"]) == (1, False)


def test_operations_lists_what_agents_reach(facade: Facade) -> None:
    found = facade("operations", "--json").data
    assert [(o["operation"], o["method"], o["path"], o["write_class"]) for o in found] == [
        ("listOrders", "GET", "/orders", "read"),
        ("createOrder", "POST", "/orders", "write"),
        ("getOrder", "GET", "/orders/{order_id}", "read"),
    ]
    assert found[2]["inputs"] == [{"in": "path", "name": "order_id", "required": True}]
    rows = facade("operations", "--spec", "openapi.yaml").out.splitlines()
    assert rows[0] == "api\toperation\tmethod\tpath\tclass\tneeds\treach"
    assert rows[3] == "main\tgetOrder\tGET\t/orders/{order_id}\tread\torder_id\t"


def test_operations_tells_what_each_tier_reaches(facade: Facade, tmp_path: Path) -> None:
    tiers = {
        "look": {"autonomy": "read_only"},
        "ask": {"deny": ["getOrder"]},
        "act": {"autonomy": "auto", "allow": ["* /orders"]},
    }
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump({**small(tmp_path), "tiers": tiers}))
    assert {o["operation"]: o["reach"] for o in facade("operations", "--json").data} == {
        "listOrders": {"look": "yes", "ask": "yes", "act": "yes"},
        "createOrder": {"look": "no", "ask": "asks", "act": "yes"},
        "getOrder": {"look": "yes", "ask": "no", "act": "no"},
    }
    assert facade("operations").out.splitlines()[2].endswith("\tact: yes, ask: asks, look: no")


def test_plan_says_what_would_be_called_with_the_source_of_every_value(facade: Facade) -> None:
    ran = facade("plan", "get order 42", "--json", "--now", "2026-01-01T00:00:00")
    assert ran.code == 0
    assert ran.data["decision"] == "plan"
    (call,) = ran.data["plan"]
    assert (call["method"], call["path"], call["arguments"]) == ("GET", "/orders/{order_id}", {"order_id": 42})
    assert call["sources"]["path.order_id"]["text"] == "42"
    said = facade("plan", "get order 42")
    assert "GET /orders/{order_id}" in said.out
    assert "nothing was called" in said.err


def test_plan_refuses_what_no_operation_serves(facade: Facade) -> None:
    assert facade("plan", "translate this poem into Latin", "--json").data["decision"] == "refuse"
    assert facade("plan", "translate this poem into Latin").out.startswith("Would refuse: ")


def test_plan_shows_a_question_with_its_choices_and_the_call_so_far(tmp_path: Path) -> None:
    small(tmp_path)
    catalogue = Catalogue(contracts={"main": contract_at(str(tmp_path / "openapi.yaml"))})
    draft = PlannedCall(operation=OperationKey("main", "getOrder"), arguments=Arguments())
    choices = (Choice(label="order 7", value=7), Choice(label="order 8", value=8))
    question = Question(text="Which order?", draft=draft, location=Location.PATH, slot="order_id", choices=choices)
    asked = Understanding(decision=question, confidence=0.5)
    call = {
        "api": "main",
        "operation": "getOrder",
        "method": "GET",
        "path": "/orders/{order_id}",
        "write_class": "read",
    }
    assert as_json_of(asked, catalogue, ms=1.23456) == {
        "decision": "ask",
        "question": "Which order?",
        "choices": ["order 7", "order 8"],
        "draft": {**call, "arguments": {}, "sources": {}},
        "confidence": 0.5,
        "candidates": [],
        "ms": 1.235,
    }
    assert lines_of(question, catalogue) == [
        "Would ask: Which order?",
        "  - order 7",
        "  - order 8",
        "  GET /orders/{order_id}  (getOrder, read)",
    ]


def test_settings_prints_the_page_or_the_schema(facade: Facade) -> None:
    assert facade("settings").out == settings_page()
    assert facade("settings", "--schema").out == settings_schema()


def test_usage_without_a_ledger_is_empty_in_every_form(facade: Facade, tmp_path: Path) -> None:
    assert facade("usage", "--json").data == []
    header = "tenant,requests,calls,writes,turns,attempts,ok,failed,unknown,refused\n"
    assert facade("usage", "--csv", "--by", "tenant", "--by", "tenant").out == header
    assert facade("usage", "--by", "day", "--since", "2026-01-01").out.startswith("day\trequests\t")
    assert not (tmp_path / "facade.db").exists()


async def test_usage_tells_what_the_ledger_holds(facade: Facade, tmp_path: Path) -> None:
    async with open_stores(f"sqlite:///{tmp_path}/facade.db") as stores:
        await stores.ledger.deliver((*spent(), consented()))
    ran = await asyncio.to_thread(facade, "usage", "--json", "--by", "tenant", "--by", "day")
    zero = {"requests": 0, "turns": 0, "refused": 0, "writes": 0}
    assert ran.data == [
        {"tenant": "acme", "day": "2026-01-01", **zero, "calls": 1, "attempts": 1, "ok": 1, "failed": 0, "unknown": 0},
        {"tenant": "acme", "day": "2026-01-02", **zero, "calls": 1, "attempts": 1, "ok": 0, "failed": 0, "unknown": 1},
    ]
    table = await asyncio.to_thread(facade, "usage", "--by", "operation", "--until", "2026-01-02", "--tenant", "acme")
    assert table.out.splitlines()[1:] == ["getOrder\t0\t1\t0\t0\t1\t1\t0\t0\t0"]


def spent() -> Iterator[LedgerRecord]:
    """One call that was answered on the first day, one of the second day whose answer never came."""
    for number, day in enumerate(("2026-01-01", "2026-01-02")):
        at, units = moment_of(day), {Counted.CALLS: 1}
        called = replace(INTENT, id=fake_id(number), what="getOrder", method="GET", units=units, at=at)
        yield called
        if number == 0:
            yield replace(SETTLE, id=called.id, at=at)


def consented() -> LedgerRecord:
    """A consent: it stands in the ledger, and uses nothing."""
    return replace(DECISION, id=fake_id(9), what="approval:1", outcome="approved", units={}, at=moment_of("2026-01-01"))


def test_usage_in_memory_says_whom_to_ask(facade: Facade, tmp_path: Path) -> None:
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump(bent(small(tmp_path), "ledger.database", "memory:")))
    ran = facade("usage")
    assert (ran.code, ran.out) == (1, "")
    assert "lives in its process" in ran.err


@pytest.fixture
def server() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/well?deep=1" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_probe_exits_0_for_a_good_answer_alone(facade: Facade, server: str) -> None:
    assert facade("probe", f"{server}/well?deep=1").code == 0
    assert facade("probe", f"{server}/ill").code == 1


def test_probe_exits_1_when_nobody_listens(facade: Facade, server: str) -> None:
    closed = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = closed.server_port
    closed.server_close()
    ran = facade("probe", f"http://127.0.0.1:{port}/")
    assert ran.code == 1
    assert "does not answer" in ran.err


def test_json_in_a_pipe_is_one_line(facade: Facade) -> None:
    out = facade("operations", "--json").out
    assert out.count("\n") == 1
    assert isinstance(json.loads(out), list)
