"""Bodies: any JSON is either read or refused, and never breaks the application."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from facade.demo.helpdesk import forms
from facade.demo.helpdesk.errors import Refusal
from facade.demo.helpdesk.forms import Field, Form, Json, read_form
from facade.demo.helpdesk.routes_invoices import NEW_INVOICE
from facade.demo.helpdesk.routes_tickets import NEW_TICKET, SEARCH
from tests.demo.desk import KEYS, Desk

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ANY_FORM = st.sampled_from((NEW_INVOICE, NEW_TICKET, SEARCH))


@given(form=ANY_FORM, data=st.data())
def test_any_body_is_read_or_refused_with_422(form: Form, data: st.DataObject) -> None:
    names = st.sampled_from(tuple(form.fields))
    body: Json = data.draw(ANY_JSON | st.dictionaries(names, ANY_JSON, max_size=5))
    refused = refusal_of(form, body)
    if refused is None:
        assert isinstance(body, dict)
        assert set(read_form(form, body)) == set(body)
    else:
        assert (refused.status, refused.field is None) == (422, False)


def refusal_of(form: Form, body: Json) -> Refusal | None:
    try:
        read_form(form, body)
    except Refusal as refusal:
        return refusal
    return None


@given(cents=st.integers(min_value=0, max_value=forms.MAX_AMOUNT * 100))
def test_an_amount_is_read_to_the_cent(cents: int) -> None:
    assert forms.amount()("amount", float(Decimal(cents) / 100)) == cents


@pytest.mark.parametrize("value", [0.001, 1.005, -0.01, 1e8, float("inf"), float("nan"), "1", True, None])
def test_what_is_no_amount_is_refused(value: Json) -> None:
    with pytest.raises(Refusal) as caught:
        forms.amount()("amount", value)
    assert (caught.value.status, caught.value.field) == (422, "amount")


@pytest.mark.parametrize("value", ["2026-02-29", "2026-1-1", "20260101", "2026-01-01T00:00", "", 20260101, None])
def test_what_is_no_day_is_refused(value: Json) -> None:
    with pytest.raises(Refusal) as caught:
        forms.day("due_on", value)
    assert caught.value.field == "due_on"


@pytest.mark.parametrize("value", ["a", "a@b", "@b.c", "a@b.", "a b@c.d", "a@b@c.d", "ä@b.c", "", 1])
def test_what_is_no_address_is_refused(value: Json) -> None:
    with pytest.raises(Refusal) as caught:
        forms.email("email", value)
    assert caught.value.field == "email"


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert forms.whole(1)("n", 3.0) == 3


def test_null_is_read_only_where_the_form_allows_it() -> None:
    loose = Form(fields={"a": Field(read=forms.text(3), nullable=True)})
    strict = Form(fields={"a": Field(read=forms.text(3))})
    assert read_form(loose, {"a": None}) == {"a": None}
    with pytest.raises(Refusal) as caught:
        read_form(strict, {"a": None})
    assert caught.value.field == "a"


BROKEN = (
    (b"{", "application/json", 400),
    (b'{"a": NaN}', "application/json", 400),
    (b"\xff", "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b"{}", "text/plain", 415),
    (b" " * 300_000, "application/json", 413),
    (b"[]", "application/json", 422),
    (b'{"name": "\\ud800", "email": "a@b.c", "country": "DE"}', "application/json", 422),
)


@pytest.mark.parametrize(("body", "content_type", "status"), BROKEN)
async def test_a_broken_body_has_one_clear_error(bright: Desk, body: bytes, content_type: str, status: int) -> None:
    headers = {"X-Account-Key": KEYS[bright.account], "Content-Type": content_type}
    response = await bright.client.post("/customers", data=body, headers=headers)
    assert response.status == status
    assert set((await response.json())["error"]) == {"code", "message", "field"}


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PUT", "/customers", 405),
        ("GET", "/tickets/12x", 404),
        ("GET", "/tickets/99999999999999999999", 404),
        ("GET", "/customers/%ED%A0%80", 404),
        ("GET", "/customers/%FF", 404),
        ("GET", "/customers?q=%ED%A0%80%FF", 200),
        ("GET", "/invoices/INV-1%00", 404),
    ],
)
async def test_an_odd_target_has_a_plain_answer(bright: Desk, method: str, target: str, status: int) -> None:
    headers = {"X-Account-Key": KEYS[bright.account]}
    response = await bright.client.request(method, URL(target, encoded=True), headers=headers)
    assert response.status == status


async def test_two_keys_are_no_key(bright: Desk) -> None:
    headers = CIMultiDict([("X-Account-Key", key) for key in KEYS.values()])
    response = await bright.client.get("/whoami", headers=headers)
    assert response.status == 401


@pytest.mark.parametrize(
    ("operation_id", "path", "body", "field"),
    [
        ("tkt_upd", {"ticket_id": 4105}, {}, "body"),
        ("addTicketTag", {"ticket_id": 4105}, {"name": "  "}, "name"),
        ("addTicketComment", {"ticket_id": 4105}, {"body": "x", "internal": "yes"}, "internal"),
        ("setTicketAssignee", {"ticket_id": 4105}, {"agent_id": 0}, "agent_id"),
        ("setTicketAssignee", {"ticket_id": 4105}, {"agent_id": 1.5}, "agent_id"),
        ("createTicket", {}, {"subject_line": "x", "client_ref": "C-1002", "tags": "vip"}, "tags"),
        ("createTicket", {}, {"subject_line": "x", "client_ref": "C-1002", "tags": ["x"] * 21}, "tags"),
        ("createTicket", {}, {"subject_line": "x", "client_ref": "C-1002", "status": "closed"}, "status"),
        ("createInvoice", {}, {"customer_id": "C-1002", "lines": [7]}, "lines.0"),
    ],
)
async def test_a_field_that_does_not_fit_is_refused_by_name(
    bright: Desk, operation_id: str, path: dict[str, int], body: dict[str, Json], field: str
) -> None:
    told = await bright.ask(operation_id, path, body=body)
    assert (told.status, told.body["error"]["field"]) == (422, field)
