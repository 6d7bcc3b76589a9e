"""When to stop asking an application, and when to ask again: pure rules over frozen state, time as an argument.

A breaker is closed (everything passes), or open: one request at a time, and at most one a second, may find out whether
the application is back; all others are refused at once, so that neither they nor the application wait for nothing.

One caller alone cannot open it by its own requests: while others are answered, faults of a single caller are that
caller's (a report that always times out, a request that always kills a worker), and the others keep being served. What
comes without a tenant is no second witness: anybody can send it, that caller too.

Source: reliability REL-UP-01, REL-UP-06.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from facade.kernel import SECOND, Micros

UNVOUCHED: Final = ""
"""The one caller that all traffic is of for which nobody vouches."""

SEVERAL: Final = "\x00several"
"""Stands for more than one caller; no tenant's id holds a NUL."""

_TICKS: Final = 10
"""Parts of a window; it moves on by one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRules:
    """When one path to an application is given up for a while.

    Attributes:
        share, least: this share of faults, of at least so many outcomes within `window`, opens it.
        unreached: so many connections in a row that could not be made open it.
        probe_every: shortest time between two probes. probe_for: how long one keeps others from being sent.
    """

    enabled: bool = True
    share: float = 0.5
    least: int = 20
    window: Micros = Micros(10 * SECOND)
    unreached: int = 5
    probe_every: Micros = Micros(SECOND)
    probe_for: Micros = Micros(5 * SECOND)


class Part(NamedTuple):
    """Outcomes of one part of a window. `good_of` and `bad_of` name the only caller they are of, or `SEVERAL`."""

    tick: int
    good: int
    bad: int
    good_of: str | None
    bad_of: str | None


Window = tuple[Part, ...]
"""Parts that still count, oldest first; at most ten."""


class Breaker(NamedTuple):
    """The state of one breaker; a tuple, because every request makes a new one.

    Attributes:
        unreached: connections in a row that could not be made.
        probe_from: while open: when the next probe may leave.
        probed_at: when the last one left.
    """

    window: Window = ()
    unreached: int = 0
    open: bool = False
    probe_from: Micros = Micros(0)
    probed_at: Micros = Micros(0)


def admit(breaker: Breaker, now: Micros, rules: BreakerRules) -> tuple[Breaker, Micros, bool]:
    """May a request leave now?

    Returns:
        The state to keep; how long until the next may leave, 0 for at once; whether this one is a probe.
    """
    if not breaker.open:
        return breaker, Micros(0), False
    if now < breaker.probe_from:
        return breaker, Micros(breaker.probe_from - now), False
    return breaker._replace(probe_from=Micros(now + rules.probe_for), probed_at=now), Micros(0), True


def answered(breaker: Breaker, who: str, now: Micros, rules: BreakerRules, *, probe: bool) -> Breaker:
    """The application answered; a probe's answer closes the breaker, with nothing held against the application."""
    if probe and breaker.open:
        return Breaker()
    window = counted(breaker.window, now, rules.window, who=who, bad=False)
    return Breaker(window, 0, breaker.open, breaker.probe_from, breaker.probed_at)


def failed(
    breaker: Breaker, who: str, now: Micros, rules: BreakerRules, *, probe: bool, unreached: bool = False
) -> Breaker:
    """The application did not answer; `unreached`: there was not even a connection."""
    window = counted(breaker.window, now, rules.window, who=who, bad=True)
    after = breaker._replace(window=window, unreached=breaker.unreached + 1 if unreached else 0)
    if breaker.open:
        return after._replace(probe_from=Micros(now + rules.probe_every)) if probe else after
    if rules.enabled and (after.unreached >= rules.unreached or _too_many(window, rules)):
        return after._replace(open=True, probe_from=Micros(now + rules.probe_every))
    return after


def abandoned(breaker: Breaker, now: Micros, rules: BreakerRules, *, probe: bool) -> Breaker:
    """The request ended for a reason of the client's or ours; a probe's place is free again."""
    if not probe or not breaker.open:
        return breaker
    return breaker._replace(probe_from=max(now, Micros(breaker.probed_at + rules.probe_every)))


def counted(window: Window, now: Micros, length: Micros, *, who: str, bad: bool) -> Window:
    """The window with one more outcome, without the parts that are too old."""
    tick = now * _TICKS // length
    last = window[-1] if window else None
    if last is not None and last.tick == tick:
        return (*window[:-1], _added(last, who, bad=bad))
    kept = tuple(part for part in window if part.tick > tick - _TICKS)
    return (*kept, _added(Part(tick, 0, 0, None, None), who, bad=bad))


def totals(window: Window, now: Micros, length: Micros) -> tuple[int, int]:
    """Good and bad outcomes that still count."""
    oldest = now * _TICKS // length - _TICKS
    parts = [part for part in window if part.tick > oldest]
    return sum(part.good for part in parts), sum(part.bad for part in parts)


def _too_many(window: Window, rules: BreakerRules) -> bool:
    good = sum(part.good for part in window)
    bad = sum(part.bad for part in window)
    return good + bad >= rules.least and bad >= rules.share * (good + bad) and not _one_callers_own(window)


def _one_callers_own(window: Window) -> bool:
    """All faults are of one caller, and somebody else was answered."""
    blamed = _only([part.bad_of for part in window if part.bad_of != UNVOUCHED]) or UNVOUCHED
    served = _only([part.good_of for part in window])
    return blamed != SEVERAL and served is not None and served != blamed


def _only(names: list[str | None]) -> str | None:
    """The one caller that is named, `SEVERAL`, or None where nobody is."""
    told = {name for name in names if name is not None}
    return next(iter(told), None) if len(told) <= 1 else SEVERAL


def _added(part: Part, who: str, *, bad: bool) -> Part:
    tick, good, ill, good_of, bad_of = part
    if bad:
        return Part(tick, good, ill + 1, good_of, _blamed(bad_of, who))
    return Part(tick, good + 1, ill, who if good_of in {None, who} else SEVERAL, bad_of)


def _blamed(before: str | None, who: str) -> str:
    """Whose a part's faults are, with one more; a tenant's stand for those without a tenant, too."""
    if before is None or before in {who, UNVOUCHED}:
        return who
    return before if who == UNVOUCHED else SEVERAL
