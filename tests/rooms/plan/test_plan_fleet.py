"""Requests about a fleet: which operation is meant, where each value goes, and what is asked instead of guessed."""

import pytest

from facade.kernel import Json, JsonObject, OperationKey
from facade.plan import Plan, Question, explain, index_of, understand
from facade.plan.records import Request
from tests.rooms.plan.fleet import LOCALISED, driven
from tests.rooms.plan.samples import NOW, TEXT, called, field, operation, values

CALLS: list[tuple[str, str, dict[str, Json]]] = [
    # a value goes where its form, its noun or its unit says
    ("Show trucks of DEP-12 in repair", "listTrucks", {"state": "in_repair", "depot_ref": "DEP-12"}),
    ("Assign driver 5 to truck 77", "giveTruck", {"truck_id": 77, "driver_id": 5}),
    ("Assign truck 77 to driver 5", "giveTruck", {"truck_id": 77, "driver_id": 5}),
    ("Add a truck called 'Blue Ox' for 3 people", "addTruck", {"name": "Blue Ox", "seats": 3}),
    ("Add truck Blue Ox, 3 people, paint #00aaff", "addTruck", {"name": "Blue Ox", "seats": 3, "paint": "#00aaff"}),
    ("Label truck 77 with fragile", "labelTruck", {"truck_id": 77, "name": "fragile"}),
    # an id that is given is changed, not made
    ("Put truck 77 in repair", "changeTruck", {"truck_id": 77, "state": "in_repair"}),
    ("Move truck 12 to retired", "changeTruck", {"truck_id": 12, "state": "retired"}),
    ("Set truck 44 to out on loan", "changeTruck", {"truck_id": 44, "state": "out_on_loan"}),
    ("Rename truck 9 to Red Ox", "changeTruck", {"truck_id": 9, "name": "Red Ox"}),
    # several things named first are listed
    ("Retired trucks that nobody drives, added since May 2", "listTrucks",
     {"state": "retired", "undriven": True, "added_from": "2025-05-02"}),
    ("list trucks added before 2026-02-01", "listTrucks", {"added_to": "2026-02-01"}),
    ("the first 3 trucks", "listTrucks", {"per_page": 3}),
    ("trucks over 50000", "listTrucks", {"min_price": 50000}),
    ("ready trucks, cheapest first", "listTrucks", {"state": "ready", "sort": "price"}),
    ("newest trucks", "listTrucks", {"sort": "-added_on"}),
    ("What trucks do we have?", "listTrucks", {}),
    ("Mileage from January to March 2025", "mileage", {"date_from": "2025-01-01", "date_to": "2025-03-31"}),
    # a question for an attribute looks its owner up
    ("What is Ann Lee's phone number?", "listDrivers", {"q": "Ann Lee"}),
    ("Give me the phone number of Ann Lee", "listDrivers", {"q": "Ann Lee"}),
    # texts in languages, colours in either spelling
    ("Create a depot 'North' in color #aabbcc, public, with a stay of 45 minutes", "openDepot",
     {"name": {"en": "North"}, "colour": "#aabbcc", "is_public": True, "default_stay": 45}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "name", "arguments"), CALLS)
def test_what_is_said_becomes_the_call_it_means(words: str, name: str, arguments: dict[str, Json]) -> None:
    understanding = driven(words)
    assert (called(understanding), values(understanding)) == (name, arguments)


def test_a_number_beside_a_noun_is_not_taken_for_another_thing() -> None:
    decision = driven("Assign a driver to truck 77").decision
    assert isinstance(decision, Question)
    assert (decision.slot, decision.draft and decision.draft.arguments.path) == ("driver_id", {"truck_id": 77})


UNPLACED = [
    ("Show fuel stations of DEP-12", "DEP-12"),
    ("Show trucks of DEP-12 painted by Miller & Co", "Miller & Co"),
    ("Change the state of truck 9 to ready and assign it to 4", "4"),
]


@pytest.mark.parametrize(("words", "left"), UNPLACED)
def test_a_value_without_a_place_is_asked_about_and_shown(words: str, left: str) -> None:
    understanding = driven(words)
    assert isinstance(understanding.decision, Question)
    assert understanding.candidates[0].unplaced == (left,)
    best = understanding.candidates[0].operation
    assert understanding.decision.choices[0].operation == best
    assert f"has no place for: {left}" in [line.text for line in explain(understanding)]


@pytest.mark.parametrize("reply", ["yes", "List fuel stations, without it"])
def test_a_yes_goes_on_without_what_found_no_place(reply: str) -> None:
    question = driven("Show fuel stations of DEP-12").decision
    assert isinstance(question, Question)
    assert called(driven(reply, open_question=question)) == "listFuel"  # type: ignore[arg-type]  # keyword of Request


def test_a_scene_that_is_set_is_no_value() -> None:
    assert called(driven("I am on a trip to Peru tonight, show me the trucks")) == "listTrucks"


LOCALES = [("en", "en"), ("fr-CA", "fr"), ("sv", "sv")]


@pytest.mark.parametrize(("locale", "code"), LOCALES)
def test_a_text_in_languages_is_written_in_that_of_the_request(locale: str, code: str) -> None:
    planned = values(driven("Create a depot called 'Quay'", locale=locale))
    assert planned == {"name": {code: "Quay"}}


def test_an_answer_in_words_is_localised_too() -> None:
    question = driven("Create a depot").decision
    assert isinstance(question, Question)
    reply = driven("Quay", open_question=question)  # type: ignore[arg-type]  # keyword of Request
    assert values(reply) == {"name": {"en": "Quay"}}


def test_an_object_that_is_not_keyed_by_languages_is_not_filled_from_words() -> None:
    schema: JsonObject = {**LOCALISED, "example": {"width": "2 m"}}
    card = operation("POST", "/ramps", "createRamp", "Create a ramp", field("sizes", schema, required=True))
    decision = understand(Request(words="Create a ramp 'Quay'", now=NOW), index_of([card])).decision
    assert not isinstance(decision, Plan)


QUESTIONS: list[tuple[JsonObject, str, str]] = [
    ({**TEXT, "example": "CRW-7"}, "Id of the crew who drives",
     "Which crew (crew ref) is it for \u201cOpen a shift\u201d? It looks like CRW-7."),
    (TEXT, "Who drives first.", "What is the crew ref for \u201cOpen a shift\u201d? That is: who drives first."),
    (TEXT, "", "What is the crew ref for \u201cOpen a shift\u201d?"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "about", "text"), QUESTIONS)
def test_a_question_speaks_in_the_words_of_the_description(schema: JsonObject, about: str, text: str) -> None:
    card = operation(
        "POST", "/shifts", "openShift", "Open a shift", field("crew_ref", schema, required=True, description=about)
    )
    decision = understand(Request(words="open a shift", now=NOW), index_of([card])).decision
    assert isinstance(decision, Question)
    assert decision.text == text


def test_another_name_in_the_fields_of_a_resource_finds_it() -> None:
    fields = (
        field("gate", TEXT, description="Where this voyage starts"),
        field("pier", TEXT, description="Where this voyage ends"),
    )
    cards = [
        operation("POST", "/legs", "addLeg", "Create a leg", *fields),
        operation("GET", "/cranes", "listCranes", "List cranes", many=True),
    ]
    decision = understand(Request(words="create a voyage with gate 'B7'", now=NOW), index_of(cards)).decision
    assert isinstance(decision, Plan)
    assert decision.steps[0].operation == OperationKey("vet", "addLeg")
