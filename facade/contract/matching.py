"""Request target -> operation."""

import re
from typing import Final
from urllib.parse import unquote

from facade.contract.records import Contract, Match
from facade.contract.trie import captured, ends, split

_SUSPICIOUS: Final = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\ufffd]")
_MALFORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def match(contract: Contract, method: str, raw_target_path: str) -> Match | None:
    """Find the operation of a request.

    Args:
        method: upper case.
        raw_target_path: the path as it stands on the wire towards the application: percent-encoded, base path
            included, no query.
    """
    segments = split(raw_target_path)
    if segments is None:
        return None
    for by_method in ends(contract.routes, segments):
        entry = by_method.get(method)
        if entry is not None:
            raw = captured(entry, segments)
            return Match(
                operation=entry.operation,
                path={name: unquote(value) for name, value in raw.items()},
                raw=raw,
                reachable=entry.reachable,
                suspicious=any(map(_suspicious, segments)),
            )
    return None


def _suspicious(raw: str) -> bool:
    decoded = unquote(raw)
    if decoded in {".", ".."} or _MALFORMED.search(raw):
        return True
    return bool(_SUSPICIOUS.search(decoded))
