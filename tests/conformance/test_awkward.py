"""Applications do things in many ways; the tests follow them without being told how."""

import pytest

from facade.conformance.engine import Options, run
from facade.conformance.records import Level, Report
from tests.conformance.notebook import DOCUMENT, FIRST, SECOND, Notebook, served
from tests.conformance.scenes import found
from tests.requirements import requirement

FAULTS = {
    "no address": ("createNote", "created.identified"),
    "400 for what is gone": ("deleteNote", "delete.repeat"),
    "a tag stays": ("removeTag", "delete.effect"),
    "a value grows": ("setPreference", "write.effect"),
}


async def report_on(notebook: Notebook) -> Report:
    async with served(notebook) as url:
        options = Options(document=DOCUMENT, url=url, credential=FIRST, other=SECOND, writes=True, examples=3)
        return await run(options)


@requirement("conformance:sound:passes")
async def test_awkward_ways_are_no_faults() -> None:
    notebook = Notebook()
    before = {key: dict(note) for key, note in notebook.notes.items()}
    report = await report_on(notebook)
    assert (report.failures, report.skipped, report.leftovers) == ((), {}, ())
    # what all tenants share looks like a leak, and only the provider can tell
    assert found(report, Level.WARNING) == {("listColours", "tenants.list")}
    assert (notebook.notes, notebook.codes) == (before, {})
    assert notebook.preferences["a"] == {"size": 1, "tone": 2}


@requirement("conformance:faults:found")
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_in_an_awkward_way_is_found(fault: str) -> None:
    report = await report_on(Notebook(fault))
    assert FAULTS[fault] in found(report)


@requirement("conformance:faults:found")
async def test_a_conflict_that_tells_of_another_tenants_things_is_a_warning() -> None:
    report = await report_on(Notebook("409 tells"))
    assert ("pinNote", "tenants.write") in found(report, Level.WARNING)
    assert report.failures == ()
