"""Records <-> JSON, in one place.

Journal lines go through orjson: they are written before every attempt. Approvals and transcripts hold values that users
typed and go through the standard library, which keeps integers of any size exact and escapes what UTF-8 cannot hold.
Writing is generic over the records' fields; reading names only the fields that are not plain JSON, so a new plain
field travels by itself.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, TypeVar

import orjson

from facade.kernel import Arguments, Call, Counted, Entrance, Json, Location, OperationKey
from facade.meter import Decision, Intent, LedgerRecord, Settle
from facade.plan import (
    Asked,
    Choice,
    Event,
    Failed,
    Limited,
    PlannedCall,
    Proposed,
    Question,
    Replied,
    Returned,
    Said,
    Settled,
    Source,
)

_Record = TypeVar("_Record")
_Raw = dict[str, Any]
_Readers = Mapping[str, Callable[[Any], object]]


def line_of(record: LedgerRecord) -> bytes:
    """One line of the journal, newline included. Never raises on text that UTF-8 cannot hold; that is replaced."""
    tagged = {"kind": type(record).__name__, "record": record}
    try:
        return orjson.dumps(tagged, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        escaped = json.dumps(tagged, default=_plain)
        return json.dumps(_clean(json.loads(escaped))).encode() + b"\n"


def record_of(line: bytes) -> LedgerRecord:
    """The record of one line.

    Raises:
        ValueError: the line is torn, damaged or of another version.
    """
    try:
        tagged = orjson.loads(line)
        return _LEDGER[tagged["kind"]](tagged["record"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("not a ledger record") from error


def dumps(value: object) -> str:
    """JSON text of any record or JSON value."""
    return json.dumps(value, default=_plain, separators=(",", ":"))


def loads(text: str) -> Json:
    """The JSON value of a text that `dumps` wrote."""
    value: Json = json.loads(text)
    return value


def kind_of(event: Event) -> str:
    """Under what name an event is kept."""
    return type(event).__name__


def event_of(kind: str, text: str) -> Event:
    """The event that `kind_of` and `dumps` wrote."""
    return _EVENTS[kind](json.loads(text))


def calls_of(text: str) -> tuple[Call, ...]:
    """The calls that `dumps` wrote."""
    return tuple(map(_call, json.loads(text)))


def digests_of(text: str) -> tuple[str, ...]:
    """The digests that `dumps` wrote."""
    return tuple(json.loads(text))


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not kept in a store")


def _clean(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return {str(_clean(k)): _clean(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _reader(made: Callable[..., _Record], readers: _Readers) -> Callable[[_Raw], _Record]:
    def read(raw: _Raw) -> _Record:
        return made(**raw | {name: readers[name](raw[name]) for name in readers if name in raw})

    return read


def _optional(read: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: None if value is None else read(value)


def _units(raw: Mapping[str, int]) -> dict[Counted, int]:
    return {Counted(counted): amount for counted, amount in raw.items()}


def _key(raw: list[str]) -> OperationKey:
    return OperationKey(*raw)


def _sources(raw: Mapping[str, _Raw]) -> dict[str, Source]:
    return {name: Source(**source) for name, source in raw.items()}


def _choices(raw: list[_Raw]) -> tuple[Choice, ...]:
    return tuple(map(_choice, raw))


_arguments = _reader(Arguments, {})
_call = _reader(Call, {"operation": _key, "arguments": _arguments})
_planned = _reader(PlannedCall, {"operation": _key, "arguments": _arguments, "sources": _sources})
_choice = _reader(Choice, {"operation": _optional(_key)})
_question = _reader(Question, {"draft": _optional(_planned), "location": _optional(Location), "choices": _choices})

_LEDGER: Final[Mapping[str, Callable[[_Raw], LedgerRecord]]] = {
    "Intent": _reader(Intent, {"entrance": Entrance, "units": _units}),
    "Settle": _reader(Settle, {}),
    "Decision": _reader(Decision, {"entrance": Entrance, "units": _units}),
}

_EVENTS: Final[Mapping[str, Callable[[_Raw], Event]]] = {
    "Said": _reader(Said, {}),
    "Returned": _reader(Returned, {"call": _call}),
    "Failed": _reader(Failed, {"call": _call}),
    "Asked": _reader(Asked, {"question": _question}),
    "Proposed": _reader(Proposed, {}),
    "Settled": _reader(Settled, {}),
    "Limited": _reader(Limited, {"policies": tuple}),
    "Replied": _reader(Replied, {}),
}
