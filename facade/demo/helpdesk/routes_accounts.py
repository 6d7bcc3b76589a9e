"""The account itself, its agents and tags."""

from facade.demo.helpdesk.errors import Refusal
from facade.demo.helpdesk.forms import Json
from facade.demo.helpdesk.listing import (
    Filter,
    Order,
    flag_of,
    listed,
    text_of,
    words_of,
)
from facade.demo.helpdesk.records import Answer, Ask, reading
from facade.demo.helpdesk.resources import ACCOUNT_WORDS, AGENT, TAG, find
from facade.demo.helpdesk.vocabulary import AGENT_TEAM

AGENT_FILTERS = (
    Filter(name="team", condition="team = ?", read=words_of(AGENT_TEAM)),
    Filter(name="available", condition="available = ?", read=flag_of),
    Filter(name="q", condition="instr(lower(name || ' ' || email), lower(?)) > 0", read=text_of),
)
TAG_FILTERS = (Filter(name="q", condition="instr(lower(name), lower(?)) > 0", read=text_of),)
TAG_ORDER = Order(name="sort", words={"name": "name", "ticket_count": "ticket_count"})


def account_shown(ask: Ask) -> dict[str, Json]:
    """The asking account as clients see it."""
    row = ask.store.row("SELECT * FROM accounts WHERE id = ?", (ask.account,))
    return {name: row[name] for name in ACCOUNT_WORDS} if row else {}


def whoami(ask: Ask) -> Answer:
    """Say which account the key belongs to."""
    shown = account_shown(ask)
    return Answer(body={"account_id": shown["id"], "name": shown["name"], "plan": shown["plan"]})


def own_account(ask: Ask) -> None:
    """Check that the account in the path is the one that the key belongs to.

    Raises:
        Refusal: 403 otherwise, whether that account exists or not.
    """
    if ask.path["account_id"] != ask.account:
        raise Refusal(403, "wrong_account", "This key belongs to another account.", "account_id")


def get_account(ask: Ask) -> Answer:
    """Show the account."""
    own_account(ask)
    return Answer(body=account_shown(ask))


def list_agents(ask: Ask) -> Answer:
    """List the people who answer tickets."""
    return listed(ask, AGENT, AGENT_FILTERS)


def get_agent(ask: Ask) -> Answer:
    """Show one agent."""
    return Answer(body=find(ask, AGENT, ask.path["agent_id"]).shown)


def list_tags(ask: Ask) -> Answer:
    """List the tags in use with their numbers of tickets."""
    return listed(ask, TAG, TAG_FILTERS, TAG_ORDER)


ROUTES = (
    reading("/whoami", whoami),
    reading("/accounts/{account_id}", get_account),
    reading("/agents", list_agents),
    reading("/agents/{agent_id}", get_agent),
    reading("/tags", list_tags),
)
