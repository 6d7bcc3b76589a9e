"""`facade test`: codes, reports, settings, wrong usage."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from facade.cli.report_table import show_report
from facade.cli.terminal import Terminal
from facade.conformance import extras
from facade.conformance.records import Level, Outcome, Problem, Report
from facade.conformance.rendering import as_junit
from tests.cli.settings_files import small
from tests.cli.terminals import Facade
from tests.conformance.library import SPEC
from tests.requirements import requirement

KEY = ("--header", "X-Key: key-of-north")


@pytest.fixture(scope="module")
def library() -> Iterator[str]:
    """The address of a library that runs."""
    command = [sys.executable, "-m", "tests.conformance.serving"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@requirement("conformance:command:codes")
@requirement("conformance:report:machines")
def test_a_sound_application_gives_0_and_json_in_a_pipe(facade: Facade, library: str, tmp_path: Path) -> None:
    ran = facade("test", str(SPEC), "--url", library, *KEY, "--examples", "2", "--junit", "j.xml", "--json", "j.json")
    assert ran.code == 0, ran.err
    report = ran.data
    assert json.loads((tmp_path / "j.json").read_text()) == report
    assert {key: report[key] for key in ("version", "title", "passed", "complete", "failures", "leftovers")} == {
        "version": 1,
        "title": "Library",
        "passed": True,
        "complete": True,
        "failures": 0,
        "leftovers": [],
    }
    assert {o["operation"]: o["verdict"] for o in report["operations"]} == dict.fromkeys(
        ("about", "listBooks", "getBook", "listShelves", "getShelf"), "passed"
    )
    root = ElementTree.parse(tmp_path / "j.xml").getroot()  # noqa: S314 - our own output
    assert {s.get("name"): s.get("failures") for s in root} == {
        **dict.fromkeys((o["request"] for o in report["operations"]), "0"),
        "not called": "0",
    }
    assert len(list(root.iter("skipped"))) == len(report["skipped"])


def test_nothing_is_left_where_it_was_called(library: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "facade", "test", str(SPEC.resolve()), "--url", library, *KEY, "--examples", "1"]
    ran = subprocess.run([*command, "--only", "about"], cwd=tmp_path, capture_output=True, check=False)  # noqa: S603 - us
    assert (ran.returncode, list(tmp_path.iterdir())) == (0, [])


@requirement("conformance:command:codes")
@requirement("conformance:report:machines")
def test_a_fault_gives_1_and_says_where(facade: Facade, library: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(SPEC.read_text().replace("required: [name]", "required: [name, city]"))
    (tmp_path / "key.txt").write_text("X-Key: key-of-north\n\n")
    ran = facade("test", str(broken), "--url", library, "-H", "@key.txt", "--only", "about", "--junit", "j.xml")
    assert ran.code == 1
    (problem,) = [p for o in ran.data["operations"] for p in o["problems"]]
    assert problem == {
        "check": "body.schema",
        "level": "failure",
        "rule": "The body fits its schema.",
        "expected": "body.city is required",
        "seen": "nothing there",
        "tried": "as it is described",
        "status": 200,
        "times": problem["times"],
        "curl": f"curl -H 'X-Key: ***' {library}/about",
    }
    failure = next(ElementTree.parse(tmp_path / "j.xml").iter("failure"))  # noqa: S314 - our own output
    assert failure.get("message") == "expected body.city is required; seen nothing there"


@requirement("conformance:command:settings")
def test_settings_give_description_and_address(facade: Facade, library: str, tmp_path: Path) -> None:
    settings = small(tmp_path)
    (name,) = settings["apis"]
    settings["apis"][name] |= {"spec": str(SPEC), "upstream": library}
    (tmp_path / "facade.yaml").write_text(yaml.safe_dump(settings))
    ran = facade("test", *KEY, "--only", "GET /about", "--examples", "0")
    assert (ran.code, [o["operation"] for o in ran.data["operations"]]) == (0, ["about"]), ran.err
    assert facade("test", "-c", "elsewhere.yaml").err == (
        "facade: elsewhere.yaml does not exist; name a description, or settings with -c.\n"
    )
    assert facade("test", "--api", "other").code == 2


@requirement("conformance:command:codes")
def test_wrong_usage_gives_2_or_one_clear_line(facade: Facade) -> None:
    assert facade("test", str(SPEC)).code == 2
    wrong = facade("test", str(SPEC), "--url", "http://127.0.0.1:1", "--header", "X-Key")
    assert (wrong.code, wrong.err) == (
        1,
        "facade: --header takes 'Name: value', or @FILE with one on every line.\n",
    )
    nobody = facade("test", str(SPEC), "--url", "http://127.0.0.1:1")
    assert (nobody.code, nobody.err.startswith("facade: http://127.0.0.1:1 cannot be reached")) == (1, True)
    assert facade("test", str(SPEC), "--url", "http://x", "-H", "@missing.txt").code == 1


@requirement("conformance:trace:judged")
def test_a_trace_needs_no_address(facade: Facade, tmp_path: Path) -> None:
    exchange = {"method": "GET", "target": "/about", "status": 200, "body": '{"name": "x"}'}
    exchange["response_headers"] = {"Content-Type": "application/json"}
    (tmp_path / "t.jsonl").write_text(json.dumps(exchange))
    ran = facade("test", str(SPEC), "--trace", "t.jsonl")
    assert (ran.code, ran.data["target"], ran.data["requests"]) == (0, "t.jsonl", 1)


@requirement("conformance:extra:named")
def test_a_missing_extra_names_its_command(facade: Facade, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(module: str) -> object:
        raise ModuleNotFoundError(name="schemathesis")

    monkeypatch.setattr(extras, "import_module", absent)
    ran = facade("test", str(SPEC), "--url", "http://127.0.0.1:1")
    assert (ran.code, ran.err) == (1, "facade: Contract tests need schemathesis: pip install 'facade[test]'.\n")


def problem(level: Level, **changes: str) -> Problem:
    given = {"operation": "about", "check": "body.schema", "expected": "body.city is required", "seen": "nothing"}
    return Problem(level=level, why="as it is", curl="curl http://x/about", **{**given, **changes})


REPORT = Report(
    title="Library",
    target="http://x",
    operations={"about": "GET /about", "other": "GET /other"},
    outcomes=(
        Outcome(operation="about", check="body.schema", made=2, problems=(problem(Level.FAILURE),)),
        Outcome(operation="other", check="media_type", made=1, problems=(problem(Level.WARNING, seen="a\x00b"),)),
        Outcome(operation="other", check="body.json", made=1),
    ),
    skipped={"third": "it writes"},
    disagreements=("about 200: we accept; openapi-core: no",),
    leftovers=("/books/B-1 was made and could not be removed",),
    requests=3,
    complete=False,
)


@requirement("conformance:report:people")
def test_people_get_a_table_and_each_problem_with_its_curl() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Screen()
    show_report(Terminal(environ={"NO_COLOR": "1", "COLUMNS": "160"}, out=out, err=out), REPORT)
    said = out.getvalue()
    for part in (
        "failed",
        "1. about: body.schema",
        "curl http://x/about",
        "Not called: 1 operations",
        "Verdicts differ: about 200",
        "/books/B-1 was made",
        "Not everything was tried",
        "1 failures, 1 warnings in 2 operations; 3 requests",
    ):
        assert part in said


@requirement("conformance:report:machines")
def test_warnings_fail_junit_only_when_strict_and_odd_characters_are_left_out() -> None:
    def failed(*, strict: bool) -> list[str | None]:
        cases = ElementTree.fromstring(as_junit(REPORT, strict=strict)).iter("testcase")  # noqa: S314 - our own output
        return [case.get("name") for case in cases if case.find("failure") is not None]

    assert (failed(strict=False), failed(strict=True)) == (["body.schema"], ["body.schema", "media_type"])
    assert b"\x00" not in as_junit(REPORT)
