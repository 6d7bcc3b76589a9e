"""`facade operations --findings`."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from tests.cli.terminals import Facade
from tests.requirements import requirement

pytestmark = requirement("findings:shown")

SEEN = (
    b'{"description": [], "traffic": [{"api": "main", "operation": "listThings", "direction": "response", '
    b'"code": "response.type", "times": 3}]}'
)


class Running(BaseHTTPRequestHandler):
    """A facade that tells its findings to whoever has the token."""

    def do_GET(self) -> None:
        right = self.path == "/agent/findings" and self.headers["Authorization"] == "Bearer right"
        self.send_response(200 if right else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(SEEN)))
        self.end_headers()
        self.wfile.write(SEEN)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    listening = HTTPServer(("127.0.0.1", 0), Running)
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}/agent"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_findings_of_a_description_are_listed_with_rule_place_and_mend(facade: Facade, tmp_path: Path) -> None:
    description = yaml.safe_load((tmp_path / "openapi.yaml").read_text())
    path, item = next(iter(description["paths"].items()))
    item["trace"] = "no operation"
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(description))
    rows = facade("operations", "--findings", "--json").data
    assert rows["traffic"] == []
    place = f"/paths/{path.replace('~', '~0').replace('/', '~1')}/trace"
    assert [(r["code"], r["place"]) for r in rows["description"] if r["severity"] == "error"] == [
        ("operation.object", place)
    ]
    assert "operation.object" in facade("operations", "--findings").out


def test_a_running_facade_tells_what_traffic_did_otherwise(facade: Facade, server: str) -> None:
    ran = facade("operations", "--findings", "--url", server, FACADE_MONITORING_TOKEN="right")
    assert "main\tlistThings\tresponse\tresponse.type\t3" in ran.out.splitlines()


@pytest.mark.parametrize("url", ["{}", "{}/nowhere", "http://127.0.0.1:1/agent"])
def test_a_facade_that_does_not_tell_is_one_clear_line(facade: Facade, server: str, url: str) -> None:
    ran = facade("operations", "--findings", "--url", url.format(server))
    assert (ran.code, ran.out.count("times"), ran.err.count("\n")) == (1, 0, 1)
    assert "FACADE_MONITORING_TOKEN" in ran.err
