"""`RateLimit` and `RateLimit-Policy`, the fields that tell a client where its limits stand.

Source: draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4: Lists of String Items of RFC 9651.
"""

from collections.abc import Sequence

from facade.kernel import SECOND, Micros, Standing


def allowance_headers(standing: Sequence[Standing]) -> tuple[tuple[str, str], ...]:
    """Both fields, or none when no limit counts this; one item for each limit, in the tier's order."""
    if not standing:
        return ()
    policy = ", ".join(f"{_string(s.name)};q={s.amount};w={s.window}" for s in standing)
    state = ", ".join(f"{_string(s.name)};r={s.remaining};t={s.reset}" for s in standing)
    return (("RateLimit-Policy", policy), ("RateLimit", state))


def seconds_up(duration: Micros) -> int:
    """Whole seconds, rounded up and at least 1, as `Retry-After` wants them: never too early."""
    return max(1, -(-duration // SECOND))


def _string(text: str) -> str:
    """A structured-field String (RFC 9651, 3.3.3): visible ASCII, with quotes and backslashes escaped."""
    visible = "".join(c if " " <= c <= "~" else "?" for c in text)
    return '"' + visible.replace("\\", "\\\\").replace('"', '\\"') + '"'
