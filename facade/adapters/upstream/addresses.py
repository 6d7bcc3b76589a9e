"""The addresses of one application, with what became of the exchanges with each.

Whoever sends asks `choose` for an address and says at the end, once, what came of it (`Chosen`). Agents' calls and
passages are judged apart: what an existing client sees as the application's own 502, 503 or 504 is an answer, while an
agent gains nothing from asking an application that says so; and neither may shut the other's door.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, Protocol, get_args

from facade.adapters.upstream import breaker as breakers
from facade.adapters.upstream import health
from facade.adapters.upstream.breaker import Breaker, BreakerRules
from facade.adapters.upstream.health import OutlierRules, Standing, Standings
from facade.adapters.upstream.settings import Address
from facade.kernel import SECOND, Micros, UpstreamUnavailable
from facade.ports import Clock

GATEWAY_STATUSES: Final = frozenset({502, 503, 504})
"""What something in front of an application answers when the application does not."""

Path = Literal["calls", "passages", "questions"]
"""Whose requests: agents' calls, the proxy's passages, or our own about a credential."""


class Outcome(Enum):
    """What came of one exchange."""

    ANSWERED = "answered"
    GATEWAY = "gateway"
    UNREACHED = "unreached"
    SILENT = "silent"
    CUT = "cut"
    ABANDONED = "abandoned"
    """Ended by the client or by us: says nothing about the application."""


def outcome_of(status: int) -> Outcome:
    """What an answer says; 0 for an exchange that ended before one."""
    if status in GATEWAY_STATUSES:
        return Outcome.GATEWAY
    return Outcome.ANSWERED if status else Outcome.ABANDONED


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRules:
    """How the addresses of one application are judged.

    Attributes:
        gateway_counts: paths on which a 502, 503 or 504 counts against the application as a whole. Against one
            address among several it always counts.
    """

    breaker: BreakerRules = field(default_factory=BreakerRules)
    outliers: OutlierRules = field(default_factory=OutlierRules)
    gateway_counts: frozenset[Path] = frozenset({"calls"})


class Watch(Protocol):
    """Who is told of changes."""

    def ejected(self, address: Address, *, for_s: float) -> None:
        """The address gets nothing for a while."""

    def returned(self, address: Address) -> None:
        """The address is in again."""

    def opened(self, path: Path) -> None:
        """Requests on this path are refused at once from now on."""

    def closed(self, path: Path) -> None:
        """Requests pass again."""

    def distrusted(self, address: Address, *, reason: str) -> None:
        """TLS with the address did not come about; as often as it does not."""


class Chosen:
    """An address for one exchange. `told` ends it; only the first call counts."""

    __slots__ = ("_addresses", "_done", "address", "address_probe", "breaker_probe", "index", "path", "who")

    def __init__(self, addresses: "Addresses", index: int, path: Path, who: str) -> None:
        self._addresses = addresses
        self._done = False
        self.address = addresses.all[index]
        self.index = index
        self.path = path
        self.who = who
        self.address_probe = False
        self.breaker_probe = False

    def told(self, outcome: Outcome) -> None:
        """Say what came of it."""
        if not self._done:
            self._done = True
            self._addresses.ended(self, outcome)


class Addresses:
    """Chooses among the addresses of one application.

    Args:
        addresses: at least one.
        chance: uniform in [0, 1).
    """

    def __init__(
        self,
        addresses: Sequence[Address],
        rules: HealthRules,
        clock: Clock,
        watch: Watch,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.all = tuple(addresses)
        self._rules = rules
        self._clock = clock
        self._watch = watch
        self._chance = chance
        self._standings: Standings = tuple(Standing() for _ in self.all)
        self._loads = [0] * len(self.all)
        self._breakers: dict[Path, Breaker] = {path: Breaker() for path in get_args(Path)}

    @property
    def in_flight(self) -> Sequence[int]:
        """Exchanges that have begun and not ended, for each address."""
        return tuple(self._loads)

    @property
    def open(self) -> Mapping[Path, bool]:
        """Whether the breaker of each path is open."""
        return {path: breaker.open for path, breaker in self._breakers.items()}

    def refuse(self, path: Path) -> None:
        """Say at once what `choose` would say while nobody may be sent; takes no probe's place.

        Raises:
            UpstreamUnavailable: with `retry_after`.
        """
        breaker = self._breakers[path]
        if breaker.open:
            _, wait, _ = breakers.admit(breaker, self._clock.monotonic(), self._rules.breaker)
            if wait:
                raise _refusal(wait)

    def choose(self, path: Path, who: str = "", *, beside: Chosen | None = None) -> Chosen:
        """An address for one request.

        Args:
            who: the caller, so that one caller's faults are not held against the application; '' for nobody known.
            beside: an exchange that found no connection; another address is taken where there is one.

        Raises:
            UpstreamUnavailable: the breaker is open; `retry_after` says for how long.
        """
        now = self._clock.monotonic()
        after, wait, probe = breakers.admit(self._breakers[path], now, self._rules.breaker)
        if wait:
            raise _refusal(wait)
        self._breakers[path] = after
        index, address_probe = self._index(beside)
        chosen = Chosen(self, index, path, who)
        chosen.breaker_probe, chosen.address_probe = probe, address_probe
        self._loads[index] += 1
        return chosen

    def another(self, chosen: Chosen) -> bool:
        """Whether a request that found no connection there may try elsewhere."""
        return not self._breakers[chosen.path].open and any(
            standing.out_until is None for i, standing in enumerate(self._standings) if i != chosen.index
        )

    def distrusted(self, chosen: Chosen, reason: str | None) -> None:
        """Say why TLS failed; None where something else did."""
        if reason is not None:
            self._watch.distrusted(chosen.address, reason=reason)

    def ended(self, chosen: Chosen, outcome: Outcome) -> None:
        """See `Chosen.told`."""
        self._loads[chosen.index] -= 1
        self._note_breaker(chosen, outcome)
        if len(self.all) > 1:
            self._note_address(chosen, outcome)

    def _index(self, beside: Chosen | None) -> tuple[int, bool]:
        if len(self.all) == 1:
            return 0, False
        self._standings, index, probe = health.choose(
            self._standings,
            self._loads,
            self._clock.monotonic(),
            self._rules.outliers,
            chances=(self._chance(), self._chance()),
            but=None if beside is None else beside.index,
        )
        return index, probe

    def _note_breaker(self, chosen: Chosen, outcome: Outcome) -> None:
        before, rules, now = self._breakers[chosen.path], self._rules.breaker, self._clock.monotonic()
        fine = outcome is Outcome.GATEWAY and chosen.path not in self._rules.gateway_counts
        if outcome is Outcome.ABANDONED:
            after = breakers.abandoned(before, now, rules, probe=chosen.breaker_probe)
        elif outcome is Outcome.ANSWERED or fine:
            after = breakers.answered(before, chosen.who, now, rules, probe=chosen.breaker_probe)
        else:
            unreached = outcome is Outcome.UNREACHED
            after = breakers.failed(before, chosen.who, now, rules, probe=chosen.breaker_probe, unreached=unreached)
        self._breakers[chosen.path] = after
        if after.open != before.open:
            (self._watch.opened if after.open else self._watch.closed)(chosen.path)

    def _note_address(self, chosen: Chosen, outcome: Outcome) -> None:
        index, rules, now, probe = chosen.index, self._rules.outliers, self._clock.monotonic(), chosen.address_probe
        before = self._standings[index]
        if outcome is Outcome.ABANDONED:
            after = health.abandoned(self._standings, index, now, probe=probe)
        elif outcome is Outcome.ANSWERED:
            after = health.answered(self._standings, index, now, rules, probe=probe)
        else:
            after = health.failed(self._standings, index, now, rules, probe=probe)
        self._standings = after
        self._tell(chosen, before, after[index])

    def _tell(self, chosen: Chosen, before: Standing, after: Standing) -> None:
        if after.out_until is None and before.out_until is not None:
            self._watch.returned(chosen.address)
        elif after.out_until is not None and after.times != before.times:
            seconds = (after.out_until - self._clock.monotonic()) / SECOND
            self._watch.ejected(chosen.address, for_s=seconds)


def _refusal(wait: Micros) -> UpstreamUnavailable:
    seconds = -(-wait // SECOND)
    detail = f"The application failed too often just now, so nothing was sent; try again in {seconds} s."
    return UpstreamUnavailable(detail, retry_after=wait)
