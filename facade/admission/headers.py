"""What a client is told about its limits: `RateLimit-Policy`, `RateLimit`, `Retry-After`.

Source: draft-ietf-httpapi-ratelimit-headers-11, sections on the two fields; RFC 9651 (structured fields); RFC 9110
section 10.2.3 (delay-seconds).
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from facade.admission.rules import CONCURRENCY
from facade.kernel import SECOND, Micros, Standing

_LARGEST: Final = 999_999_999_999_999
"""The largest integer that a structured field can carry (RFC 9651, section 3.3.1)."""

_PLAIN: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in '%"\\')


def ratelimit_headers(
    standing: Sequence[Standing], *, violated: Collection[str] = (), retry_after: Micros = Micros(0)
) -> tuple[tuple[str, str], ...]:
    """The response headers of one decision; none when no limit counts it.

    Args:
        standing: each limit that was drawn on.
        violated: names of those that refused. Then `RateLimit` names only them: `Retry-After` may not lie before the
            reset of a limit that is told beside it.
        retry_after: the wait of a refusal, 0 when admitted; told in whole seconds, rounded up, so that it stays true.
    """
    told = [one for one in standing if one.name in violated] or standing
    headers = []
    if standing:
        headers.append(("RateLimit-Policy", ", ".join(_policy(one.name, one.amount, one.window) for one in standing)))
        headers.append(("RateLimit", ", ".join(map(_limit, told))))
    if retry_after > 0:
        headers.append(("Retry-After", str(retry_after_seconds(retry_after))))
    return tuple(headers)


def retry_after_seconds(wait: Micros) -> int:
    """Whole seconds that are not shorter than the wait."""
    return -(-wait // SECOND)


@lru_cache(maxsize=1024)
def _policy(name: str, amount: int, window: int) -> str:
    """The same for every decision of one limit."""
    if name == CONCURRENCY:
        return f'{_string(name)};q={_integer(amount)};qu="concurrent-requests"'
    return f"{_string(name)};q={_integer(amount)};w={_integer(window)}"


def _limit(one: Standing) -> str:
    return f"{_string(one.name)};r={_integer(one.remaining)};t={_integer(one.reset)}"


@lru_cache(maxsize=1024)
def _string(text: str) -> str:
    """A structured-field String; what it cannot carry is percent-encoded, as is the percent sign itself."""
    return '"' + quote(text, safe=_PLAIN) + '"'


def _integer(value: int) -> str:
    return str(min(value, _LARGEST))
