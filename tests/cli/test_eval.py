"""`facade eval`: a prediction a line, whatever happens to a case."""

import json
from pathlib import Path
from typing import Any

from tests.cli.terminals import Facade


def played(facade: Facade, folder: Path, *cases: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    (folder / "sub").mkdir(exist_ok=True)
    (folder / "sub" / "cases.jsonl").write_text("".join(json.dumps(c) + "\n" for c in cases) + "\n")
    ran = facade("eval", "sub/cases.jsonl", "--out", "p.jsonl")
    assert (ran.code, ran.out) == (0, "")
    return [json.loads(line) for line in (folder / "p.jsonl").read_text().splitlines()], ran.err


def test_each_case_becomes_one_prediction_in_the_scored_form(facade: Facade, tmp_path: Path) -> None:
    case = {"spec": "../openapi.yaml", "now": "2026-01-01T00:00:00"}
    found, said = played(
        facade, tmp_path, {"id": "a", "utterance": "get order 42", **case}, {"id": "b", "utterance": "xyzzy", **case}
    )
    assert [(p["id"], p["decision"]) for p in found] == [("a", "plan"), ("b", "refuse")]
    assert found[0]["plan"] == [
        {"method": "GET", "path": "/orders/{order_id}", "operationId": "getOrder", "args": {"order_id": 42}}
    ]
    assert found[0]["candidates"][0].keys() == {"method", "path", "score"}
    assert all(0 <= p["confidence"] <= 1 and p["ms"] >= 0 for p in found)
    assert said == "2 cases, 0 could not be played; predictions in p.jsonl\n"


def test_a_case_that_cannot_be_played_is_a_refusal_and_the_rest_goes_on(facade: Facade, tmp_path: Path) -> None:
    good = {"utterance": "list orders", "spec": "../openapi.yaml"}
    (tmp_path / "broken.yaml").write_text("nonsense")
    found, said = played(
        facade,
        tmp_path,
        {"id": "1", "utterance": "list orders", "spec": "absent.yaml"},
        {"id": "2", "utterance": "list orders", "spec": "../broken.yaml"},
        {"id": "3", "utterance": "list orders", "spec": "../broken.yaml"},
        {"id": "4"},
        {"id": "5", **good, "now": "soon"},
        {"id": "6", **good},
    )
    assert [(p["id"], p["decision"]) for p in found] == [
        *((str(n), "refuse") for n in range(1, 6)),
        ("6", "plan"),
    ]
    assert said.endswith("6 cases, 5 could not be played; predictions in p.jsonl\n")


def test_a_file_that_is_no_cases_file_is_refused_before_anything_is_written(facade: Facade, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"id": "a"}\nnonsense\n')
    ran = facade("eval", "cases.jsonl", "--out", "p.jsonl")
    assert ran.code == 1
    assert "cases.jsonl:2" in ran.err
    assert not (tmp_path / "p.jsonl").exists()


def test_predictions_that_cannot_be_written_are_one_line(facade: Facade, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"id": "a"}\n')
    ran = facade("eval", "cases.jsonl", "--out", "absent/p.jsonl")
    assert ran.code == 1
    assert "absent/p.jsonl" in ran.err
