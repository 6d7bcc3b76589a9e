"""What a client is told about its limits."""

import re

from hypothesis import given
from hypothesis import strategies as st

from facade.admission import CONCURRENCY, ratelimit_headers, retry_after_seconds
from facade.kernel import SECOND, Micros, Standing
from tests.requirements import requirement

BURST = Standing(name="burst", amount=100, window=60, remaining=50, reset=30)
DAILY = Standing(name="daily", amount=1000, window=86_400, remaining=0, reset=4_000)
SLOTS = Standing(name=CONCURRENCY, amount=4, window=0, remaining=3, reset=1)

ITEM = re.compile(r'"(?:[ !#-\[\]-~]|\\["\\])*"(;[a-z]+=(\d{1,15}|"[a-z-]+"))*')
"""RFC 9651: a String with Integer and String parameters."""


@requirement("limits:headers:fields")
def test_each_limit_is_told_with_its_policy_and_its_state() -> None:
    assert ratelimit_headers([BURST, DAILY, SLOTS]) == (
        ("RateLimit-Policy", '"burst";q=100;w=60, "daily";q=1000;w=86400, "concurrency";q=4;qu="concurrent-requests"'),
        ("RateLimit", '"burst";r=50;t=30, "daily";r=0;t=4000, "concurrency";r=3;t=1'),
    )


@requirement("limits:headers:fields")
def test_a_refusal_tells_the_state_of_the_limits_that_refused_and_the_wait() -> None:
    headers = ratelimit_headers([BURST, DAILY], violated=("daily",), retry_after=Micros(4_000 * SECOND - 1))
    assert headers == (
        ("RateLimit-Policy", '"burst";q=100;w=60, "daily";q=1000;w=86400'),
        ("RateLimit", '"daily";r=0;t=4000'),
        ("Retry-After", "4000"),
    )


def test_nothing_is_told_where_nothing_is_limited() -> None:
    assert ratelimit_headers([]) == ()


@requirement("limits:retry_after:true")
@given(wait=st.integers(1, 2**52))
def test_retry_after_is_the_shortest_whole_wait_that_is_long_enough(wait: int) -> None:
    seconds = retry_after_seconds(Micros(wait))
    assert (seconds - 1) * SECOND < wait <= seconds * SECOND


@requirement("limits:headers:fields")
@given(name=st.text(max_size=20), amount=st.integers(0, 2**60))
def test_any_name_and_number_stays_a_structured_field(name: str, amount: int) -> None:
    standing = Standing(name=name, amount=amount, window=amount, remaining=amount, reset=amount)
    for _, value in ratelimit_headers([standing]):
        assert ITEM.fullmatch(value)


def test_names_that_differ_stay_different() -> None:
    told = {
        ratelimit_headers([Standing(name=n, amount=1, window=1, remaining=1, reset=0)]) for n in ("ä", "ö", "%C3%A4")
    }
    assert len(told) == 3
