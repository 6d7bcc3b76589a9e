"""What consumers rely on, against the description and against answers."""

from pathlib import Path

import pytest

from facade.conformance.consumers import Consumer, Relied, consumer_of
from facade.conformance.records import Level
from facade.kernel import InvalidRequest
from tests.conformance.library import Library
from tests.conformance.scenes import field, found, run_of, spoiled
from tests.requirements import requirement

CHAT = """
consumer: chat
operations:
  listBooks:
    parameters: [genre, page]
    fields: [items.id, items.title, total]
  GET /shelves/{shelf_id}:
    fields: [room]
"""


@requirement("conformance:consumer:relied")
async def test_a_consumer_whose_needs_are_met_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "chat.yaml"
    path.write_text(CHAT)
    consumer = consumer_of(path)
    assert consumer == Consumer(
        name="chat",
        operations={
            "listBooks": Relied(parameters=("genre", "page"), fields=("items.id", "items.title", "total")),
            "GET /shelves/{shelf_id}": Relied(fields=("room",)),
        },
    )
    report = await run_of(Library(), consumers=(consumer,), examples=0)
    assert report.problems == ()
    made = {(o.operation, o.check) for o in report.outcomes}
    assert {("listBooks", "consumer.declared"), ("listBooks", "consumer.present")} <= made


@requirement("conformance:consumer:relied")
async def test_what_a_consumer_misses_is_named() -> None:
    relied = {
        "listBooks": Relied(parameters=("author",), fields=("items.title", "items.isbn")),
        "listAuthors": Relied(),
        "getBook": Relied(fields=("lent_to",)),
    }
    library = Library(spoil=spoiled({("GET /books/{book_id}", "2xx"): field("lent_to", ...)}))
    report = await run_of(library, consumers=(Consumer(name="chat", operations=relied),), examples=0)
    missing = {(p.check, p.expected) for p in report.problems if p.check.startswith("consumer.")}
    assert missing == {
        ("consumer.declared", "parameter author, which chat relies on"),
        ("consumer.declared", "field items.isbn, which chat relies on"),
        ("consumer.declared", "operation listAuthors, which chat relies on"),
        ("consumer.present", "field items.isbn, which chat relies on"),
        ("consumer.present", "field lent_to, which chat relies on"),
    }
    assert report.operations["listAuthors"] == "not in the description"
    assert found(report, Level.WARNING) == set()


@requirement("conformance:consumer:clear")
@pytest.mark.parametrize(
    "text",
    [
        "[",
        "consumer: chat",
        "consumer: 3\noperations: {a: {}}",
        "consumer: c\noperations: {a: {filds: []}}",
        "consumer: c\noperations: {a: [b]}",
        "consumer: c\noperations: {a: {fields: b}}",
    ],
)
def test_a_consumer_contract_that_cannot_be_read_names_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "chat.yaml"
    path.write_text(text)
    with pytest.raises(InvalidRequest) as refused:
        consumer_of(path)
    assert refused.value.place.startswith(str(path))
    with pytest.raises(InvalidRequest):
        consumer_of(tmp_path / "missing.yaml")
