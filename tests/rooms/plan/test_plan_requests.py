"""Requests in plain English against the practice: which operation, which values."""

import pytest

from facade.kernel import Json
from facade.plan import Plan, Question, Refusal
from tests.rooms.plan.samples import asked, called, values

CALLS: list[tuple[str, str, dict[str, Json]]] = [
    ("Show me all patients", "listPatients", {}),
    ("list the first 20 dogs among our patients", "listPatients", {"species": "dog", "limit": 20}),
    ("get patient 317", "getPatient", {"patient_id": 317}),
    ("Delete patient 44 please.", "deletePatient", {"patient_id": 44}),
    ("Which vaccinations has patient 12 had since 2025-06-01?", "listVaccinations",
     {"patient_id": 12, "since": "2025-06-01"}),
    ("Change the weight of patient 9 to 4.5", "updatePatient", {"patient_id": 9, "weight_kg": 4.5}),
    ("Register a new patient named \"Miss Whiskers\", a cat, owner email ann@example.org", "createPatient",
     {"name": "Miss Whiskers", "species": "cat", "owner_email": "ann@example.org"}),
    ("cancel appointment AX-204", "cancelAppointment", {"code": "AX-204"}),
    ("List appointments from March 9 to March 13", "listAppointments",
     {"from_date": "2026-03-09", "to_date": "2026-03-13"}),
    ("Book an appointment for patient 31 tomorrow at 3pm", "bookAppointment",
     {"patient_id": 31, "starts_at": "2026-03-05T15:00:00Z"}),
    ("Send a reminder to bob@example.org saying your cat is due for a check-up", "sendReminder",
     {"to": "bob@example.org", "message": "your cat is due for a check-up"}),
    ("Record a card payment of $45.50 for invoice INV-77", "recordPayment",
     {"invoice_no": "INV-77", "payment": {"amount": 45.5, "method": "card"}}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "name", "arguments"), CALLS)
def test_a_plain_request_becomes_the_call_it_means(words: str, name: str, arguments: dict[str, Json]) -> None:
    understanding = asked(words)
    assert (called(understanding), values(understanding)) == (name, arguments)


def test_a_missing_required_value_becomes_one_question_for_it() -> None:
    decision = asked("cancel an appointment").decision
    assert isinstance(decision, Question)
    assert (decision.slot, decision.draft and decision.draft.operation.operation_id) == ("code", "cancelAppointment")


def test_a_listed_value_that_is_missing_is_offered_as_choices() -> None:
    decision = asked('Register a new patient named "Rex"').decision
    assert isinstance(decision, Question)
    assert [c.value for c in decision.choices] == ["cat", "dog", "guinea_pig"]


@pytest.mark.parametrize("words", ["What is the capital of Peru?", "write a poem about the sea", "", "?!"])
def test_what_no_operation_serves_is_refused(words: str) -> None:
    assert isinstance(asked(words).decision, Refusal)


@pytest.mark.parametrize("words", ["删除病人44", "удали пациента 44", "إلغاء الموعد"])
def test_a_script_that_is_not_read_never_becomes_a_plan(words: str) -> None:
    assert not isinstance(asked(words).decision, Plan)
