"""What changes data is planned only where the words ask for that change."""

import pytest

from facade.kernel import JsonObject, OperationKey
from facade.plan import Question, Refusal, index_of, understand
from facade.plan.records import Request
from tests.requirements import requirement
from tests.rooms.plan.samples import NOW, OPERATIONS, asked, called, field, in_path, operation, query, values

CLASSES = {o.key.operation_id: o.write_class for o in OPERATIONS}


@requirement("invariant:consent:exact")
@pytest.mark.parametrize(
    "words",
    [
        "close patient 44",
        "feed patient 44",
        "show patient 44 and tell me everything",
        "patient 44",
        "what about patient 44?",
        "do not lose patient 44",
    ],
)
def test_nothing_is_deleted_where_no_word_asks_for_it(words: str) -> None:
    assert called(asked(words)) not in {"deletePatient", "cancelAppointment"}


@pytest.mark.parametrize(
    "words", ["show patients", "what appointments are there tomorrow?", "how many patients are there?"]
)
def test_a_request_to_see_something_plans_no_change(words: str) -> None:
    name = called(asked(words))
    assert CLASSES[name] == "read"


def test_a_verb_that_no_operation_knows_asks_which_change_is_meant() -> None:
    decision = asked("refund the payment for invoice INV-7 of $12").decision
    assert isinstance(decision, Question)
    assert decision.choices[0].operation == OperationKey("vet", "recordPayment")


def test_a_change_of_nothing_asks_what_to_change() -> None:
    decision = asked("update patient 9").decision
    assert isinstance(decision, Question)
    assert (decision.location, decision.slot) == ("body", "name")


def test_a_deletion_of_nothing_in_particular_asks_which_one() -> None:
    card = operation("POST", "/deleteShelf", "deleteShelf", "Delete a shelf", field("shelf_id", {"type": "string"}))
    decision = understand(Request(words="delete a shelf", now=NOW), index_of([card])).decision
    assert isinstance(decision, Question)
    assert decision.slot == "shelf_id"


def test_an_operation_whose_needs_words_cannot_fill_is_not_planned() -> None:
    blob: JsonObject = {"type": "object"}
    card = operation("POST", "/layouts", "createLayout", "Create a layout", field("grid", blob, required=True))
    assert isinstance(understand(Request(words="create a layout", now=NOW), index_of([card])).decision, Refusal)


def test_two_near_operations_are_offered_and_not_guessed() -> None:
    cards = [
        operation("POST", "/shelves/{shelf_id}/red", "paintShelfRed", "Paint a shelf red", in_path("shelf_id")),
        operation("POST", "/shelves/{shelf_id}/tan", "paintShelfTan", "Paint a shelf tan", in_path("shelf_id")),
    ]
    decision = understand(Request(words="paint shelf 7", now=NOW), index_of(cards)).decision
    assert isinstance(decision, Question)
    assert {c.operation for c in decision.choices} == {
        OperationKey("vet", "paintShelfRed"),
        OperationKey("vet", "paintShelfTan"),
    }


COMPARED = [
    ("list shelves with price under 50", {"max_price": 50}),
    ("list shelves with price over 20", {"min_price": 20}),
    ("list shelves that cost at least 20 euros and at most 50 euros", {"min_price": 20, "max_price": 50}),
]


@pytest.mark.parametrize(("words", "expected"), COMPARED)
def test_the_least_and_the_most_go_to_their_own_bounds(words: str, expected: dict[str, int]) -> None:
    bounds = (query("min_price", {"type": "number"}), query("max_price", {"type": "number"}))
    card = operation("GET", "/shelves", "listShelves", "List shelves", *bounds, many=True)
    assert values(understand(Request(words=words, now=NOW), index_of([card]))) == expected


MEANT = [
    ("list overdue loans", {"state": ["late"]}),
    ("list open loans", {"state": ["new", "late"]}),
    ("list returned loans", {"state": ["back"]}),
]


@pytest.mark.parametrize(("words", "expected"), MEANT)
def test_words_that_the_description_gives_for_listed_values_name_them(
    words: str, expected: dict[str, list[str]]
) -> None:
    told = "Where the loan stands: late, that is overdue; back (returned); all but back are open"
    schema: JsonObject = {"type": "array", "items": {"type": "string", "enum": ["new", "late", "back"]}}
    card = operation("GET", "/loans", "listLoans", "List loans", query("state", schema, description=told), many=True)
    assert values(understand(Request(words=words, now=NOW), index_of([card]))) == expected


@pytest.mark.parametrize(("words", "name"), [("delete shelf 7", ""), ("delete all the shelves", "deleteShelves")])
def test_all_of_a_kind_are_deleted_only_where_all_are_meant(words: str, name: str) -> None:
    card = operation("DELETE", "/shelves", "deleteShelves", "Delete shelves")
    assert called(understand(Request(words=words, now=NOW), index_of([card]))) == name


def test_a_creation_of_nothing_asks_for_its_name() -> None:
    fields = (field("colour", {"type": "string"}), field("name", {"type": "string"}))
    card = operation("POST", "/shelves", "createShelf", "Create a shelf", *fields)
    decision = understand(Request(words="create a shelf", now=NOW), index_of([card])).decision
    assert isinstance(decision, Question)
    assert decision.slot == "name"
