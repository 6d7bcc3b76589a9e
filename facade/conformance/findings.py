"""What a run has found so far: every check that was made, every problem, each kind of problem kept a few times."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from facade.conformance.records import Exchange, Found, Level, Outcome, Problem

_KEPT: Final = 5
"""Different problems kept for one check of one operation; more of them are counted."""


@dataclass(slots=True)
class Findings:
    """Grows during a run.

    Attributes:
        wanted: says which checks count.
        curl, mask: show a request, and a text, without secrets.
        others: operations that are called for their ids alone; nothing about them counts.
    """

    wanted: Callable[[str], bool]
    curl: Callable[[Exchange], str]
    mask: Callable[[str], str]
    others: frozenset[str] = frozenset()
    made: dict[tuple[str, str], int] = field(default_factory=dict)
    problems: dict[tuple[str, str], list[Problem]] = field(default_factory=dict)

    def count(self, operation: str, *checks: str) -> None:
        """A check was made once more."""
        for check in checks:
            if self.wanted(check) and operation not in self.others:
                self.made[operation, check] = self.made.get((operation, check), 0) + 1

    def add(self, operation: str, found: Found, exchange: Exchange | None = None) -> None:
        """A check found something; the same again is counted."""
        if not self.wanted(found.check) or operation in self.others:
            return
        self.made.setdefault((operation, found.check), 1)
        held = self.problems.setdefault((operation, found.check), [])
        for n, known in enumerate(held):
            if _alike(known, found):
                held[n] = replace(known, times=known.times + 1)
                return
        if len(held) < _KEPT:
            held.append(self._problem(operation, found, exchange))
        else:
            held[-1] = replace(held[-1], times=held[-1].times + 1)

    def _problem(self, operation: str, found: Found, exchange: Exchange | None) -> Problem:
        return Problem(
            operation=operation,
            check=found.check,
            level=found.level,
            expected=self.mask(found.expected),
            seen=self.mask(found.seen),
            why=exchange.why if exchange else "",
            curl=self.curl(exchange) if exchange else "",
            status=exchange.response.status if exchange else None,
        )

    def outcomes(self) -> tuple[Outcome, ...]:
        """By operation, then check; failures before warnings."""
        found = []
        for (operation, check), made in self.made.items():
            problems = sorted(self.problems.get((operation, check), ()), key=lambda p: p.level is not Level.FAILURE)
            found.append(Outcome(operation=operation, check=check, made=made, problems=tuple(problems)))
        return tuple(found)


def _alike(known: Problem, found: Found) -> bool:
    return (known.level, known.expected) == (found.level, found.expected)
