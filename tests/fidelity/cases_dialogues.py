"""What takes several steps: interim and early answers, expectations, upgrades, streams, slow ends, many requests."""

import struct

from tests.fidelity.case import OK, Case, answering, asking, dialogue
from tests.fidelity.steps import (
    Answered,
    Arrives,
    Blocked,
    Close,
    Finish,
    Finished,
    Hear,
    ReadOn,
    Reply,
    Send,
    Step,
    StopReading,
    Take,
    TakeBody,
    TakeHead,
)

_POST = b"POST /things/1 HTTP/1.1"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n"
_CHUNKED = b"Transfer-Encoding: chunked"


def _interim() -> list[Case]:
    def told(name: str, *interim: bytes, request: bytes = asking()) -> Case:
        heard = [step for one in interim for step in (Reply(one), Hear(one[:12]))]
        return dialogue("interim answers", name, Send(request), Take(), *heard, Reply(OK))

    return [
        told("103", _HINTS),
        told("103 twice", _HINTS, _HINTS),
        told("102", b"HTTP/1.1 102 Processing\r\n\r\n"),
        told("100 that nobody asked for", _CONTINUE),
        told("110 with a header", b"HTTP/1.1 110 Odd\r\nX-A: 1\r\n\r\n"),
        told("103 to POST", _HINTS, request=asking(_POST, body=b"abc")),
        dialogue("interim answers", "103 and the answer in one write", Send(asking()), Take(), Reply(_HINTS + OK)),
    ]


def _expectations() -> list[Case]:
    head = asking(_POST, b"Expect: 100-continue", b"Content-Length: 3")
    chunked = asking(_POST, b"Expect: 100-continue", _CHUNKED)
    asked = (Send(head), TakeHead())
    told = (TakeHead(), Reply(_CONTINUE), TakeBody(), Reply(OK))
    refused = answering(b"417 Expectation Failed", b"Connection: close", body=b"no")
    return [
        dialogue(
            "expectations",
            "continued",
            *asked,
            Reply(_CONTINUE),
            Hear(b"100 Continue"),
            Send(b"abc"),
            TakeBody(),
            Reply(OK),
        ),
        dialogue(
            "expectations",
            "continued, chunked",
            Send(chunked),
            TakeHead(),
            Reply(_CONTINUE),
            Hear(b"100 Continue"),
            Send(b"3\r\nabc\r\n0\r\n\r\n"),
            TakeBody(),
            Reply(OK),
        ),
        dialogue("expectations", "refused with 417", *asked, Reply(refused), Close(), Answered()),
        dialogue(
            "expectations",
            "answered at once",
            *asked,
            Reply(answering(b"401 Unauthorized", b"Connection: close", body=b"who")),
            Close(),
            Answered(),
        ),
        dialogue("expectations", "not waited for", Send(head + b"abc"), *told),
        dialogue("expectations", "in capitals", Send(asking(_POST, b"EXPECT: 100-Continue", body=b"abc")), *told),
        dialogue("expectations", "that the application leaves unanswered", Send(head + b"abc"), Take(), Reply(OK)),
        dialogue(
            "expectations",
            "without a body",
            Send(asking(b"GET / HTTP/1.1", b"Expect: 100-continue")),
            Take(),
            Reply(OK),
        ),
    ]


def _early() -> list[Case]:
    head = asking(_POST, b"Content-Length: 6")
    refused = answering(b"413 Content Too Large", b"Connection: close", body=b"no")
    return [
        dialogue(
            "early answers",
            "before the rest of the body",
            Send(head + b"abc"),
            TakeHead(),
            Arrives(b"abc"),
            Reply(answering(body=b"early")),
            Answered(),
            Send(b"def"),
        ),
        dialogue(
            "early answers",
            "refused and closed",
            Send(head + b"abc"),
            TakeHead(),
            Reply(refused),
            Close(),
            Answered(),
        ),
        dialogue(
            "early answers",
            "begun before the rest of the body, ended after it",
            Send(asking(_POST, _CHUNKED, end=b"1\r\na\r\n")),
            TakeHead(),
            Arrives(b"a"),
            Reply(answering(b"200 OK", _CHUNKED, body=None, end=b"1\r\nA\r\n")),
            Hear(b"\r\n\r\n1\r\nA"),
            Send(b"1\r\nb\r\n"),
            Arrives(b"b"),
            Reply(b"1\r\nB\r\n"),
            Hear(b"B"),
            Send(b"0\r\n\r\n"),
            TakeBody(),
            Reply(b"0\r\n\r\n"),
        ),
    ]


def frame(opcode: int, payload: bytes, *, masked: bytes = b"", fin: bool = True) -> bytes:
    """A WebSocket frame, masked when a key is given.

    Source: RFC 6455 section 5.2.
    """
    first = (0x80 if fin else 0) | opcode
    bit = 0x80 if masked else 0
    size = (
        bytes([first, bit | len(payload)])
        if len(payload) < 126
        else struct.pack("!BBH", first, bit | 126, len(payload))
    )
    body = bytes(byte ^ masked[n % 4] for n, byte in enumerate(payload)) if masked else payload
    return size + masked + body


_SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
)
"""The answer to the key below, as in RFC 6455 section 1.3."""
_KEY = b"\x01\x02\x03\x04"


def _upgrades() -> list[Case]:
    socket = asking(
        b"GET /socket HTTP/1.1",
        *(b"Upgrade: websocket", b"Connection: Upgrade", b"Origin: https://app.test"),
        *(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13"),
        *(b"Sec-WebSocket-Protocol: chat, other", b"Sec-WebSocket-Extensions: permessage-deflate"),
    )
    made_up = asking(b"GET /x HTTP/1.1", b"Upgrade: acme-sync/2", b"Connection: upgrade, X-Sync", b"X-Sync: 1")
    accepted = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: acme-sync/2\r\n\r\n"
    hinted = answering(b"426 Upgrade Required", b"Upgrade: acme-sync/2", b"Connection: Upgrade", body=b"x")
    welcome = frame(1, b"welcome")
    large, part = frame(2, bytes(range(256)) * 200, masked=_KEY), frame(1, b"a", masked=_KEY, fin=False)
    ending = (*_up(frame(8, b"\x03\xe8", masked=_KEY)), Reply(frame(8, b"\x03\xe8")), Close())
    ignored, second, now = (Take(), Reply(OK)), Take(patience_s=0.5), Arrives(b"now", patience_s=0.5)
    early = frame(1, b"early", masked=_KEY)
    refused = (Send(socket), Take(), Reply(answering(b"403 Forbidden", body=b"no")))
    opened = (Send(socket), Take(), Reply(_SWITCH), Hear(b"\r\n\r\n"))
    switched = (Send(made_up), Take(), Reply(accepted), Hear(b"\r\n\r\n"))
    talk = (*_up(frame(1, "héllo".encode(), masked=_KEY)), *_down(welcome), *_down(frame(9, b"p")))
    pong = _up(frame(10, b"p", masked=_KEY))

    def told(name: str, *steps: Step) -> Case:
        return dialogue("upgrades", name, *steps)

    return [
        told("WebSocket: text, ping, close", *opened, *talk, *pong, *ending),
        told("WebSocket: large and fragmented", *opened, *_up(large), *_up(part), *ending),
        told(
            "WebSocket: the server speaks first", Send(socket), Take(), Reply(_SWITCH + welcome), Hear(welcome), *ending
        ),
        told("another protocol", *switched, *_up(b"\x00\xff raw"), *_down(b"raw \xff\x00"), Close()),
        told("refused", *refused),
        told("another protocol, ignored", Send(made_up), *ignored),
        told("refused, and another request", *refused, Answered(1), Send(asking()), Take(), Reply(OK)),
        told("refused, and a request behind it", Send(socket + asking()), *refused[1:], Take(), Reply(OK)),
        told("WebSocket: begun at once", Send(socket + early), *opened[1:], Arrives(early), *ending),
        told(
            "another protocol, ignored, and a request behind it", Send(made_up + asking()), *ignored, second, Reply(OK)
        ),
        told("another protocol, begun at once", Send(made_up + b"now"), *switched[1:], now, Close()),
        told("426", Send(asking()), Take(), Reply(hinted)),
    ]


def _up(*data: bytes) -> tuple[Step, ...]:
    """Each piece reaches the application before the next is sent."""
    return tuple(step for one in data for step in (Send(one), Arrives(one)))


def _down(*data: bytes) -> tuple[Step, ...]:
    """Each piece reaches the client before the next is written."""
    return tuple(step for one in data for step in (Reply(one), Hear(one)))


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _down_chunks(*data: bytes) -> tuple[Step, ...]:
    return (*(step for one in data for step in (Reply(_chunk(one)), Hear(one))), Reply(b"0\r\n\r\n"))


def _up_chunks(*data: bytes) -> tuple[Step, ...]:
    return (*(step for one in data for step in (Send(_chunk(one)), Arrives(one))), Send(b"0\r\n\r\n"))


def _streams() -> list[Case]:
    events = (b"data: 1\n\n", b": keep\n\n", b"id: 2\nevent: x\ndata: \xff\n\n", b"data: 3")
    typed = b"Content-Type: text/event-stream"
    chunked = answering(b"200 OK", typed, b"Cache-Control: no-cache", _CHUNKED, body=None)
    plain = answering(b"200 OK", typed, body=None)
    rows = (b'{"n": 1}\n', b'{"n": 2}\n')
    head = Hear(b"\r\n\r\n")

    def told(name: str, *steps: Step) -> Case:
        return dialogue("streams", name, *steps)

    return [
        told("events, each seen before the next", Send(asking()), Take(), Reply(chunked), head, *_down_chunks(*events)),
        told("events until the close", Send(asking()), Take(), Reply(plain), head, *_down(*events), Close()),
        told("lines of JSON to POST", Send(asking(_POST, body=b"{}")), Take(), Reply(chunked), *_down_chunks(*rows)),
        told(
            "up, each piece seen before the next",
            Send(asking(_POST, _CHUNKED)),
            TakeHead(),
            *_up_chunks(*events),
            TakeBody(),
            Reply(OK),
        ),
    ]


def _slow() -> list[Case]:
    letters = [step for n in range(6) for step in (Send(b"slowly"[n : n + 1]), Arrives(b"slowly"[: n + 1]))]
    pieces = [Send(asking()[n : n + 1]) for n in range(18)]
    large = answering(body=b"0123456789abcdef" * 1_048_576)
    sized = Reply(answering(b"200 OK", b"Content-Length: 3", body=None))
    drip = [Reply(OK[n : n + 1]) for n in range(len(OK))]

    def told(name: str, *steps: Step) -> Case:
        return dialogue("slow ends", name, *steps)

    return [
        told(
            "a client that sends byte by byte",
            Send(asking(_POST, b"Content-Length: 6")),
            TakeHead(),
            *letters,
            TakeBody(),
            Reply(OK),
        ),
        told("a client that sends its head in pieces", *pieces, Send(asking()[18:]), Take(), Reply(OK)),
        told(
            "a client that stops reading",
            Send(asking()),
            Take(),
            StopReading(),
            Reply(large),
            Blocked(),
            ReadOn(),
            Answered(),
        ),
        told("an application that answers byte by byte", Send(asking()), Take(), *drip),
        told(
            "an application that sends its body byte by byte",
            Send(asking()),
            Take(),
            sized,
            Hear(b"\r\n\r\n", patience_s=1.0),
            *_down(b"a", b"b", b"c"),
        ),
        told("a client that closes its sending half", Send(asking()), Take(), Finish(), Finished(), Reply(OK)),
    ]


def _numbered(number: int) -> tuple[bytes, tuple[Step, ...]]:
    """A request of one kind or another, and how it is answered."""
    kinds = (
        asking(b"GET /%d HTTP/1.1" % number),
        asking(b"POST /%d HTTP/1.1" % number, body=b"body %d" % number),
        asking(b"PUT /%d HTTP/1.1" % number, _CHUNKED, end=b"4\r\nbody\r\n0\r\n\r\n"),
    )
    return kinds[number % 3], (Take(), Reply(answering(body=b"answer %d" % number)))


def _many() -> list[Case]:
    def together(count: int) -> tuple[Step, ...]:
        each = [_numbered(number) for number in range(count)]
        return (Send(b"".join(request for request, _ in each)), *(step for _, steps in each for step in steps))

    def one_by_one(count: int) -> tuple[Step, ...]:
        each = [_numbered(number) for number in range(count)]
        return tuple(s for n, (request, steps) in enumerate(each, 1) for s in (Send(request), *steps, Answered(n)))

    bare = (
        (asking(b"HEAD / HTTP/1.1"), answering(b"200 OK", b"Content-Length: 5", body=None)),
        (asking(), answering(b"204 No Content", body=None)),
        (asking(), answering(b"304 Not Modified", body=None)),
        (asking(), OK),
    )
    last = Send(asking(b"GET / HTTP/1.1", b"Connection: close"))
    closing = Reply(answering(b"200 OK", b"Connection: close", body=b"a"))
    halves = (Take(), Reply(OK[:30]), Reply(OK[30:]))
    return [
        dialogue("pipelining", "2 in one write", *together(2)),
        dialogue("pipelining", "40 in one write", *together(40)),
        dialogue("pipelining", "the second behind a slow first", Send(asking() * 2), *halves, Take(), Reply(OK)),
        dialogue("keep-alive", "10 one after the other", *one_by_one(10)),
        dialogue(
            "keep-alive",
            "HEAD, 204 and 304 do not end it",
            *(step for request, answer in bare for step in (Send(request), Take(), Reply(answer))),
        ),
        dialogue("keep-alive", "a client that asks for the end", last, Take(), closing, Close(), Answered()),
    ]


def cases() -> list[Case]:
    """All of them."""
    return [*_interim(), *_expectations(), *_early(), *_upgrades(), *_streams(), *_slow(), *_many()]
