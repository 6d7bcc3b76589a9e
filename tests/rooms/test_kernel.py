from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.kernel import (
    Answer,
    Location,
    Micros,
    Operation,
    OperationKey,
    OutboundRequest,
    Parameter,
    Secret,
    WriteClass,
    deeper,
    digest_of,
    utc_date,
)


def request(**changes: object) -> OutboundRequest:
    facts = {"method": "PUT", "target": "/a?b=1", "headers": (("X", "1"), ("Y", "2")), "body": b"{}"} | changes
    return OutboundRequest(**facts)  # type: ignore[arg-type] # a table of changes


def digest(of: OutboundRequest, *, api: str = "main", tenant_id: str = "acme", version: str = "v1") -> str:
    return digest_of(of, api=api, tenant_id=tenant_id, contract_version=version)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"target": "/a?b=2"},
        {"headers": (("X", "1"), ("Y", "3"))},
        {"headers": (("X", "1"),)},
        {"body": b"[]"},
        {"body": None},
    ],
)
def test_any_change_of_what_is_sent_changes_the_digest(change: dict[str, object]) -> None:
    assert digest(request(**change)) != digest(request())


def test_another_tenant_contract_or_api_changes_the_digest_and_credentials_do_not() -> None:
    same = digest(request(secret_headers=(("Authorization", Secret("a")),)))
    others = {digest(request(), api="b"), digest(request(), tenant_id="b"), digest(request(), version="b")}
    assert (same, len(others), same in others) == (digest(request()), 3, False)


def test_a_secret_shows_itself_nowhere_but_where_it_is_revealed() -> None:
    secret = Secret("hd_live_1")
    assert "hd_live_1" not in f"{secret!r} {secret} {[secret]}"
    assert (secret.reveal(), secret == Secret("hd_live_1"), secret == "hd_live_1") == ("hd_live_1", True, False)
    assert {secret: 1}[Secret("hd_live_1")] == 1


def test_a_header_of_an_answer_is_found_in_any_case_first_value_first() -> None:
    answer = Answer(status=204, headers=(("ETag", "1"), ("etag", "2")))
    assert (answer.header("etag"), answer.header("age"), answer.ok, Answer(status=301).ok) == ("1", None, True, False)


def test_planners_see_every_parameter_but_the_pinned_ones() -> None:
    free, pinned = (Parameter(name=n, location=Location.PATH, schema={}, pinned=n == "p") for n in ("f", "p"))
    key = OperationKey("main", "x")
    card = Operation(key=key, method="GET", path="/", write_class=WriteClass.READ, title="X", parameters=(free, pinned))
    assert card.inputs == (free,)


@given(st.integers(0, 2**53 - 1))
def test_a_moment_lies_on_the_day_that_the_calendar_says(at: int) -> None:
    assert utc_date(Micros(at)) == (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).date()


@given(
    st.integers(0, 40), st.integers(0, 40), st.sampled_from([lambda v: [1, v], lambda v: {"a": v}, lambda v: (v, "")])
)
def test_a_value_is_deeper_than_so_many_levels_when_it_nests_more(nested: int, levels: int, around: Any) -> None:
    value: Any = "leaf"
    for _ in range(nested):
        value = around(value)
    assert deeper(value, levels) == (nested > levels)
