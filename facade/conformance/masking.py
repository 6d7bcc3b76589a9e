"""Requests for a report: a curl command that repeats one, secrets left out."""

import shlex
from collections.abc import Iterable, Mapping

from facade.conformance.records import Request, Who

MASK = "***"
_LONGEST = 2_000


def curl_of(request: Request, origin: str, secret_names: Mapping[Who, Iterable[str]], secrets: Iterable[str]) -> str:
    """The command; credentials stand as `***`, and are cut out wherever else they stand.

    Args:
        secret_names: headers that carry credentials, by whose they are.
    """
    parts = ["curl", "-X", request.method] if request.method != "GET" else ["curl"]
    names = list(dict.fromkeys(secret_names.get(request.who, secret_names.get(Who.FIRST, ()))))
    shown = {Who.NOBODY: [], Who.BROKEN: [f"{n}: broken" for n in names]}.get(
        request.who, [f"{n}: {MASK}" for n in names]
    )
    owned = {name.lower() for each in secret_names.values() for name in each}
    kept = [f"{n}: {v}" for n, v in request.headers if n.lower() not in owned | {"accept-encoding", "accept"}]
    for header in (*shown, *kept):
        parts += ["-H", header]
    if request.body is not None:
        parts += ["--data-binary", _body(request.body)]
    return masked(shlex.join([*parts, origin + request.target]), secrets)


def _body(body: bytes) -> str:
    text = body.decode("utf-8", errors="replace")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def masked(text: str, secrets: Iterable[str]) -> str:
    """A text without any of the secrets."""
    for secret in secrets:
        if len(secret) > 3:  # noqa: PLR2004 - shorter ones would blacken half the text
            text = text.replace(secret, MASK)
    return text
