"""Recorded traffic, judged offline."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from facade.conformance.consumers import Consumer, Relied
from facade.conformance.engine import Options
from facade.conformance.records import Level, Report
from facade.conformance.traces import exchanges_of, judged
from facade.kernel import InvalidRequest
from tests.conformance.library import DOCUMENT
from tests.conformance.scenes import found
from tests.requirements import requirement

SHELF = {"id": 1, "room": "north", "wide": True}
OPTIONS = Options(document=DOCUMENT, url="")


def line(**changes: Any) -> dict[str, Any]:
    """One exchange of our own form, a good one unless changed."""
    return {
        "method": "GET",
        "target": "/shelves/1",
        "status": 200,
        "request_headers": {"X-Key": "secret-of-north", "Authorization": "Bearer secret-token"},
        "response_headers": {"Content-Type": "application/json"},
        "body": json.dumps(SHELF),
    } | changes


def har(entry: dict[str, Any]) -> dict[str, Any]:
    """The same as a HAR entry with its body in base64."""
    headers = [{"name": n, "value": v} for n, v in entry["request_headers"].items()]
    text = base64.b64encode(entry["body"].encode()).decode()
    return {
        "request": {"method": entry["method"], "url": f"https://app.example{entry['target']}", "headers": headers},
        "response": {
            "status": entry["status"],
            "headers": [],
            "content": {"mimeType": "application/json", "text": text, "encoding": "base64"},
        },
    }


def told(folder: Path, *entries: dict[str, Any], options: Options = OPTIONS) -> Report:
    """The report on a trace in our own form; the HAR of the same exchanges has to say the same."""
    own, other = folder / "trace.jsonl", folder / "trace.har"
    own.write_text("\n\n".join(json.dumps(entry) for entry in entries))
    report = judged(exchanges_of(own), options, name="trace")
    if all("response_headers" not in e or e["response_headers"] for e in entries):
        other.write_text(json.dumps({"log": {"entries": [har(entry) for entry in entries]}}))
        again = judged(exchanges_of(other), options, name="trace")
        assert found(again) == found(report)
    return report


@requirement("conformance:trace:judged")
def test_a_good_exchange_has_no_problem_and_is_cross_checked(tmp_path: Path) -> None:
    report = told(tmp_path, line(), line(target="/elsewhere"))
    assert (report.problems, report.cross_checked, report.requests) == ((), 1, 2)
    assert report.operations == {"getShelf": "GET /shelves/{shelf_id}"}
    assert report.notes == ("1 of 2 exchanges belong to no operation of the description.",)
    assert report.skipped["about"] == "not in the trace"


@requirement("conformance:trace:judged")
def test_bad_exchanges_are_found(tmp_path: Path) -> None:
    report = told(
        tmp_path,
        line(body=json.dumps({**SHELF, "wide": 1})),
        line(target="/shelves", status=500, body='{"error": "x"}'),
        line(target="/books?size=many", status=200, body='{"items": [], "total": 0}'),
        line(target="/about", status=200, body='{"name": "x"'),
    )
    assert found(report) == {
        ("getShelf", "body.schema"),
        ("listShelves", "server.error"),
        ("listBooks", "headers.declared"),
        ("about", "body.json"),
    }
    assert found(report, Level.WARNING) == {("listBooks", "input.refused")}


@requirement("conformance:trace:judged")
def test_a_body_that_was_posted_is_read(tmp_path: Path) -> None:
    headers = {"Content-Type": "application/json"}
    report = told(
        tmp_path,
        line(method="POST", target="/shelves", status=201, request_body='{"rom": "x"}', request_headers=headers),
    )
    assert found(report, Level.WARNING) == {("createShelf", "input.refused")}
    assert [p.curl.partition("--data-binary ")[2] for p in report.warnings] == ["'{\"rom\": \"x\"}' '$ORIGIN/shelves'"]


@requirement("conformance:secrets:masked")
def test_what_was_recorded_with_a_credential_is_told_without(tmp_path: Path) -> None:
    report = told(tmp_path, line(status=418))
    assert report.failures != ()
    assert "secret-token" not in repr(report)


@requirement("conformance:consumer:relied")
def test_a_trace_is_held_against_a_consumer(tmp_path: Path) -> None:
    consumer = Consumer(name="chat", operations={"getShelf": Relied(fields=("room", "floor"))})
    report = told(tmp_path, line(), options=Options(document=DOCUMENT, url="", consumers=(consumer,)))
    assert [(p.check, p.expected) for p in report.problems] == [
        ("consumer.present", "field floor, which chat relies on")
    ]


@requirement("conformance:trace:clear")
@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("t.har", "{}", "t.har"),
        ("t.har", "[]", "t.har"),
        ("t.jsonl", "{nonsense", "t.jsonl:1"),
        ("t.jsonl", '\n\n{"method": "GET"}', "t.jsonl:3"),
        ("t.jsonl", '{"method": "GET", "target": "/x", "status": "200"}', "t.jsonl:1"),
        ("t.jsonl", '{"method": "GET", "target": "/x", "status": 200, "body_base64": "?"}', "t.jsonl:1"),
    ],
)
def test_a_trace_that_cannot_be_read_names_its_place(tmp_path: Path, name: str, text: str, place: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InvalidRequest) as refused:
        exchanges_of(path)
    assert refused.value.place == str(tmp_path / place)
    with pytest.raises(InvalidRequest):
        exchanges_of(tmp_path / "missing.har")
