"""Which of an application's addresses gets the next request: pure rules over frozen state; time and chance are
arguments.

An address that fails where the others do not is an outlier: it gets nothing for a while, longer each time, and comes
back by one probe at a time. At most half of the addresses are ever out, so that what is left is never asked to carry
everything, and one address alone is never taken out: that is the breaker's matter.

Choices: the better of two addresses drawn at random, by what is in flight. It sends less to a slow address without
knowing why it is slow, needs no state shared between processes, and unlike "the least of all" does not make every
process run to the same address at the same moment; round robin would go on filling a slow one.

Source: reliability REL-UP-13; M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from facade.adapters.upstream.breaker import Window, counted, totals
from facade.kernel import SECOND, Micros

_LATE: Final = Micros(SECOND)
"""How long a single fault makes the other address of a pair the better one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierRules:
    """When an address is taken out, and for how long.

    Attributes:
        in_a_row: so many faults in a row make an outlier.
        share, least: so does this share of faults, of at least so many outcomes within `window`. Either way the others
            must have at most half of its share: where all fail alike, nobody is an outlier.
        first, longest: how long it is out; the time doubles with each ejection, and starts anew after `longest` in.
        probe_for: how long a probe keeps others from being sent.
    """

    enabled: bool = True
    in_a_row: int = 5
    share: float = 0.5
    least: int = 20
    window: Micros = Micros(10 * SECOND)
    first: Micros = Micros(5 * SECOND)
    longest: Micros = Micros(300 * SECOND)
    probe_for: Micros = Micros(5 * SECOND)


class Standing(NamedTuple):
    """How one address stands; a tuple, because every request makes a new one.

    Attributes:
        in_a_row: faults since its last answer. failed_at: when the last of them came.
        out_until: None while it is in; else when a probe may be sent.
        times: ejections that the next one's length grows by.
        returned_at: when it came back from the last.
    """

    window: Window = ()
    in_a_row: int = 0
    failed_at: Micros = Micros(0)
    out_until: Micros | None = None
    times: int = 0
    returned_at: Micros = Micros(0)


Standings = tuple[Standing, ...]
"""One for each address, in the order of the settings."""


def choose(
    standings: Standings,
    loads: Sequence[int],
    now: Micros,
    rules: OutlierRules,
    *,
    chances: tuple[float, float],
    but: int | None = None,
) -> tuple[Standings, int, bool]:
    """The address for the next request.

    Args:
        loads: requests in flight, for each address.
        chances: two numbers in [0, 1).
        but: an address that has just been tried in vain; another one is taken where there is one.

    Returns:
        The state to keep, the address's index, and whether the request is a probe.
    """
    due = next((i for i, s in enumerate(standings) if s.out_until is not None and s.out_until <= now), None)
    if due is not None and due != but:
        held = standings[due]._replace(out_until=Micros(now + rules.probe_for))
        return _with(standings, due, held), due, True
    fit = [i for i, s in enumerate(standings) if s.out_until is None and i != but]
    return standings, _better_of_two(standings, fit, loads, now, chances) if fit else but or 0, False


def answered(standings: Standings, index: int, now: Micros, rules: OutlierRules, *, probe: bool) -> Standings:
    """The address answered; one that was out is in again by its probe's answer."""
    standing = standings[index]
    if probe:
        return _with(standings, index, Standing(times=standing.times, returned_at=now))
    window = counted(standing.window, now, rules.window, who="", bad=False)
    return _with(standings, index, standing._replace(window=window, in_a_row=0))


def failed(standings: Standings, index: int, now: Micros, rules: OutlierRules, *, probe: bool) -> Standings:
    """The address did not answer, or answered that what is behind it does not."""
    standing = standings[index]
    if probe:
        return _with(standings, index, _out(standing, now, rules))
    window = counted(standing.window, now, rules.window, who="", bad=True)
    standing = standing._replace(window=window, in_a_row=standing.in_a_row + 1, failed_at=now)
    after = _with(standings, index, standing)
    if standing.out_until is None and _room(after) and _outlier(after, index, now, rules):
        return _with(after, index, _out(standing, now, rules))
    return after


def abandoned(standings: Standings, index: int, now: Micros, *, probe: bool) -> Standings:
    """The request ended for a reason of the client's or ours; a probe's place is free again."""
    return _with(standings, index, standings[index]._replace(out_until=now)) if probe else standings


def _better_of_two(
    standings: Standings, fit: Sequence[int], loads: Sequence[int], now: Micros, chances: tuple[float, float]
) -> int:
    first = int(chances[0] * len(fit))
    second = (first + 1 + int(chances[1] * (len(fit) - 1))) % len(fit)

    def worse(index: int) -> tuple[bool, int]:
        standing = standings[index]
        return standing.in_a_row > 0 and now - standing.failed_at < _LATE, loads[index]

    return min(fit[first], fit[second], key=worse)


def _outlier(standings: Standings, index: int, now: Micros, rules: OutlierRules) -> bool:
    good, bad = totals(standings[index].window, now, rules.window)
    share = bad / (good + bad)
    many = standings[index].in_a_row >= rules.in_a_row or (good + bad >= rules.least and share >= rules.share)
    return rules.enabled and many and _share_of_others(standings, index, now, rules) <= share / 2


def _share_of_others(standings: Standings, index: int, now: Micros, rules: OutlierRules) -> float:
    others = [totals(s.window, now, rules.window) for i, s in enumerate(standings) if i != index]
    good, bad = sum(g for g, _ in others), sum(b for _, b in others)
    return bad / (good + bad) if good + bad else 0.0


def _room(standings: Standings) -> bool:
    """Whether one more may be out: at most half, so a single address never."""
    return sum(s.out_until is not None for s in standings) < len(standings) // 2


def _out(standing: Standing, now: Micros, rules: OutlierRules) -> Standing:
    rested = standing.out_until is None and now - standing.returned_at > rules.longest
    times = 1 if rested else standing.times + 1
    length = min(rules.longest, rules.first << min(times - 1, 32))
    return standing._replace(out_until=Micros(now + length), times=times)


def _with(standings: Standings, index: int, standing: Standing) -> Standings:
    return (*standings[:index], standing, *standings[index + 1 :])
