"""What a run may do, what it leaves, and what it tells."""

from dataclasses import replace

import pytest

from facade.conformance.engine import opened, run
from facade.conformance.records import Due, Request
from facade.kernel import InvalidRequest, Unauthenticated, UpstreamUnavailable
from tests.conformance.library import Library, served
from tests.conformance.scenes import OPTIONS, run_of
from tests.requirements import requirement


@requirement("conformance:reads:default")
async def test_without_writes_nothing_but_reads_are_sent() -> None:
    library = Library()
    report = await run_of(library)
    assert {asked.partition(" ")[0] for asked in library.asked} <= {"GET", "TRACE"}
    assert report.skipped["createBook"] == "it writes; --writes tests it too"
    assert report.problems == ()


@requirement("conformance:runs:repeatable")
async def test_the_same_seed_sends_the_same_requests() -> None:
    first, second = Library(), Library()
    await run_of(first, writes=True)
    await run_of(second, writes=True)
    assert first.asked == second.asked


@requirement("conformance:clean:listed")
async def test_what_cannot_be_removed_is_listed() -> None:
    report = await run_of(Library(), writes=True, skip=("deleteShelf",))
    assert [line.partition(" was ")[0].rpartition("/")[0] for line in report.leftovers] == ["/shelves"]


@requirement("conformance:clean:always")
async def test_a_run_that_is_stopped_removes_what_it_made() -> None:
    library = Library()
    before = set(library.books), set(library.shelves)

    def stopped() -> bool:
        return "POST /books" in library.asked

    async with served(library) as url:
        report = await run(replace(OPTIONS, url=url, writes=True), stopped=stopped)
    assert (report.complete, report.leftovers) == (False, ())
    assert (set(library.books), set(library.shelves)) == before


@requirement("conformance:clean:always")
async def test_a_run_whose_time_is_up_says_so() -> None:
    report = await run_of(Library(), seconds=0.0)
    assert (report.complete, report.operations) == (False, {})


@requirement("conformance:choice:globs")
async def test_operations_are_chosen_by_id_or_by_method_and_path() -> None:
    report = await run_of(Library(), only=("GET /books/*",), skip=("returnBook",), examples=0)
    assert report.operations == {"getBook": "GET /books/{book_id}"}
    assert (report.skipped["listBooks"], report.problems) == ("not chosen", ())
    with pytest.raises(InvalidRequest) as unknown:
        await run_of(Library(), only=("nothing",))
    assert unknown.value.place == "--only"
    with pytest.raises(InvalidRequest) as no_check:
        await run_of(Library(), checks=("nothing.*",))
    assert no_check.value.place == "--checks"


@requirement("conformance:risk:left")
async def test_a_risky_operation_is_called_only_when_it_is_named() -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "x", "version": "1"},
        "paths": {
            "/login": {"get": {"operationId": "login", "responses": {"404": {"description": "no"}}}},
            "/about": {"get": {"operationId": "about", "responses": {"200": {"description": "yes"}}}},
        },
    }
    usual = await run_of(Library(), document=document, examples=0)
    assert usual.skipped["login"].endswith("name it in --only to test it")
    named = await run_of(Library(), document=document, only=("login",), examples=0, credential=())
    assert (set(usual.operations), set(named.operations)) == ({"about"}, {"login"})


@requirement("conformance:secrets:masked")
async def test_no_report_holds_a_credential() -> None:
    report = await run_of(Library(faults=frozenset({"open GET /shelves/{shelf_id}", "500 on a quote"})), writes=True)
    assert report.failures != ()
    assert "key-of-" not in repr(report)
    assert all("X-Key: ***" in p.curl or "X-Key: broken" in p.curl or "X-Key" not in p.curl for p in report.problems)


@requirement("conformance:start:clear")
async def test_a_credential_that_is_refused_everywhere_ends_the_run() -> None:
    with pytest.raises(Unauthenticated) as refused:
        await run_of(Library(), credential=(("X-Key", "another key"),), only=("list*", "get*"))
    assert "--header's credential is refused" in refused.value.detail
    with pytest.raises(Unauthenticated) as none:
        await run_of(Library(), credential=(), only=("list*", "get*"))
    assert "give it with --header" in none.value.detail


@requirement("conformance:start:clear")
async def test_an_application_that_is_not_there_ends_the_run() -> None:
    with pytest.raises(UpstreamUnavailable):
        await run(replace(OPTIONS, url="http://127.0.0.1:1"))
    with pytest.raises(InvalidRequest):
        await run(replace(OPTIONS, url="ftp://127.0.0.1"))


@requirement("conformance:oracle:compared")
async def test_where_openapi_core_judges_otherwise_the_report_says_so() -> None:
    async with served(Library()) as url, opened(replace(OPTIONS, url=url)) as session:
        operation = session.plan.operations["about"]
        session.oracle._api = _Contrary()
        await session.send(operation, Request(method="GET", target="/about"), due=Due.ACCEPTED, why="")
    assert session.disagreements == ["about 200: we accept; openapi-core: no verdict: never"]


class _Contrary:
    """An openapi-core that fails at everything."""

    def validate_response(self, request: object, response: object) -> None:
        raise ValueError("never")
