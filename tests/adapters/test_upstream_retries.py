"""Which calls are tried again, how often, and after how long; nothing here waits."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.adapters.upstream import BudgetedRetries, UpstreamSettings
from facade.adapters.upstream.retries import Budget, retry_after_s
from facade.kernel import (
    SECOND,
    Answer,
    ApprovedCall,
    FacadeError,
    Forbidden,
    Micros,
    OutboundRequest,
    OutcomeUnknown,
    UpstreamBroken,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tests.adapters.approved import approved
from tests.requirements import requirement

POST = OutboundRequest(method="POST", target="/things", body=b"{}")
WRITE = approved(POST, write=True)
KEYED = approved(POST, write=True, idempotency_header="Idempotency-Key")
READ = approved()
GONE = UpstreamUnavailable("gone")
SLOW = UpstreamTimeout("slow")
CUT = UpstreamBroken("cut")
UNKNOWN = OutcomeUnknown("unknown")
BUSY = Answer(status=503)
FINE = Answer(status=200)


@dataclass
class Ticking:
    """A clock that sleeping moves."""

    micros: int = 1_700_000_000 * SECOND
    slept: list[float] = field(default_factory=list)

    def now(self) -> Micros:
        return Micros(self.micros)

    def monotonic(self) -> Micros:
        return Micros(self.micros)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.micros += int(seconds * SECOND)


def retries(clock: Ticking, *, chance: float = 0.5, **settings: float) -> BudgetedRetries:
    configured = UpstreamSettings(base="http://app.test", **settings)
    return BudgetedRetries(configured, clock, sleep=clock.sleep, chance=lambda: chance)


async def tried(policy: BudgetedRetries, call: ApprovedCall, *script: Answer | FacadeError) -> list[object]:
    """Attempt numbers, then what came out of the loop."""
    log: list[object] = []
    left, answer = list(script), None
    try:
        async for trying in policy.attempts(call):
            async with trying as this:
                log.append(this.number)
                outcome = left.pop(0)
                if isinstance(outcome, FacadeError):
                    raise outcome
                answer = outcome
                this.answered(answer)
    except FacadeError as error:
        return [*log, error]
    return [*log, answer]


@requirement("upstream:retries:bounded")
@pytest.mark.parametrize(
    ("call", "script", "expected"),
    [
        (READ, [FINE], [1, FINE]),
        (READ, [GONE, FINE], [1, 2, FINE]),
        (READ, [SLOW, FINE], [1, 2, FINE]),
        (READ, [CUT, FINE], [1, 2, FINE]),
        (READ, [BUSY, FINE], [1, 2, FINE]),
        (READ, [BUSY, BUSY], [1, 2, BUSY]),
        (READ, [GONE, CUT], [1, 2, CUT]),
        (READ, [Answer(status=500)], [1, Answer(status=500)]),
        (WRITE, [GONE], [1, GONE]),
        (WRITE, [UNKNOWN], [1, UNKNOWN]),
        (WRITE, [BUSY], [1, BUSY]),
        (KEYED, [UNKNOWN, FINE], [1, 2, FINE]),
        (KEYED, [GONE, FINE], [1, 2, FINE]),
        (KEYED, [BUSY, FINE], [1, 2, FINE]),
        (approved(write=True), [GONE], [1, GONE]),
        (approved(POST), [SLOW], [1, SLOW]),
    ],
)
async def test_only_what_is_safe_or_keyed_is_tried_again(
    call: ApprovedCall, script: list[Answer | FacadeError], expected: list[object]
) -> None:
    assert await tried(retries(Ticking()), call, *script) == expected


async def test_an_error_that_no_repetition_mends_goes_through_at_once() -> None:
    refused = Forbidden("no")
    assert await tried(retries(Ticking()), READ, refused) == [1, refused]


class Stop(BaseException):
    """As a cancellation: outside the tree of errors."""


async def stopped(policy: BudgetedRetries) -> None:
    async for trying in policy.attempts(READ):
        async with trying:
            raise Stop


async def test_cancellation_is_not_swallowed() -> None:
    with pytest.raises(Stop):
        await stopped(retries(Ticking()))


@requirement("upstream:retries:bounded")
async def test_a_storm_is_answered_with_a_tenth_of_repetitions_and_no_more() -> None:
    clock = Ticking()
    policy = retries(clock)
    attempts = 0
    for _ in range(1_000):
        frozen = clock.micros
        attempts += len(await tried(policy, READ, BUSY, BUSY)) - 1
        clock.micros = frozen
    assert attempts == 1_000 + 100 + Budget.FLOOR_PER_S


@requirement("upstream:retries:bounded", "upstream:stale:unseen")
async def test_a_stale_connection_takes_nothing_from_the_budget() -> None:
    clock = Ticking()
    policy = retries(clock)
    for _ in range(100):
        assert await tried(policy, READ, UpstreamBroken("cut", stale=True), FINE) == [1, 2, FINE]


@requirement("upstream:retries:bounded")
async def test_a_quiet_application_earns_its_repetitions_back_with_time() -> None:
    clock = Ticking()
    budget = Budget(clock)
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    clock.micros += SECOND
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    clock.micros += 60 * SECOND
    assert sum(budget.spend() for _ in range(20)) == Budget.MOST


@requirement("upstream:retries:bounded")
@pytest.mark.parametrize(
    ("wish", "slept", "attempts"), [("0", 0.1, 2), ("3", 3.0, 2), ("29", 29.0, 2), ("30", None, 1), ("junk", 0.1, 2)]
)
async def test_the_applications_own_wish_is_honoured_when_it_fits_the_deadline(
    wish: str, slept: float | None, attempts: int
) -> None:
    clock = Ticking()
    busy = Answer(status=503, headers=(("Retry-After", wish),))
    out = await tried(retries(clock), READ, busy, FINE)
    assert (len(out) - 1, clock.slept) == (attempts, [] if slept is None else [pytest.approx(slept)])


@given(st.floats(0, 1, exclude_max=True))
async def test_pauses_stay_within_their_bounds(chance: float) -> None:
    clock = Ticking()
    await tried(retries(clock, chance=chance, retry_attempts=6), READ, *[BUSY] * 6)
    assert clock.slept
    assert all(0.05 <= pause <= 2.0 for pause in clock.slept)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", 0.0),
        ("-1", 0.0),
        ("²", 0.0),
        ("1000000000000", 60.0),
        ("Tue, 14 Nov 2023 22:13:25 GMT", 5.0),
        ("Tue, 14 Nov 2023 22:13:25", 5.0),
        ("Tue, 14 Nov 2023 22:13:15 GMT", 0.0),
        ("Tue, 14 Nov 2033 22:13:20 GMT", 60.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_a_minute(value: str, seconds: float) -> None:
    assert retry_after_s(value, Micros(1_700_000_000 * SECOND)) == seconds
