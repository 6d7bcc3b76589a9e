"""A report for machines: JSON of a stable form, and JUnit XML as CI servers read it."""

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from facade.conformance.checks import CHECKS
from facade.conformance.records import Level, Outcome, Problem, Report
from facade.kernel import Json

_VERSION: Final = 1
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write."""


def as_json(report: Report, *, strict: bool = False) -> dict[str, Json]:
    """The whole report; every problem with its request, secrets masked."""
    return {
        "version": _VERSION,
        "title": report.title,
        "target": report.target,
        "passed": passed(report, strict=strict),
        "complete": report.complete,
        "seed": report.seed,
        "seconds": report.seconds,
        "requests": report.requests,
        "failures": len(report.failures),
        "warnings": len(report.warnings),
        "operations": [_operation(report, name) for name in report.operations],
        "skipped": dict(report.skipped),
        "cross_check": {"judged": report.cross_checked, "disagreements": list(report.disagreements)},
        "leftovers": list(report.leftovers),
        "notes": list(report.notes),
    }


def passed(report: Report, *, strict: bool = False) -> bool:
    """No failures, and with `strict` no warnings."""
    return not (report.failures or (strict and report.warnings))


def _operation(report: Report, name: str) -> dict[str, Json]:
    own = [o for o in report.outcomes if o.operation == name]
    return {
        "operation": name,
        "request": report.operations[name],
        "verdict": verdict(own),
        "checks": {o.check: o.made for o in own},
        "problems": [_problem(p) for o in own for p in o.problems],
    }


def verdict(outcomes: list[Outcome]) -> str:
    """`failed`, `warned` or `passed`: the worst of them."""
    if any(o.failed for o in outcomes):
        return "failed"
    return "warned" if any(o.problems for o in outcomes) else "passed"


def _problem(problem: Problem) -> dict[str, Json]:
    return {
        "check": problem.check,
        "level": problem.level.value,
        "rule": CHECKS.get(problem.check, ""),
        "expected": problem.expected,
        "seen": problem.seen,
        "tried": problem.why,
        "status": problem.status,
        "times": problem.times,
        "curl": problem.curl,
    }


def as_junit(report: Report, *, strict: bool = False) -> bytes:
    """One suite for each operation, one case for each check that was made; skipped operations are skipped cases."""
    root = Element("testsuites", name=_clean(f"{report.title} at {report.target}"), time=f"{report.seconds:.3f}")
    for name, request in report.operations.items():
        own = [o for o in report.outcomes if o.operation == name]
        failed = sum(bool(_counting(o, strict)) for o in own)
        suite = SubElement(
            root, "testsuite", name=_clean(request), tests=str(len(own)), failures=str(failed), errors="0"
        )
        for outcome in own:
            _case(suite, outcome, strict=strict)
    skipped = SubElement(root, "testsuite", name="not called", tests=str(len(report.skipped)), failures="0", errors="0")
    for name, reason in report.skipped.items():
        SubElement(
            SubElement(skipped, "testcase", classname="not called", name=_clean(name)),
            "skipped",
            message=_clean(reason),
        )
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _case(suite: Element, outcome: Outcome, *, strict: bool) -> None:
    case = SubElement(suite, "testcase", classname=_clean(outcome.operation), name=outcome.check)
    counting = _counting(outcome, strict)
    if counting:
        first = counting[0]
        message = f"expected {first.expected}; seen {first.seen}"
        SubElement(case, "failure", message=_clean(message), type=outcome.check).text = _clean(_lines(counting))
    elif outcome.problems:
        SubElement(case, "system-out").text = _clean(_lines(outcome.problems))


def _counting(outcome: Outcome, strict: bool) -> tuple[Problem, ...]:
    return outcome.problems if strict else tuple(p for p in outcome.problems if p.level is Level.FAILURE)


def _lines(problems: tuple[Problem, ...]) -> str:
    return "\n".join(f"{p.level}: expected {p.expected}; seen {p.seen} ({p.why})\n{p.curl}" for p in problems)


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("�", text)
