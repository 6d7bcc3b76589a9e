"""The `Retries` port: may this call be tried again, and when (D9)? One budget for each application."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final

from tenacity import AsyncRetrying, RetryCallState

from facade.adapters.upstream.settings import UpstreamSettings
from facade.kernel import (
    SECOND,
    Answer,
    ApprovedCall,
    FacadeError,
    Micros,
    OutcomeUnknown,
    UpstreamBroken,
    UpstreamTimeout,
    UpstreamUnavailable,
    WriteClass,
)
from facade.ports import Clock

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
AGAIN_STATUSES: Final = frozenset({502, 503, 504})
FIRST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 2.0
LONGEST_RETRY_AFTER_S: Final = 60.0

Sleep = Callable[[float], Awaitable[None]]


class Budget:
    """Repetitions that one application may see: a share of its calls, and a floor for the quiet ones.

    Attributes of the bucket: each call earns a tenth of a token, each second three; a repetition costs one.
    """

    SHARE: Final = 0.1
    FLOOR_PER_S: Final = 3.0
    MOST: Final = 10.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens = self.FLOOR_PER_S
        self._at = clock.monotonic()

    def earn(self) -> None:
        """A call was made."""
        self._tokens = min(self.MOST, self._tokens + self.SHARE)

    def spend(self) -> bool:
        """Take the price of one repetition, if it is there."""
        now = self._clock.monotonic()
        self._tokens = min(self.MOST, self._tokens + (now - self._at) / SECOND * self.FLOOR_PER_S)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class _Again(Exception):
    """An answer that may be asked for again; never leaves this module."""


class Try(AbstractAsyncContextManager["Try"]):
    """One attempt, as `ports.Attempt`. Swallows only what the policy may repeat or will raise itself; cancellation
    and bugs pass."""

    def __init__(self, state: RetryCallState) -> None:
        self._state = state
        self._answer: Answer | None = None

    @property
    def number(self) -> int:
        """From 1."""
        return self._state.attempt_number

    def answered(self, answer: Answer) -> None:
        """Tell the policy what came back."""
        self._answer = answer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if kind is not None and error is not None:
            self._state.set_exception((kind, error, trace))
            return isinstance(error, FacadeError)
        if self._answer is not None and self._answer.status in AGAIN_STATUSES:
            again = _Again(self._answer.header("retry-after") or "")
            self._state.set_exception((_Again, again, None))
        else:
            self._state.set_result(None)
        return False


class BudgetedRetries:
    """The policy of one application, over tenacity: one `AsyncRetrying` for each call, because its statistics would
    otherwise mix concurrent calls.

    Args:
        chance: uniform in [0, 1); for jitter.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._chance = chance or random.SystemRandom().random
        self._budget = Budget(clock)

    async def attempts(self, call: ApprovedCall) -> AsyncGenerator[Try]:
        """See `ports.Retries`."""
        self._budget.earn()
        started = self._clock.monotonic()
        retrying = AsyncRetrying(
            sleep=self._sleep,
            retry=lambda state: repeatable(call, _error_of(state)),
            wait=self._pause,
            stop=lambda state: self._enough(state, started),
            reraise=True,
        )
        try:
            async for attempt in retrying:
                yield Try(attempt.retry_state)
        except _Again:
            return

    def _pause(self, state: RetryCallState) -> float:
        """Decorrelated jitter, or the application's own wish when that is longer."""
        before = max(state.upcoming_sleep, FIRST_PAUSE_S)
        jittered = min(LONGEST_PAUSE_S, FIRST_PAUSE_S + self._chance() * (before * 3 - FIRST_PAUSE_S))
        error = _error_of(state)
        wished = retry_after_s(str(error), self._clock.now()) if isinstance(error, _Again) else 0.0
        return max(jittered, wished)

    def _enough(self, state: RetryCallState, started: Micros) -> bool:
        """The budget is asked last, so that nothing is taken from it for a repetition that will not be.

        A connection that went stale costs nothing: the next attempt is on a new one, which cannot (REL-UP-11).
        """
        passed, error = (self._clock.monotonic() - started) / SECOND, _error_of(state)
        stale = isinstance(error, UpstreamBroken) and error.stale
        return (
            state.attempt_number >= self._settings.retry_attempts
            or passed + state.upcoming_sleep >= self._settings.total_s
            or not (stale or self._budget.spend())
        )


def repeatable(call: ApprovedCall, error: BaseException | None) -> bool:
    """D9: only what is safe by method and class, or carries a key that the application is declared to honour."""
    operation = call.built.operation
    safe = operation.method in SAFE_METHODS and operation.write_class is WriteClass.READ
    keyed = operation.idempotency_header is not None
    if isinstance(error, UpstreamUnavailable) and error.retry_after is not None:
        return False
    if isinstance(error, UpstreamUnavailable | _Again):
        return safe or keyed
    if isinstance(error, UpstreamTimeout | UpstreamBroken):
        return safe
    return keyed and isinstance(error, OutcomeUnknown)


def retry_after_s(value: str, now: Micros) -> float:
    """Seconds that a `Retry-After` asks for: 0 for junk, at most a minute (REL-UP-07)."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    at = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, at.timestamp() - now / SECOND), LONGEST_RETRY_AFTER_S)


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None
