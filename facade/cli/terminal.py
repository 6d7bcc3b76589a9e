"""Where a command's words go, and what it may know of its surroundings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from facade.kernel import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Standard streams and environment of one run of the command line."""

    environ: Mapping[str, str]
    out: TextIO
    err: TextIO

    @property
    def interactive(self) -> bool:
        """True when people read the output: tables, colours and progress are for them alone."""
        return self.out.isatty()

    def say(self, text: str) -> None:
        """One line of the result."""
        self.out.write(f"{text}\n")

    def note(self, text: str) -> None:
        """One line beside the result."""
        self.err.write(f"{text}\n")

    def show_json(self, value: Json) -> None:
        """The result as JSON: indented for people, one line in a pipe."""
        indent = 2 if self.interactive else None
        self.out.write(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")
