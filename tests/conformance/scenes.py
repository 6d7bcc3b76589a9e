"""Runs of the engine against the library, as tests need them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from facade.conformance.engine import Options, run
from facade.conformance.records import Level, Report
from tests.conformance.library import DOCUMENT, NORTH, SOUTH, Library, served

OPTIONS = Options(document=DOCUMENT, url="", credential=NORTH, other=SOUTH, examples=3, seconds=60)


async def run_of(library: Library, **changes: Any) -> Report:
    """A whole run against a library."""
    async with served(library) as url:
        return await run(replace(OPTIONS, url=url, **changes))


def found(report: Report, level: Level = Level.FAILURE) -> set[tuple[str, str]]:
    """What was found, by operation and check."""
    return {(p.operation, p.check) for p in report.problems if p.level is level}


def spoiled(changes: Mapping[tuple[str, str], Any]) -> Any:
    """A fault for `Library.spoil`: (operation's method and shape, `2xx` or a status) -> new value, or a function."""

    def spoil(request: Any, value: Any, status: int) -> tuple[Any, int]:
        where = f"{request.method} {request.match_info.route.resource.canonical}"
        for (at, when), change in changes.items():
            if at == where and (when == str(status) or (when == "2xx" and status < 300)):
                return change(value, status)
        return value, status

    return spoil


def field(name: str, new: Any) -> Any:
    """A body with one field changed, in every item of a list; `...` leaves it out."""

    def one(item: Any) -> Any:
        kept = {k: v for k, v in item.items() if k != name}
        return kept if new is ... else {**kept, name: new}

    def change(value: Any, status: int) -> tuple[Any, int]:
        if isinstance(value, list):
            return [one(item) for item in value], status
        return ({**value, "items": [one(i) for i in value["items"]]} if "items" in value else one(value)), status

    return change


def instead(value: Any, status: int) -> Any:
    """Another answer altogether."""
    return lambda _value, _status: (value, status)


def status(new: int) -> Any:
    """The same body under another status."""
    return lambda value, _status: (value, new)
