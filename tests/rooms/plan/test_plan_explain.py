"""Explanations and predictions: an understanding told as data."""

from facade.kernel import OperationKey
from facade.plan import Plan, Question, Refusal, explain, failure, prediction
from tests.rooms.plan.samples import OPERATIONS, asked

CARDS = {o.key: o for o in OPERATIONS}


def test_a_plan_is_explained_by_its_values_and_its_candidates() -> None:
    understanding = asked("get patient 317")
    lines = explain(understanding)
    assert isinstance(understanding.decision, Plan)
    assert [(line.about, line.text) for line in lines[1:3]] == [
        ("path.patient_id", "from your words: 317"),
        ("getPatient", "score"),
    ]


def test_a_question_and_a_refusal_are_explained() -> None:
    question, refused = asked('Register a new patient named "Rex"'), asked("what is the capital of Peru?")
    assert isinstance(question.decision, Question)
    assert isinstance(refused.decision, Refusal)
    assert [(line.about, line.text) for line in explain(question)[1:2]] == [("body.name", "from your words: Rex")]
    assert explain(refused)[0].text.startswith("refuse")


def test_a_prediction_holds_the_flat_arguments_and_the_candidates() -> None:
    understanding = asked("Change the weight of patient 9 to 4.5")
    line = prediction("case-1", understanding, CARDS, ms=1.25)
    assert line["plan"] == [
        {
            "method": "PATCH",
            "path": "/patients/{patient_id}",
            "operationId": "updatePatient",
            "args": {"patient_id": 9, "weight_kg": 4.5},
        }
    ]
    assert (line["id"], line["decision"], line["ms"]) == ("case-1", "plan", 1.25)
    best = understanding.candidates[0]
    assert isinstance(line["candidates"], list)
    assert line["candidates"][0] == {"method": "PATCH", "path": "/patients/{patient_id}", "score": best.score}


def test_a_question_and_a_refusal_predict_no_call() -> None:
    asking = prediction("a", asked("cancel an appointment"), CARDS, ms=0)
    refusing = prediction("b", asked("what is the capital of Peru?"), CARDS, ms=0)
    assert (asking["decision"], asking["plan"]) == ("ask", [])
    assert (refusing["decision"], refusing["plan"]) == ("refuse", [])


def test_an_operation_that_left_the_catalogue_is_left_out() -> None:
    cards = {k: v for k, v in CARDS.items() if k != OperationKey("vet", "getPatient")}
    assert prediction("c", asked("get patient 317"), cards, ms=0)["plan"] == []


def test_a_case_that_cannot_be_played_is_a_refusal() -> None:
    expected = {"id": "d", "decision": "refuse", "plan": [], "candidates": [], "confidence": 0.0, "ms": 2.0}
    assert failure("d", ms=2.0) == expected
