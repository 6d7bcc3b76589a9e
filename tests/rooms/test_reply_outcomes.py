"""Refusals, errors, questions and proposals."""

import json

import pytest

from facade.kernel import (
    SECOND,
    Answer,
    ConsentInvalid,
    ContextConflict,
    ContractViolation,
    Finding,
    LimitExceeded,
    Micros,
    OutboundRequest,
    OutcomeUnknown,
    Overloaded,
)
from facade.reply import Field, Reply, asked, declined, failed, fields_of, proposed, refused, repeated
from facade.reply.answers import answered
from facade.reply.phrases import phrase
from tests.requirements import requirement
from tests.rooms.reply_samples import PLAIN, answer, built, call, operation

SEND = operation("Send reminder", "POST", "/invoices/{invoice_id}/reminders")


def rejected(body=None, status=400, text=None):
    told = Answer(status=status, media_type="application/json", body=body, text=text)
    return answered(SEND, call(SEND), told, PLAIN).text


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (302, "pointed elsewhere (302)"),
        (401, "does not accept this tenant's credential (401)"),
        (410, "found nothing there (410)"),
        (418, "refused this (418)"),
        (422, "not valid (422)"),
        (503, "failed on its side (503)"),
        (101, "failed on its side (101)"),
        (999, "failed on its side (999)"),
    ],
)
def test_the_applications_refusal_is_told_by_its_status(status, told):
    assert told in rejected(status=status)


@requirement("reply:untrusted:inert")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"detail": "no <b>such</b> thing"}, ["no &lt;b>such&lt;/b> thing"]),
        ({"error": {"message": "m", "code": 3}}, ["m"]),
        ({"errors": [{"detail": "a"}, {"detail": "b"}, {"detail": "a"}]}, ["a", "b"]),
        ({"due": ["must be a date"], "x": 5}, ["due: must be a date"]),
        ("plain", ["plain"]),
        ({"detail": {"a": {"b": {"c": "deep"}}}}, []),
        ([[[["deep"]]]], []),
        (None, []),
    ],
)
def test_its_own_words_are_quoted_inert(body, words):
    quoted = [line for line in rejected(body).splitlines() if line.startswith("> ")]
    assert quoted == [f"> Its words: “{w}”" for w in words]


def test_a_refusal_in_plain_text_is_quoted_too():
    assert rejected(text="Bad\nGateway").endswith("> Its words: “Bad Gateway”")
    assert answered(SEND, call(SEND), answer(None, 500), PLAIN).data == {
        "operation": "send_reminder",
        "status": 500,
        "ok": False,
    }


@pytest.mark.parametrize(
    ("micros", "wait"),
    [(1, "1 s"), (119 * SECOND, "119 s"), (121 * SECOND, "3 min"), (7201 * SECOND, "3 h")],
)
def test_a_limit_is_told_with_its_wait(micros, wait):
    error = LimitExceeded("x", retry_after=Micros(micros), policies=("calls",))
    assert failed(error, PLAIN) == Reply(
        text=f"A limit is reached (calls). Try again in {wait}.", data={"error": "limit_exceeded", "ok": False}
    )
    assert failed(Overloaded("x", retry_after=Micros(micros)), PLAIN).text.endswith(f"Try again in {wait}.")


@requirement("reply:unknown:plain")
def test_an_unknown_outcome_is_told_plainly():
    reply = failed(OutcomeUnknown("lost"), PLAIN, SEND)
    assert reply.text.startswith(
        "Send reminder: The application did not confirm this: **it may or may not have happened**"
    )
    assert reply.data == {"error": "outcome_unknown", "ok": False, "operation": "send_reminder"}


def test_other_errors_are_told_with_their_detail_and_place():
    assert failed(ConsentInvalid("It <expired>."), PLAIN).text == "It &lt;expired>."
    assert failed(ContextConflict("x", place="account_id"), PLAIN).text == (
        "account_id is fixed for your account and cannot be chosen."
    )
    finding = Finding(code="schema.type", place="query.page", message="must be a *number*")
    assert failed(ContractViolation("x", findings=(finding,)), PLAIN, SEND).text == (
        "Send reminder: This cannot be sent: it does not fit what the application accepts.\n\n"
        "- query.page: must be a \\*number\\*"
    )
    assert failed(ContractViolation("x", findings=()), PLAIN).text.endswith("accepts.")


@requirement("reply:consent:exact")
def test_a_proposal_is_written_from_the_exact_request():
    body = json.dumps(
        {"note": "a\nb\u200b", "days": 3, "to": {"copy": ["x"], "deep": {"back": {"e": 1}}}, "none": None, "o": {}}
    )
    one = built(SEND, "/api/v1/invoices/51%2F8/reminders?dry=&tag=a%20b", body.encode(), headers=(("X-Mode", "now"),))
    assert proposed("ap-1", (one,), PLAIN) == Reply(
        text=(
            "This changes data and needs your approval. Exactly this would be sent:\n\n"
            "1. **Send reminder** (changes data)\n"
            "   `POST /api/v1/invoices/51%2F8/reminders?dry=&tag=a%20b`\n"
            "   - invoice_id: 51/8\n"
            "   - dry: (empty)\n"
            "   - tag: a b\n"
            "   - X-Mode (header): now\n"
            "   - note: a ⏎ b⟨U+200B⟩\n"
            "   - days: 3\n"
            '   - to.copy: \\["x"\\]\n'
            '   - to.deep.back: {"e": 1}\n'
            "   - none: null\n"
            "   - o: {}\n\n"
            "Reply **yes** to approve or **no** to decline."
        ),
        data={"approval": "ap-1", "calls": 1},
    )


def test_several_writes_are_proposed_together_and_destroying_is_named():
    delete = operation("Delete ticket", "DELETE", "/tickets/{id}")
    text = proposed("ap", (built(delete, "/tickets/1"), built(delete, "/tickets/2")), PLAIN).text
    assert text.startswith("These 2 calls change data")
    assert "2. **Delete ticket** (deletes or cannot be undone)\n   `DELETE /tickets/2`\n   - id: 2" in text


def test_a_long_proposal_counts_what_it_does_not_list():
    body = json.dumps({f"f{n}": n for n in range(70)}).encode()
    text = proposed("ap", (built(SEND, "/invoices/1/reminders", body),), PLAIN).text
    assert "   - … and 11 more values, all in the details of the approval.\n\nReply" in text


def _part(name, content, media="text/plain", filename=""):
    named = f'; filename="{filename}"' if filename else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\nContent-Type: {media}\r\n\r\n'
    return head.encode() + content + b"\r\n"


FORM = b"".join(
    (
        _part("note", "hi\u202e".encode()),
        _part("doc", b"abc", filename="a.txt"),
        _part("none", b"", filename="b.txt"),
        _part("pic", b"\x00\xff", "image/png", "p.png"),
        _part("raw", b"\xff"),
        b"--b--\r\n",
    )
)


@requirement("bodies:proposals:told")
@pytest.mark.parametrize(
    ("body", "media", "values"),
    [
        (b"a=1&b=x%20y", "application/x-www-form-urlencoded", [("a", "1"), ("b", "x y")]),
        (b"not json", "application/json", [("body", "not json")]),
        (b"\xff", "text/plain", [("body", "\\xff")]),
        (b"\x00\xff", "image/png", [("body", "(image/png, 2 B)")]),
        (b"abc", "application/octet-stream", [("body", "abc")]),
        (
            FORM,
            "multipart/form-data; boundary=b",
            [
                ("note", "hi\u202e"),
                ("doc", "a.txt (text/plain, 3 B): abc"),
                ("none", "b.txt (text/plain, 0 B): "),
                ("pic", "p.png (image/png, 2 B)"),
                ("raw", "(text/plain, 1 B)"),
            ],
        ),
        (FORM, "multipart/form-data; boundary=c", [("body", FORM.decode(errors="backslashreplace"))]),
        (b"[" * 100_000, "application/json", [("body", "[" * 100_000)]),
        (b"[1]", "application/json", [("body", "[1]")]),
        (b'"text"', "application/json", [("body", "text")]),
        (b"", "application/json", []),
    ],
)
@requirement("reply:consent:exact")
def test_every_body_is_read_back_whole(body, media, values):
    request = OutboundRequest(method="POST", target="/x", headers=(("Content-Type", media),), body=body)
    assert fields_of(request, "/x") == tuple(Field(place="body", name=n, value=v) for n, v in values)


def test_a_body_without_a_media_type_is_read_back():
    request = OutboundRequest(method="POST", target="/x", body=b"{}")
    assert fields_of(request, "/x") == (Field(place="body", name="body", value="{}"),)


def test_a_question_numbers_its_choices():
    assert asked("Which customer?", ("Acme *GmbH*", "Hooli"), PLAIN) == Reply(
        text="Which customer?\n\n1. Acme \\*GmbH\\*\n2. Hooli\n\nReply with a number or the name.",
        data={"choices": ["Acme *GmbH*", "Hooli"]},
    )
    assert asked("When?", (), PLAIN).text == "When?"


def test_a_refusal_names_what_comes_nearest():
    assert refused("", (SEND,), PLAIN) == Reply(
        text=(
            "I found nothing in this application that does that. Nothing was called.\n\n"
            "What comes nearest:\n\n- Send reminder"
        ),
        data={"refused": "no_operation", "nearest": ["send_reminder"]},
    )
    assert refused("plan_too_long", (), PLAIN).text == phrase("plan_too_long")
    assert refused("Too vague.", (), PLAIN).text == "Too vague. Nothing was called."


def test_decisions_are_told():
    assert declined("a", PLAIN) == Reply(
        text="Declined. Nothing was changed.", data={"approval": "a", "decision": "declined"}
    )
    assert repeated("a", "Created x.", {"ok": True}, PLAIN) == Reply(
        text=("This was approved and carried out before; it did not run again. What it did then:\n\nCreated x."),
        data={"approval": "a", "decision": "repeated", "result": {"ok": True}},
    )


def test_a_language_without_a_phrase_speaks_english():
    assert phrase("yes", "tlh") == "yes"
