"""Records to store."""

from dataclasses import replace

from hypothesis import strategies as st

from facade.guard import Approval
from facade.kernel import SECOND, Arguments, Call, Counted, Entrance, Location, Micros, OperationKey
from facade.meter import Decision, Intent, Settle
from facade.plan import (
    Asked,
    Choice,
    Event,
    Failed,
    Limited,
    PlannedCall,
    Proposed,
    Question,
    Replied,
    Returned,
    Said,
    Settled,
    Source,
)
from facade.testing.clock import START
from facade.testing.ids import fake_id

ADA = ("https://id.example", "ada")
BOB = ("https://id.example", "bob")
LIFE = 300 * SECOND

CALL = Call(
    operation=OperationKey("helpdesk", "updateTicket"),
    arguments=Arguments(
        path={"ticket_id": 17},
        query={"notify": [True, None, 1.5]},
        header={"X-Reason": "späte Prüfung"},
        cookie={"theme": "dark"},
        body={"title": 'a "quoted" \ud800 name', "amount": 10**30, "tags": ["x", {"deep": []}]},
    ),
)

APPROVAL = Approval(
    id=fake_id(1),
    tenant="acme",
    principal=ADA,
    conversation="c1",
    calls=(CALL, Call(operation=OperationKey("helpdesk", "closeTicket"))),
    digests=("d1", "d2"),
    created=START,
    expires=Micros(START + LIFE),
)

DRAFT = PlannedCall(
    operation=CALL.operation,
    arguments=CALL.arguments,
    sources={"path.ticket_id": Source(kind="span", text="17", start=8, end=10)},
)

EVENTS: tuple[Event, ...] = (
    Said(text="Close ticket 17 \ud83d\x00", at=START),
    Returned(call=CALL, status=200, at=START),
    Failed(call=CALL, code="forbidden", at=START),
    Asked(
        question=Question(
            text="Which one?",
            draft=DRAFT,
            location=Location.BODY,
            slot="title",
            choices=(Choice(label="first", value={"id": 1}), Choice(label="second", operation=CALL.operation)),
        ),
        at=START,
    ),
    Asked(question=Question(text="What now?"), at=START),
    Proposed(approval=fake_id(1), at=START),
    Settled(approval=fake_id(1), approved=True, at=START),
    Limited(retry_after=Micros(5), policies=("daily", "burst"), at=START),
    Replied(text="Done.", at=Micros(START + 1), data={"rows": [[1, "a"]]}),
)

INTENT = Intent(
    id=fake_id(10),
    spend=fake_id(11),
    attempt=1,
    tenant="acme",
    user="ada",
    entrance=Entrance.CHAT,
    api="helpdesk",
    what="updateTicket",
    method="PATCH",
    wire=True,
    units={Counted.CALLS: 1, Counted.WRITES: 1},
    price_list="2026-11",
    plan="p1",
    approval=fake_id(1),
    request_id="r1",
    at=START,
)
SETTLE = Settle(id=INTENT.id, outcome="ok", status=200, at=Micros(START + 5))
DECISION = Decision(
    id=fake_id(12),
    tenant="acme",
    user="ada",
    entrance=Entrance.PROXY,
    api="helpdesk",
    what="GET /tickets",
    outcome="forbidden",
    units={Counted.REQUESTS: 1},
    request_id="r2",
    at=START,
)


def intent(number: int) -> Intent:
    """An intent of its own."""
    return replace(INTENT, id=fake_id(number), at=Micros(START + number))


def settle(number: int) -> Settle:
    """The settlement of `intent(number)`."""
    return replace(SETTLE, id=fake_id(number))


_moments = st.integers(START, START + 3 * 86_400 * SECOND).map(Micros)
_units = st.dictionaries(st.sampled_from(Counted), st.integers(1, 9))
_tenants = st.sampled_from(["acme", "bolt", "Ärzte"])

intents = st.builds(
    replace,
    st.just(INTENT),
    tenant=_tenants,
    entrance=st.sampled_from(Entrance),
    what=st.sampled_from(["updateTicket", "GET /tickets", "turn"]),
    wire=st.booleans(),
    units=_units,
    plan=st.none() | st.just("p"),
    at=_moments,
)
settles = st.builds(
    replace,
    st.just(SETTLE),
    outcome=st.sampled_from(["ok", "upstream_timeout", "outcome_unknown", "broken"]),
    status=st.none() | st.integers(100, 599),
)
decisions = st.builds(
    replace,
    st.just(DECISION),
    tenant=_tenants,
    entrance=st.sampled_from(Entrance),
    outcome=st.sampled_from(["forbidden", "proposed", "approved", "declined", "limit_exceeded"]),
    units=_units,
    at=_moments,
)
