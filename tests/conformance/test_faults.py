"""Each fault that applications have is found by its check, and an application without faults has none."""

import pytest

from facade.conformance.records import Level
from tests.conformance.library import Library
from tests.conformance.scenes import field, found, instead, run_of, spoiled, status
from tests.requirements import requirement

ANSWERS = {
    # One run for several faults: each in another operation, so that none hides another.
    "fields": (
        {
            ("GET /shelves", "2xx"): field("room", ...),
            ("GET /shelves/{shelf_id}", "2xx"): field("wide", "yes"),
            ("GET /books", "2xx"): field("bought_on", "10/01/2026"),
            ("GET /books/{book_id}", "2xx"): field("genre", "prose"),
            ("POST /shelves", "2xx"): field("secret", 1),
            ("PUT /books/{book_id}", "2xx"): field("title", None),
            ("PUT /books/{book_id}/loan", "2xx"): field("price", "1.00"),
        },
        {
            ("listShelves", "body.schema"),
            ("getShelf", "body.schema"),
            ("listBooks", "body.schema"),
            ("getBook", "body.schema"),
            ("createShelf", "body.schema"),
            ("replaceBook", "body.schema"),
            ("lendBook", "body.schema"),
        },
    ),
    "bodies": (
        {
            ("GET /about", "2xx"): instead('raw:{"name": "Lib', 200),
            ("GET /shelves/{shelf_id}", "2xx"): instead("raw:", 200),
            ("GET /books/{book_id}", "404"): instead({"message": "no"}, 404),
            ("PUT /books/{book_id}", "422"): instead("raw:", 422),
        },
        {
            ("about", "body.json"),
            ("getShelf", "body.empty"),
            ("getBook", "body.schema"),
            ("replaceBook", "body.empty"),
        },
    ),
    "statuses": (
        {
            ("POST /shelves", "201"): status(200),
            ("GET /books/{book_id}", "404"): instead({}, 200),
            ("GET /books", "2xx"): status(206),
            ("PUT /books/{book_id}", "404"): status(422),
            ("GET /about", "2xx"): status(500),
        },
        {
            ("createShelf", "status.declared"),
            ("getBook", "status.class"),
            ("listBooks", "status.declared"),
            ("replaceBook", "status.class"),
            ("about", "server.error"),
        },
    ),
}

LINKS = {
    "nowhere": (999_999, {("getShelf", "links.followed")}),
    "without a value": (..., {("getBook", "links.followed")}),
}

BEHAVIOURS = {
    "input": (
        {"500 on a quote", "500 on bad JSON", "takes any NewShelf", "HTML from about"},
        {
            ("listBooks", "server.error"),
            ("createBook", "server.error"),
            ("createShelf", "input.refused"),
            ("about", "media_type"),
        },
    ),
    "headers": (
        {"no Location", "X-Total is no number"},
        {("createBook", "headers.declared"), ("listBooks", "headers.declared")},
    ),
    "location": ({"Location leads nowhere"}, {("getBook", "links.followed")}),
    "doors and repeats": (
        {
            "open GET /shelves/{shelf_id}",
            "open POST /shelves",
            "open PUT /books/{book_id}",
            "a PUT adds up",
            "a shelf stays",
            "a loan stays",
        },
        {
            ("getShelf", "auth.required"),
            ("createShelf", "auth.required"),
            ("replaceBook", "auth.required"),
            ("replaceBook", "put.idempotent"),
            ("deleteShelf", "delete.effect"),
            ("returnBook", "delete.effect"),
        },
    ),
    "tenants": (
        {
            "shared GET /books/{book_id}",
            "foreign shelf in the list",
            "shared PUT /books/{book_id}/loan",
            "shared DELETE /books/{book_id}",
            "foreign shelf for a book",
        },
        {
            ("getBook", "tenants.read"),
            ("listShelves", "tenants.list"),
            ("lendBook", "tenants.write"),
            ("deleteBook", "tenants.write"),
            ("createBook", "tenants.write"),
        },
    ),
    "lists": (
        {"pages overlap", "one more than the limit", "ignores genre", "ignores max_price", "ignores q"},
        {("listBooks", "pages.whole"), ("listShelves", "pages.limit"), ("listBooks", "filters.obeyed")},
    ),
}


@requirement("conformance:sound:passes")
async def test_an_application_that_keeps_its_description_has_no_problem() -> None:
    library = Library()
    before = {**library.shelves}, {**library.books}
    report = await run_of(library, writes=True)
    assert (report.problems, report.disagreements, report.skipped) == ((), (), {})
    assert (report.complete, report.leftovers) == (True, ())
    assert (library.shelves, library.books) == before


@requirement("conformance:faults:found")
@pytest.mark.parametrize("kind", ANSWERS)
async def test_a_wrong_answer_is_found(kind: str) -> None:
    changes, expected = ANSWERS[kind]
    report = await run_of(Library(spoil=spoiled(changes)), writes=True)
    assert expected - found(report) == set()


@requirement("conformance:faults:found")
@pytest.mark.parametrize("kind", BEHAVIOURS)
async def test_a_wrong_behaviour_is_found(kind: str) -> None:
    faults, expected = BEHAVIOURS[kind]
    report = await run_of(Library(faults=frozenset(faults)), writes=True)
    assert expected - found(report) == set()


@requirement("conformance:links:followed")
@pytest.mark.parametrize("kind", LINKS)
async def test_a_link_that_does_not_hold_is_found(kind: str) -> None:
    value, expected = LINKS[kind]
    changes = {("GET /books/{book_id}", "2xx"): field("shelf_id", value)}
    report = await run_of(Library(spoil=spoiled(changes)), only=("list*", "get*"), examples=0)
    assert expected - found(report) == set()


@requirement("conformance:faults:found")
async def test_a_method_that_the_description_does_not_know_is_a_warning() -> None:
    report = await run_of(Library(faults=frozenset({"an unknown method"})), only=("about",), examples=0)
    assert found(report, Level.WARNING) == {("about", "method.refused")}
    assert report.failures == ()


@requirement("conformance:filters:named")
@pytest.mark.parametrize("name", ["genre", "max_price", "q", "shelf_id", "bought_from"])
async def test_the_filter_that_is_ignored_is_named(name: str) -> None:
    report = await run_of(
        Library(faults=frozenset({f"ignores {name}"})), checks=("filters.*",), only=("list*", "getShelf"), examples=0
    )
    assert {p.expected.partition("=")[0] for p in report.failures} == {name}


@requirement("conformance:writes:effect")
async def test_a_write_that_does_not_take_what_was_sent_is_a_warning() -> None:
    report = await run_of(Library(faults=frozenset({"a PUT keeps the title"})), writes=True)
    assert ("replaceBook", "write.effect") in found(report, Level.WARNING)
    assert report.failures == ()


@requirement("conformance:drift:warned")
async def test_a_field_that_the_description_does_not_know_is_a_warning() -> None:
    changes = {("GET /books/{book_id}", "2xx"): field("shelfmark", "A 1")}
    report = await run_of(Library(spoil=spoiled(changes)), only=("getBook", "listBooks"))
    assert found(report, Level.WARNING) == {("getBook", "body.undeclared")}
    assert [p.seen for p in report.problems] == ["body.shelfmark"]
