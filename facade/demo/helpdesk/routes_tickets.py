"""Tickets with their comments, assignees and tags."""

import json

from facade.demo.helpdesk import forms
from facade.demo.helpdesk.errors import invalid, missing
from facade.demo.helpdesk.forms import Field, Form, Json
from facade.demo.helpdesk.listing import (
    LAST_PAGE,
    MOST_PER_PAGE,
    PER_PAGE,
    Condition,
    Filter,
    Order,
    Span,
    day_of,
    flag_of,
    listed,
    order_by,
    select_page,
    text_of,
    whole_of,
    with_meta,
    words_of,
)
from facade.demo.helpdesk.records import Answer, Ask, Route, reading
from facade.demo.helpdesk.resources import (
    AGENT,
    COMMENT,
    CUSTOMER,
    TICKET,
    Found,
    find,
    given,
    refer,
)
from facade.demo.helpdesk.store import SqlValue
from facade.demo.helpdesk.vocabulary import TICKET_CHANNEL, TICKET_PRIORITY, TICKET_STATUS

TAG_TEXT = forms.text(40)
CHANGEABLE = {
    "subject_line": Field(read=forms.text(200)),
    "description": Field(read=forms.text(10_000), nullable=True),
    "status": Field(read=forms.choice(TICKET_STATUS)),
    "priority": Field(read=forms.choice(TICKET_PRIORITY)),
    "due_on": Field(read=forms.day, nullable=True),
}
NEW_TICKET = Form(
    fields={
        **CHANGEABLE,
        "subject_line": Field(read=forms.text(200), required=True),
        "client_ref": Field(read=forms.text(20), required=True),
        "channel": Field(read=forms.choice(TICKET_CHANNEL)),
        "assignee_id": Field(read=forms.whole(1)),
        "tags": Field(read=forms.several(TAG_TEXT, 20)),
    }
)
SEARCH = Form(
    fields={
        "text": Field(read=forms.text(200)),
        "statuses": Field(read=forms.several(forms.choice(TICKET_STATUS), 4)),
        "priorities": Field(read=forms.several(forms.choice(TICKET_PRIORITY), 4)),
        "client_ref": Field(read=forms.text(20)),
        "assignee_id": Field(read=forms.whole(1)),
        "any_tag": Field(read=forms.several(TAG_TEXT, 20)),
        "opened_from": Field(read=forms.day),
        "opened_to": Field(read=forms.day),
        "order_by": Field(read=forms.text(20)),
        "direction": Field(read=forms.choice(("asc", "desc"))),
        "page": Field(read=forms.whole(1, LAST_PAGE)),
        "per_page": Field(read=forms.whole(1, MOST_PER_PAGE)),
    }
)
NEW_COMMENT = Form(
    fields={
        "body": Field(read=forms.text(10_000), required=True),
        "internal": Field(read=forms.flag),
        "author_id": Field(read=forms.whole(1)),
    }
)
ASSIGNEE = Form(fields={"agent_id": Field(read=forms.whole(1), required=True)})
NEW_TAG = Form(fields={"name": Field(read=TAG_TEXT, required=True)})

IN_TEXT = "instr(lower(subject_line || ' ' || coalesce(description, '')), lower(?)) > 0"
WITH_TAG = "EXISTS (SELECT 1 FROM ticket_tags g WHERE g.ticket = _row AND g.tag = ?)"
ANY_TAG = "EXISTS (SELECT 1 FROM ticket_tags g WHERE g.ticket = _row AND g.tag IN (SELECT value FROM json_each(?)))"
STATUSES = "status IN (SELECT value FROM json_each(?))"
PRIORITIES = "priority IN (SELECT value FROM json_each(?))"
OPENED_FROM = "substr(opened_at, 1, 10) >= ?"
OPENED_TO = "substr(opened_at, 1, 10) <= ?"

TICKET_FILTERS = (
    Filter(name="status", condition=STATUSES, read=words_of(TICKET_STATUS), many="comma"),
    Filter(name="priority", condition=PRIORITIES, read=words_of(TICKET_PRIORITY), many="repeat"),
    Filter(name="customer", condition="client_ref = ?", read=text_of),
    Filter(name="assignee", condition="assignee_id = ?", read=whole_of(1)),
    Filter(name="unassigned", condition="(assignee_id IS NULL) = ?", read=flag_of),
    Filter(name="channel", condition="channel = ?", read=words_of(TICKET_CHANNEL)),
    Filter(name="tag", condition=WITH_TAG, read=text_of),
    Filter(name="q", condition=IN_TEXT, read=text_of),
    Filter(name="opened_from", condition=OPENED_FROM, read=day_of),
    Filter(name="opened_to", condition=OPENED_TO, read=day_of),
    Filter(name="due_before", condition="due_on < ?", read=day_of),
)
TICKET_ORDER = Order(
    name="order_by",
    words={
        "opened_at": "opened_at",
        "updated_at": "updated_at",
        "priority": "_rank",
        "due_on": "due_on",
    },
    direction="direction",
)
SEARCHED = {
    "text": IN_TEXT,
    "statuses": STATUSES,
    "priorities": PRIORITIES,
    "client_ref": "client_ref = ?",
    "assignee_id": "assignee_id = ?",
    "any_tag": ANY_TAG,
    "opened_from": OPENED_FROM,
    "opened_to": OPENED_TO,
}


def _ticket(ask: Ask) -> Found:
    return find(ask, TICKET, ask.path["ticket_id"])


def list_tickets(ask: Ask) -> Answer:
    """List tickets."""
    return listed(ask, TICKET, TICKET_FILTERS, TICKET_ORDER)


def search_tickets(ask: Ask) -> Answer:
    """Search tickets by a body instead of the query; reads only."""
    wanted = ask.fields
    conditions = [_condition(SEARCHED[name], wanted[name]) for name in SEARCHED if name in wanted]
    span = Span(
        page=int(str(wanted.get("page", 1))),
        per_page=int(str(wanted.get("per_page", PER_PAGE))),
        order=order_by(
            TICKET_ORDER.words,
            "order_by",
            str(wanted.get("order_by", "opened_at")),
            str(wanted.get("direction", "desc")),
        ),
    )
    return Answer(body=with_meta(select_page(ask, TICKET, conditions, span)))


def _condition(text: str, value: Json) -> Condition:
    if value is None or isinstance(value, int | float | str):
        return text, value
    return text, json.dumps(value)


def create_ticket(ask: Ask) -> Answer:
    """Open a ticket; new, normal and from the web unless said otherwise."""
    values = {"status": "new", "priority": "normal", "channel": "web"} | given(ask.fields, *CHANGEABLE, "channel")
    values["account"] = ask.account
    values["customer"] = refer(ask, CUSTOMER, "client_ref", str(ask.fields["client_ref"]))
    if "assignee_id" in ask.fields:
        values["assignee"] = refer(ask, AGENT, "assignee_id", str(ask.fields["assignee_id"]))
    values["opened_at"] = values["updated_at"] = ask.stamp
    values["closed_at"] = ask.stamp if values["status"] == "done" else None
    row = ask.store.insert("tickets", values)
    tags = ask.fields.get("tags")
    for tag in tags if isinstance(tags, list) else ():
        _tag(ask, row, tag)
    return Answer(status=201, body=find(ask, TICKET, str(row)).shown)


def _tag(ask: Ask, row: int, tag: str) -> None:
    ask.store.run("INSERT OR IGNORE INTO ticket_tags (ticket, tag) VALUES (?, ?)", (row, tag))


def get_ticket(ask: Ask) -> Answer:
    """Show one ticket."""
    return Answer(body=_ticket(ask).shown)


def update_ticket(ask: Ask) -> Answer:
    """Change some fields of a ticket; closing and reopening set and clear its closing time."""
    found = _ticket(ask)
    changes = given(ask.fields, *CHANGEABLE) | {"updated_at": ask.stamp}
    status = changes.get("status", found.shown["status"])
    if status != found.shown["status"]:
        changes["closed_at"] = ask.stamp if status == "done" else None
    ask.store.update("tickets", found.row, changes)
    return get_ticket(ask)


def delete_ticket(ask: Ask) -> Answer:
    """Remove a ticket with its comments and tags."""
    ask.store.delete("tickets", _ticket(ask).row)
    return Answer(status=204)


def list_comments(ask: Ask) -> Answer:
    """List all comments of a ticket, oldest first; this list has no pages."""
    conditions = [("ticket_id = ?", _ticket(ask).row)]
    page = select_page(ask, COMMENT, conditions, Span(per_page=LAST_PAGE))
    return Answer(body={"items": page.items, "total": page.total})


def add_comment(ask: Ask) -> Answer:
    """Add a comment, by an agent or else in the account's own name."""
    ticket = _ticket(ask)
    row = ask.store.insert(
        "comments",
        {
            "account": ask.account,
            "ticket": ticket.row,
            "author": _author(ask),
            **given(ask.fields, "body", "internal"),
            "created_at": ask.stamp,
        },
    )
    ask.store.update("tickets", ticket.row, {"updated_at": ask.stamp})
    return Answer(status=201, body=find(ask, COMMENT, str(row)).shown)


def _author(ask: Ask) -> str:
    if "author_id" in ask.fields:
        agent = refer(ask, AGENT, "author_id", str(ask.fields["author_id"]))
        return str(find(ask, AGENT, str(agent)).shown["name"])
    row = ask.store.row("SELECT name FROM accounts WHERE id = ?", (ask.account,))
    return str(row["name"]) if row else ask.account


def set_assignee(ask: Ask) -> Answer:
    """Give a ticket to an agent; the same again changes nothing."""
    ticket = _ticket(ask)
    agent = refer(ask, AGENT, "agent_id", str(ask.fields["agent_id"]))
    if ticket.shown["assignee_id"] != agent:
        ask.store.update("tickets", ticket.row, {"assignee": agent, "updated_at": ask.stamp})
    return get_ticket(ask)


def clear_assignee(ask: Ask) -> Answer:
    """Take a ticket away from whoever has it."""
    changes: dict[str, SqlValue] = {"assignee": None, "updated_at": ask.stamp}
    ask.store.update("tickets", _ticket(ask).row, changes)
    return Answer(status=204)


def add_tag(ask: Ask) -> Answer:
    """Put a tag on a ticket; one that it has already is no error."""
    name = str(ask.fields["name"])
    if not name.strip():
        raise invalid("name", "A tag is more than spaces.")
    _tag(ask, _ticket(ask).row, name)
    return get_ticket(ask)


def remove_tag(ask: Ask) -> Answer:
    """Take a tag off a ticket."""
    ticket = _ticket(ask)
    tag = ask.path["tag_name"]
    tags = ticket.shown["tags"]
    if not isinstance(tags, list) or tag not in tags:
        raise missing("tag on this ticket", tag)
    ask.store.run("DELETE FROM ticket_tags WHERE ticket = ? AND tag = ?", (ticket.row, tag))
    return Answer(status=204)


ROUTES = (
    reading("/tickets", list_tickets),
    Route(method="POST", path="/tickets", handler=create_ticket, form=NEW_TICKET),
    Route(method="POST", path="/tickets/search", handler=search_tickets, form=SEARCH, writes=False),
    reading("/tickets/{ticket_id}", get_ticket),
    Route(
        method="PATCH",
        path="/tickets/{ticket_id}",
        handler=update_ticket,
        form=Form(fields=CHANGEABLE, least=1),
    ),
    Route(method="DELETE", path="/tickets/{ticket_id}", handler=delete_ticket),
    reading("/tickets/{ticket_id}/comments", list_comments),
    Route(method="POST", path="/tickets/{ticket_id}/comments", handler=add_comment, form=NEW_COMMENT),
    Route(method="PUT", path="/tickets/{ticket_id}/assignee", handler=set_assignee, form=ASSIGNEE),
    Route(method="DELETE", path="/tickets/{ticket_id}/assignee", handler=clear_assignee),
    Route(method="POST", path="/tickets/{ticket_id}/tags", handler=add_tag, form=NEW_TAG),
    Route(method="DELETE", path="/tickets/{ticket_id}/tags/{tag_name}", handler=remove_tag),
)
