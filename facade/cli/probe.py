"""`facade probe`."""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Annotated
from urllib.parse import urlsplit

import typer

from facade.cli.terminal import Terminal
from facade.kernel import InvalidRequest


def command(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="What to ask, such as http://127.0.0.1:8080/agent/readyz.")],
    *,
    timeout_s: Annotated[float, typer.Option("--timeout", help="Seconds to wait.", min=0.1)] = 3.0,
) -> int:
    """Ask a URL whether it is well: exit 0 when it answers 2xx, else 1. An image needs no curl for its health check.

    \b
    Example:
      facade probe http://127.0.0.1:8080/agent/readyz
    """
    terminal: Terminal = ctx.obj
    try:
        status = _status(url, timeout_s)
    except (OSError, HTTPException) as error:
        terminal.note(f"facade: {url} does not answer: {str(error) or type(error).__name__}")
        return 1
    terminal.note(f"{url} answered {status}")
    return 0 if 200 <= status < 300 else 1  # noqa: PLR2004 - HTTP success range


def _status(url: str, timeout_s: float) -> int:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidRequest(f"{url!r} is no http(s) address; write it like http://127.0.0.1:8080/agent/readyz.")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout_s)
    try:
        connection.request("GET", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        return connection.getresponse().status
    finally:
        connection.close()
