"""The lean HTTP/1.1 client of the proxy path (D10): bytes in, bytes out, one exchange at a time on a connection.

`answer` reads what an application sends, without any I/O; `connection` moves bytes and keeps the deadlines; `pool`
keeps connections to one address; `head` writes a request's head; `relay` is the port.

Choices: llhttp (through httptools) reads answers in its strict mode, and what it lets through but two readers could
read differently is refused in `answer`. We gave up HTTP/2 towards applications, and trailers of requests: the server's
parser drops those, as RFC 9110, section 6.5.1, allows. An application that answers only over HTTP/2 would reopen this.
"""

from facade.adapters.upstream.wire.relay import WireRelay, open_relay

__all__ = ["WireRelay", "open_relay"]
