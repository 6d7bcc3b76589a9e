"""What a request body asks of us, and what a frontend asks behind its user's back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.edge.chat.chores import MAX_CHARS, chore_answer
from facade.edge.chat.requests import ChatRequest, Deciding, Message, chat_request, decision_of
from facade.kernel import InvalidRequest
from tests.requirements import requirement


def read(**body):
    return chat_request(json.dumps(body).encode(), max_chars=100)


def user(text="hi"):
    return {"role": "user", "content": text}


def test_the_last_user_message_is_the_turn_and_the_rest_locates():
    history = [
        {"role": "system", "content": "You are a model."},
        user("one"),
        {"role": "assistant", "content": None, "tool_calls": [{"id": "x"}]},
        {"role": "tool", "content": "secret", "tool_call_id": "x"},
        {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}]},
        user([{"type": "text", "text": "two"}, {"type": "text", "text": "three"}]),
        {"role": "assistant", "content": "prefill"},
    ]
    asked = read(model="facade", messages=history, temperature=0.3, tools=[], stream=True, n=1, user="u")
    assert (asked.words, asked.said_before, asked.heard_last) == ("two\nthree", ("one",), "a\n")
    assert (asked.model, asked.stream, asked.include_usage, asked.conversation) == ("facade", True, False, None)


def test_a_first_turn_has_heard_nothing():
    asked = read(messages=[user()], stream_options={"include_usage": True}, facade={"conversation": "c-1"})
    assert asked == ChatRequest(
        model=None,
        messages=(Message(role="user", text="hi"),),
        conversation="c-1",
        deciding=None,
        stream=False,
        include_usage=True,
        estimate=2,
    )
    assert (asked.said_before, asked.heard_last) == ((), None)


def test_a_decision_needs_no_message():
    asked = read(facade={"approval": {"id": "a-1", "decision": "decline"}})
    assert (asked.deciding, asked.words, asked.messages) == (Deciding(approval="a-1", approved=False), "", ())
    assert read(messages=[user("")], facade={"approval": {"id": "a", "decision": "approve"}}).words == ""


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{"role": "root", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": ["user"]}]}, "messages[0].role"),
        ({"messages": [user(), user(7)]}, "messages[1].content"),
        ({"messages": [user([{"type": "image_url", "image_url": {}}])]}, "messages[0].content[0]"),
        ({"messages": [user("  ")]}, "messages[0].content"),
        ({"messages": [user("x" * 101)]}, "messages[0].content"),
        ({"messages": [user()], "model": 7}, "model"),
        ({"messages": [user()], "model": "m" * 129}, "model"),
        ({"messages": [user()], "stream": "yes"}, "stream"),
        ({"messages": [user()], "n": 2}, "n"),
        ({"messages": [user()], "stream_options": []}, "stream_options"),
        ({"messages": [user()], "stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
        ({"messages": [user()], "facade": "x"}, "facade"),
        ({"messages": [user()], "facade": {"approve": True}}, "facade"),
        ({"messages": [user()], "facade": {"conversation": 7}}, "facade.conversation"),
        ({"facade": {"approval": {"decision": "approve"}}}, "facade.approval.id"),
        ({"facade": {"approval": {"id": "a", "decision": "yes"}}}, "facade.approval.decision"),
        ({"facade": {"approval": {"id": "a", "decision": ["approve"]}}}, "facade.approval.decision"),
        ({"messages": [user()], "x": json.loads("[" * 40 + "]" * 40)}, "body"),
    ],
)
@requirement("invariant:errors:clear")
def test_what_cannot_be_read_is_named_by_its_place(body, place):
    with pytest.raises(InvalidRequest) as caught:
        read(**body)
    assert caught.value.place == place


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b"{" * 100_000, b'{"a": NaN}', b'"x"'])
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(InvalidRequest) as caught:
        chat_request(body, max_chars=100)
    assert caught.value.place == "body"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "messages": JSON
            | st.lists(st.fixed_dictionaries({"role": st.sampled_from(["user", "tool"]), "content": JSON})),
            "facade": JSON | st.fixed_dictionaries({"approval": JSON, "conversation": JSON}),
            "stream_options": JSON,
            "model": JSON,
            "n": JSON,
        },
    )
)
def test_every_object_is_a_request_or_an_invalid_request(body):
    try:
        asked = read(**body)
    except InvalidRequest:
        return
    assert asked.deciding is not None or asked.words.strip()


def test_a_decision_is_one_of_two_words():
    assert [decision_of(b'{"decision": "approve"}'), decision_of(b'{"decision": "decline"}')] == [True, False]
    for body in (b"{}", b'{"decision": true}', b'{"decision": "approve", "all": 1}'):
        with pytest.raises(InvalidRequest):
            decision_of(body)


def chore(*messages):
    return chore_answer([Message(role=role, text=text) for role, text in messages])


ASKED = "Which invoices of Acme are overdue? Please list all of them with amounts"
HISTORY = f"<chat_history>\nUSER: {ASKED}\nASSISTANT: 3\n</chat_history>"
OPEN = 'User: "Overdue invoices?"\nAI: There are 3.'


@requirement("chat:chores:free")
@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (
            f'### Task:\nSuggest a short title.\n### Output:\nJSON format: {{ "title": "..." }}\n{HISTORY}',
            {"title": "Which invoices of Acme are overdue? Please list all of them"},
        ),
        (
            f'Generate 1-3 broad tags as JSON {{ "tags": ["a", "b"] }}\n{HISTORY}',
            {"tags": ["Invoices", "Amounts", "Overdue"]},
        ),
        (f'Suggest 3 follow-ups as JSON: {{ "follow_ups": ["Q1?"] }}\n{HISTORY}', {"follow_ups": []}),
        (f'Write search queries, JSON only: {{"queries": ["q"]}}\n{HISTORY}', {"queries": []}),
        (f"Write a title of 5 words or less for this. Only return the title.\n\n{OPEN}", "Overdue invoices"),
        (
            "A title in 3-5 words, please.\n"
            '[{"role": "user", "content": "Show tickets"}, {"role": "assistant", "content": "x"}]',
            "Show tickets",
        ),
        (f"Title, no more than five words.\n{'User:'}\nAI: hello", "Chat"),
        (f'Tags as JSON {{"tags": []}}\n{"User: a b"}\nAI: hello', {"tags": ["General"]}),
        (f"Title in 5 words:\nUser: {'x' * 90}\nAI: ok", "X" + "x" * 59),
    ],
)
def test_a_chore_is_answered_from_the_chat_that_it_holds(prompt, answer):
    told = chore(("user", prompt))
    assert (json.loads(told) if isinstance(answer, dict) else told) == answer


def test_the_instruction_may_stand_in_the_system_message():
    assert chore(("system", "Return only a title for the conversation."), ("user", OPEN)) == "Overdue invoices"


@requirement("chat:chores:free")
@pytest.mark.parametrize(
    "messages",
    [
        [("user", "Give the ticket a title of 3 words, only return JSON")],
        [("user", "Create a ticket with the title Login from this chat:\nUser: I cannot log in\nAssistant: sorry")],
        [("user", "Delete what this is about:\nUser: order 7\nAI: ok, only return JSON with a title")],
        [("user", "User: title in 5 words")],
        [("user", "hi"), ("assistant", "hello"), ("user", f"A title in 5 words:\n{OPEN}")],
        [("user", "one"), ("user", f"A title in 5 words:\n{OPEN}")],
        [("system", "You are helpful.")],
    ],
)
def test_a_person_is_still_heard(messages):
    assert chore(*messages) is None


@requirement("chat:chores:linear")
@pytest.mark.parametrize(
    "filler", ["<chat>", "chat", "</chat>", "<", "\n_", "only ", "1", "{ ", '"role": "user", "content": "', "User:\n"]
)
def test_a_prompt_of_nothing_but_beginnings_is_read_in_one_pass(filler):
    """Quadratic reading of this much takes seconds for each."""
    prompt = f"Return only a title.\n<{filler * (MAX_CHARS // len(filler) - 10)}"
    assert chore(("system", prompt[: MAX_CHARS - len(OPEN)]), ("user", OPEN)) in {"Overdue invoices", None}


@requirement("chat:chores:linear")
def test_a_prompt_longer_than_any_frontend_sends_is_no_chore():
    asked = "Return only a title."
    fits = " " * (MAX_CHARS - len(asked) - len(OPEN))
    assert chore(("system", asked + fits), ("user", OPEN)) == "Overdue invoices"
    assert chore(("system", f"{asked}{fits} "), ("user", OPEN)) is None
