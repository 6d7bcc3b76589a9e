"""JSON in pieces is the same JSON, right or wrong."""

import json
from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.adapters.upstream.pieces import loads
from facade.kernel import Json
from tests.requirements import requirement

_SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=6)
_HOSTILE = st.sampled_from(['},{"', "[", '"', "\\", "]}", "}, {"])
_VALUES: st.SearchStrategy[Json] = st.recursive(
    _SCALARS | _HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", '"[', "items"]), inner, max_size=3)
    ),
    max_leaves=30,
)
_ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b"]), _VALUES, min_size=1, max_size=2), max_size=12)
_DOCUMENTS = st.one_of(
    _VALUES, _ROWS, st.builds(lambda rows, other: {"x": other, "items": rows, "n": 1}, _ROWS, _SCALARS | _HOSTILE)
)


def _said(data: bytes, piece: int) -> tuple[Json, bool]:
    """What is read, and that it is JSON."""
    with suppress(orjson.JSONDecodeError):
        return loads(data, piece), True
    return None, False


def _meant(data: bytes) -> tuple[Json, bool]:
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(data), True
    return None, False


@requirement("bodies:answers:read")
@given(_DOCUMENTS, st.integers(1, 40), st.sampled_from([None, 1]))
def test_any_json_in_pieces_is_what_it_is_whole(value: Json, piece: int, indent: int | None) -> None:
    data = json.dumps(value, indent=indent).encode()

    assert loads(data, piece) == value


@requirement("bodies:answers:read")
@given(_DOCUMENTS, st.integers(1, 20), st.data())
def test_what_is_cut_or_spoilt_is_no_json_in_pieces_either(value: Json, piece: int, data: st.DataObject) -> None:
    whole = json.dumps(value).encode()
    at = data.draw(st.integers(0, len(whole)))
    spoilt = (
        whole[:at] + data.draw(st.sampled_from([b"", b",", b"]", b'"', b"}", b"[", b"\xff", b"{},"])) + whole[at + 1 :]
    )

    assert _said(spoilt, piece) == _meant(spoilt)


@requirement("bodies:answers:read")
@pytest.mark.parametrize(
    "data",
    [
        b'{"items":[{"a":1},{"a":2},{"a":3},{"a":4}],"items":5}',
        b'{"items":[{"a":1},{"a":2},{"a":3},{"a":4}],"items":[{"b":1}]}',
        b'{"s":"[{},{},{},{},{},{},{},{}","items":[{"a":1}]}',
        b'[{"a":1},{"a":2},{"a":3},                 ]',
        b'[ ,{"a":1},{"a":2},{"a":3},{"a":4},{"a":5}]',
        b'[{"a":1},{"a":2},{"a":3},{"a":4},{"a":5}',
        b"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]",
        b'"' + b"x" * 5_000 + b'[{},{},{}"',
        b'[{"a":[' + b"{}," * 100 + b"{}]}]",
    ],
)
def test_what_only_looks_like_a_long_array_is_read_whole(data: bytes) -> None:
    for piece in (1, 2, 5, 10):
        assert _said(data, piece) == _meant(data)


@requirement("bodies:answers:read")
def test_a_large_answer_is_really_read_in_pieces() -> None:
    rows = [{"id": n, "lines": [{"n": 1}, {"n": 2}]} for n in range(40_000)]
    data = orjson.dumps({"total": 40_000, "items": rows})

    assert len(data) > 8 * 128 * 1024
    assert loads(data) == {"total": 40_000, "items": rows}
