"""Records and their text."""

from collections import UserDict
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.adapters.stores import codec
from facade.kernel import Arguments, Call, Json, OperationKey
from facade.meter import LedgerRecord
from facade.plan import Event
from tests.stores.samples import APPROVAL, CALL, DECISION, EVENTS, INTENT, SETTLE, decisions, intents, settles

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(record=st.one_of(intents, settles, decisions))
def test_every_ledger_record_survives_its_line(record: LedgerRecord) -> None:
    line = codec.line_of(record)
    assert (codec.record_of(line), line.count(b"\n"), line[-1:]) == (record, 1, b"\n")


def test_text_that_utf8_cannot_hold_is_replaced_and_never_lost() -> None:
    line = codec.line_of(replace(INTENT, user="a\ud800b"))
    assert codec.record_of(line) == replace(INTENT, user="a?b")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"kind": "Intent", "record": {}}',
        b'{"kind": "Other"}',
        b"7",
        b'{"kind": "Decision", "record": {"units": []}}',
    ],
)
def test_a_line_that_is_no_record_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a ledger record"):
        codec.record_of(line)


@given(value=values)
def test_any_json_value_survives_its_text_exactly(value: Json) -> None:
    call = Call(operation=OperationKey("api", "op"), arguments=Arguments(body=value))
    assert codec.loads(codec.dumps(value)) == value
    assert codec.calls_of(codec.dumps((call,))) == (call,)


def test_a_mapping_that_is_no_dictionary_is_kept_as_one() -> None:
    assert codec.loads(codec.dumps(UserDict(a=1))) == {"a": 1}


def test_what_is_no_record_is_not_kept() -> None:
    with pytest.raises(TypeError):
        codec.dumps(object())


def test_calls_and_digests_of_an_approval_survive() -> None:
    assert codec.calls_of(codec.dumps(APPROVAL.calls)) == APPROVAL.calls
    assert codec.digests_of(codec.dumps(APPROVAL.digests)) == APPROVAL.digests
    assert CALL in APPROVAL.calls


def test_the_samples_hold_every_kind_of_event_and_of_ledger_record() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    assert {type(record) for record in (INTENT, SETTLE, DECISION)} == set(get_args(LedgerRecord))


@pytest.mark.parametrize("event", EVENTS, ids=codec.kind_of)
def test_every_event_survives_its_text(event: Event) -> None:
    assert codec.event_of(codec.kind_of(event), codec.dumps(event)) == event
