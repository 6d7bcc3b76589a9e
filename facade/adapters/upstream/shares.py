"""Who may hold how much of one application at once: bulkheads, so that one caller's trouble stays its own.

Every exchange holds a place from before its connection until its end. A caller holds at most its share of the places;
agents' calls and passages each keep a quarter that the other cannot take. Who finds no place waits: in a line of its
own, shortly, and not behind everybody. Lines are served in turn, one place each, so that a long line gains nothing.

Choices: a caller's excess waits instead of being refused at once, because an existing client that opens many
connections was served before the facade came and should hardly notice it (I6). What stays open for as long as somebody
looks (WebSockets, server-sent events) gives its place back once it stands: places are for work. We gave up a bound on
those here; the server's own bound on connections holds for them.

Source: reliability REL-UP-15, section 1.7.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final, get_args

from facade.adapters.upstream.addresses import Path
from facade.adapters.upstream.breaker import UNVOUCHED
from facade.kernel import SECOND, FacadeError, LimitExceeded, Micros, Overloaded

_AGAIN: Final = Micros(SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRules:
    """How many places there are, and whose they are.

    Attributes:
        places: exchanges with the application at once.
        per_tenant: of one tenant whose tier does not say how many. unvouched: of all traffic without a tenant.
        wait_s: longest wait for a place. waiting: most that wait at once; one caller fills at most half of it.
    """

    places: int = 128
    per_tenant: int = 32
    unvouched: int = 64
    wait_s: float = 1.0
    waiting: int = 1024

    @property
    def kept(self) -> int:
        """Places that calls and passages each keep for themselves; none where there is only one place."""
        return self.places // 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who wants a place, and how many it may have."""

    path: Path
    who: str
    most: int

    @property
    def line(self) -> tuple[Path, str]:
        """Where it waits."""
        return self.path, self.who


class Shares:
    """The places of one application."""

    def __init__(self, rules: ShareRules) -> None:
        self._rules = rules
        self._held: dict[str, int] = {}
        self._in_use: dict[Path, int] = dict.fromkeys(get_args(Path), 0)
        self._lines: dict[tuple[Path, str], deque[tuple[Claim, asyncio.Future[None]]]] = {}
        self._waiting = 0

    def claim(self, path: Path, who: str, declared: int) -> Claim:
        """What a caller may have.

        Args:
            who: the tenant's id, or `UNVOUCHED`.
            declared: requests at once that the tenant's tier allows; 0 for none said.
        """
        most = self._rules.unvouched if who == UNVOUCHED else declared or self._rules.per_tenant
        return Claim(path=path, who=who, most=most)

    async def enter(self, claim: Claim) -> None:
        """Take a place, in turn; every return is followed by one `leave`.

        Raises:
            LimitExceeded: the caller's own share stayed full. Overloaded: all did, or too many wait already.
        """
        if claim.line not in self._lines and self._fits(claim):
            self._take(claim)
            return
        await self._queued(claim)

    def leave(self, claim: Claim) -> None:
        """Give the place back."""
        self._in_use[claim.path] -= 1
        left = self._held[claim.who] - 1
        if left:
            self._held[claim.who] = left
        else:
            del self._held[claim.who]
        if self._lines:
            self._serve()

    async def _queued(self, claim: Claim) -> None:
        line = self._lines.get(claim.line, ())
        if self._waiting >= self._rules.waiting or len(line) >= max(1, self._rules.waiting // 2):
            raise self._refusal(claim)
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(claim.line, deque()).append((claim, place))
        self._waiting += 1
        try:
            async with asyncio.timeout(self._rules.wait_s):
                await place
        except TimeoutError:
            if not _granted(place):
                raise self._refusal(claim) from None
        except asyncio.CancelledError:
            if _granted(place):
                self.leave(claim)
            raise
        finally:
            self._forget(claim, place)

    def _serve(self) -> None:
        """Give what is free to the lines in turn; who was served stands at the end of the turn."""
        for name in tuple(self._lines):
            line = self._lines[name]
            while line and line[0][1].done():
                line.popleft()
            if line and self._fits(line[0][0]):
                claim, place = line.popleft()
                self._take(claim)
                place.set_result(None)
                self._lines[name] = self._lines.pop(name)
            if not line:
                del self._lines[name]

    def _forget(self, claim: Claim, place: asyncio.Future[None]) -> None:
        self._waiting -= 1
        line = self._lines.get(claim.line)
        if line is None:
            return
        if (claim, place) in line:
            line.remove((claim, place))
        if not line:
            del self._lines[claim.line]

    def _fits(self, claim: Claim) -> bool:
        if self._held.get(claim.who, 0) >= claim.most:
            return False
        calls, passages = self._in_use["calls"], self._in_use["passages"]
        other = passages if claim.path == "calls" else calls
        return calls + passages + max(0, self._rules.kept - other) < self._rules.places

    def _take(self, claim: Claim) -> None:
        self._in_use[claim.path] += 1
        self._held[claim.who] = self._held.get(claim.who, 0) + 1

    def _refusal(self, claim: Claim) -> FacadeError:
        if claim.who != UNVOUCHED and self._held.get(claim.who, 0) >= claim.most:
            detail = f"More than {claim.most} of your requests are in work at once; let some of them end first."
            return LimitExceeded(detail, retry_after=_AGAIN, policies=("in-flight",))
        return Overloaded("The application has all the requests that it can take; try again.", retry_after=_AGAIN)


def _granted(place: asyncio.Future[None]) -> bool:
    return place.done() and not place.cancelled()
