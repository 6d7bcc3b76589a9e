"""The help desk as a process of its own: it says where it is, writes its log, stops when told."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.demo.desk import BRIGHT, HARBOR, KEYS
from tests.requirements import requirement

COMMAND = (sys.executable, "-m", "facade.demo.helpdesk")
ROOT = Path(__file__).parents[2]
PATIENCE_S = 30


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A help desk process and its ready line."""
    with subprocess.Popen((*COMMAND, *options), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            if process.poll() is None:
                process.kill()


def logged(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@requirement("demo:log:oracle")
async def test_whoever_has_an_answer_finds_its_line_even_after_a_kill(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with running("--access-log", str(log)) as (process, ready):
        assert ready["accounts"] == [
            {"id": BRIGHT, "name": "Brightwater Software", "key": KEYS[BRIGHT]},
            {"id": HARBOR, "name": "Harbor & Pine Supplies", "key": KEYS[HARBOR]},
        ]
        async with ClientSession(ready["url"]) as session:
            headers = {"X-Account-Key": KEYS[HARBOR], "X-Request-Id": "r-1"}
            async with session.get("/tickets?status=new&q=a%20b", headers=headers) as response:
                assert response.status == 200
            async with session.delete("/tickets/1", headers={"X-Account-Key": KEYS[BRIGHT]}) as response:
                assert response.status == 404
            async with session.post("/nowhere") as response:
                assert response.status == 401
        process.kill()
    assert [{name: value for name, value in line.items() if name != "at"} for line in logged(log)] == [
        {
            "method": "GET",
            "target": "/tickets?status=new&q=a%20b",
            "account": HARBOR,
            "status": 200,
            "request_id": "r-1",
        },
        {"method": "DELETE", "target": "/tickets/1", "account": BRIGHT, "status": 404, "request_id": None},
        {"method": "POST", "target": "/nowhere", "account": None, "status": 401, "request_id": None},
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_cleanly_when_told_and_keeps_its_file(tmp_path: Path, number: signal.Signals) -> None:
    options = ("--database", str(tmp_path / "desk.sqlite"), "--access-log", str(tmp_path / "log"), "--seed", "7")
    body = {"name": "Kept", "email": "kept@kept.example", "country": "SE"}
    with running(*options) as (process, ready):
        headers = {"X-Account-Key": ready["accounts"][0]["key"]}
        async with (
            ClientSession(ready["url"]) as session,
            session.post("/customers", json=body, headers=headers) as answer,
        ):
            kept = await answer.json()
            process.send_signal(number)
        assert process.wait(PATIENCE_S) == 0
    with running(*options) as (process, ready):
        path = f"/customers/{kept['id']}"
        async with ClientSession(ready["url"], headers=headers) as session, session.get(path) as answer:
            assert await answer.json() == kept
    assert [line["status"] for line in logged(tmp_path / "log")] == [201, 200]


@pytest.mark.parametrize(
    "options",
    [
        ("--database", "missing-folder/desk.sqlite"),
        ("--access-log", "missing-folder/log"),
        ("--host", "203.0.113.1"),
        ("--today", "0001-01-02"),
    ],
)
def test_a_start_that_fails_says_why_in_one_line(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        (*COMMAND, *options), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("help desk: cannot start: ")
    assert done.stderr.count("\n") == 1
