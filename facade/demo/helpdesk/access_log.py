"""One JSON line for each request that reached this application: what was really asked of it.

The line is written before the answer leaves and in one unbuffered append, so whoever has
an answer finds its line, however this or the other process ends. A request that breaks off
before it is answered has a line with `status: null`.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from facade.demo.helpdesk.forms import Json


class AccessLog:
    """An append-only file of lines `{at, method, target, account, status, request_id}`.

    `target` is the path and query as they came, undecoded; `account` is null for a key that
    nobody has; `request_id` repeats an `X-Request-Id`, or is null.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._file = path.open("ab", buffering=0)
        self._clock = clock

    def __enter__(self) -> "AccessLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, entry: dict[str, Json]) -> None:
        """Append one entry with the moment it was written."""
        at = self._clock().isoformat(timespec="microseconds")
        self._file.write(json.dumps({"at": at, **entry}).encode() + b"\n")
