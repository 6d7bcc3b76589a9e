"""JSON for identity: what two parsers could read differently is refused."""

import json
import math
from collections.abc import Sequence

from facade.kernel import Json, JsonObject

_MAX_DEPTH = 32
_MAX_DIGITS = 20


def strict_json(text: bytes) -> Json:
    """Parse UTF-8 JSON.

    Raises:
        ValueError: not JSON, a member twice, NaN or an infinity, an integer over 20 digits, a lone surrogate, or
            nested deeper than 32. The message never quotes the text.
    """
    try:
        value: Json = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except json.JSONDecodeError:
        raise ValueError("it is not JSON") from None
    _walk(value)
    return value


def _object(pairs: Sequence[tuple[str, Json]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _refuse(_: str) -> Json:
    raise ValueError("it holds a number that is not finite")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("it holds a number that is not finite")
    return number


def _bounded(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("it holds a number that is too long")
    return int(digits)


def _walk(value: Json) -> None:
    """Without recursion: bound the depth, and refuse strings that cannot be written as UTF-8."""
    pending: list[tuple[Json, int]] = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        if depth > _MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict):
            pending.extend((key, depth) for key in item)
            pending.extend((inner, depth + 1) for inner in item.values())
        elif isinstance(item, list):
            pending.extend((inner, depth + 1) for inner in item)


def _check_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("it holds half a character")
