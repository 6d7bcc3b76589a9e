"""Large JSON in pieces, so that whatever else wants to run need not wait for the whole (D11).

A parser holds the interpreter for as long as it runs, in a thread too: some ten milliseconds a megabyte. Large answers
are nearly always one long array of objects, alone or in an envelope, and such an array can be cut wherever what stands
before the cut is a list of whole values by itself: JSON leaves no other reading. What cannot be cut is parsed whole.
"""

import re
from collections.abc import Mapping
from typing import Final

import orjson

from facade.kernel import Json

PIECE_BYTES: Final = 128 * 1024

_HEAD: Final = 4_096
"""Bytes before the first array that are looked at."""
_TRIES: Final = 16
"""Places that are tried for one cut."""
_MARK: Final = "\0the rest of the array"
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BETWEEN: Final = re.compile(rb"\}\s*(,)\s*\{")


def loads(data: bytes, piece: int = PIECE_BYTES) -> Json:
    """What `orjson.loads` says.

    Raises:
        orjson.JSONDecodeError: it is not JSON.
    """
    start = data.find(b"[", 0, _HEAD) + 1
    if start == 0 or b'"' in _STRING.sub(b"", data[:start]):
        return _whole(data)
    before: list[Json] = []
    at = start
    while len(data) - at > 2 * piece:
        cut = _cut(data, at, piece, before)
        if cut is None:
            break
        at = cut
    if not before:
        return _whole(data)
    value = _whole(b"".join((data[:start], orjson.dumps(_MARK), b",", data[at:])))
    rest = _first_array(value)
    if not rest or rest[0] != _MARK:
        return _whole(data)  # a name that repeats hides the array
    rest[:1] = before
    return value


def _whole(data: bytes) -> Json:
    value: Json = orjson.loads(data)
    return value


def _cut(data: bytes, at: int, piece: int, before: list[Json]) -> int | None:
    """Move whole values from the front of `data[at:]` to the others; where the next one begins, or None."""
    for number, found in enumerate(_BETWEEN.finditer(data, at + piece, at + 2 * piece)):
        if number == _TRIES:
            break
        try:
            values = _whole(b"[" + data[at : found.start(1)] + b"]")
        except orjson.JSONDecodeError:
            continue
        before.extend(values if isinstance(values, list) else ())
        return found.end(1)
    return None


def _first_array(value: Json) -> list[Json] | None:
    """The array that opens first in the text, names in their order."""
    if isinstance(value, list):
        return value
    inner = value.values() if isinstance(value, Mapping) else ()
    return next((found for each in inner if (found := _first_array(each)) is not None), None)
