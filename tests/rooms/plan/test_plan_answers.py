"""A question is open; the next words answer it, pick, drop it, or ask for something else."""

import pytest

from facade.kernel import Json, OperationKey
from facade.plan import Choice, Plan, Question, Refusal, Source, Understanding
from tests.requirements import requirement
from tests.rooms.plan.samples import asked, called, values


def question(words: str) -> Question:
    """The question that some words leave open."""
    decision = asked(words).decision
    assert isinstance(decision, Question)
    return decision


def answered(words: str, reply: str) -> Understanding:
    return asked(reply, open_question=question(words))


REPLIES: list[tuple[str, str, dict[str, Json]]] = [
    ("cancel an appointment", "AX-204", {"code": "AX-204"}),
    ("cancel an appointment", "it is AX-204", {"code": "AX-204"}),
    ("get a patient", "317", {"patient_id": 317}),
    ("get a patient", "number 317 please", {"patient_id": 317}),
    ('Register a new patient named "Rex"', "dog", {"name": "Rex", "species": "dog"}),
    ('Register a new patient named "Rex"', "the second", {"name": "Rex", "species": "dog"}),
    ('Register a new patient named "Rex"', "the last one", {"name": "Rex", "species": "guinea_pig"}),
    ('Register a new patient named "Rex"', "a guinea pig", {"name": "Rex", "species": "guinea_pig"}),
    ("Book an appointment for patient 31", "tomorrow at 3pm",
     {"patient_id": 31, "starts_at": "2026-03-05T15:00:00Z"}),
    ("Record a payment for invoice INV-7", "$12.50", {"invoice_no": "INV-7", "payment": {"amount": 12.5}}),
]  # fmt: skip


@requirement("plan:question:answered")
@pytest.mark.parametrize(("words", "reply", "arguments"), REPLIES)
def test_a_short_reply_fills_the_slot_that_was_asked_for(words: str, reply: str, arguments: dict[str, Json]) -> None:
    assert values(answered(words, reply)) == arguments


def test_values_of_earlier_words_are_marked_as_such() -> None:
    decision = answered('Register a new patient named "Rex"', "dog").decision
    assert isinstance(decision, Plan)
    sources = decision.steps[0].sources
    assert sources["body.name"].kind == "conversation"
    assert sources["body.species"] == Source(kind="choice", text="dog", start=0, end=3)


def test_one_question_follows_another_until_nothing_is_missing() -> None:
    first = question("Book an appointment")
    second = asked("31", open_question=first).decision
    assert isinstance(second, Question)
    assert (first.slot, second.slot) == ("patient_id", "starts_at")
    assert values(asked("2026-03-09 at 9am", open_question=second)) == {
        "patient_id": 31,
        "starts_at": "2026-03-09T09:00:00Z",
    }


@requirement("plan:question:answered")
def test_words_that_are_a_request_of_their_own_are_read_anew() -> None:
    understanding = answered("cancel an appointment", "show me all patients instead please")
    assert called(understanding) == "listPatients"


@pytest.mark.parametrize("reply", ["never mind", "Cancel.", "no"])
def test_a_question_can_be_dropped(reply: str) -> None:
    assert isinstance(answered("cancel an appointment", reply).decision, Refusal)


NEAR = Question(
    text="Do you mean “Get one patient” or “Delete a patient”?",
    choices=(
        Choice(label="Get one patient", operation=OperationKey("vet", "getPatient")),
        Choice(label="Delete a patient", operation=OperationKey("vet", "deletePatient")),
    ),
    words="patient 44",
)


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ("the first", "getPatient"),
        ("2nd", "deletePatient"),
        ("delete a patient", "deletePatient"),
        ("the one that gets it", "getPatient"),
    ],
)
def test_the_operation_that_is_picked_is_filled_from_the_earlier_words(reply: str, name: str) -> None:
    understanding = asked(reply, open_question=NEAR)
    assert (called(understanding), values(understanding)) == (name, {"patient_id": 44})


@requirement("plan:rights:narrowed")
def test_an_operation_that_is_not_allowed_cannot_be_picked() -> None:
    allowed = frozenset({OperationKey("vet", "listPatients")})
    understanding = asked("the second", open_question=NEAR, allowed=allowed)
    assert not isinstance(understanding.decision, Plan)


def test_a_draft_for_an_operation_that_is_gone_is_not_continued() -> None:
    gone = Question(text="Which?", draft=None, slot="code")
    assert isinstance(asked("AX-1", open_question=gone).decision, Refusal)
