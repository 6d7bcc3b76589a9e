"""Reading an answer: what it says, where it ends, and what is refused because two would read it differently."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.adapters.upstream.wire.answer import MOST_HEAD_BYTES, MOST_INTERIMS, Answer, Interim, Malformed
from tests.requirements import requirement

OK = b"HTTP/1.1 200 OK\r\n"
HI = OK + b"Content-Length: 2\r\n\r\nhi"


def feed(answer: Answer, *data: bytes) -> None:
    for each in data:
        answer.feed(each)


def read(*data: bytes, head: bool = False, upgrade: bool = False, eof: bool = False) -> Answer:
    answer = Answer(head=head, upgrade=upgrade)
    feed(answer, *data)
    if eof:
        answer.feed_eof()
    return answer


def body(answer: Answer) -> bytes:
    return b"".join(answer.pieces)


@requirement("wire:bytes:kept")
def test_a_head_is_read_as_it_stands() -> None:
    raw = b"HTTP/1.1 299 Very \xe9\r\nX-a: \xff\r\nx-A:\r\nSet-Cookie: 1\r\nContent-Length: 0\r\n\r\n"
    answer = read(raw)
    assert (answer.status, answer.reason, answer.ended, answer.keeps) == (299, b"Very \xe9", True, True)
    assert answer.headers == [(b"X-a", b"\xff"), (b"x-A", b""), (b"Set-Cookie", b"1"), (b"Content-Length", b"0")]


FRAMED = {
    "sized": (HI, b"hi", 2),
    "chunked": (OK + b"Transfer-Encoding: chunked\r\n\r\n1;x=y\r\nh\r\n1\r\ni\r\n0\r\n\r\n", b"hi", None),
    "empty": (OK + b"Content-Length: 0\r\n\r\n", b"", 0),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", b"hi", 2),
    "not modified": (b"HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n", b"", 5),
    "no content": (b"HTTP/1.1 204 N\r\n\r\n", b"", None),
    "blank lines before": (b"\r\n" + HI, b"hi", 2),
}


@requirement("wire:reuse")
@pytest.mark.parametrize("name", FRAMED)
def test_a_framed_answer_ends_where_it_says_and_leaves_the_connection_fit(name: str) -> None:
    raw, expected, length = FRAMED[name]
    for data in ((raw,), tuple(raw[i : i + 1] for i in range(len(raw)))):
        answer = read(*data)
        assert (body(answer), answer.body_bytes, answer.ended, answer.keeps) == (expected, length, True, True)
        answer.feed_eof()


@requirement("wire:reuse")
@pytest.mark.parametrize(
    "raw",
    [
        OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    ],
)
def test_an_answer_may_be_the_last_of_its_connection(raw: bytes) -> None:
    answer = read(raw)
    assert (body(answer), answer.ended, answer.keeps) == (b"hi", True, False)


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    answer = read(OK + b"\r\nh", b"i")
    assert (answer.ended, answer.body_bytes) == (False, None)
    answer.feed_eof()
    assert (body(answer), answer.ended, answer.keeps) == (b"hi", True, False)


@pytest.mark.parametrize(
    ("raw", "keeps"),
    [
        (OK + b"Content-Length: 500\r\n\r\n", True),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", True),
        (OK + b"X: y\r\n\r\n", True),
        (OK + b"Connection: Close\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\n\r\n", False),
        (OK + b"Content-Length: 2\r\n\r\nhi", False),
        (OK + b"Content-Length: 0\r\n\r\nhi", False),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" + HI, False),
        (OK + b"\r\nhi", False),
    ],
)
def test_an_answer_to_head_has_no_body_whatever_it_says_and_one_that_comes_spoils_the_connection(
    raw: bytes, keeps: bool
) -> None:
    answer = read(raw, head=True)
    assert (body(answer), answer.ended, answer.keeps) == (b"", True, keeps)


@requirement("wire:trailers:passed")
def test_trailers_come_behind_the_body() -> None:
    answer = read(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\nx-e:\r\n\r\n")
    assert (body(answer), answer.trailers, answer.ended) == (b"hi", [(b"X-Sum", b"1"), (b"x-e", b"")], True)


@requirement("wire:interim")
def test_informational_answers_come_before_the_final_one() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\nLink: <b>\r\n\r\n"
    answer = read(early)
    assert (answer.status, answer.ended) == (0, False)
    assert list(answer.interims) == [
        Interim(status=100, reason=b"Continue", headers=()),
        Interim(status=103, reason=b"Early Hints", headers=((b"Link", b"<a>"), (b"Link", b"<b>"))),
    ]
    answer.feed(HI)
    assert (answer.status, answer.headers, body(answer)) == (200, [(b"Content-Length", b"2")], b"hi")


@requirement("wire:upgrade:passed")
def test_after_a_switch_that_was_asked_for_everything_is_the_other_protocols() -> None:
    raw = b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x00HTTP/1.1 200"
    answer = read(raw, b"\r\n\xff", upgrade=True)
    assert (answer.status, answer.switched, answer.ended) == (101, True, False)
    assert body(answer) == b"\x00HTTP/1.1 200\r\n\xff"
    answer.feed_eof()
    assert answer.ended


BAD = {
    "garbage": b"okHTTP/1.1 200 OK\r\n\r\n",
    "length and coding": OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": OK + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
    "a list of lengths": OK + b"Content-Length: 2, 2\r\n\r\nhi",
    "a signed length": OK + b"Content-Length: +2\r\n\r\nhi",
    "a length beyond all bounds": OK + b"Content-Length: 99999999999999999999\r\n\r\nhi",
    "gzip, chunked": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "identity": OK + b"Transfer-Encoding: identity\r\n\r\nhi",
    "chunked twice": OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "xchunked": OK + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a bad chunk size": OK + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\nhi\r\n0\r\n\r\n",
    "a chunk with bare line ends": OK + b"Transfer-Encoding: chunked\r\n\r\n2\nhi\n0\n\n",
    "a chunk longer than it says": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n",
    "junk behind": HI + b"junk",
    "another answer behind": HI + HI,
    "junk behind the last": OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhijunk",
    "bare line ends": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "a folded line": OK + b"X-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n",
    "a space before the colon": OK + b"X-A : 1\r\nContent-Length: 0\r\n\r\n",
    "a control character": OK + b"X-A: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "a bare return": OK + b"X-A: a\rb\r\nContent-Length: 0\r\n\r\n",
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/0.9": b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "status 099": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    "an informational answer with a body": b"HTTP/1.1 103 E\r\nContent-Length: 2\r\n\r\nhi" + HI,
    "a switch that nobody asked for": b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "too many informational answers": b"HTTP/1.1 103 E\r\n\r\n" * (MOST_INTERIMS + 1),
    "too large a head": OK + b"X-A: " + b"a" * MOST_HEAD_BYTES,
    "too large trailers": OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-A: 123456789\r\n" * 2_000,
}


@requirement("wire:answers:strict")
@pytest.mark.parametrize("name", BAD)
def test_an_answer_that_can_be_read_in_two_ways_is_refused(name: str) -> None:
    for data in ((BAD[name],), tuple(BAD[name][i : i + 1] for i in range(len(BAD[name])))):
        answer = Answer()
        with pytest.raises(Malformed):
            feed(answer, *data)
        assert answer.spoiled


@requirement("wire:answers:strict")
def test_a_switch_needs_its_headers_even_when_it_was_asked_for() -> None:
    with pytest.raises(Malformed):
        read(b"HTTP/1.1 101 S\r\n\r\nraw", upgrade=True)


@requirement("wire:answers:strict")
@pytest.mark.parametrize("raw", [b"", OK, OK + b"Content-Length: 3\r\n\r\nhi", HI[:-1], FRAMED["chunked"][0][:-2]])
def test_an_answer_that_is_cut_does_not_look_whole(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw, eof=True)


@given(st.binary(max_size=300), st.lists(st.integers(1, 60), max_size=8))
def test_whatever_comes_is_read_or_refused_and_never_read_past_its_end(junk: bytes, cuts: list[int]) -> None:
    raw, answer = HI + junk, Answer()
    places = sorted({0, len(raw), *cuts})
    try:
        for start, end in pairwise(places):
            answer.feed(raw[start:end])
    except Malformed:
        pass
    assert b"hi".startswith(body(answer))
