"""Which statuses answer what was due. A table, so that it reads like the rule it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from facade.conformance.records import Due, Level

GENERIC: Final = frozenset({400, 401, 403, 404, 405, 406, 408, 411, 412, 413, 414, 415, 417, 422, 429, 431, 501})
"""What HTTP itself lets any server say to a message that it cannot take."""
MISSING_IS_A_GAP: Final = frozenset({401, 403, 405, 429, 503})
"""Statuses that descriptions leave out more often than not: a gap worth a warning."""

_FINE: Final = None
_OK: Final = 200
_REDIRECTS: Final = 300
_ERRORS: Final = 400


def _accepted(status: int) -> Level | None:
    if _OK <= status < _ERRORS:
        return _FINE
    return Level.WARNING if status in {409, 412, 428, 429} else Level.FAILURE


def _answered(status: int) -> Level | None:
    return Level.FAILURE if status in {401, 405, 407} else _FINE


def _absent(status: int) -> Level | None:
    if status in {404, 410, 403, 400, 422}:
        return _FINE
    return Level.WARNING if status in {405, 409, 429} or _REDIRECTS <= status < _ERRORS else Level.FAILURE


def _refused(status: int) -> Level | None:
    return Level.FAILURE if status in {401, 407} else _FINE  # 2xx is judged where the input is known: `input.refused`


def _denied(status: int) -> Level | None:
    if status in {401, 403, 407}:
        return _FINE
    return Level.FAILURE if status < _REDIRECTS else Level.WARNING


def _gone(status: int) -> Level | None:
    if status in {404, 410}:
        return _FINE
    return Level.FAILURE if status < _REDIRECTS else Level.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What is due in words, the check that it counts for, and the verdict on a status below 500."""

    check: str
    expected: str
    judge: Callable[[int], Level | None]


EXPECTATIONS: Final[Mapping[Due, Expectation]] = {
    Due.ACCEPTED: Expectation(check="status.class", expected="2xx", judge=_accepted),
    Due.ANSWERED: Expectation(check="status.class", expected="2xx, or 4xx with a reason", judge=_answered),
    Due.ABSENT: Expectation(check="status.class", expected="404", judge=_absent),
    Due.REFUSED: Expectation(check="status.class", expected="4xx for the input, not for the caller", judge=_refused),
    Due.DENIED: Expectation(check="auth.required", expected="401 or 403", judge=_denied),
    Due.GONE: Expectation(check="delete.effect", expected="404 or 410", judge=_gone),
}
