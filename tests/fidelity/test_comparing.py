"""The judge itself: a planted difference is found, and what the tables allow is not called one."""

from dataclasses import replace

import pytest

from tests.fidelity.case import answering, asking
from tests.fidelity.comparing import Allowed, Verdict, compared
from tests.fidelity.messages import answers_in, request_at
from tests.fidelity.steps import Outcome
from tests.requirements import requirement

REQUEST = asking(b"POST /a%2Fb?c HTTP/1.1", b"X-A: 1", b"x-b:  2", b"X-A: 3", body=b"abc")
ANSWER = answering(b"200 OK", b"X-A: 1", b"Set-Cookie: a", b"Set-Cookie: b", body=b"ok")
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


def outcome(request: bytes = REQUEST, answer: bytes = HINTS + ANSWER) -> Outcome:
    message = request_at(request, 0)
    assert message is not None
    return Outcome(requests=(message,), answers=tuple(answers_in(answer, [b"POST"], ended=True)[0]))


def judged(*, request: bytes = REQUEST, answer: bytes = HINTS + ANSWER) -> Verdict:
    return compared(outcome(), outcome(request, answer))


REQUESTS = {
    "another method": (b"POST ", b"PUT "),
    "a decoded target": (b"%2F", b"/"),
    "another case in the target": (b"%2F", b"%2f"),
    "a dropped query": (b"?c", b""),
    "a lost header": (b"X-A: 3\r\n", b""),
    "a new header": (b"X-A: 3\r\n", b"X-A: 3\r\nX-New: 1\r\n"),
    "another spelling": (b"x-b:", b"X-B:"),
    "another value": (b"X-A: 3", b"X-A: 4"),
    "another order of one name": (b"X-A: 1\r\nx-b:  2\r\nX-A: 3", b"X-A: 3\r\nx-b:  2\r\nX-A: 1"),
    "joined values": (b"X-A: 1\r\nx-b:  2\r\nX-A: 3", b"X-A: 1, 3\r\nx-b:  2"),
    "another Host": (b"app.test", b"other.test"),
    "another body": (b"abc", b"abd"),
    "a shorter body": (b"Content-Length: 3\r\n\r\nabc", b"Content-Length: 2\r\n\r\nab"),
    "a lost length": (b"Content-Length: 3\r\n\r\nabc", b"\r\n"),
    "an added trailer": (
        b"Content-Length: 3\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
    ),
}
ANSWERS = {
    "another status": (b"200 OK", b"201 OK"),
    "another reason": (b"200 OK", b"200 Ok"),
    "no reason": (b"200 OK", b"200 "),
    "a lost cookie": (b"Set-Cookie: b\r\n", b""),
    "joined cookies": (b"a\r\nSet-Cookie: b", b"a, b"),
    "cookies in another order": (b"Set-Cookie: a\r\nSet-Cookie: b", b"Set-Cookie: b\r\nSet-Cookie: a"),
    "an interim answer lost": (HINTS, b""),
    "an interim answer without its header": (b"Link: </a>\r\n", b""),
    "an interim answer too many": (HINTS, HINTS * 2),
    "another Date": (b"06 Nov 1994", b"07 Nov 1994"),
    "another body": (b"ok", b"ko"),
    "an added media type": (b"X-A: 1", b"Content-Type: text/plain\r\nX-A: 1"),
    "a cut body": (b"ok", b"o"),
}


@requirement("fidelity:cases")
@pytest.mark.parametrize("name", REQUESTS)
def test_a_changed_request_is_found(name: str) -> None:
    old, new = REQUESTS[name]
    assert old in REQUEST
    found = judged(request=REQUEST.replace(old, new, 1)).found
    assert [one.partition(":")[0] for one in found] != []
    assert {one.partition(":")[0] for one in found} == {"application"}


@requirement("fidelity:cases")
@pytest.mark.parametrize("name", ANSWERS)
def test_a_changed_answer_is_found(name: str) -> None:
    old, new = ANSWERS[name]
    whole = HINTS + ANSWER
    assert old in whole
    found = judged(answer=whole.replace(old, new, 1)).found
    assert {one.partition(":")[0] for one in found} == {"client"}


ALLOWED = {
    "nothing": (b"", b"", set()),
    "ours": (b"X-A: 3", b"X-A: 3\r\nVia: 1.1 facade\r\nX-Tenant-ID: a", {Allowed.ANNOUNCED, Allowed.CONTEXT}),
    "a hop": (b"X-A: 3", b"X-A: 3\r\nConnection: keep-alive", {Allowed.HOP}),
    "chunks": (
        b"Content-Length: 3\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        {Allowed.FRAMING},
    ),
    "an older version": (b"HTTP/1.1", b"HTTP/1.0", {Allowed.VERSION}),
    "blanks": (b"x-b:  2", b"x-b: 2", {Allowed.BLANKS}),
    "Host elsewhere": (b"Host: app.test\r\nX-A: 1", b"X-A: 1\r\nHost: app.test", {Allowed.PLACE}),
}


@requirement("fidelity:cases")
@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_named_and_not_found(name: str) -> None:
    old, new, reasons = ALLOWED[name]
    verdict = judged(request=REQUEST.replace(old, new, 1))
    assert (verdict.found, verdict.allowed) == ([], reasons)


@requirement("fidelity:cases")
def test_what_did_not_happen_and_bytes_behind_a_switch_are_found() -> None:
    before = outcome()
    after = replace(before, missed="3: Hear", up=b"a", down=b"b")
    assert compared(before, after).found == [
        "step 3: Hear did not happen",
        "application: bytes after the switch  -> a",
        "client: bytes after the switch  -> b",
    ]
    assert compared(before, replace(before, requests=())).found == ["application: 1 requests -> 0"]
