"""Customers and the people who work there."""

from facade.demo.helpdesk import forms
from facade.demo.helpdesk.errors import conflict
from facade.demo.helpdesk.forms import Field, Form
from facade.demo.helpdesk.listing import (
    Filter,
    Order,
    day_of,
    listed,
    select_page,
    span_of,
    text_of,
    with_meta,
    words_of,
)
from facade.demo.helpdesk.records import Answer, Ask, Route, reading
from facade.demo.helpdesk.resources import CONTACT, CUSTOMER, find, given
from facade.demo.helpdesk.vocabulary import CUSTOMER_STATUS

CUSTOMER_FIELDS = {
    "name": Field(read=forms.text(120), required=True),
    "email": Field(read=forms.email, required=True),
    "country": Field(read=forms.text(2, 2), required=True),
    "status": Field(read=forms.choice(CUSTOMER_STATUS)),
    "phone": Field(read=forms.text(40), nullable=True),
    "city": Field(read=forms.text(80), nullable=True),
    "industry": Field(read=forms.text(80), nullable=True),
    "credit_limit": Field(read=forms.amount()),
    "notes": Field(read=forms.text(2000), nullable=True),
}
CONTACT_FIELDS = {
    "full_name": Field(read=forms.text(120), required=True),
    "email": Field(read=forms.email, required=True),
    "phone": Field(read=forms.text(40), nullable=True),
    "job_title": Field(read=forms.text(80), nullable=True),
    "is_primary": Field(read=forms.flag),
}


def changing(fields: dict[str, Field]) -> Form:
    """The form that changes what another form creates: nothing required but one field."""
    loose = {name: Field(read=field.read, nullable=field.nullable) for name, field in fields.items()}
    return Form(fields=loose, least=1)


CUSTOMER_FILTERS = (
    Filter(
        name="q",
        condition="instr(lower(name || ' ' || email || ' ' || coalesce(city, '')), lower(?)) > 0",
        read=text_of,
    ),
    Filter(name="status", condition="status = ?", read=words_of(CUSTOMER_STATUS)),
    Filter(name="country", condition="country = ?", read=text_of),
    Filter(name="industry", condition="lower(industry) = lower(?)", read=text_of),
    Filter(name="created_from", condition="substr(created_at, 1, 10) >= ?", read=day_of),
    Filter(name="created_to", condition="substr(created_at, 1, 10) <= ?", read=day_of),
)
CUSTOMER_ORDER = Order(
    name="sort",
    words={
        "name": "name COLLATE NOCASE",
        "created_at": "created_at",
        "balance_due": "balance_due",
        "open_tickets": "open_tickets",
    },
)


def list_customers(ask: Ask) -> Answer:
    """List customers."""
    return listed(ask, CUSTOMER, CUSTOMER_FILTERS, CUSTOMER_ORDER)


def create_customer(ask: Ask) -> Answer:
    """Add a customer; active unless said otherwise."""
    row = ask.store.insert(
        "customers",
        {
            "account": ask.account,
            "status": "active",
            **given(ask.fields, *CUSTOMER_FIELDS),
            "created_at": ask.stamp,
            "updated_at": ask.stamp,
        },
    )
    return Answer(status=201, body=find(ask, CUSTOMER, f"C-{row}").shown)


def get_customer(ask: Ask) -> Answer:
    """Show one customer."""
    return Answer(body=find(ask, CUSTOMER, ask.path["customer_id"]).shown)


def update_customer(ask: Ask) -> Answer:
    """Change some fields of a customer."""
    found = find(ask, CUSTOMER, ask.path["customer_id"])
    changes = given(ask.fields, *CUSTOMER_FIELDS) | {"updated_at": ask.stamp}
    ask.store.update("customers", found.row, changes)
    return get_customer(ask)


def delete_customer(ask: Ask) -> Answer:
    """Remove a customer that nothing refers to, with its contacts."""
    found = find(ask, CUSTOMER, ask.path["customer_id"])
    used = ask.store.row(
        "SELECT 1 FROM tickets WHERE customer = ?1 UNION SELECT 1 FROM invoices WHERE customer = ?1"
        " UNION SELECT 1 FROM subscriptions WHERE customer = ?1",
        (found.row,),
    )
    if used:
        raise conflict("in_use", "The customer has tickets, invoices or subscriptions.")
    ask.store.delete("customers", found.row)
    return Answer(status=204)


def list_customer_contacts(ask: Ask) -> Answer:
    """List the contacts of one customer."""
    customer = find(ask, CUSTOMER, ask.path["customer_id"])
    conditions = [("customer_id = ?", str(customer.shown["id"]))]
    return Answer(body=with_meta(select_page(ask, CONTACT, conditions, span_of(ask, None))))


def create_contact(ask: Ask) -> Answer:
    """Add a contact to a customer."""
    customer = find(ask, CUSTOMER, ask.path["customer_id"])
    row = ask.store.insert(
        "contacts",
        {
            "account": ask.account,
            "customer": customer.row,
            **given(ask.fields, *CONTACT_FIELDS),
            "created_at": ask.stamp,
        },
    )
    return Answer(status=201, body=find(ask, CONTACT, str(row)).shown)


def get_contact(ask: Ask) -> Answer:
    """Show one contact."""
    return Answer(body=find(ask, CONTACT, ask.path["contact_id"]).shown)


def update_contact(ask: Ask) -> Answer:
    """Change some fields of a contact."""
    found = find(ask, CONTACT, ask.path["contact_id"])
    ask.store.update("contacts", found.row, given(ask.fields, *CONTACT_FIELDS))
    return get_contact(ask)


def delete_contact(ask: Ask) -> Answer:
    """Remove a contact."""
    ask.store.delete("contacts", find(ask, CONTACT, ask.path["contact_id"]).row)
    return Answer(status=204)


ROUTES = (
    reading("/customers", list_customers),
    Route(
        method="POST",
        path="/customers",
        handler=create_customer,
        form=Form(fields=CUSTOMER_FIELDS),
    ),
    reading("/customers/{customer_id}", get_customer),
    Route(
        method="PATCH",
        path="/customers/{customer_id}",
        handler=update_customer,
        form=changing(CUSTOMER_FIELDS),
    ),
    Route(method="DELETE", path="/customers/{customer_id}", handler=delete_customer),
    reading("/customers/{customer_id}/contacts", list_customer_contacts),
    Route(
        method="POST",
        path="/customers/{customer_id}/contacts",
        handler=create_contact,
        form=Form(fields=CONTACT_FIELDS),
    ),
    reading("/contacts/{contact_id}", get_contact),
    Route(
        method="PATCH",
        path="/contacts/{contact_id}",
        handler=update_contact,
        form=changing(CONTACT_FIELDS),
    ),
    Route(method="DELETE", path="/contacts/{contact_id}", handler=delete_contact),
)
