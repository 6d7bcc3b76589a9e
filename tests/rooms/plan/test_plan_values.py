"""Values end in the form that the schema wants."""

from dataclasses import replace

import pytest

from facade.kernel import Json, JsonObject, Parameter
from facade.plan import index_of, understand
from facade.plan.records import Request
from tests.rooms.plan.samples import NOW, TEXT, WHOLE, field, in_path, operation, query, values


def filled(words: str, *parameters: Parameter) -> Json:
    """The arguments found for one operation on bookings that is asked for by name."""
    card = operation("POST", "/bookings", "createBooking", "Create a booking", *parameters)
    return values(understand(Request(words=words, now=NOW), index_of([card])))


FORMS: list[tuple[JsonObject, str, Json]] = [
    ({"type": "string", "format": "date"}, "2026-03-05", None),
    ({"type": "string", "format": "date-time"}, "2026-03-05T16:30:00Z", None),
    ({"type": "string", "description": "as DD/MM/YYYY"}, "05/03/2026", None),
    ({"type": "string", "description": "as YYYY-MM-DD HH:MM"}, "2026-03-05 16:30", None),
    ({"type": "string", "description": "HH:MM of arrival"}, "16:30", None),
]


@pytest.mark.parametrize(("schema", "expected", "_"), FORMS)
def test_a_moment_is_written_as_the_schema_says(schema: JsonObject, expected: str, _: Json) -> None:
    name = "arrival_date" if schema.get("format") == "date" else "arrival"
    parameter = field(name, schema, required=True)
    assert filled("Create a booking with arrival tomorrow at 4:30 pm", parameter) == {name: expected}


def test_a_stamp_stays_as_it_was_written() -> None:
    parameter = field("starts", {"type": "string", "format": "date-time"}, required=True)
    words = "Create a booking that starts 2026-05-01T08:00:00+02:00"
    assert filled(words, parameter) == {"starts": "2026-05-01T08:00:00+02:00"}


def test_an_identifier_of_digits_is_text_where_the_schema_says_text() -> None:
    both = (field("room_id", TEXT, required=True), field("guest_id", WHOLE, required=True))
    assert filled("Create a booking for room 12 and guest 77", *both) == {"room_id": "12", "guest_id": 77}


def test_a_share_is_written_as_a_fraction_where_the_schema_says_so() -> None:
    parameter = field("discount", {"type": "number", "maximum": 1}, required=True)
    assert filled("Create a booking with discount 15%", parameter) == {"discount": 0.15}


def test_one_value_for_a_list_is_wrapped_and_several_are_kept_together() -> None:
    parameter = field("guests", {"type": "array", "items": TEXT}, required=True)
    assert filled('Create a booking with guests "Ann"', parameter) == {"guests": ["Ann"]}
    assert filled('Create a booking with guests "Ann" and "Bo"', parameter) == {"guests": ["Ann", "Bo"]}


def test_several_values_for_a_comma_separated_text_are_joined() -> None:
    parameter = field("guests", TEXT, required=True, description="Comma-separated names of guests")
    assert filled('Create a booking with guests "Ann" and "Bo"', parameter) == {"guests": "Ann,Bo"}


def test_several_listed_values_are_all_taken_by_a_list() -> None:
    schema: JsonObject = {"type": "array", "items": {"type": "string", "enum": ["breakfast", "parking", "sauna"]}}
    parameter = field("extras", schema)
    assert filled("Create a booking with extras sauna and breakfast", parameter) == {"extras": ["sauna", "breakfast"]}


def test_a_close_spelling_names_a_listed_value() -> None:
    parameter = field("board", {"type": "string", "enum": ["breakfast", "half_board"]}, required=True)
    assert filled("Create a booking with brekfast", parameter) == {"board": "breakfast"}
    assert filled("Create a booking, half board", parameter) == {"board": "half_board"}


YES_NO: list[tuple[str, Json]] = [
    ("Create a booking and include breakfast", {"include_breakfast": True}),
    ("Create a booking without breakfast", {"include_breakfast": False}),
    ("Create a booking with breakfast set to false", {"include_breakfast": False}),
    ("Create a booking", {}),
]


@pytest.mark.parametrize(("words", "expected"), YES_NO)
def test_a_yes_or_no_is_read_from_the_phrasing(words: str, expected: Json) -> None:
    flag = query("include_breakfast", {"type": "boolean"})
    assert filled(words, flag, field("note", TEXT)) == expected


SORTS: list[tuple[str, str]] = [
    ("sorted by price ascending", "price_asc"),
    ("sorted by price, highest first", "price_desc"),
    ("sorted by stars descending", "stars_desc"),
]


@pytest.mark.parametrize(("words", "expected"), SORTS)
def test_a_sort_order_is_one_of_the_listed_ones(words: str, expected: str) -> None:
    schema: JsonObject = {"type": "string", "enum": ["price_asc", "price_desc", "stars_asc", "stars_desc"]}
    card = operation("GET", "/hotels", "listHotels", "List hotels", query("sort", schema), many=True)
    assert values(understand(Request(words=f"List hotels {words}", now=NOW), index_of([card]))) == {"sort": expected}


def test_where_something_begins_and_ends_goes_to_its_own_slot() -> None:
    both = (field("origin", TEXT, required=True), field("destination", TEXT, required=True))
    assert filled("Create a booking from Leeds to York", *both) == {"origin": "Leeds", "destination": "York"}
    assert filled("Create a booking to York from Leeds", *both) == {"origin": "Leeds", "destination": "York"}


def test_each_span_is_used_at_most_once() -> None:
    both = (field("first_guest", TEXT, required=True), field("second_guest", TEXT, required=True))
    assert filled("Create a booking with first guest Ann", *both) == {}


def test_a_pinned_parameter_is_never_filled() -> None:
    pinned = replace(field("account", TEXT, required=True), pinned=True)
    assert filled("Create a booking for room 5", pinned, field("room", WHOLE)) == {"room": 5}
    assert filled("Create a booking for room 5 with account 99", pinned, field("room", WHOLE)) == {}


def test_a_path_value_is_told_from_the_new_value() -> None:
    card = operation(
        "PATCH", "/shelves/{shelf_id}", "updateShelf", "Update a shelf", in_path("shelf_id"), field("name", TEXT)
    )
    words = "Update the shelf with id '88', changing its name to 'Top Shelf'"
    found = values(understand(Request(words=words, now=NOW), index_of([card])))
    assert found == {"shelf_id": "88", "name": "Top Shelf"}
