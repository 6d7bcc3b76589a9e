"""One case of the table, and short ways to write it."""

from dataclasses import dataclass

from tests.fidelity.steps import HOST, Close, Reply, Send, Step, Take

OK = b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is done at both ends, and what is known of it.

    Attributes:
        found: exactly what differs through the proxy; usually nothing.
        why: the reason of that: the rule that asks for it, or whose limit it is.
    """

    kind: str
    name: str
    steps: tuple[Step, ...]
    found: tuple[str, ...] = ()
    why: str = ""


def asking(
    line: bytes = b"GET /things/1 HTTP/1.1", *fields: bytes, body: bytes = b"", end: bytes = b"", host: bytes = HOST
) -> bytes:
    """A request: its first line, Host, header lines, and a sized body where there is one.

    Args:
        end: what follows the head in place of `body`, framing of its own included.
    """
    sized = (b"Content-Length: %d" % len(body),) if body else ()
    return line + b"\r\n" + host + b"".join(f + b"\r\n" for f in (*fields, *sized)) + b"\r\n" + body + end


def answering(
    status: bytes = b"200 OK", *fields: bytes, body: bytes | None = b"", end: bytes = b"", version: bytes = b"HTTP/1.1"
) -> bytes:
    """An answer with a Date, header lines and a sized body; `body=None`: without a size, `end` follows the head."""
    sized = () if body is None else (b"Content-Length: %d" % len(body),)
    lines = (version + b" " + status, b"Date: Sun, 06 Nov 1994 08:49:37 GMT", *fields, *sized)
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"") + end


def case(kind: str, name: str, request: bytes, answer: bytes = OK, *, closed: bool = False) -> Case:
    """One request, one answer; `closed`: the application then closes."""
    end = (Close(),) if closed else ()
    if answer is OK and request.startswith(b"HEAD "):
        answer = OK.removesuffix(b"ok")
    return Case(kind=kind, name=name, steps=(Send(request), Take(), Reply(answer), *end))


def dialogue(kind: str, name: str, *steps: Step) -> Case:
    """Any steps."""
    return Case(kind=kind, name=name, steps=steps)
