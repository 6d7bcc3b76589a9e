"""What the application answered, in sentences and tables."""

from dataclasses import replace

import pytest

from facade.kernel import Location, OutboundRequest, WriteClass
from facade.reply import Column, Grid, Manner, Reply, answered, joined
from tests.requirements import requirement
from tests.rooms.reply_samples import GERMAN, PLAIN, answer, call, operation, parameter

TICKETS = operation("List all tickets")
TICKET = operation("Get ticket by ID", path="/tickets/{id}")


def read(said, op=TICKETS, *, manner=PLAIN, headers=None, **arguments):
    return answered(op, call(op, **arguments), answer(said, **(headers or {})), manner).text


def rows(count):
    return [{"id": n} for n in range(count)]


@requirement("reply:echo:filters")
def test_a_list_says_what_was_looked_for_and_how_many_there_are():
    body = {"items": [{"id": 1, "subject": "a|b"}, {"id": 2, "subject": ""}], "total": 48, "page": 1}
    reply = answered(TICKETS, call(TICKETS, query={"status": "open", "page": 1}), answer(body), PLAIN)
    assert reply == Reply(
        text=(
            "Tickets where status is open: 2 of 48\n\n"
            "| ID | Subject |\n| --- | --- |\n| 1 | a\\|b |\n| 2 |  |\n\n"
            "… and 46 more."
        ),
        data={"operation": "list_all_tickets", "status": 200, "ok": True, "rows": 2, "total": 48},
        tables=(
            Grid(
                title="Tickets",
                columns=(
                    Column(name="id", title="ID", kind="number"),
                    Column(name="subject", title="Subject", kind="text"),
                ),
                rows=((1, "a|b"), (2, "")),
                total=48,
                more=True,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({}, "Tickets: none found."),
        ({"status": ["open", "new"]}, "Tickets where status is open, new: none found."),
        ({"min_total": 5, "max_total": 9}, "Tickets where total is at least 5 and total is at most 9: none found."),
        ({"total__gt": 5, "total_lt": 9}, "Tickets where total is above 5 and total is below 9: none found."),
        (
            {"due_from": "2026-01-02", "due_before": "2026-02-01"},
            "Tickets where due is from 2026-01-02 and due is until 2026-02-01: none found.",
        ),
        ({"status_ne": "open"}, "Tickets where status is not open: none found."),
        ({"q": "printer"}, "Tickets where text matches “printer”: none found."),
        (
            {"customerId": 7, "sort": "-due_on", "limit": 5},
            "Tickets where customer ID is 7, sorted by due on (descending): none found.",
        ),
        ({"_sort": "due_on", "open": True, "left": None}, "Tickets where open is yes, sorted by due on: none found."),
    ],
)
@requirement("reply:echo:filters")
def test_filters_are_told_in_words_and_paging_is_not(query, told):
    assert read([], query=query) == told


def test_a_query_in_a_body_and_in_a_path_is_told_too_and_values_follow_their_schema():
    op = operation(
        "Search invoices",
        "POST",
        write_class=WriteClass.READ,
        parameters=[parameter("due", {"type": "string"}, Location.BODY)],
    )
    text = read([], op, manner=GERMAN, path={"account": "A1"}, body={"due": "2026-03-04"})
    assert text == "Invoices where account is A1 and due is 04.03.2026: none found."
    assert read([], op, body=["x"]) == "Invoices: none found."


ONE = [{"id": 1}]


@pytest.mark.parametrize(
    ("body", "headers", "counted"),
    [
        (ONE, {}, "1"),
        (ONE, {"x_total_count": "9"}, "1 of 9"),
        (ONE, {"content_range": "items 0-0/7"}, "1 of 7"),
        (ONE, {"content_range": "items 0-0/*"}, "1"),
        ({"results": ONE, "count": 3, "next": None, "previous": None}, {}, "1 of 3"),
        ({"results": ONE, "count": True}, {}, "1"),
        ({"data": ONE, "meta": {"pagination": {"total": 4}}}, {}, "1 of 4"),
        ({"data": {"items": ONE, "totalItems": 5}}, {}, "1 of 5"),
        ({"tickets": ONE, "total": 0}, {}, "1"),
        ({"_embedded": {"tickets": ONE}, "_links": {}}, {}, "1"),
        ({"data": ONE, "included": []}, {}, "1"),
    ],
)
def test_envelopes_and_totals_are_found_by_structure(body, headers, counted):
    assert read(body, headers=headers).splitlines()[0] == f"Tickets: {counted}"


def test_more_than_twenty_rows_are_counted_and_an_unknown_rest_is_said():
    assert read(rows(20)).count("\n| ") == 22
    assert read(rows(23)).endswith("| 19 |\n\n… and 3 more.")
    assert read({"items": ONE, "next": "?page=2"}).endswith("… and there are more.")


def test_rows_that_are_no_records_become_a_list():
    assert read(["a", None, 3]) == "Tickets: 3\n\n- a\n- -\n- 3"
    assert read([[], {"id": 1}]) == "Tickets: 2\n\n- -\n- 1"


def test_what_matters_comes_first_in_at_most_seven_columns():
    row = {
        "description": "d", "avatar_url": "u", "is_vip": True, "created_at": "2026-01-01", "customer_id": 7,
        "tags": ["x"], "city": "Bern", "customer": {"id": 3, "name": "Acme"}, "due_on": "2026-03-04",
        "total": 12.5, "status": "open", "title": "T", "id": 1, "empty": None, "none": {},
    }  # fmt: skip
    text = read([row])
    assert text.splitlines()[2:] == [
        "| ID | Title | Status | Total | Due on | Customer | City |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| 1 | T | open | 12.5 | 2026-03-04 | Acme | Bern |",
    ]


def test_rows_without_any_value_still_make_a_table():
    assert read([{}, {"id": None}]).splitlines()[2:] == ["| - |", "| --- |", "|  |", "|  |"]


def test_columns_are_named_by_the_schema_where_it_names_them():
    item = {"allOf": [{"properties": {"nr": {"title": "Number"}}}, True], "properties": {"x": {"title": "y" * 99}}}
    op = operation("List things", schema={"type": "array", "items": item})
    assert read([{"x": 1, "nr": 2, "z": 3}], op).splitlines()[2] == "| Number | X | Z |"
    odd = operation("List things", schema={"properties": {"data": True}})
    assert read({"data": [{"__": 1}]}, odd).splitlines()[2] == "| - |"


def test_one_record_is_a_list_of_its_fields():
    body = {
        "ticket": {
            "id": 4101, "subject": "Printer", "tags": ["a", "b"], "notes": None,
            "comments": [{"id": 1, "text": "hi"}], "customer": {"x": 1, "y": 2},
        }
    }  # fmt: skip
    assert read(body, TICKET, path={"id": 4101}) == (
        "Ticket 4101:\n\n- **ID**: 4101\n- **Subject**: Printer\n- **Customer**: 2 entries\n- **Tags**: a, b\n\n"
        "**Comments**\n\n| ID | Text |\n| --- | --- |\n| 1 | hi |"
    )


def test_a_record_with_lists_is_no_envelope():
    assert read({"id": 1, "tags": ["a"], "data": [1]}, TICKET).startswith("Ticket:\n\n- **ID**: 1")
    assert read({"period": "2026", "rows": rows(22)}, TICKET).endswith("| 19 |\n\n… and 2 more.")
    assert read({}, TICKET) == "Ticket:"


def test_a_record_shows_a_bounded_number_of_fields():
    text = read({f"f{n}": n for n in range(30)}, TICKET)
    assert text.count("\n- **") == 25
    assert text.endswith("- … and 5 more fields.")


@requirement("reply:huge:linear")
def test_a_map_of_many_things_is_told_by_its_beginning():
    """Weighing each name of this against each other would take hours."""
    many = {f"k{n}": n for n in range(200_000)}
    told = read(many, TICKET, path={"id": 1})
    assert told.splitlines()[-1] == "- … and 199975 more fields."
    assert read([many] * 20).splitlines()[2].count("|") == 8
    assert read({"items": [], "meta": many}) == "Tickets: none found."


def test_envelopes_are_opened_to_a_bounded_depth():
    assert read({"data": {"data": {"data": {"data": {"n": 1}}}}}, TICKET) == "Ticket:\n\n- **Data**: 1 entries"


@pytest.mark.parametrize(
    ("body", "told"),
    [(42, "Tickets: 42"), ("<b>", "Tickets: &lt;b>"), (True, "Tickets: yes"), (1.5, "Tickets: 1.5")],
)
def test_a_bare_value_is_told(body, told):
    assert read(body) == told


def test_answers_that_are_not_json_are_told():
    text = answer().__class__(status=200, media_type="text/plain", text="a,b\n1,2")
    assert answered(TICKETS, call(TICKETS), text, PLAIN).text == (
        "Tickets: the application answered with text:\n\n> a,b 1,2"
    )
    binary = answer().__class__(status=200, media_type="application/pdf", headers=(("Content-Length", "99"),))
    assert answered(TICKETS, call(TICKETS), binary, PLAIN).text == (
        "Tickets: the application answered with application/pdf, which cannot be shown here."
    )
    assert read(None) == "Tickets: the application answered without content."


def told(media_type="", text=None, size=0, **headers):
    said = replace(answer(**headers), media_type=media_type, text=text, size=size)
    return answered(TICKETS, call(TICKETS), said, PLAIN).text


@requirement("bodies:answers:told")
@pytest.mark.parametrize(
    ("media_type", "size", "what"),
    [
        ("image/png", 7, "image/png (7 B)"),
        ("application/pdf", 12_345, "application/pdf (12 kB)"),
        ("application/zip", 4_200_000, "application/zip (4 MB)"),
        ("video/mp4", 9_000_000_000_000, "video/mp4 (9000 GB)"),
        ("", 3, "something that it does not name (3 B)"),
    ],
)
def test_octets_are_told_with_their_media_type_and_size(media_type, size, what):
    assert told(media_type, size=size) == f"Tickets: the application answered with {what}, which cannot be shown here."


@requirement("bodies:answers:told")
def test_a_json_null_is_no_content_however_large():
    assert told("application/json", size=4) == "Tickets: the application answered without content."


@requirement("bodies:answers:told")
@pytest.mark.parametrize(
    ("media_type", "text", "lines"),
    [
        ("text/csv", 'id,name\r\n1,Bo\r\n2,"A, B"\r\n', ["| 1 | Bo |", "| 2 | A, B |"]),
        ("text/csv", "\ufeffid;name\n\n1;a|b\n", ["| 1 | a\\|b |"]),
        ("text/tab-separated-values", "id\tname\n1\t2,3\n", ["| 1 | 2,3 |"]),
        ("application/csv", "id|name|\n1|x|y|z\n2\n", ["| 1 | x | y |", "| 2 |  |  |"]),
    ],
)
def test_separated_values_are_a_table(media_type, text, lines):
    assert told(media_type, text).splitlines()[4:] == lines


@requirement("bodies:answers:told")
def test_columns_without_a_name_of_their_own_are_numbered():
    assert told("text/csv", "a,a,\n1,2,3").splitlines()[2] == "| A | 2 | 3 |"


@requirement("bodies:answers:told")
def test_a_long_sheet_is_read_so_far_as_it_is_shown():
    rows = "".join(f"{n}\n" for n in range(1_500))
    assert told("text/csv", f"id\n{rows[:20]}").splitlines()[0] == "Tickets: 10"
    assert told("text/csv", f"id\n{rows}").splitlines()[0] == "Tickets: 1000"
    assert told("text/csv", f"id\n{rows}", x_total="1500").splitlines()[0] == "Tickets: 1000 of 1500"
    assert told("text/csv", "id\n" + "x" * 60_000 + "\n" + "y" * 300_000).endswith("… and there are more.")


@requirement("bodies:answers:told")
@pytest.mark.parametrize("text", ["\n\n", "x" * 300_000, '"' + "x" * 140_000 + '"'])
def test_what_calls_itself_separated_and_is_not_is_shown_as_text(text):
    assert told("text/csv", text).startswith("Tickets: the application answered with text:")


@pytest.mark.parametrize(
    ("done", "path", "said", "told"),
    [
        (
            ("Create a ticket", "POST"),
            {},
            answer({"id": 9, "subject": "x"}, 201),
            "Created ticket 9.\n\n- **ID**: 9\n- **Subject**: x",
        ),
        (("Ticket create", "POST"), {}, answer(None, 201, location="/v1/tickets/9/?x"), "Created Ticket 9."),
        (("Adds a tag", "POST"), {"id": 3}, answer(), "Created tag 3."),
        (("Update ticket", "PUT"), {"id": 3}, answer({"id": 3}), "Updated ticket 3.\n\n- **ID**: 3"),
        (("Delete a ticket.", "DELETE"), {"account": "a", "id": 3}, answer(None, 204), "Deleted ticket 3."),
        (("Send reminder", "POST"), {"id": 3}, answer({}), "Done: Send reminder 3."),
        (
            ("Close", "POST"),
            {},
            answer(None, 202),
            "Accepted: Close. The application has taken it and may still be working on it.",
        ),
        (("", "DELETE"), {}, answer(None, 204), "Done: ."),
    ],
)
@requirement("reply:writes:plain")
def test_a_write_is_told_plainly_with_the_id(done, path, said, told):
    op = operation(*done)
    assert answered(op, call(op, path=path), said, PLAIN).text == told


def test_an_operation_that_reads_by_settings_is_told_as_a_read():
    op = operation("Check availability", "POST", write_class=WriteClass.READ)
    assert read({"free": True}, op) == "Check availability:\n\n- **Free**: yes"


@pytest.mark.parametrize(
    ("title", "noun"),
    [("List", "List"), ("Get a list of tickets", "Tickets"), ("Tickets list", "Tickets"), ("Get by id", "By id")],
)
def test_the_noun_is_what_remains_of_the_title(title, noun):
    assert read([], operation(title)) == f"{noun}: none found."


@pytest.mark.parametrize(
    ("record", "english", "german"),
    [
        ({"total": 1234.5, "currency": "eur"}, "€1,234.50", "1.234,50\xa0€"),
        ({"total": "1234.50", "currency": "EUR"}, "€1,234.50", "1.234,50\xa0€"),
        ({"total_cents": 123450, "currency": "EUR"}, "€1,234.50", "1.234,50\xa0€"),
        ({"total": "a lot", "currency": "EUR"}, "a lot", "a lot"),
        ({"total": 1234.5, "currency": "??"}, "1,234.5", "1.234,5"),
        ({"total": 1234.5}, "1,234.5", "1.234,5"),
        ({"total": 51801}, "51801", "51801"),
        ({"total": float("inf")}, "inf", "inf"),
        ({"total": "2026-03-04T23:30:00Z"}, "2026-03-04 23:30", "05.03.2026 00:30"),
        ({"total": "2026-03-04 23:30"}, "2026-03-04 23:30", "04.03.2026 23:30"),
        ({"total": "2026-02-30"}, "2026-02-30", "2026-02-30"),
        ({"total": {"en": "Hall", "de": "Saal"}}, "Hall", "Saal"),
        ({"total": {"fr": "Salle"}}, "Salle", "Salle"),
        ({"total": [{"name": "A"}, {"name": "B"}]}, "A, B", "A, B"),
        ({"total": [[1], [2], [3]]}, "3 entries", "3 entries"),
        ({"total": list(range(12))}, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9…", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9…"),
    ],
)
@requirement("reply:values:local")
def test_values_are_shown_in_the_tenants_way(record, english, german):
    cells = [read([record], manner=m).splitlines()[4].split(" | ")[0].strip("| ") for m in (PLAIN, GERMAN)]
    assert cells == [english, german]


def test_an_unknown_locale_or_zone_falls_back():
    odd = Manner(locale="no such", time_zone="../etc/passwd")
    assert read([{"x": 1.5}, {"x": "2026-01-02T03:04:05+01:00"}], manner=odd).splitlines()[4:] == [
        "| 1.5 |",
        "| Jan 2, 2026 02:04 |",
    ]


def test_the_schema_is_taken_from_the_answers_own_status_and_may_be_missing():
    op = operation("List things")
    bare = op.__class__(**{n: getattr(op, n) for n in op.__slots__} | {"responses": ()})
    assert read([{"a": 1}], bare).splitlines()[2] == "| A |"


def test_what_was_sent_can_be_shown_below():
    sent = OutboundRequest(method="GET", target="/tickets?status=open")
    reply = answered(TICKETS, call(TICKETS), answer([]), PLAIN, sent)
    assert reply.text == "Tickets: none found.\n\nCalled `GET /tickets?status=open` (200)."


def test_replies_join_in_order():
    both = joined((Reply(text="a", data=1), Reply(text="b", data=2)))
    assert both == Reply(text="a\n\nb", data=[1, 2])
