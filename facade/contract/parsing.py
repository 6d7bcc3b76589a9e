"""Bytes -> description. JSON by orjson; YAML from the event stream, so that nothing is built before it is bounded.

YAML is read as YAML 1.2's core schema (OpenAPI asks for it): `no` and `2024-01-01` stay strings, keys become strings,
of two equal keys the last one wins (as orjson does for JSON). Anchors, aliases and merge keys work; what they expand
to is counted, so an alias bomb is refused before anything walks it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

import orjson
import yaml

from facade.kernel import DescriptionInvalid, Json, JsonObject

MAX_BYTES: Final = 32 * 1024 * 1024
"""Larger descriptions are refused; the largest real one we know has 18 MB."""
_MAX_NODES: Final = 2_000_000
_MAX_DEPTH: Final = 200
_CORE_TAGS: Final = frozenset(f"tag:yaml.org,2002:{t}" for t in ("str", "int", "float", "bool", "null", "map", "seq"))
_TYPED_TAGS: Final = frozenset(f"tag:yaml.org,2002:{t}" for t in ("int", "float", "bool", "null"))
_CONSTANTS: Final[dict[str, Json]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT: Final = re.compile(r"[-+]?[0-9]{1,40}")
_RADIX: Final = re.compile(r"0(?:o[0-7]{1,40}|x[0-9a-fA-F]{1,40})")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")


def parse(raw: bytes, *, place: str, max_bytes: int = MAX_BYTES) -> JsonObject:
    """Read a description.

    Args:
        place: file or address, for the message.

    Raises:
        DescriptionInvalid: too large, malformed, or not an object. One line.
    """
    if len(raw) > max_bytes:
        raise DescriptionInvalid(f"{place}: {len(raw)} bytes are more than the {max_bytes} that are read.")
    body = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    document = _json(body, place) if body[:1] in (b"{", b"[") else _yaml(body, place)
    if not isinstance(document, dict):
        raise DescriptionInvalid(f"{place}: the description must be an object with an 'openapi' field.")
    return document


def _json(body: bytes, place: str) -> Json:
    try:
        document: Json = orjson.loads(body)
        orjson.dumps(document)  # refuses nesting that our own recursion could not follow
    except orjson.JSONDecodeError as error:
        raise DescriptionInvalid(f"{place}: not valid JSON: {error}.") from None
    except TypeError:
        raise DescriptionInvalid(f"{place}: nested too deeply.") from None
    return document


def _yaml(body: bytes, place: str) -> Json:
    try:
        document = _Builder().build(yaml.parse(body, Loader=yaml.CSafeLoader))
        orjson.dumps(document)  # as for JSON; aliases nest what the stream does not
    except yaml.MarkedYAMLError as error:
        raise DescriptionInvalid(f"{place}: not valid YAML: {_where(error)}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise DescriptionInvalid(f"{place}: not valid YAML: it holds characters that YAML forbids.") from None
    except _Refused as refusal:
        raise DescriptionInvalid(f"{place}: {refusal}.") from None
    except TypeError:
        raise DescriptionInvalid(f"{place}: nested too deeply.") from None
    return document


def _where(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    at = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return " ".join(f"{error.problem or error.context or 'malformed'}{at}".split())


class _Refused(Exception):
    """The stream is well formed and still not for us."""


@dataclass(slots=True)
class _Open:
    """A collection that is being filled.

    Attributes:
        size: its nodes with aliases expanded.
        merging: the key is a plain `<<`; in quotes it is a key like any other.
    """

    value: dict[str, Json] | list[Json]
    anchor: str | None
    size: int = 1
    key: str | None = None
    merging: bool = False
    merges: list[Json] = field(default_factory=list)


class _Builder:
    """Events -> value, without recursion."""

    def __init__(self) -> None:
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Json, int]] = {}
        self._result: Json = None
        self._documents = 0

    def build(self, events: Iterator[yaml.Event]) -> Json:
        for event in events:
            self._take(event)
        return self._result

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._push({}, event)
            case yaml.SequenceStartEvent():
                self._push([], event)
            case yaml.CollectionEndEvent():
                self._pop()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _Refused("it holds more than one YAML document")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if not self._wants_key():
            self._add(_scalar(event), 1, event.anchor)
            return
        plain, _ = event.implicit
        self._stack[-1].merging = plain and event.value == "<<"
        self._add(event.value, 1, event.anchor)

    def _wants_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None

    def _push(self, value: dict[str, Json] | list[Json], event: yaml.CollectionStartEvent) -> None:
        _check_tag(event.tag)
        if len(self._stack) >= _MAX_DEPTH:
            raise _Refused("nested too deeply")
        if self._wants_key():
            raise _Refused("a mapping has a key that is no plain value")
        self._stack.append(_Open(value, event.anchor))

    def _pop(self) -> None:
        done = self._stack.pop()
        if isinstance(done.value, dict):
            _merge(done.value, done.merges)
        self._add(done.value, done.size, done.anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        anchor = event.anchor or ""
        if anchor not in self._anchors:
            raise _Refused(f"alias {anchor[:40]!r} stands before its anchor ends")
        value, size = self._anchors[anchor]
        self._add(value, size, None)

    def _add(self, value: Json, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._stack:
            self._result = value
            return
        top = self._stack[-1]
        top.size += size
        if top.size > _MAX_NODES:
            raise _Refused("its aliases expand to more than anyone could read")
        _put(top, value)


def _put(top: _Open, value: Json) -> None:
    if isinstance(top.value, list):
        top.value.append(value)
    elif top.key is None:
        top.key = _key(value)
    else:
        if top.merging and isinstance(value, dict | list):
            top.merges.append(value)
        else:
            top.value[top.key] = value
        top.key = None


def _key(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        raise _Refused("a mapping has a key that is no plain value")
    return orjson.dumps(value).decode()


def _merge(target: dict[str, Json], merges: list[Json]) -> None:
    """`<<`: keys of the mapping itself win, then earlier sources (YAML merge key type, 2005)."""
    for merged in merges:
        for source in merged if isinstance(merged, list) else [merged]:
            if isinstance(source, dict):
                for key, value in source.items():
                    target.setdefault(key, value)


def _check_tag(tag: str | None) -> None:
    if tag is not None and tag not in _CORE_TAGS and tag != "!":
        raise _Refused(f"tag {tag[:60]!r} is not allowed")


def _scalar(event: yaml.ScalarEvent) -> Json:
    _check_tag(event.tag)
    plain, _ = event.implicit
    return _resolved(event.value) if plain or event.tag in _TYPED_TAGS else str(event.value)


def _resolved(word: str) -> Json:
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if _INT.fullmatch(word):
        return _whole(int(word))
    if _RADIX.fullmatch(word):
        return _whole(int(word, 0))
    if _FLOAT.fullmatch(word) and isfinite(number := float(word)):
        return number
    return word


def _whole(number: int) -> Json:
    """A number as JSON has it: beyond 64 bits it is a float, as orjson reads it."""
    return number if -(2**63) <= number < 2**64 else float(number)
